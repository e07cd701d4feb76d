//! Doing what is asked of a task: first everything that may be in the way is looked at, and only then anything changes.

mod assign;
mod begin;
mod consent;
mod found;
mod holding;
mod obstacle;
mod outcome;
mod planning;
mod structure;

use super::may::{self, may};
use super::{limits, table};
use crate::decide::task::Turn;
use crate::model::{Door, IssueState, TaskAsk, TaskAuthority, TaskBlocker};

/// Does what is asked of a task, whoever asks it by whichever door, and notes it. What was done is a sentence part.
///
/// # Errors
/// Why it is not done; then nothing has changed, and the audit says so.
pub(in crate::decide) fn perform(
    turn: &mut Turn<'_>,
    (authority, door): (&TaskAuthority, Door),
    ask: &TaskAsk,
) -> Result<String, TaskBlocker> {
    let done = asked(turn, authority, ask);
    match &done {
        Ok(what) => turn.note(authority, what.clone(), door),
        Err(why) => turn.audit_refusal(authority, format!("was refused `/{}`: {why}", ask.name()), door),
    }
    done
}

/// GitHub's button "Close with comment" does both at once: evidence that comes with the closing counts.
fn came_with_closing(turn: &Turn<'_>, ask: &TaskAsk) -> bool {
    let was_open = turn.snapshot.task.as_ref().is_some_and(|before| before.state.is_open() && !before.work.closed);
    was_open && matches!(ask, TaskAsk::Complete { .. })
}

fn asked(turn: &mut Turn<'_>, authority: &TaskAuthority, ask: &TaskAsk) -> Result<String, TaskBlocker> {
    may::fence(turn, authority)?;
    if turn.snapshot.issue.state == IssueState::Closed && !came_with_closing(turn, ask) {
        return Err(already("the issue is closed; open it again first"));
    }
    limits::check(ask, table::find(ask.name()).map_or("/help", |row| row.example))?;
    may(turn, authority, ask)?;
    match ask {
        TaskAsk::Claim => holding::claim(turn, authority),
        TaskAsk::Acknowledge => holding::acknowledge(turn, authority),
        TaskAsk::Release { why } => holding::release(turn, why.as_deref()),
        TaskAsk::Progress { percent, text } => holding::progress(turn, authority, (*percent, text)),
        TaskAsk::Assign { to } => assign::assign(turn, authority, to),
        TaskAsk::Discover { text, impact } => Ok(found::discover(turn, authority, (text, impact.as_deref()))),
        TaskAsk::Learn { .. } => Ok(found::learn(turn, authority, ask)),
        TaskAsk::AcceptDiscovery { discovery } => structure::accept_discovery(turn, authority, *discovery),
        TaskAsk::Subtask { title, requirements, description } => {
            Ok(structure::subtask(turn, authority, (title, requirements, description)))
        }
        TaskAsk::Depend { on } => structure::depend(turn, on),
        TaskAsk::Block { text, needs, by } => obstacle::block(turn, authority, (text, needs.as_ref(), by.as_ref())),
        TaskAsk::Unblock => obstacle::unblock(turn),
        TaskAsk::RequestApproval { why } => consent::request(turn, authority, why),
        TaskAsk::Approve => consent::approve(turn, authority),
        TaskAsk::Reject { why } => consent::reject(turn, authority, why),
        TaskAsk::RequestChanges { why } => consent::request_changes(turn, authority, why),
        TaskAsk::Complete { evidence, overrides } => outcome::complete(turn, authority, (evidence, *overrides)),
        TaskAsk::Fail { why } => outcome::fail(turn, why),
        TaskAsk::Retry => outcome::retry(turn),
        TaskAsk::Defer { until } => outcome::defer(turn, *until),
        TaskAsk::Cancel { why } => outcome::cancel(turn, why.as_deref()),
        TaskAsk::Route { task_type } => planning::route(turn, task_type),
        TaskAsk::Priority { priority } => planning::priority(turn, *priority),
        TaskAsk::Risk { risk } => planning::risk(turn, *risk),
        TaskAsk::Urgent => planning::urgent(turn),
        TaskAsk::Escalate { why } => Ok(planning::escalate(turn, authority, why.as_deref())),
    }
}

/// What was asked for is so already, or cannot come about here.
fn already(what: impl Into<String>) -> TaskBlocker {
    TaskBlocker::AlreadySo { what: what.into() }
}
