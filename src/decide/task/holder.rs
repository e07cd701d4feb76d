//! Who has a task: whom a person chose, whoever has begun, else whom the policy chooses.

use super::{PROJECT, Turn, routing};
use crate::decide::assign::{self, Assignment};
use crate::decide::explain::because;
use crate::decide::intent::Intent;
use crate::model::{
    Blocker, Explanation, IssueState, Presence, RoleName, TaskBlocker, TaskState, TaskStep, WorkerLoad,
};

/// A person gave it to a worker by its label, which wins.
pub(super) fn choose_by_label(turn: &mut Turn<'_>, intent: &Intent) {
    turn.task.worker_pinned = false;
    let Some(chosen) = &intent.worker else { return };
    let Some(load) = turn.worker(chosen) else {
        turn.explanation.blockers.push(Blocker::UnknownWorker { worker: chosen.clone() });
        return;
    };
    if turn.task.worker.as_ref() != Some(chosen) {
        turn.task.assignment = because(format!("a person gave it to `{chosen}` by its label"));
        let begun = turn.task.state.has_begun();
        turn.hand_over(chosen);
        if begun && turn.take(TaskStep::Give).is_err() {
            return;
        }
    }
    turn.task.worker_pinned = true;
    if turn.task.role.is_none() {
        turn.task.role = Some(load.worker.role.clone());
    }
}

/// Chooses whoever is to have it, unless somebody has begun or a person chose. Why the holder holds is remembered with
/// the task, so that a later look tells the same.
pub(super) fn choose(turn: &mut Turn<'_>) {
    if turn.snapshot.issue.state == IssueState::Open && !turn.task.state.has_begun() && !turn.task.worker_pinned {
        choose_freely(turn);
    }
    if turn.task.state.is_open() {
        let Explanation { reasons, blockers } = turn.task.assignment.clone();
        turn.explanation.reasons.extend(reasons);
        turn.explanation.blockers.extend(blockers);
    }
    if turn.task.worker.is_some() && turn.task.state.is_open() && !turn.task.state.has_begun() {
        // Whoever has it already waits all the same.
        let waits = waits_for(turn);
        turn.explanation.blockers.extend(waits);
    }
    routing::settle(turn);
}

fn choose_freely(turn: &mut Turn<'_>) {
    let Some(role) = turn.task.role.clone().filter(|_| turn.task.task_type.as_str() != PROJECT) else {
        if turn.task.worker.is_some() {
            turn.let_go();
        }
        turn.task.assignment = Explanation::default();
        return;
    };
    // Whoever claimed it or was given it by a command keeps it: only a change of role takes it away.
    let changed_role = turn.snapshot.task.as_ref().is_some_and(|before| before.role.as_ref() != Some(&role));
    let keeps = turn.holder().is_some_and(|load| load.worker.role == role || !changed_role);
    if keeps {
        return;
    }
    let waits = waits_for(turn);
    if !waits.is_empty() {
        if turn.task.worker.is_some() {
            turn.let_go();
        }
        turn.task.assignment = Explanation { reasons: Vec::new(), blockers: waits };
        return;
    }
    let (asked, unasked) = asked(turn, &role);
    let Assignment { worker, reasons, mut blockers } =
        assign::choose(turn.policy.strategy(&role), &role, &asked, turn.now);
    if asked.is_empty() && !unasked.is_empty() {
        blockers.clear();
    }
    blockers.extend(unasked);
    turn.task.assignment = Explanation { reasons, blockers };
    match worker {
        Some(worker) => turn.hand_over(&worker),
        None if turn.task.worker.is_some() => turn.let_go(),
        None => {}
    }
}

/// Who of a role is asked: whoever has let go of the task is not.
fn asked(turn: &Turn<'_>, role: &RoleName) -> (Vec<WorkerLoad>, Vec<Blocker>) {
    let of_role = to_choose_from(turn).into_iter().filter(|load| load.worker.role == *role);
    let has_let_go = |load: &WorkerLoad| turn.task.work.let_go_by.contains(&load.worker.id);
    let (unasked, asked): (Vec<WorkerLoad>, Vec<WorkerLoad>) = of_role.partition(has_let_go);
    let passed = |load: WorkerLoad| Blocker::WorkerPassedOver {
        worker: load.worker.id,
        because: "it has let go of this task".to_owned(),
    };
    (asked, unasked.into_iter().map(passed).collect())
}

/// Every worker; those who let this very task lie count as offline for it.
fn to_choose_from(turn: &Turn<'_>) -> Vec<WorkerLoad> {
    let mut loads = turn.snapshot.workers.clone();
    for load in &mut loads {
        if turn.task.work.silent.contains(&load.worker.id) {
            load.presence = Presence::Offline;
        }
    }
    loads
}

/// What has to be finished before anybody can begin.
pub(in crate::decide) fn waits_for(turn: &Turn<'_>) -> Vec<Blocker> {
    let open = turn.snapshot.dependencies.iter().filter(|dependency| !dependency.met);
    open.map(|dependency| Blocker::Task {
        because: TaskBlocker::DependencyOpen {
            item: crate::model::Item { repository: dependency.repository.clone(), number: dependency.number },
            state: dependency.state.clone(),
        },
    })
    .collect()
}

/// Whether a worker may claim it now.
pub(super) fn is_claimable(turn: &Turn<'_>) -> bool {
    matches!(turn.task.state, TaskState::Ready | TaskState::Assigned)
        && turn.task.lease.is_none()
        && turn.task.task_type.as_str() != PROJECT
        && turn.snapshot.issue.state == IssueState::Open
        && waits_for(turn).is_empty()
}
