//! The text of the one card comment: what a task is, who has it, and why.

use std::fmt::Write as _;

use sha2::{Digest, Sha256};

use super::quote::code;
use crate::model::{Explanation, Level, RoleName, Task, TaskState, WorkerId};

/// The whole text of a task's card, without the hidden marker.
#[must_use]
pub fn text(task: &Task, explanation: &Explanation) -> String {
    let mut text = String::new();
    headline(&mut text, task);
    text.push_str("\n\n| | |\n| --- | --- |\n");
    row(&mut text, "Status", task.state.as_str());
    row(&mut text, "Type", task.task_type.as_str());
    row(&mut text, "Role", task.role.as_ref().map_or("", RoleName::as_str));
    row(&mut text, "Worker", task.worker.as_ref().map_or("", WorkerId::as_str));
    row(&mut text, "Priority", task.priority.as_str());
    row(&mut text, "Risk", task.risk.map_or("", Level::as_str));
    text.push_str("\n<details><summary>Why</summary>\n\n");
    for reason in &explanation.reasons {
        item(&mut text, reason);
    }
    for blocker in &explanation.blockers {
        item(&mut text, &blocker.to_string());
    }
    text.push_str("\n</details>");
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

fn headline(text: &mut String, task: &Task) {
    let worker = task.worker.as_ref().map_or("nobody", WorkerId::as_str);
    let line = match task.state {
        TaskState::Triage => "**Needs triage.** No routing rule matched. Set a `type/…` label to say what this is, or \
                              begin the title with a word that a rule knows, such as “fix” or “deploy”."
            .to_owned(),
        TaskState::Ready => match &task.role {
            Some(role) => format!("**Ready** for whoever fills the role `{}`; nobody has it yet.", code(role.as_str())),
            None => "**Ready**, but no role is known for this type; set a `worker/…` label to give it to somebody."
                .to_owned(),
        },
        TaskState::Assigned => format!("**Assigned** to `{}`.", code(worker)),
        TaskState::InProgress => format!("**In progress** with `{}`.", code(worker)),
        TaskState::Blocked => format!("**Blocked**; `{}` has it.", code(worker)),
        TaskState::WaitingApproval => "**Waiting for approval.**".to_owned(),
        TaskState::Review => "**In review.**".to_owned(),
        TaskState::Done => "**Done.**".to_owned(),
        TaskState::Failed => "**Failed.**".to_owned(),
        TaskState::Deferred => "**Deferred.**".to_owned(),
        TaskState::Cancelled => {
            "**Cancelled:** the issue was closed by hand. Reopening it makes it a task again.".to_owned()
        }
    };
    text.push_str(&line);
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
