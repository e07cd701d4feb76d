//! What ends by itself: leases without heartbeats, putting off, and obstacles that are gone.

use super::note;
use crate::decide::task::Turn;
use crate::model::{IssueState, Item, TaskState, TaskStep};

/// Whether a lease that ran out takes the task from its holder. What was handed in waits for others, not for them.
pub(super) const fn lease_counts(state: TaskState) -> bool {
    matches!(state, TaskState::Assigned | TaskState::InProgress | TaskState::Blocked)
}

/// A worker whose heartbeats have stopped loses the task.
pub(super) fn lease(turn: &mut Turn<'_>) {
    let over = turn.task.lease.as_ref().is_some_and(|lease| lease.until <= turn.now);
    let Some(worker) = turn.task.worker.clone().filter(|_| over && lease_counts(turn.task.state)) else { return };
    turn.let_go();
    if turn.take(TaskStep::Release).is_ok() {
        let what = format!("the lease of `{worker}` ran out: no heartbeat came in time");
        turn.explanation.reasons.push(what.clone());
        note(turn, what);
    }
}

/// What was put off until now is due again.
pub(super) fn deferral(turn: &mut Turn<'_>) {
    let due = turn.task.work.deferred_until.is_some_and(|until| until <= turn.now);
    let is_open = turn.snapshot.issue.state == IssueState::Open;
    if turn.task.state != TaskState::Deferred {
        turn.task.work.deferred_until = None;
    } else if due && is_open && turn.take(TaskStep::Resume).is_ok() {
        let work = &mut turn.task.work;
        work.deferred_until = None;
        work.clocks.offline = None;
        if work.given.is_some() {
            work.given = Some(turn.now);
        }
        note(turn, "it was put off until now");
    }
}

/// What a task was blocked by is done.
pub(super) fn obstacle(turn: &mut Turn<'_>) {
    let Some(by) = turn.task.work.obstacle.as_ref().and_then(|obstacle| obstacle.by.clone()) else { return };
    let is_met = turn.snapshot.dependencies.iter().any(|dependency| {
        dependency.met && by.is(&Item { repository: dependency.repository.clone(), number: dependency.number })
    });
    if turn.task.state == TaskState::Blocked && is_met && turn.take(TaskStep::Unblock).is_ok() {
        note(turn, format!("{by}, which was in its way, is done"));
    }
}
