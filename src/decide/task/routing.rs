//! What a task is and how soon it is wanted: by people's labels, else by the rules; and whether its issue is open.

use super::{TRIAGE, Turn};
use crate::decide::evidence;
use crate::decide::intent::Intent;
use crate::decide::route::Route;
use crate::model::{Blocker, Door, Explanation, IssueState, TaskBlocker, TaskState, TaskStep};

/// Sets type, role, priority and risk; tells why the type is what it is.
pub(super) fn apply(turn: &mut Turn<'_>, intent: &Intent, route: &Route) -> Explanation {
    let of_type = set_type(turn, intent, route);
    let task = &mut turn.task;
    task.priority_pinned = intent.priority.is_some();
    task.priority = intent.priority.unwrap_or(route.priority);
    task.risk = intent.risk.or(route.risk);
    of_type
}

/// A person's choice of type wins over the rules; work that has begun keeps its type unless a person changes it.
fn set_type(turn: &mut Turn<'_>, intent: &Intent, route: &Route) -> Explanation {
    let task = &mut turn.task;
    let mut of_type = Explanation::default();
    task.type_pinned = intent.task_type.is_some();
    if let Some(chosen) = &intent.task_type {
        of_type.reasons.push(format!("a person set the type `{chosen}` by its label, so rules do not change it"));
        if task.task_type != *chosen || task.role.is_none() {
            task.role = turn.policy.role_of_type(chosen);
        }
        task.task_type = chosen.clone();
        task.rule = None;
        return of_type;
    }
    match task.state {
        TaskState::InProgress | TaskState::Blocked | TaskState::WaitingApproval | TaskState::Review => {
            of_type.reasons.push(format!("work has begun, so the type stays `{}`", task.task_type));
            return of_type;
        }
        TaskState::Done | TaskState::Failed | TaskState::Cancelled => return of_type,
        TaskState::Triage | TaskState::Ready | TaskState::Assigned | TaskState::Deferred => {}
    }
    task.task_type = route.task_type.clone();
    task.role.clone_from(&route.role);
    task.rule = route.winner.as_ref().map(|winner| winner.rule.clone());
    match &route.winner {
        Some(winner) => of_type.reasons.push(winner.reason.clone()),
        None => of_type.blockers.push(Blocker::NoRuleMatched),
    }
    of_type.blockers.extend(route.losers.iter().cloned());
    of_type
}

/// Tells of an open task why it has its type, and of another one why it came to its end: that is the same however often
/// it is looked at, before or after its issue is seen closed.
pub(super) fn explain(turn: &mut Turn<'_>, of_type: Explanation) {
    let was_open = turn.snapshot.task.as_ref().is_none_or(|before| before.state.is_open());
    let (explanation, ended_because) = (&mut turn.explanation, &mut turn.task.work.ended_because);
    if turn.task.state.is_open() {
        ended_because.clear();
        explanation.reasons.splice(0..0, of_type.reasons);
        explanation.blockers.extend(of_type.blockers);
    } else if was_open {
        ended_because.clone_from(&explanation.reasons);
    } else {
        explanation.reasons.retain(|reason| !ended_because.contains(reason));
        explanation.reasons.splice(0..0, ended_because.iter().cloned());
    }
}

/// An issue that is opened again is a task again. One that is closed because we asked for it is not open yet.
pub(super) fn follow_issue(turn: &mut Turn<'_>) {
    let is_open = turn.snapshot.issue.state == IssueState::Open;
    let was_closed = turn.task.work.closed;
    turn.task.work.closed = !is_open;
    if is_open && was_closed && turn.task.state.after(TaskStep::Reopen).is_ok() {
        turn.explanation.reasons.push("the issue was reopened".to_owned());
        turn.note("somebody", "opened the issue again", Door::Github);
        turn.let_go();
        turn.task.work.submission = None;
        turn.task.work.overridden = None;
        turn.task.state = TaskState::Triage;
        turn.task.work.finished = None;
        turn.task.work.reopened = Some(turn.now);
    }
}

/// What was closed by hand, and is not done by then, will not be done, unless something shows that it may be done.
pub(super) fn cancel_if_closed(turn: &mut Turn<'_>) {
    if turn.snapshot.issue.state == IssueState::Open || !turn.task.state.is_open() {
        return;
    }
    if let Some(waits_for) = evidence::awaited(turn) {
        let blocker = Blocker::Task { because: TaskBlocker::EvidencePending { waits_for } };
        if !turn.explanation.blockers.contains(&blocker) {
            turn.explanation.blockers.push(blocker);
        }
        return;
    }
    turn.explanation.reasons.push("the issue was closed by hand, without evidence".to_owned());
    turn.note("somebody", "closed the issue without evidence", Door::Github);
    turn.task.state = TaskState::Cancelled;
    turn.task.lease = None;
    turn.task.work.finished = Some(turn.now);
}

/// The state of a task on which nobody has begun follows from what it is and who has it.
pub(super) fn settle(turn: &mut Turn<'_>) {
    let task = &mut turn.task;
    if !task.state.has_begun() {
        task.state = match (&task.worker, task.task_type.as_str()) {
            (Some(_), _) => TaskState::Assigned,
            (None, TRIAGE) => TaskState::Triage,
            (None, _) => TaskState::Ready,
        };
    }
}
