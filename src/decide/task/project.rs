//! What GitHub and people are to see of a task: labels, assignees, the card, messages, and whether its issue is open.

use super::{Turn, holder};
use crate::decide::route::Route;
use crate::decide::{card, handoff, labels, message, task_command, tell};
use crate::model::{
    Action, Decision, IssueSnapshot, IssueState, LabelFamily, Login, Planned, Subject, Task, TaskState, Telling,
    Timestamp, Worker, WorkerId,
};

/// Ends the decision.
pub(super) fn project(mut turn: Turn<'_>, route: &Route) -> Decision {
    let mut actions = task_command::seen(&turn);
    labels(&mut turn, route);
    assignees(&mut turn);
    card(&mut turn);
    tell_all(&mut turn);
    close(&mut turn);
    tell_machines(&mut turn);
    turn.changes.claimable = holder::is_claimable(&turn);
    turn.changes.handoff = packed(&turn);
    mark_others(&mut turn);
    actions.append(&mut turn.actions);
    actions.extend(task_command::answered(&turn));
    if turn.snapshot.task.as_ref() != Some(&turn.task) {
        turn.task.updated = turn.now;
    }
    let look_again = turn.changes.timers.iter().map(|timer| timer.due).min();
    let summary = summary(turn.snapshot, &turn.task);
    Decision {
        summary,
        explanation: turn.explanation,
        task: Some(turn.task),
        changes: turn.changes,
        actions,
        look_again,
        ..Decision::default()
    }
}

fn labels(turn: &mut Turn<'_>, route: &Route) {
    let extra = if turn.task.type_pinned { &[][..] } else { &route.labels };
    let projection = labels::projection(&turn.task, extra);
    let change = labels::change(&turn.snapshot.issue, turn.snapshot.task.as_ref(), &projection);
    if change.add.is_empty() && change.remove.is_empty() {
        turn.task.ours.clone_from(&projection);
    } else {
        turn.task.ours.extend(projection.iter().cloned());
        turn.task.ours.sort();
        turn.task.ours.dedup();
        let action = Action::SetLabels {
            repository: turn.snapshot.repository.clone(),
            number: turn.task.number,
            add: change.add,
            remove: change.remove,
            projection: projection.clone(),
        };
        planned(turn, "labels", action);
    }
    turn.task.projected = projection;
}

fn assignees(turn: &mut Turn<'_>) {
    let wanted: Vec<Login> = turn
        .holder()
        .map(|load| &load.worker)
        .filter(|worker| turn.task.state.is_open() && worker.tell.contains(&Telling::Assignee))
        .and_then(|worker| worker.login.clone())
        .into_iter()
        .collect();
    if wanted != turn.task.assignees {
        let remove = turn.task.assignees.iter().filter(|login| !wanted.contains(login)).cloned().collect();
        turn.task.assignees.clone_from(&wanted);
        let (repository, number) = (turn.snapshot.repository.clone(), turn.task.number);
        planned(turn, "assignees", Action::Assign { repository, number, add: wanted, remove });
        // What it takes off counts, so a later one must not replace it.
        if let Some(last) = turn.actions.last_mut() {
            last.slot = None;
        }
    }
}

fn card(turn: &mut Turn<'_>) {
    let text = card::text(turn.snapshot, &turn.task, &turn.explanation);
    let digest = card::digest(&text);
    if turn.task.card_digest.as_ref() != Some(&digest) {
        turn.task.card_digest = Some(digest);
        let action = Action::WriteCard {
            repository: turn.snapshot.repository.clone(),
            number: turn.task.number,
            comment: turn.task.card,
            text,
        };
        planned(turn, "card", action);
    }
}

fn planned(turn: &mut Turn<'_>, slot: &str, action: Action) {
    let key = format!("{slot}/{}/{}", turn.subject(), turn.snapshot.decision);
    turn.plan(key, Some(slot), action);
}

