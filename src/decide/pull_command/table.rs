//! The commands for pull requests, in the one table from which `/help` and every refusal is written.

use crate::decide::comment_commands::{self, by_permission, nearest};
use crate::decide::quote::code;
use crate::decide::{task_command, tracking};
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
pub(super) type Row = comment_commands::Row<Verb>;

const fn row(verb: Verb, name: &'static str, texts: [&'static str; 3], needs: Permission) -> Row {
    Row::new(verb, name, texts, needs)
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

/// What is said of an issue by a command and of a pull request by a review.
const FOR_REVIEWS: [&str; 3] = ["approve", "reject", "request-changes"];

/// Whether it means nothing once the pull request is closed.
pub(super) fn is_open_only(row: &Row) -> bool {
    row.needs == Permission::Write
}

pub(super) fn find(name: &str) -> Option<&'static Row> {
    TABLE.iter().find(|row| row.name == name)
}

/// Whether there is a command of this name for pull requests.
pub(in crate::decide) fn is_command(name: &str) -> bool {
    find(name).is_some()
}

/// The table for the README.
pub(in crate::decide) fn markdown() -> String {
    comment_commands::markdown(&TABLE, by_permission)
}

/// Why there is no such command, and what would work.
pub(super) fn unknown(name: &str) -> String {
    if FOR_REVIEWS.contains(&name) {
        return "on a pull request this is said by a review of GitHub's own".to_owned();
    }
    if task_command::is_command(name) || tracking::is_command(name) {
        return format!("`/{}` is for issues and does nothing on a pull request", code(name));
    }
    nearest(&TABLE, name)
}

/// What `/help` answers: only what the asker may do, and what more there would be with which permission.
#[must_use]
pub fn help(asker: &Login, permission: Option<Permission>) -> String {
    comment_commands::help(&TABLE, asker, permission)
}
