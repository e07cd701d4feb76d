//! Finds each setting in the first place that has it, and collects what is wrong on the way.

use std::ops::RangeInclusive;

use secrecy::SecretString;

use super::address::without_password;
use super::fault::{ConfigFault, Origin};
use super::file::FileValues;
use super::flags::Flags;
use super::settings::Setting;

/// Shorter tokens could be guessed by trying.
const API_TOKEN_MIN_CHARACTERS: usize = 20;

/// The places that settings come from, the strongest first, and the faults found in them.
pub(super) struct Reader<'a, E> {
    pub(super) flags: &'a Flags,
    pub(super) environment: E,
    pub(super) file: FileValues,
    pub(super) faults: Vec<ConfigFault>,
}

impl<E: Fn(&str) -> Option<String>> Reader<'_, E> {
    /// An empty value counts as not set: that is how env files and compose files leave a setting out.
    fn find(&self, setting: &Setting) -> Option<(String, Origin)> {
        let set = |(value, _): &(String, Origin)| !value.is_empty();
        let flag = || Some((self.flags.get(setting.name)?.to_owned(), Origin::Flag(setting.flag?)));
        let environment = || Some(((self.environment)(setting.name)?, Origin::Environment));
        let file = || self.file.get(setting).map(|(value, origin)| (value.to_owned(), origin));
        flag().filter(set).or_else(|| environment().filter(set)).or_else(|| file().filter(set))
    }

    /// The value of a setting, if it is set and good.
    pub(super) fn optional<T>(&mut self, setting: &Setting, read: impl Fn(&str) -> Option<T>) -> Option<T> {
        let (value, origin) = self.find(setting)?;
        let read = read(&value);
        if read.is_none() {
            self.faults.push(ConfigFault::wrong(setting, origin, &without_password(&value)));
        }
        read
    }

    /// The value of a setting, or its default when it is not set. `None` is a fault that is already collected.
    pub(super) fn required<T>(&mut self, setting: &Setting, read: impl Fn(&str) -> Option<T>) -> Option<T> {
        if self.find(setting).is_some() { self.optional(setting, read) } else { setting.default.and_then(read) }
    }

    /// A text of any kind, if it is set.
    pub(super) fn text(&self, setting: &Setting) -> Option<String> {
        self.find(setting).map(|(value, _)| value)
    }

    /// A secret of any kind, if it is set.
    pub(super) fn secret(&self, setting: &Setting) -> Option<SecretString> {
        self.text(setting).map(SecretString::from)
    }

    /// A whole number within a range.
    pub(super) fn whole(&mut self, setting: &Setting, range: RangeInclusive<u32>) -> Option<u32> {
        self.required(setting, |text| text.parse().ok().filter(|number| range.contains(number)))
    }
}

/// A topic as ntfy takes them (<https://docs.ntfy.sh/publish/#topic-name>).
pub(super) fn topic(value: &str) -> Option<String> {
    let good = value.len() <= 64 && value.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'));
    good.then(|| value.to_owned())
}

/// `owner/name` in the characters that GitHub allows.
pub(super) fn repository(value: &str) -> Option<String> {
    let is_part = |part: &str| {
        !part.is_empty() && part.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'))
    };
    let (owner, name) = value.split_once('/')?;
    (is_part(owner) && is_part(name)).then(|| value.to_owned())
}

pub(super) fn switch(value: &str) -> Option<bool> {
    match value {
        "1" | "true" => Some(true),
        "0" | "false" => Some(false),
        _ => None,
    }
}

pub(super) fn host(value: &str) -> Option<String> {
    let good = value.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | ':' | '-' | '_' | '%'));
    good.then(|| value.to_owned())
}

/// Long enough not to be guessed, and fit to stand in a header.
pub(super) fn api_token(value: &str) -> Option<SecretString> {
    let good = value.len() >= API_TOKEN_MIN_CHARACTERS && value.bytes().all(|byte| byte.is_ascii_graphic());
    good.then(|| SecretString::from(value))
}

/// An id that is fit for a path, a label and the name of a file.
pub(super) fn worker_id(value: &str) -> Option<String> {
    let good = value.len() <= 40 && value.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'));
    good.then(|| value.to_owned())
}

/// One secret, or two with a comma between them.
pub(super) fn webhook_secrets(value: &str) -> Option<Vec<SecretString>> {
    let parts: Vec<_> = value.split(',').map(str::trim).collect();
    let good = parts.len() <= 2 && parts.iter().all(|part| !part.is_empty());
    good.then(|| parts.into_iter().map(SecretString::from).collect())
}
