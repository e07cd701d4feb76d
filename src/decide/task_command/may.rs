//! Who may ask what of a task, by whichever door.

use super::table::{self, Who};
use crate::decide::approval;
use crate::decide::task::{PROJECT, Turn};
use crate::model::{Login, Permission, TaskAsk, TaskAuthority, TaskBlocker, WorkerId};

/// Whether they may ask this. What depends on more than who they are is looked at where it is done.
///
/// # Errors
/// Why not.
pub(super) fn may(turn: &Turn<'_>, authority: &TaskAuthority, ask: &TaskAsk) -> Result<(), TaskBlocker> {
    // Every ask has a row; what had none would be for the team.
    let who = table::find(ask.name()).map_or(Who::Team, |row| row.verb.who);
    if let TaskAsk::Complete { overrides: true, .. } = ask {
        return takes(turn, authority, Permission::Maintain);
    }
    if matches!(ask, TaskAsk::Complete { .. }) && is_project(turn) {
        return team(turn, authority, ask);
    }
    if matches!(ask, TaskAsk::Risk { risk } if turn.task.risk.is_some_and(|now| *risk < now)) {
        return takes(turn, authority, Permission::Maintain);
    }
    match who {
        Who::Anyone | Who::Eligible => Ok(()),
        Who::Holder => holder(turn, authority, ask),
        Who::HolderOrTeam => match holder(turn, authority, ask) {
            Err(_) if !is_worker(authority) => team(turn, authority, ask),
            answer => answer,
        },
        Who::Approver => approves(turn, authority, ask),
        Who::Team => team(turn, authority, ask),
    }
}

/// Whether the issue only holds others together.
pub(super) fn is_project(turn: &Turn<'_>) -> bool {
    turn.task.task_type.as_str() == PROJECT
}

/// Whether whoever asks holds the task.
pub(super) fn is_holder(turn: &Turn<'_>, authority: &TaskAuthority) -> bool {
    own_id(turn, authority).is_some_and(|id| turn.task.worker.as_ref() == Some(id))
}

/// The worker that somebody is.
pub(super) fn own_id<'t>(turn: &'t Turn<'_>, authority: &'t TaskAuthority) -> Option<&'t WorkerId> {
    match authority {
        TaskAuthority::Person { login, .. } => turn.worker_of(login).map(|load| &load.worker.id),
        TaskAuthority::Worker { id, .. } => Some(id),
        TaskAuthority::Orchestrator { .. } | TaskAuthority::Operator { .. } | TaskAuthority::Clock => None,
    }
}

const fn is_worker(authority: &TaskAuthority) -> bool {
    matches!(authority, TaskAuthority::Worker { .. })
}

/// A stale fence is told before anything else: whoever names one believes to hold the task.
pub(super) fn fence(turn: &Turn<'_>, authority: &TaskAuthority) -> Result<(), TaskBlocker> {
    match authority {
        TaskAuthority::Worker { fence: Some(given), .. } if *given != turn.task.fence => {
            Err(TaskBlocker::StaleFence { given: *given, current: turn.task.fence })
        }
        TaskAuthority::Worker { .. }
        | TaskAuthority::Person { .. }
        | TaskAuthority::Orchestrator { .. }
        | TaskAuthority::Operator { .. }
        | TaskAuthority::Clock => Ok(()),
    }
}

fn holder(turn: &Turn<'_>, authority: &TaskAuthority, ask: &TaskAsk) -> Result<(), TaskBlocker> {
    fence(turn, authority)?;
    match authority {
        TaskAuthority::Operator { .. } | TaskAuthority::Clock => Ok(()),
        TaskAuthority::Orchestrator { .. } => Err(TaskBlocker::WrongDoor {
            why: format!("`/{}` is for whoever holds the task, which an orchestrator never does", ask.name()),
        }),
        TaskAuthority::Person { .. } | TaskAuthority::Worker { .. } if is_holder(turn, authority) => Ok(()),
        TaskAuthority::Person { .. } | TaskAuthority::Worker { .. } => {
            Err(TaskBlocker::NotHolder { holder: turn.task.worker.clone() })
        }
    }
}

fn team(turn: &Turn<'_>, authority: &TaskAuthority, ask: &TaskAsk) -> Result<(), TaskBlocker> {
    match authority {
        TaskAuthority::Operator { .. } | TaskAuthority::Clock | TaskAuthority::Orchestrator { .. } => Ok(()),
        TaskAuthority::Person { login, .. } => permitted(turn, login, Permission::Triage),
        TaskAuthority::Worker { id, .. } => Err(TaskBlocker::WrongDoor {
            why: format!(
                "`/{}` is for orchestrators and for people with triage permission, not for the worker {id}",
                ask.name()
            ),
        }),
    }
}

/// Whoever runs the server, and people with this permission, also where an orchestrator speaks for them.
fn takes(turn: &Turn<'_>, authority: &TaskAuthority, needs: Permission) -> Result<(), TaskBlocker> {
    match authority {
        TaskAuthority::Operator { .. } | TaskAuthority::Clock => Ok(()),
        TaskAuthority::Person { login, .. } | TaskAuthority::Orchestrator { person: Some(login), .. } => {
            permitted(turn, login, needs)
        }
        TaskAuthority::Orchestrator { person: None, .. } | TaskAuthority::Worker { .. } => {
            Err(TaskBlocker::WrongDoor { why: format!("this is for people with {needs} permission") })
        }
    }
}

/// Sending back what was handed in is an orchestrator's business too; consent is a person's.
fn approves(turn: &Turn<'_>, authority: &TaskAuthority, ask: &TaskAsk) -> Result<(), TaskBlocker> {
    let machine = match authority {
        TaskAuthority::Operator { .. } | TaskAuthority::Orchestrator { .. } => true,
        TaskAuthority::Person { .. } | TaskAuthority::Worker { .. } | TaskAuthority::Clock => false,
    };
    if machine && matches!(ask, TaskAsk::RequestChanges { .. }) {
        return Ok(());
    }
    if turn.policy.unreadable.is_some() {
        return Err(TaskBlocker::PolicyUnreadable);
    }
    approval::approver(turn, authority).map(drop)
}

/// Whether GitHub gives somebody enough; what is not known is not enough.
pub(super) fn permitted(turn: &Turn<'_>, login: &Login, needs: Permission) -> Result<(), TaskBlocker> {
    let has = turn.permission(login);
    if has.is_some_and(|has| has >= needs) {
        return Ok(());
    }
    Err(TaskBlocker::NotPermitted { login: login.clone(), needs, has })
}
