//! Answers to messages of other machines: one to each, under a key of its own.

use std::fmt::Write as _;

use crate::decide::quote::one_line;
use crate::decide::task::Turn;
use crate::model::{Action, Envelope, Item, OUR_NAME, Overview, Planned, TaskBlocker, TaskState, Timestamp};

/// The key of the answer to the message of this id.
#[must_use]
pub fn answer_key(message: &str) -> String {
    format!("answer/{message}")
}

fn planned(message: &str, envelope: Envelope) -> Planned {
    let action = Action::Publish { topic: None, message: Box::new(envelope) };
    Planned { key: answer_key(message), slot: None, action }
}

fn ack(message: &str, to: Option<&str>, result: String, now: Timestamp) -> Envelope {
    Envelope {
        kind: "ack".to_owned(),
        id: format!("ack-{message}"),
        timestamp: now.to_rfc3339(),
        result: Some(result),
        from: Some(OUR_NAME.to_owned()),
        to: to.map(str::to_owned),
        re: Some(message.to_owned()),
        ..Envelope::default()
    }
}

/// It was done.
pub(super) fn acknowledged(envelope: &Envelope, result: &str, now: Timestamp) -> Planned {
    planned(&envelope.id, ack(&envelope.id, envelope.from.as_deref(), result.to_owned(), now))
}

/// The message is not followed; why is a sentence without its end.
#[must_use]
pub fn refused(message: &str, to: Option<&str>, why: &str, now: Timestamp) -> Planned {
    planned(message, ack(message, to, format!("refused: {why}"), now))
}

/// The issue that a message asked for is open.
#[must_use]
pub fn opened(message: &str, item: &Item, url: &str, now: Timestamp) -> Planned {
    let mut envelope = ack(message, None, format!("opened as {item}"), now);
    envelope.task = Some(item.to_string());
    envelope.task_id = Some(item.to_string());
    envelope.url = Some(url.to_owned());
    planned(message, envelope)
}

/// How all tasks stand.
pub(super) fn status(question: &Envelope, overview: &Overview, now: Timestamp) -> Planned {
    let envelope = Envelope {
        kind: "status".to_owned(),
        id: format!("status-{}", question.id),
        timestamp: now.to_rfc3339(),
        text: Some(status_text(overview)),
        from: Some(OUR_NAME.to_owned()),
        to: question.from.clone(),
        re: Some(question.id.clone()),
        ..Envelope::default()
    };
    planned(&question.id, envelope)
}

/// Counts, then what is worked on with its progress, then what is blocked and by what.
fn status_text(overview: &Overview) -> String {
    let counts: Vec<String> = overview.counts.iter().map(|(state, count)| format!("{count} {state}")).collect();
    let mut text = if counts.is_empty() { "No open tasks.".to_owned() } else { format!("{}.", counts.join(", ")) };
    let (blocked, current): (Vec<_>, Vec<_>) = overview.tasks.iter().partition(|line| line.state == TaskState::Blocked);
    for (heading, lines) in [("Current tasks:", current), ("Blockers:", blocked)] {
        if !lines.is_empty() {
            let _ = write!(text, "\n{heading}");
        }
        for line in lines {
            let worker = line.worker.as_ref().map(|worker| format!(", {worker}")).unwrap_or_default();
            let percent = line.percent.map(|percent| format!(", {percent}%")).unwrap_or_default();
            let obstacle = line.obstacle.as_ref().map(|what| format!(": {}", one_line(what))).unwrap_or_default();
            let (item, title) = (format!("{}#{}", line.repository, line.number), one_line(&line.title));
            // Writing to a String cannot fail.
            let _ = write!(text, "\n- {item} {title} ({}{worker}{percent}){obstacle}", line.state);
        }
    }
    text
}

/// What came of something that a message asked of the task.
pub(in crate::decide) fn asked(turn: &Turn<'_>, message: &str, done: &Result<String, TaskBlocker>) -> Planned {
    let result = match done {
        Ok(what) => format!("done: {what}"),
        Err(why) => format!("refused: {why}"),
    };
    let item = turn.item().to_string();
    let envelope = Envelope {
        task: Some(item.clone()),
        task_id: Some(item),
        url: Some(turn.snapshot.issue.url.clone()),
        ..ack(message, None, result, turn.now)
    };
    planned(message, envelope)
}
