//! What people are told of releases: over ntfy, each once, and by the issue on which a release is followed.

use super::turn::Turn;
use crate::decide::quote::code;
use crate::model::{Action, MessageButton, PeopleMessage, Planned, RELEASE_ISSUE_OPENING, Released, Urgency5, Version};
use crate::policy::EnvironmentSettings;

/// `1 pull request` or `3 pull requests`.
pub(super) fn count(number: usize, what: &str) -> String {
    if number == 1 { format!("1 {what}") } else { format!("{number} {what}s") }
}

/// Tells that a version is released.
pub(super) fn released(turn: &Turn<'_>, released: &Released) -> Planned {
    let Version { tag, sha, url, .. } = &released.version;
    let targets: Vec<&str> = turn.targets(&released.version).map(|one| one.name.as_str()).collect();
    let onward = if targets.is_empty() { String::new() } else { format!(" It goes to {}.", targets.join(" and ")) };
    let what = match released.pulls.len() {
        0 => String::new(),
        pulls => format!(" with {}", count(pulls, "pull request")),
    };
    let message = PeopleMessage {
        topic: turn.policy.topic.map(str::to_owned),
        channels: None,
        title: format!("{} {tag} is released", turn.snapshot.repository.name),
        text: format!("{tag} stands at {}{what}.{onward}", sha.short()),
        priority: Urgency5::Default,
        tags: vec!["label".to_owned()],
        click: Some(url.clone()),
        buttons: vec![MessageButton { label: "Open release".to_owned(), url: url.clone() }],
        happened: turn.now,
    };
    Planned { key: format!("told/{}/{tag}", turn.subject()), slot: None, action: Action::Notify(message) }
}

/// Tells of what somebody must act on.
pub(super) fn alert(turn: &Turn<'_>, cause: &str, (title, text): (String, String)) -> Planned {
    let message = PeopleMessage {
        topic: turn.policy.topic.map(str::to_owned),
        channels: None,
        title,
        text,
        priority: Urgency5::High,
        tags: vec!["warning".to_owned()],
        click: None,
        buttons: Vec::new(),
        happened: turn.now,
    };
    Planned { key: format!("told/{}/{cause}", turn.subject()), slot: None, action: Action::Notify(message) }
}

/// Title and text of the issue on which the newest release is followed; `None` where it goes nowhere, or the policy
/// wants no issue.
pub(super) fn tracking_issue(turn: &Turn<'_>) -> Option<(String, String)> {
    let version = turn.record.last.as_ref()?;
    if !turn.policy.release.tracking || turn.targets(version).next().is_none() {
        return None;
    }
    let lines: Vec<String> =
        turn.policy.environments.iter().filter(|one| one.prereleases || !version.prerelease).map(environment).collect();
    let body = format!(
        "{RELEASE_ISSUE_OPENING}[{}]({}) here, until it runs wherever it should.\n\nIt goes to:\n\n{}\n\n\
         A comment that begins with `/help` says what can be asked for here.",
        version.tag,
        version.url,
        lines.join("\n")
    );
    Some((format!("Release {}", version.tag), body))
}

fn environment(settings: &EnvironmentSettings) -> String {
    let after = settings.after.as_ref().map(|after| format!("once it is verified in `{}`", code(after.as_str())));
    let begun = if settings.auto { "by itself" } else { "when somebody says `/deploy`" };
    let approval =
        settings.requires_approval.then(|| "after somebody whose work is not in it has approved it".to_owned());
    let how: Vec<String> = [Some(begun.to_owned()), after, approval].into_iter().flatten().collect();
    format!("- `{}`: {}", code(settings.name.as_str()), how.join(", "))
}
