//! The text of the one card comment: what a task is, who has it, how far it is, what it waits for, and why.

mod headline;
mod history;
mod lists;

use std::fmt::Write as _;

use sha2::{Digest, Sha256};

use super::quote::{code, moment};
use crate::model::{Explanation, IssueSnapshot, Level, RoleName, Task, WorkerId};

/// The whole text of a task's card, without the hidden marker.
#[must_use]
pub fn text(snapshot: &IssueSnapshot, task: &Task, explanation: &Explanation) -> String {
    let mut text = headline::headline(snapshot, task);
    text.push_str("\n\n| | |\n| --- | --- |\n");
    rows(&mut text, task);
    lists::subtasks(&mut text, snapshot);
    lists::pulls(&mut text, snapshot);
    lists::discoveries(&mut text, task);
    text.push_str("\n<details><summary>Why</summary>\n\n");
    for reason in &explanation.reasons {
        item(&mut text, reason);
    }
    for blocker in &explanation.blockers {
        item(&mut text, &blocker.to_string());
    }
    text.push_str("\n</details>");
    history::history(&mut text, task);
    text
}

/// What a card's text is compared by, so that an unchanged card is not written again.
#[must_use]
pub fn digest(text: &str) -> String {
    Sha256::digest(text.as_bytes()).iter().fold(String::with_capacity(64), |mut hex, byte| {
        // Writing to a String cannot fail.
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

fn rows(text: &mut String, task: &Task) {
    row(text, "Status", task.state.as_str());
    row(text, "Type", task.task_type.as_str());
    row(text, "Role", task.role.as_ref().map_or("", RoleName::as_str));
    row(text, "Worker", task.worker.as_ref().map_or("", WorkerId::as_str));
    row(text, "Priority", task.priority.as_str());
    row(text, "Risk", task.risk.map_or("", Level::as_str));
    row(text, "Progress", &task.work.percent.map(|percent| format!("{percent} %")).unwrap_or_default());
    let clocks = &task.work.clocks;
    let answer = clocks.urgent.as_ref().or(clocks.response.as_ref()).filter(|clock| clock.stopped.is_none());
    row(text, "Answer due", &answer.map(|clock| moment(clock.due)).unwrap_or_default());
}

fn row(text: &mut String, name: &str, value: &str) {
    if !value.is_empty() {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "| {name} | `{}` |", code(value));
    }
}

fn item(text: &mut String, sentence: &str) {
    // A sentence may quote a title: on one line, it can neither open a block nor close the fold.
    let line: String = sentence.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let line = line.replace('<', "&lt;");
    let _ = writeln!(text, "- {line}");
}
