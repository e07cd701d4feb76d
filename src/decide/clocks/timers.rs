//! When a task is looked at though nothing happens: one timer for each clock that runs.

use super::{escalation, lapse, silence};
use crate::decide::task::Turn;
use crate::model::{IssueState, ResponseClock, TaskState, Timer, Timestamp};

/// Sets the timers of all that will fall due.
pub(super) fn set(turn: &mut Turn<'_>) {
    let (work, clocks) = (&turn.task.work, &turn.task.work.clocks);
    let (state, is_open) = (turn.task.state, turn.snapshot.issue.state == IssueState::Open);
    if !state.is_open() {
        let due = work.deferred_until.filter(|_| state == TaskState::Deferred && is_open);
        turn.changes.timers.retain(|timer| timer.clock == DEFERRED);
        push(turn, DEFERRED, due);
        return;
    }
    let runs = |clock: &Option<ResponseClock>| {
        let running = clock.as_ref().filter(|clock| clock.stopped.is_none() && clock.breached.is_none());
        running.map(|clock| clock.due)
    };
    let lease = turn.task.lease.as_ref().filter(|_| lapse::lease_counts(state)).map(|lease| lease.until);
    let due = [
        ("response", runs(&clocks.response)),
        ("urgent", runs(&clocks.urgent)),
        ("stuck", silence::stuck_at(turn).filter(|_| clocks.stuck.is_none())),
        ("offline", silence::offline_at(turn)),
        ("lease", lease),
        ("escalation", escalation::next_at(turn)),
    ];
    for (clock, due) in due {
        push(turn, clock, due);
    }
}

const DEFERRED: &str = "deferred";

/// What has become due within this very decision is looked at by the next one, at once.
fn push(turn: &mut Turn<'_>, clock: &str, due: Option<Timestamp>) {
    let soonest = turn.now.plus_ms(1);
    turn.changes.timers.extend(due.map(|due| Timer { clock: clock.to_owned(), due: due.max(soonest) }));
}
