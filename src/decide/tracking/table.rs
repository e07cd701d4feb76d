//! The commands for tracking issues, in the one table from which `/help` and every refusal is written.

use crate::decide::comment_commands::{self, Refusal, by_permission, nearest};
use crate::decide::quote::code;
use crate::decide::{pull_command, task_command};
use crate::model::{Login, Permission};

/// What a command does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verb {
    Help,
    Status,
    Why,
    Deploy,
    Rollback,
    Freeze,
    Unfreeze,
    Approve,
    Reject,
}

/// A command for tracking issues.
pub(super) type Row = comment_commands::Row<Verb>;

const fn row(verb: Verb, name: &'static str, texts: [&'static str; 3], needs: Permission) -> Row {
    Row::new(verb, name, texts, needs)
}

/// Every command for tracking issues (design §4.4). Whoever the policy lists as an approver needs no permission to
/// approve and reject: that is looked at apart.
pub(super) const TABLE: [Row; 9] = [
    row(Verb::Help, "help", ["", "/help", "lists what you may do here"], Permission::None),
    row(Verb::Status, "status", ["", "/status", "brings the card up to date"], Permission::None),
    row(Verb::Why, "why", ["", "/why", "says in the card what each environment waits for"], Permission::None),
    row(
        Verb::Deploy,
        "deploy",
        [
            "environment [version] [--override \"why\"]",
            "/deploy qa",
            "deploys this version, or the one that is named; `--override` passes a freeze or a hold and needs maintain \
             permission",
        ],
        Permission::Write,
    ),
    row(
        Verb::Rollback,
        "rollback",
        ["environment [why]", "/rollback prod the login fails", "goes back to the version that was verified before"],
        Permission::Write,
    ),
    row(
        Verb::Freeze,
        "freeze",
        [
            "environment until why",
            "/freeze prod 2h the fair",
            "deploys nothing until then: `2h`, `3d`, `2026-12-24`, `2026-12-24T18:00` (in UTC), `forever`",
        ],
        Permission::Write,
    ),
    row(Verb::Unfreeze, "unfreeze", ["environment", "/unfreeze prod", "ends such freezes"], Permission::Write),
    row(
        Verb::Approve,
        "approve",
        ["[environment] [version]", "/approve prod", "lets the version that waits for approval pass"],
        Permission::Write,
    ),
    row(
        Verb::Reject,
        "reject",
        ["[environment] why", "/reject prod the login fails", "does not let it pass"],
        Permission::Write,
    ),
];

pub(super) fn find(name: &str) -> Option<&'static Row> {
    TABLE.iter().find(|row| row.name == name)
}

/// Whether there is a command of this name for tracking issues.
pub(in crate::decide) fn is_command(name: &str) -> bool {
    find(name).is_some()
}

/// The table for the README.
pub(in crate::decide) fn markdown() -> String {
    comment_commands::markdown(&TABLE, by_permission)
}

/// Why there is no such command, and what would work.
pub(super) fn unknown(name: &str) -> Refusal {
    if pull_command::is_command(name) {
        return format!("`/{}` is for pull requests and does nothing on the issue of a release", code(name));
    }
    if task_command::is_command(name) {
        return format!("`/{}` is for tasks and does nothing on the issue of a release", code(name));
    }
    nearest(&TABLE, name)
}

/// What `/help` answers: only what the asker may do, and what more there would be with which permission.
pub(super) fn help(asker: &Login, permission: Option<Permission>) -> String {
    comment_commands::help(&TABLE, asker, permission)
}
