//! What is given on the command line, checked before anything is called.

use std::str::FromStr;

use super::item::Item;
use crate::model::{IdError, RepositoryName, Telling, Timestamp, WorkerId};

/// How many characters a text may have (the API takes no more).
const TEXT_MAX_CHARACTERS: usize = 4000;

/// A text that says something and is not too long.
pub fn text(given: &str) -> Result<String, String> {
    if given.trim().is_empty() {
        return Err("it is empty; write at least one word".to_owned());
    }
    match given.chars().count() {
        0..=TEXT_MAX_CHARACTERS => Ok(given.to_owned()),
        count => Err(format!("it has {count} characters; at most {TEXT_MAX_CHARACTERS} are kept")),
    }
}

/// A percentage.
pub fn percent(given: &str) -> Result<u8, IdError> {
    let number = given.strip_suffix('%').unwrap_or(given).parse().ok().filter(|number| *number <= 100);
    number.ok_or_else(|| IdError { text: given.to_owned(), expected: "a percentage: a whole number from 0 to 100" })
}

/// A worker's id, fit for a path, a label and the name of a file.
pub fn worker_id(given: &str) -> Result<WorkerId, IdError> {
    let good = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    if (1..=40).contains(&given.len()) && given.chars().all(good) {
        return Ok(WorkerId::new(given));
    }
    Err(IdError { text: given.to_owned(), expected: "a worker's id: 1 to 40 letters, digits, `-` and `_`" })
}

/// Words that are separated by commas.
pub fn words(given: &str) -> Result<String, String> {
    text(given.trim())
}

/// A day, which begins at midnight in UTC, or a time with its zone.
pub fn moment(given: &str) -> Result<Timestamp, IdError> {
    let day = || {
        let midnight = given.parse::<chrono::NaiveDate>().ok()?.and_hms_opt(0, 0, 0)?;
        Some(Timestamp(midnight.and_utc().timestamp_millis()))
    };
    let expected = "a day such as 2026-12-24 or a time such as 2026-12-24T18:00:00Z";
    let at = Timestamp::parse_rfc3339(given).or_else(day);
    at.ok_or_else(|| IdError { text: given.to_owned(), expected })
}

/// An issue that may be named by its number alone, beside another one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Nearby(String);

impl Nearby {
    /// The issue, for somebody who stands at `item`.
    pub fn beside(&self, item: &Item) -> Result<Item, IdError> {
        Item::near(&self.0, &item.repository)
    }
}

impl FromStr for Nearby {
    type Err = IdError;

    fn from_str(given: &str) -> Result<Self, IdError> {
        let wrong = |_| IdError { text: given.to_owned(), expected: "an issue such as #12 or owner/name#12" };
        Item::near(given, &RepositoryName::new("owner", "name")).map_err(wrong)?;
        Ok(Self(given.to_owned()))
    }
}

/// How a worker is told: `assignee`, `mention`, `ntfy`, `ntfy:TOPIC`, `hook:URL,SECRET_ENV`, `workflow:FILE@REF`.
pub fn telling(given: &str) -> Result<Telling, IdError> {
    let expected = "one of assignee, mention, ntfy, ntfy:TOPIC, workflow:FILE, workflow:FILE@REF, hook:URL,VARIABLE";
    let wrong = || IdError { text: given.to_owned(), expected };
    let (by, rest) = given.split_once(':').map_or((given, None), |(by, rest)| (by, Some(rest)));
    match (by, rest) {
        ("assignee", None) => Ok(Telling::Assignee),
        ("mention", None) => Ok(Telling::Mention),
        ("ntfy", topic) if topic != Some("") => Ok(Telling::Ntfy { topic: topic.map(str::to_owned) }),
        ("workflow", Some(rest)) if !rest.is_empty() => {
            let (workflow, git_ref) = rest.split_once('@').map_or((rest, None), |(file, at)| (file, Some(at)));
            Ok(Telling::WorkflowDispatch { workflow: workflow.to_owned(), git_ref: git_ref.map(Into::into) })
        }
        ("hook", Some(rest)) => {
            let (url, secret_env) = rest.rsplit_once(',').ok_or_else(wrong)?;
            if !url.starts_with("http") || secret_env.is_empty() {
                return Err(wrong());
            }
            Ok(Telling::Hook { url: url.to_owned(), secret_env: secret_env.to_owned() })
        }
        _ => Err(wrong()),
    }
}