/// What is done or will not be done has no open issue.
fn close(turn: &mut Turn<'_>) {
    let (done, cancelled) = (turn.task.state == TaskState::Done, turn.task.state == TaskState::Cancelled);
    let was = turn.snapshot.task.as_ref().is_some_and(|before| before.state == turn.task.state);
    if (done || cancelled) && !was && turn.snapshot.issue.state == IssueState::Open {
        let (repository, number) = (turn.snapshot.repository.clone(), turn.task.number);
        let key = format!("close/{}/{}", turn.subject(), turn.snapshot.decision);
        turn.plan(key, None, Action::CloseIssue { repository, number, not_planned: cancelled });
    }
}

/// Machines learn that a task is done.
fn tell_machines(turn: &mut Turn<'_>) {
    let was = turn.snapshot.task.as_ref().is_some_and(|before| before.state == TaskState::Done);
    if turn.task.state == TaskState::Done && !was {
        turn.actions.push(message::done(turn.snapshot, &turn.task, turn.now));
    }
}

/// The package for whoever claims it; lease and fence are filled in then.
fn packed(turn: &Turn<'_>) -> String {
    let worker = turn.task.worker.clone().unwrap_or_else(|| WorkerId::new(""));
    let package = handoff::pack(turn.snapshot, &turn.task, &worker);
    // The package is made of texts and numbers, which always have a JSON form.
    serde_json::to_string(&package).unwrap_or_default()
}

/// The issue that this one is part of, and those that wait for it, have something new to see.
fn mark_others(turn: &mut Turn<'_>) {
    let before = turn.snapshot.task.as_ref();
    let (state, open) = (turn.task.state, turn.task.state.is_open());
    // A claim has changed the state before this decision, so what was last shown counts too.
    let status = LabelFamily::Status.label(state.as_str());
    if before.is_some_and(|before| before.state == state && before.projected.contains(&status)) {
        return;
    }
    let home = &turn.snapshot.repository;
    let mut items: Vec<_> = turn.snapshot.parent.iter().map(|(item, _)| item).collect();
    if !open {
        items.extend(&turn.snapshot.dependents);
    }
    let near = items.into_iter().filter(|item| item.repository.is(&home.name));
    let marks = near.map(|item| Subject::Issue(home.id, item.number)).collect();
    turn.changes.marks = marks;
}

/// Tells of a new assignment, of a task that waits for a worker, and of one that no rule knows: once each.
fn tell_all(turn: &mut Turn<'_>) {
    let (snapshot, task, now) = (turn.snapshot, &turn.task, turn.now);
    if !matches!(task.state, TaskState::Triage | TaskState::Ready | TaskState::Assigned) {
        return;
    }
    let before = snapshot.task.as_ref();
    let told = |task: &Task| (task.worker.clone(), task.fence, task.role.clone(), task.state);
    if before.map(told) == Some(told(task)) {
        return;
    }
    let mut actions = vec![tell::people(snapshot, task, turn.policy.notify_topic.as_deref(), now)];
    if before.is_none_or(|before| before.fence != task.fence) {
        actions.extend(tell_holder(turn, now));
    }
    turn.actions.extend(actions);
}

fn tell_holder(turn: &Turn<'_>, now: Timestamp) -> Vec<Planned> {
    let holder: Option<&Worker> = turn.holder().map(|load| &load.worker);
    holder.map(|worker| tell::worker(turn.snapshot, &turn.task, worker, now)).unwrap_or_default()
}

fn summary(snapshot: &IssueSnapshot, task: &Task) -> String {
    let item = format!("{}#{}", snapshot.repository.name, task.number);
    let by = task.rule.as_ref().map(|rule| format!(" by rule `{rule}`")).unwrap_or_default();
    let to = task.worker.as_ref().map(|worker| format!(", given to `{worker}`")).unwrap_or_default();
    format!("{item} is {} `{}`{by}{to}.", task.state, task.task_type)
}
