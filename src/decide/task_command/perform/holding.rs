//! Taking a task, answering to it, saying how far it is, and letting go of it.

use super::already;
use super::begin::{is_for, may_begin, may_take, stop_clocks};
use crate::decide::explain::because;
use crate::decide::task::Turn;
use crate::decide::task_command::may::{is_holder, is_project};
use crate::decide::task_command::texts;
use crate::model::{Permission, ProgressNote, TaskAuthority, TaskBlocker, TaskState, TaskStep, WorkerId, WorkerLoad};

/// People and workers without heartbeats get no lease: whoever sends heartbeats claims by the API.
pub(super) fn claim(turn: &mut Turn<'_>, authority: &TaskAuthority) -> Result<String, TaskBlocker> {
    let load = claimer(turn, authority)?;
    let id = load.worker.id.clone();
    if is_project(turn) {
        return Err(TaskBlocker::WrongDoor { why: "nobody claims a project; its parts are claimed".to_owned() });
    }
    match &turn.task.worker {
        Some(holder) if *holder != id => return Err(TaskBlocker::NotHolder { holder: Some(holder.clone()) }),
        Some(_) if turn.task.state == TaskState::InProgress => {
            return Err(already(format!("`{id}` has claimed it already")));
        }
        Some(_) | None => {}
    }
    if turn.task.state == TaskState::WaitingApproval {
        may_begin(turn)?;
    }
    turn.task.state.after(TaskStep::Claim)?;
    may_begin(turn)?;
    may_take(turn, load)?;
    turn.hand_over(&id);
    turn.take(TaskStep::Claim)?;
    stop_clocks(turn);
    turn.task.assignment = because(format!("`{id}` claimed it"));
    Ok("claimed it".to_owned())
}

fn claimer<'a>(turn: &Turn<'a>, authority: &TaskAuthority) -> Result<&'a WorkerLoad, TaskBlocker> {
    match authority {
        TaskAuthority::Person { login, .. } => turn.worker_of(login).ok_or_else(|| TaskBlocker::NotPermitted {
            login: login.clone(),
            needs: Permission::Triage,
            has: turn.permission(login),
        }),
        TaskAuthority::Worker { id, .. } => turn.worker(id).ok_or_else(|| no_such_worker(turn, id.as_str())),
        TaskAuthority::Orchestrator { .. } | TaskAuthority::Operator { .. } | TaskAuthority::Clock => {
            let why = "`/claim` is for workers; `/assign` gives the task to one".to_owned();
            Err(TaskBlocker::WrongDoor { why })
        }
    }
}

/// No worker has this name or login; those that there are, are named.
pub(super) fn no_such_worker(turn: &Turn<'_>, asked: &str) -> TaskBlocker {
    let guest = |load: &&WorkerLoad| load.worker.role.as_str() != crate::model::GUEST_ROLE;
    let workers = turn.snapshot.workers.iter().filter(guest).map(|load| load.worker.id.to_string());
    let roles = turn.policy.roster.roles.iter().map(|role| role.name.to_string());
    let mut known: Vec<String> = workers.chain(roles).map(|name| format!("`{name}`")).collect();
    known.sort();
    known.dedup();
    TaskBlocker::NoSuchWorker { asked: asked.to_owned(), known }
}

pub(super) fn acknowledge(turn: &mut Turn<'_>, authority: &TaskAuthority) -> Result<String, TaskBlocker> {
    match authority {
        TaskAuthority::Operator { .. } | TaskAuthority::Clock => {}
        TaskAuthority::Orchestrator { .. } => {
            let why = "`/ack` is for whoever does the task, which an orchestrator never does".to_owned();
            return Err(TaskBlocker::WrongDoor { why });
        }
        TaskAuthority::Person { .. } | TaskAuthority::Worker { .. } if is_holder(turn, authority) => {}
        TaskAuthority::Person { .. } | TaskAuthority::Worker { .. } => {
            let load = claimer(turn, authority)?;
            if !is_for(turn, &load.worker) {
                let needs = (turn.task.role.clone(), turn.task.task_type.clone());
                return Err(TaskBlocker::NotEligible { worker: load.worker.id.clone(), needs });
            }
        }
    }
    let clocks = &turn.task.work.clocks;
    let known = clocks.response.is_some() || clocks.urgent.is_some();
    if !stop_clocks(turn) && known {
        return Err(already("somebody has acknowledged it already"));
    }
    Ok("acknowledged it".to_owned())
}

pub(super) fn release(turn: &mut Turn<'_>, why: Option<&str>) -> Result<String, TaskBlocker> {
    turn.take(TaskStep::Release)?;
    let holder: Option<WorkerId> = turn.task.worker.clone();
    turn.let_go();
    turn.task.work.submission = None;
    turn.task.work.let_go_by.retain(|worker| Some(worker) != holder.as_ref());
    turn.task.work.let_go_by.extend(holder);
    Ok(format!("let go of it{}", texts::because(why)))
}

/// Whoever says how far it is has begun.
pub(super) fn progress(
    turn: &mut Turn<'_>,
    authority: &TaskAuthority,
    (percent, text): (Option<u8>, &str),
) -> Result<String, TaskBlocker> {
    if turn.task.worker.is_none() {
        return Err(TaskBlocker::NotHolder { holder: None });
    }
    match turn.task.state {
        TaskState::InProgress | TaskState::Blocked | TaskState::Review | TaskState::WaitingApproval => {}
        TaskState::Triage
        | TaskState::Ready
        | TaskState::Assigned
        | TaskState::Done
        | TaskState::Failed
        | TaskState::Deferred
        | TaskState::Cancelled => {
            turn.task.state.after(TaskStep::Claim)?;
            may_begin(turn)?;
            turn.take(TaskStep::Claim)?;
        }
    }
    stop_clocks(turn);
    let note = ProgressNote { at: turn.now, by: authority.to_string(), percent, text: text.to_owned() };
    let work = &mut turn.task.work;
    work.tell_progress(note);
    work.clocks.progressed = Some(turn.now);
    work.clocks.stuck = None;
    Ok(match (percent, text) {
        (Some(percent), "") => format!("is at {percent}%"),
        (Some(percent), text) => format!("is at {percent}%: {}", texts::line(text)),
        (None, text) => format!("says: {}", texts::line(text)),
    })
}
