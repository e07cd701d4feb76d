//! What people are told of pull requests over ntfy: a merge, and a secret that was found. Each once.

use crate::model::{
    Action, FindingKind, MessageButton, PeopleMessage, Planned, PullSnapshot, Subject, Timestamp, Urgency5,
};

/// Tells that a pull request was merged.
#[must_use]
pub fn merged(snapshot: &PullSnapshot, topic: Option<&str>, now: Timestamp) -> Planned {
    let pull = &snapshot.pull;
    let item = format!("{}#{}", snapshot.repository.name, pull.number);
    let text = format!("“{}” by {} is merged into {}.", pull.title, pull.author, pull.base);
    let message = message(
        snapshot,
        topic,
        (format!("{item} merged"), text),
        (Urgency5::Default, "twisted_rightwards_arrows"),
        now,
    );
    Planned { key: format!("told/{}/merged", subject(snapshot)), slot: None, action: Action::Notify(message) }
}

/// Tells that a head holds a secret, which its owner must revoke whatever becomes of the pull request.
#[must_use]
pub fn secrets(snapshot: &PullSnapshot, topic: Option<&str>, now: Timestamp) -> Option<Planned> {
    let review = snapshot.review.as_ref()?;
    let found: Vec<_> = review.findings.iter().filter(|finding| finding.kind == FindingKind::Secret).collect();
    let first = found.first()?;
    let pull = &snapshot.pull;
    let item = format!("{}#{}", snapshot.repository.name, pull.number);
    let more = if found.len() > 1 { format!(" and {} more", found.len() - 1) } else { String::new() };
    let text = format!(
        "Rule {} matched in {} line {}{more}. It is not merged; whoever owns the secret should revoke it.",
        first.rule, first.path, first.line
    );
    let message = message(snapshot, topic, (format!("{item} holds a secret"), text), (Urgency5::High, "key"), now);
    let key = format!("told/{}/secret/{}", subject(snapshot), review.head);
    Some(Planned { key, slot: None, action: Action::Notify(message) })
}

fn subject(snapshot: &PullSnapshot) -> Subject {
    Subject::Pull(snapshot.repository.id, snapshot.pull.number)
}

fn message(
    snapshot: &PullSnapshot,
    topic: Option<&str>,
    (title, text): (String, String),
    (priority, tag): (Urgency5, &str),
    now: Timestamp,
) -> PeopleMessage {
    let url = snapshot.pull.url.clone();
    PeopleMessage {
        topic: topic.map(str::to_owned),
        channels: None,
        title,
        text,
        priority,
        tags: vec![tag.to_owned()],
        click: Some(url.clone()),
        buttons: vec![MessageButton { label: "Open pull request".to_owned(), url }],
        happened: now,
    }
}
