//! The commands for tasks, in the one table from which parsing, `/help`, every refusal and the README are made.

use crate::decide::comment_commands::{self, Refusal, nearest};
use crate::decide::quote::code;
use crate::decide::{pull_command, tracking};
use crate::model::Permission;

/// What a command does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verb {
    Help,
    Status,
    Why,
    Claim,
    Acknowledge,
    Release,
    Assign,
    Progress,
    Discover,
    Learn,
    Block,
    Unblock,
    RequestApproval,
    Complete,
    Fail,
    Approve,
    Reject,
    RequestChanges,
    AcceptDiscovery,
    Subtask,
    Depend,
    Route,
    Priority,
    Urgent,
    Escalate,
    Retry,
    Defer,
    Cancel,
    Risk,
}

/// Who may ask for something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Who {
    /// Everybody.
    Anyone,
    /// A worker for whom the task is.
    Eligible,
    /// Whoever holds it.
    Holder,
    /// Whoever holds it, and the team.
    HolderOrTeam,
    /// Whoever approves.
    Approver,
    /// People with triage permission, and orchestrators.
    Team,
}

impl Who {
    /// The permission that is enough by itself.
    const fn needs(self) -> Permission {
        match self {
            Self::Team | Self::HolderOrTeam => Permission::Triage,
            Self::Anyone | Self::Eligible | Self::Holder | Self::Approver => Permission::None,
        }
    }

    /// As people read it.
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Anyone => "anyone",
            Self::Eligible => "a worker whom the task is for",
            Self::Holder => "whoever holds the task",
            Self::HolderOrTeam => "whoever holds the task; triage permission, an orchestrator",
            Self::Approver => "an approver who neither holds the task nor opened the issue",
            Self::Team => "triage permission, an orchestrator",
        }
    }
}

/// What a row means, and who may ask for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Meant {
    pub(super) verb: Verb,
    pub(super) who: Who,
    /// The options that it knows, without their dashes.
    pub(super) options: &'static [&'static str],
}

/// A command for tasks.
pub(super) type Row = comment_commands::Row<Meant>;

const fn row(verb: Verb, who: Who, name: &'static str, texts: [&'static str; 3]) -> Row {
    with(verb, who, &[], name, texts)
}

const fn with(
    verb: Verb,
    who: Who,
    options: &'static [&'static str],
    name: &'static str,
    texts: [&'static str; 3],
) -> Row {
    Row::new(Meant { verb, who, options }, name, texts, who.needs())
}

