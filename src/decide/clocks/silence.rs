//! Work of which nobody hears: stuck tasks, and holders who are not there.

use super::calendar::{shown, span};
use super::note;
use crate::decide::task::Turn;
use crate::decide::tell;
use crate::model::{Presence, TaskState, TaskStep, Timestamp, Urgency5, WorkerId};
use crate::policy::OfflinePolicy;

/// When a task that is in progress is stuck.
pub(super) fn stuck_at(turn: &Turn<'_>) -> Option<Timestamp> {
    let progressed = turn.task.work.clocks.progressed.filter(|_| turn.task.state == TaskState::InProgress)?;
    Some(progressed.plus_ms(turn.policy.clocks.stuck_ms))
}

/// Tells once of each time in which nobody has heard of a task; progress ends it.
pub(super) fn stuck(turn: &mut Turn<'_>) {
    let due = stuck_at(turn).filter(|due| *due <= turn.now);
    let Some(due) = due else {
        turn.task.work.clocks.stuck = None;
        return;
    };
    let stuck_ms = turn.policy.clocks.stuck_ms;
    let since = due.plus_ms(-stuck_ms);
    let zone = turn.policy.clocks.zone;
    turn.explanation.reasons.push(format!("nobody has heard of it since {}", shown(since, zone)));
    if turn.task.work.clocks.stuck.is_some() {
        return;
    }
    turn.task.work.clocks.stuck = Some(turn.now);
    note(turn, format!("found it stuck: no progress for {}", span(stuck_ms)));
    let key = format!("stuck/{}/{}", turn.subject(), since.ms());
    let title = format!("{} is stuck", turn.item());
    let holder = super::holder_name(turn);
    let text = format!(
        "{holder} has “{}” in progress and has said nothing since {}. `/progress` or `/blocker` says how it is.",
        turn.snapshot.issue.title,
        shown(since, zone),
    );
    turn.tell(key, tell::urgency(turn.task.priority), (title, text));
}

/// When a holder who does not answer counts as offline; `None` where nobody waits for an answer.
pub(super) fn offline_at(turn: &Turn<'_>) -> Option<Timestamp> {
    let clock = turn.task.work.clocks.response.as_ref()?;
    let waits = turn.task.worker.is_some() && clock.breached.is_some() && clock.stopped.is_none();
    waits.then(|| clock.due.plus_ms(turn.policy.clocks.offline_ms))
}

/// Since when the holder has not been there.
fn silent_since(turn: &Turn<'_>) -> Option<Timestamp> {
    if offline_at(turn).is_some_and(|at| at <= turn.now) {
        return turn.task.work.clocks.response.as_ref().map(|clock| clock.due);
    }
    let leased = turn.task.state == TaskState::InProgress && turn.task.lease.is_some();
    let gone = turn.holder().is_some_and(|load| load.presence == Presence::Offline);
    (leased && gone).then_some(turn.now)
}

/// A holder who is not there loses the task, or it is put off, as the policy says.
pub(super) fn offline(turn: &mut Turn<'_>) {
    forgive(turn);
    let Some(worker) = turn.task.worker.clone() else { return };
    let Some(since) = silent_since(turn) else { return };
    let reassigned = turn.policy.clocks.offline == OfflinePolicy::Reassign;
    tell(turn, &worker, since, reassigned);
    turn.changes.downtime = Some((worker.clone(), since));
    turn.let_go();
    let step = if reassigned { TaskStep::Release } else { TaskStep::Defer };
    // A task that was given without a step of its own is ready already.
    if turn.task.state != TaskState::Ready || !reassigned {
        turn.take(step).ok();
    }
    let work = &mut turn.task.work;
    work.clocks.offline = Some(turn.now);
    work.deferred_until = None;
    work.silent.push(worker);
}

/// Whoever answers or begins is there again.
fn forgive(turn: &mut Turn<'_>) {
    let answered = turn.task.work.clocks.response.as_ref().is_some_and(|clock| clock.stopped.is_some());
    let holder = turn.task.worker.clone().filter(|_| answered);
    turn.task.work.silent.retain(|silent| Some(silent) != holder.as_ref());
}

fn tell(turn: &mut Turn<'_>, worker: &WorkerId, since: Timestamp, reassigned: bool) {
    let zone = turn.policy.clocks.zone;
    let follows = if reassigned { "somebody else is given it" } else { "it is put off" };
    note(turn, format!("BLOCKED - Worker Offline: `{worker}` is silent, so {follows}"));
    let silent = format!("`{worker}` has been silent since {}", shown(since, zone));
    turn.explanation.reasons.push(format!("BLOCKED - Worker Offline: {silent}"));
    let key = format!("offline/{}/{}", turn.subject(), turn.task.fence);
    let title = format!("BLOCKED - Worker Offline: {}", turn.item());
    let text = format!("{silent} and has “{}”; {follows}.", turn.snapshot.issue.title);
    turn.tell(key, Urgency5::High, (title, text));
}
