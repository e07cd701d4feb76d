//! Asking for somebody's consent, giving it and refusing it, and sending back what was handed in.

use super::already;
use crate::decide::task::Turn;
use crate::decide::task_command::texts;
use crate::decide::{approval, tell};
use crate::model::{Approval, TaskAuthority, TaskBlocker, TaskState, TaskStep};

pub(super) fn request(turn: &mut Turn<'_>, authority: &TaskAuthority, why: &str) -> Result<String, TaskBlocker> {
    let from = turn.task.state;
    let (scope, risk) = (approval::scope(&turn.snapshot.issue), turn.task.risk);
    let given = |approval: &Approval| approval.given.is_some() && approval.scope == scope && approval.risk == risk;
    if turn.task.work.approval.as_ref().is_some_and(given) {
        return Err(already("somebody has consented already"));
    }
    turn.take(TaskStep::AskApproval)?;
    turn.task.work.approval = Some(Approval { from, why: why.to_owned(), risk, scope, asked: turn.now, given: None });
    let item = turn.item();
    let text = format!("{authority} asks: {}. `/approve` or `/reject why` on the issue.", texts::line(why));
    let key = format!("approval/{}/{}", turn.subject(), turn.snapshot.decision);
    turn.tell(key, tell::urgency(turn.task.priority), (format!("{item} waits for approval"), text));
    Ok(format!("asked for approval: {}", texts::line(why)))
}

/// Whether that somebody may consent was looked at before.
pub(super) fn approve(turn: &mut Turn<'_>, authority: &TaskAuthority) -> Result<String, TaskBlocker> {
    let waits = turn.task.state == TaskState::WaitingApproval;
    let asked = turn.task.work.approval.as_mut().filter(|approval| waits && approval.given.is_none());
    let Some(approval) = asked else { return Err(TaskBlocker::NothingToApprove) };
    let begun = approval.from.has_begun() && turn.task.worker.is_some();
    approval.given = Some((authority.to_string(), turn.now));
    turn.take(if begun { TaskStep::ApproveGoing } else { TaskStep::ApproveStart })?;
    Ok("approved it".to_owned())
}

/// What is too dangerous to begin without consent is put off; who asked while it was under way goes on without.
pub(super) fn reject(turn: &mut Turn<'_>, authority: &TaskAuthority, why: &str) -> Result<String, TaskBlocker> {
    if turn.task.state == TaskState::Review {
        return request_changes(turn, authority, why);
    }
    let waits = turn.task.state == TaskState::WaitingApproval;
    let Some(approval) = turn.task.work.approval.as_ref().filter(|_| waits) else {
        return Err(TaskBlocker::NothingToApprove);
    };
    let dangerous = turn.task.risk.is_some_and(|risk| risk >= turn.policy.tasks.approval_from);
    let goes_on = approval.from.has_begun() && turn.task.worker.is_some() && !dangerous;
    let (step, so) = match (goes_on, dangerous) {
        (true, _) => (TaskStep::ApproveGoing, "it goes on without"),
        (false, false) => (TaskStep::ApproveStart, "it can begin without"),
        (false, true) => (TaskStep::Defer, "it is put off until somebody writes `/retry`"),
    };
    turn.take(step)?;
    if step == TaskStep::Defer {
        turn.let_go();
        turn.task.work.deferred_until = None;
    }
    turn.task.work.approval = None;
    let what = format!("did not approve it{}; {so}", texts::because(Some(why)));
    say(turn, "rejected", &format!("{authority} {what}."));
    Ok(what)
}

pub(super) fn request_changes(
    turn: &mut Turn<'_>,
    authority: &TaskAuthority,
    why: &str,
) -> Result<String, TaskBlocker> {
    turn.take(TaskStep::SendBack)?;
    turn.task.work.submission = None;
    let what = format!("sent it back{}", texts::because(Some(why)));
    say(turn, "sent-back", &format!("{authority} {what}."));
    Ok(what)
}

fn say(turn: &mut Turn<'_>, what: &str, text: &str) {
    let key = format!("{what}/{}/{}", turn.subject(), turn.snapshot.decision);
    let title = format!("{} was {}", turn.item(), if what == "rejected" { "not approved" } else { "sent back" });
    turn.tell(key, tell::urgency(turn.task.priority), (title, text.to_owned()));
}
