//! The commands for pull requests, in the one table from which `/help` and every refusal is written.

use std::fmt::Write as _;

use crate::decide::quote::code;
use crate::model::{Login, Permission};

/// What a command does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verb {
    Help,
    Status,
    Why,
    Merge,
    Hold,
    Unhold,
    Retest,
    Queue,
    Dequeue,
}

/// A command for pull requests.
#[derive(Debug)]
pub(super) struct Row {
    pub(super) verb: Verb,
    /// Its name without the slash.
    pub(super) name: &'static str,
    /// What stands behind the name.
    pub(super) takes: &'static str,
    /// A line that works.
    pub(super) example: &'static str,
    /// What it does, as a sentence part.
    pub(super) effect: &'static str,
    /// What it takes to be allowed to; [`Permission::None`] for everybody.
    pub(super) needs: Permission,
    /// Whether it means nothing once the pull request is closed.
    pub(super) open_only: bool,
}

const fn row(verb: Verb, name: &'static str, [takes, example, effect]: [&'static str; 3], needs: Permission) -> Row {
    let open_only = matches!(needs, Permission::Write);
    Row { verb, name, takes, example, effect, needs, open_only }
}

/// Every command for pull requests (design §4.4).
pub(super) const TABLE: [Row; 9] = [
    row(Verb::Help, "help", ["", "/help", "lists what you may do here"], Permission::None),
    row(Verb::Status, "status", ["", "/status", "brings the card up to date"], Permission::None),
    row(
        Verb::Why,
        "why",
        ["", "/why", "says in the card what blocks the merge, and on whom it waits"],
        Permission::None,
    ),
    row(Verb::Merge, "merge", ["[sha]", "/merge", "merges it as soon as nothing blocks that"], Permission::Write),
    row(Verb::Hold, "hold", ["why", "/hold until the release is out", "keeps it from being merged"], Permission::Write),
    row(Verb::Unhold, "unhold", ["", "/unhold", "takes back `/hold`"], Permission::Write),
    row(
        Verb::Retest,
        "retest",
        ["[check]…", "/retest", "runs failed checks again, all or those named"],
        Permission::Write,
    ),
    row(Verb::Queue, "queue", ["[sha]", "/queue", "puts it back into the queue"], Permission::Write),
    row(
        Verb::Dequeue,
        "dequeue",
        ["[why]", "/dequeue", "takes it out of the queue until its next push"],
        Permission::Write,
    ),
];

/// Commands that mean something on an issue only (design §4.4).
const FOR_ISSUES: [&str; 27] = [
    "claim",
    "ack",
    "release",
    "assign",
    "progress",
    "discover",
    "learn",
    "blocker",
    "unblock",
    "request-approval",
    "complete",
    "fail",
    "accept-discovery",
    "subtask",
    "depends",
    "route",
    "priority",
    "urgent",
    "escalate",
    "retry",
    "defer",
    "cancel",
    "risk",
    "deploy",
    "rollback",
    "freeze",
    "unfreeze",
];

/// What is said of an issue by a command and of a pull request by a review.
const FOR_REVIEWS: [&str; 3] = ["approve", "reject", "request-changes"];

impl Row {
    /// How it is written, as code.
    pub(super) fn usage(&self) -> String {
        let gap = if self.takes.is_empty() { "" } else { " " };
        format!("`/{}{gap}{}`", self.name, self.takes)
    }
}

pub(super) fn find(name: &str) -> Option<&'static Row> {
    TABLE.iter().find(|row| row.name == name)
}

/// Why there is no such command, and what would work.
pub(super) fn unknown(name: &str) -> String {
    if FOR_REVIEWS.contains(&name) {
        return "on a pull request this is said by a review of GitHub's own".to_owned();
    }
    if FOR_ISSUES.contains(&name) {
        return format!("`/{}` is for issues and does nothing on a pull request", code(name));
    }
    let nearest = TABLE.iter().map(|row| (distance(name, row.name), row)).min_by_key(|(distance, _)| *distance);
    match nearest {
        Some((distance, row)) if distance * 2 <= row.name.len() && distance <= 2 => {
            format!("there is no such command; did you mean {}?", row.usage())
        }
        Some(_) | None => "there is no such command; `/help` lists those that there are".to_owned(),
    }
}

/// How many letters must be put in, taken out or replaced to make one word of the other.
fn distance(one: &str, other: &str) -> usize {
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (i, a) in one.bytes().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], i + 1);
        for (j, b) in other.bytes().enumerate() {
            let replaced = diagonal + usize::from(a != b);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row.last().copied().unwrap_or_default()
}

/// What `/help` answers: only what the asker may do, and what more there would be with which permission.
#[must_use]
pub fn help(asker: &Login, permission: Option<Permission>) -> String {
    let may = |row: &Row| row.needs == Permission::None || permission.is_some_and(|has| has >= row.needs);
    let mut text = format!("@{} you may write these on a line of their own:\n\n", code(asker.as_str()));
    text.push_str("| command | effect |\n| --- | --- |\n");
    for row in TABLE.iter().filter(|row| may(row)) {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "| {} | {} |", row.usage(), row.effect);
    }
    let others: Vec<String> = TABLE.iter().filter(|row| !may(row)).map(|row| format!("`/{}`", row.name)).collect();
    if let Some(needs) = TABLE.iter().filter(|row| !may(row)).map(|row| row.needs).min() {
        let has = match permission {
            Some(has) => format!("you have {has}"),
            None => "yours could not be read just now".to_owned(),
        };
        let _ = write!(text, "\n{} need {needs} permission; {has}.", others.join(", "));
    }
    text.trim_end().to_owned()
}