/// Every command for tasks (design §4.4).
pub(super) const TABLE: [Row; 29] = [
    row(Verb::Help, Who::Anyone, "help", ["", "/help", "lists what you may do here"]),
    row(Verb::Status, Who::Anyone, "status", ["", "/status", "brings the card up to date"]),
    row(
        Verb::Why,
        Who::Anyone,
        "why",
        ["", "/why", "says in the card why the task is what it is, and on whom it waits"],
    ),
    row(Verb::Claim, Who::Eligible, "claim", ["", "/claim", "takes the task and begins it"]),
    row(Verb::Acknowledge, Who::Eligible, "ack", ["", "/ack", "says that it was seen, which stops the response clock"]),
    row(
        Verb::Release,
        Who::Holder,
        "release",
        ["[why]", "/release I am away this week", "lets go of the task, which is ready for others then"],
    ),
    row(
        Verb::Assign,
        Who::Team,
        "assign",
        [
            "@user|worker|role|auto",
            "/assign @octocat",
            "gives the task to somebody with a handoff package; `auto` has the policy choose",
        ],
    ),
    with(
        Verb::Progress,
        Who::Holder,
        &["percent"],
        "progress",
        ["[N%] text", "/progress 60% the parser is done", "says how far it is; it is not taken for stuck then"],
    ),
    with(
        Verb::Discover,
        Who::Holder,
        &["impact"],
        "discover",
        [
            "text --impact text",
            "/discover the cache is never emptied --impact \"memory grows\"",
            "notes what was found by the way, under a number such as D1",
        ],
    ),
    with(
        Verb::Learn,
        Who::Holder,
        &["impact", "tags", "category"],
        "learn",
        [
            "text --impact 0–1 [--tags a,b] [--category c]",
            "/learn The linter needs Node 22. --impact 0.8 --tags ci,lint",
            "keeps for everybody what was learned",
        ],
    ),
    with(
        Verb::Block,
        Who::HolderOrTeam,
        &["needs", "by"],
        "blocker",
        [
            "text [--needs text] [--by #n]",
            "/blocker the schema is not there --needs \"the migration\" --by #7",
            "says what is in the way; it waits for the issue behind `--by`",
        ],
    ),
    row(Verb::Unblock, Who::HolderOrTeam, "unblock", ["", "/unblock", "goes on: nothing is in the way any more"]),
    row(
        Verb::RequestApproval,
        Who::Holder,
        "request-approval",
        ["why", "/request-approval this drops a table", "waits for somebody's consent"],
    ),
    with(
        Verb::Complete,
        Who::Holder,
        &["override"],
        "complete",
        [
            "evidence | --override why",
            "/complete https://github.com/owner/name/pull/7",
            "hands in the evidence, which is then verified; `--override` does without and needs maintain permission",
        ],
    ),
    row(Verb::Fail, Who::Holder, "fail", ["why", "/fail the service is gone for good", "gives the task up"]),
    row(Verb::Approve, Who::Approver, "approve", ["", "/approve", "consents to what waits for approval"]),
    row(
        Verb::Reject,
        Who::Approver,
        "reject",
        ["why", "/reject this needs a backup first", "does not consent, or sends back what was handed in"],
    ),
    row(
        Verb::RequestChanges,
        Who::Approver,
        "request-changes",
        ["why", "/request-changes the test is missing", "sends back what was handed in"],
    ),
    row(
        Verb::AcceptDiscovery,
        Who::Team,
        "accept-discovery",
        ["D1", "/accept-discovery D1", "makes a task of what was discovered, as a part of this one"],
    ),
    row(
        Verb::Subtask,
        Who::Team,
        "subtask",
        [
            "\"title\" [-r requirement]…",
            "/subtask \"Fix the parser\" -r \"tests pass\" -r \"docs say so\"",
            "opens an issue that is part of this one; lines below are its text",
        ],
    ),
    row(Verb::Depend, Who::Team, "depends", ["#n", "/depends #7", "waits until that issue is closed"]),
    row(Verb::Route, Who::Team, "route", ["type", "/route development", "says what kind of task it is"]),
    row(
        Verb::Priority,
        Who::Team,
        "priority",
        ["critical|high|medium|low", "/priority high", "says how soon it is wanted"],
    ),
    row(Verb::Urgent, Who::Team, "urgent", ["", "/urgent", "wants it acknowledged within 15 minutes"]),
    row(
        Verb::Escalate,
        Who::Team,
        "escalate",
        ["[why]", "/escalate nobody answers", "tells whoever comes next in the chain"],
    ),
    row(Verb::Retry, Who::Team, "retry", ["", "/retry", "tries again what failed or was put off"]),
    row(
        Verb::Defer,
        Who::Team,
        "defer",
        ["[until]", "/defer 3d", "puts it off until then: `3d`, `2027-01-15`, RFC 3339; else until `/retry`"],
    ),
    row(Verb::Cancel, Who::Team, "cancel", ["[why]", "/cancel nobody needs it", "closes it as something not done"]),
    row(
        Verb::Risk,
        Who::Team,
        "risk",
        ["critical|high|medium|low", "/risk high", "says how dangerous it is; lowering that needs maintain permission"],
    ),
];

pub(super) fn find(name: &str) -> Option<&'static Row> {
    TABLE.iter().find(|row| row.name == name)
}

/// Why there is no such command, and what would work.
pub(super) fn unknown(name: &str) -> Refusal {
    if pull_command::is_command(name) {
        return format!("`/{}` is for pull requests and does nothing on an issue", code(name));
    }
    if tracking::is_command(name) {
        return format!("`/{}` is for the issue of a release and does nothing on a task", code(name));
    }
    nearest(&TABLE, name)
}

/// Whether there is a command of this name, wherever it means something.
pub(in crate::decide) fn is_any_command(name: &str) -> bool {
    find(name).is_some() || pull_command::is_command(name) || tracking::is_command(name)
}

/// Whether there is a command of this name for tasks.
pub(in crate::decide) fn is_command(name: &str) -> bool {
    find(name).is_some()
}

/// Every command, for the README.
#[must_use]
pub fn commands_markdown() -> String {
    let tasks = comment_commands::markdown(&TABLE, |row| row.verb.who.as_str().to_owned());
    let (pulls, releases) = (pull_command::markdown(), tracking::markdown());
    format!(
        "On the issue of a task:\n\n{tasks}\nOn a pull request:\n\n{pulls}\nOn the issue of a release:\n\n{releases}"
    )
}
