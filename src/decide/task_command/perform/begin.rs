//! What stands between a task and its beginning, and what follows once somebody has answered.

use crate::decide::task::Turn;
use crate::model::{GUEST_ROLE, Item, TaskBlocker, TaskState, Worker, WorkerLoad};

/// Whether anybody may begin: what it depends on is finished, and somebody has consented where that is needed.
pub(super) fn may_begin(turn: &Turn<'_>) -> Result<(), TaskBlocker> {
    if let Some(open) = turn.snapshot.dependencies.iter().find(|dependency| !dependency.met) {
        let item = Item { repository: open.repository.clone(), number: open.number };
        return Err(TaskBlocker::DependencyOpen { item, state: open.state.clone() });
    }
    let Some(risk) = turn.task.risk.filter(|risk| *risk >= turn.policy.tasks.approval_from) else { return Ok(()) };
    let approval = turn.task.work.approval.as_ref();
    let approved = approval.is_some_and(|approval| approval.given.is_some() && approval.risk == Some(risk));
    if approved && turn.task.state != TaskState::WaitingApproval {
        Ok(())
    } else {
        Err(TaskBlocker::NeedsApproval { risk })
    }
}

/// Whether the task is for this worker.
pub(super) fn is_for(turn: &Turn<'_>, worker: &Worker) -> bool {
    let (role, task_type) = (turn.task.role.as_ref(), turn.task.task_type.as_str());
    let can = |capability: &String| capability == task_type || role.is_some_and(|role| capability == role.as_str());
    turn.task.worker.as_ref() == Some(&worker.id)
        || role == Some(&worker.role)
        || worker.role.as_str() == GUEST_ROLE
        || worker.capabilities.iter().any(can)
}

/// Whether this worker may begin: it is for them, they answer, and they have room.
pub(super) fn may_take(turn: &Turn<'_>, load: &WorkerLoad) -> Result<(), TaskBlocker> {
    let worker = &load.worker;
    if !is_for(turn, worker) {
        let needs = (turn.task.role.clone(), turn.task.task_type.clone());
        return Err(TaskBlocker::NotEligible { worker: worker.id.clone(), needs });
    }
    if !load.presence.takes_tasks() {
        return Err(TaskBlocker::Absent { worker: worker.id.clone(), presence: load.presence.to_string() });
    }
    // What was given to them counts as theirs already.
    if turn.task.worker.as_ref() != Some(&worker.id) && load.open_tasks >= worker.capacity {
        return Err(TaskBlocker::Full {
            worker: worker.id.clone(),
            open_tasks: load.open_tasks,
            capacity: worker.capacity,
        });
    }
    Ok(())
}

/// Somebody has answered: nobody waits for that any more. Whether any clock was running.
pub(super) fn stop_clocks(turn: &mut Turn<'_>) -> bool {
    let now = turn.now;
    let clocks = &mut turn.task.work.clocks;
    let mut running = false;
    for clock in [&mut clocks.response, &mut clocks.urgent].into_iter().flatten() {
        running |= clock.stopped.is_none();
        clock.stopped.get_or_insert(now);
    }
    running
}
