//! What people are told about an environment, in words.

use crate::model::{Authority, Deploy, DeployKind, DeployState, Number, Version};

/// GitHub cuts nothing: a longer description of a deployment or of its status is refused
/// (<https://docs.github.com/en/rest/deployments/statuses#create-a-deployment-status>).
const DESCRIPTION_MAX_CHARS: usize = 140;

/// Whose word it is.
#[must_use]
pub fn who(authority: &Authority) -> String {
    match authority {
        Authority::Person { login, .. } => login.to_string(),
        Authority::Operator { name } => format!("{name} (operator)"),
    }
}

/// A sentence part as a sentence.
#[must_use]
pub fn sentence(part: &str) -> String {
    let part = part.trim();
    let mut letters = part.chars();
    // A version's name begins with a small letter and keeps it.
    let word = part.split_whitespace().next().unwrap_or_default();
    let capital = match letters.next() {
        Some(first) if word.chars().all(char::is_alphabetic) => {
            format!("{}{}", first.to_uppercase(), letters.as_str())
        }
        Some(_) | None => part.to_owned(),
    };
    ended(&capital)
}

/// A sentence with its end; one that begins with somebody's name is not written large.
#[must_use]
pub fn ended(text: &str) -> String {
    let text = text.trim();
    if text.ends_with(['.', '!', '?', '…']) || text.is_empty() { text.to_owned() } else { format!("{text}.") }
}

/// How far a deployment has come.
#[must_use]
pub fn progress(deploy: &Deploy) -> String {
    let tag = &deploy.version.tag;
    match &deploy.state {
        DeployState::Creating => match &deploy.kind {
            DeployKind::Deploy => format!("{tag} is being deployed"),
            DeployKind::Rollback { from, .. } => format!("{from} is left for {tag}", from = from.tag),
        },
        DeployState::Triggering => format!("the deploy target is being told of {tag}"),
        DeployState::Running { .. } => format!("the deploy target is at work on {tag}"),
        DeployState::Retrying { at, because } => {
            format!("the deploy target is told of {tag} again at {at}: {because}")
        }
        DeployState::Checking { last: Some(last), .. } => {
            format!("it is looked at whether {tag} is healthy; last: {last}")
        }
        DeployState::Checking { last: None, .. } => format!("it is looked at whether {tag} is healthy"),
        DeployState::Soaking { until, .. } => format!("{tag} is healthy, and is watched until {until}"),
    }
}

/// A text as the description of a deployment or of its status.
pub(super) fn description(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.chars().count() <= DESCRIPTION_MAX_CHARS {
        return line;
    }
    let head: String = line.chars().take(DESCRIPTION_MAX_CHARS - 1).collect();
    format!("{}…", head.trim_end())
}

/// Where people read the issue on which a version is followed: beside its release, in the same repository.
#[must_use]
pub fn issue_url(version: &Version) -> Option<String> {
    let Number(number) = version.issue?;
    let (repository, _) = version.url.split_once("/releases/")?;
    Some(format!("{repository}/issues/{number}"))
}

/// So many seconds, as people say it.
pub(super) fn duration(seconds: u32) -> String {
    let (count, unit) = match seconds {
        minutes if minutes >= 60 && minutes.is_multiple_of(60) => (minutes / 60, "minute"),
        seconds => (seconds, "second"),
    };
    format!("{count} {unit}{}", if count == 1 { "" } else { "s" })
}
