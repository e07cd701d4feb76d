//! Fills the placeholders of a policy with what a deployment is about.

use std::collections::BTreeMap;

use super::turn::Turn;
use crate::model::{Deploy, EnvironmentName, Trigger, Version};

/// What stands for `{tag}`, `{version}`, `{sha}`, `{environment}`, `{deployment}` and `{previous}`.
pub(super) struct Values([(&'static str, String); 6]);

impl Values {
    fn of(version: &Version, environment: &EnvironmentName, (id, previous): (Option<i64>, Option<&str>)) -> Self {
        Self([
            ("tag", version.tag.to_string()),
            ("version", bare_version(version.tag.as_str()).to_owned()),
            ("sha", version.sha.to_string()),
            ("environment", environment.to_string()),
            ("deployment", id.map(|id| id.to_string()).unwrap_or_default()),
            ("previous", previous.unwrap_or_default().to_owned()),
        ])
    }

    /// The text with its placeholders filled in, each as it is: no value is itself read for placeholders.
    pub(super) fn fill(&self, text: &str) -> String {
        self.fill_by(text, str::to_owned)
    }

    /// The same for an address: no value can become another part of it.
    pub(super) fn fill_url(&self, text: &str) -> String {
        self.fill_by(text, encoded)
    }

    fn fill_by(&self, text: &str, write: impl Fn(&str) -> String) -> String {
        let mut filled = String::with_capacity(text.len());
        let mut rest = text;
        while let Some((before, opened)) = rest.split_once('{') {
            filled.push_str(before);
            let known = self.0.iter().find_map(|(name, value)| {
                let after = opened.strip_prefix(name)?.strip_prefix('}')?;
                Some((value, after))
            });
            if let Some((value, after)) = known {
                filled.push_str(&write(value));
                rest = after;
            } else {
                filled.push('{');
                rest = opened;
            }
        }
        filled.push_str(rest);
        filled
    }
}

/// A tag without its prefix: `1.4.2` for `v1.4.2` and for `shop-v1.4.2`; the tag itself where no version is in it.
fn bare_version(tag: &str) -> &str {
    tag.char_indices()
        .filter(|(_, letter)| letter.is_ascii_digit())
        .filter_map(|(at, _)| tag.get(at..))
        .find(|rest| semver::Version::parse(rest).is_ok())
        .unwrap_or(tag)
}

/// Percent-encoded but for what RFC 3986 calls unreserved (<https://www.rfc-editor.org/rfc/rfc3986#section-2.3>).
fn encoded(value: &str) -> String {
    value.bytes().fold(String::with_capacity(value.len()), |mut text, byte| {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            text.push(char::from(byte));
        } else {
            text.push('%');
            text.extend(
                [byte >> 4, byte & 15]
                    .map(|digit| char::from_digit(u32::from(digit), 16).unwrap_or('0').to_ascii_uppercase()),
            );
        }
        text
    })
}

impl Turn<'_> {
    /// What the placeholders stand for in a deployment.
    pub(super) fn values(&self, deploy: &Deploy) -> Values {
        let previous = self.record.running.as_ref().map(|running| running.version.tag.as_str());
        Values::of(&deploy.version, &self.snapshot.name, (deploy.id.map(|id| id.0), previous))
    }

    /// How the target of a deployment is told; else why it cannot be.
    pub(super) fn filled_trigger(&self, deploy: &Deploy) -> Result<Trigger, String> {
        let values = self.values(deploy);
        match &self.settings.trigger {
            Trigger::Workflow { workflow, git_ref, inputs } => {
                let filled = |(key, value): (&String, &String)| (key.clone(), values.fill(value));
                let inputs: BTreeMap<String, String> = inputs.iter().map(filled).collect();
                Ok(Trigger::Workflow { workflow: workflow.clone(), git_ref: git_ref.clone(), inputs })
            }
            Trigger::Command { name, .. } => match self.policy.commands.get(name) {
                Some(run) => {
                    let run = run.iter().map(|argument| values.fill(argument)).collect();
                    Ok(Trigger::Command { name: name.clone(), run })
                }
                None => Err(format!("the server's rules name no command `{name}`; add it to `rules/commands.toml`")),
            },
            other @ (Trigger::Dispatch { .. } | Trigger::Hook { .. } | Trigger::None) => Ok(other.clone()),
        }
    }
}
