//! Giving a task to somebody: to an account, a worker, whoever fills a role, or whom the policy chooses.

use super::already;
use super::holding::no_such_worker;
use crate::decide::explain::because;
use crate::decide::task::Turn;
use crate::decide::task_command::may::{is_project, permitted};
use crate::decide::{assign as choice, label_change};
use crate::model::{
    Assignee, Blocker, Explanation, LabelFamily, Login, Permission, RoleName, TaskAuthority, TaskBlocker, TaskState,
    TaskStep, WorkerId, WorkerLoad,
};
use crate::policy::Strategy;

pub(super) fn assign(turn: &mut Turn<'_>, authority: &TaskAuthority, to: &Assignee) -> Result<String, TaskBlocker> {
    if is_project(turn) {
        return Err(TaskBlocker::WrongDoor { why: "nobody is given a project; its parts are given".to_owned() });
    }
    let id = match to {
        Assignee::Auto => return by_policy(turn),
        Assignee::Login(login) => of_login(turn, login)?,
        Assignee::Named(name) => of_name(turn, name)?,
    };
    if turn.task.worker.as_ref() == Some(&id) && turn.task.worker_pinned {
        return Err(already(format!("`{id}` has it already")));
    }
    turn.task.state.after(TaskStep::Give)?;
    if turn.task.worker.as_ref() != Some(&id) {
        turn.hand_over(&id);
        turn.take(TaskStep::Give)?;
    }
    let work = &mut turn.task.work;
    work.finished = None;
    work.failure = None;
    work.submission = None;
    work.deferred_until = None;
    work.let_go_by.retain(|worker| *worker != id);
    turn.task.worker_pinned = true;
    if turn.task.role.is_none() {
        turn.task.role = turn.worker(&id).map(|load| load.worker.role.clone());
    }
    turn.task.assignment = because(format!("{authority} gave it to `{id}`"));
    label_change::override_by_command(turn, LabelFamily::Worker);
    Ok(format!("gave it to `{id}`"))
}

/// Takes it from whoever has it, for the policy to choose anew.
fn by_policy(turn: &mut Turn<'_>) -> Result<String, TaskBlocker> {
    let step = match turn.task.state {
        TaskState::Triage | TaskState::Ready => None,
        TaskState::Assigned | TaskState::InProgress | TaskState::Blocked | TaskState::Review => Some(TaskStep::Release),
        TaskState::Failed => Some(TaskStep::Retry),
        TaskState::Deferred => Some(TaskStep::Resume),
        TaskState::WaitingApproval | TaskState::Done | TaskState::Cancelled => Some(TaskStep::Give),
    };
    if let Some(step) = step {
        turn.take(step)?;
    }
    turn.let_go();
    let work = &mut turn.task.work;
    work.submission = None;
    work.deferred_until = None;
    work.let_go_by.clear();
    label_change::override_by_command(turn, LabelFamily::Worker);
    Ok("has the policy choose who does it".to_owned())
}

fn of_login(turn: &Turn<'_>, login: &Login) -> Result<WorkerId, TaskBlocker> {
    if let Some(load) = turn.worker_of(login) {
        return Ok(load.worker.id.clone());
    }
    // Whoever may do enough here is known as a guest, so this one may not, or it could not be found out.
    permitted(turn, login, Permission::Triage)?;
    Err(no_such_worker(turn, &format!("@{login}")))
}

fn of_name(turn: &Turn<'_>, name: &str) -> Result<WorkerId, TaskBlocker> {
    let named = |load: &&WorkerLoad| load.worker.id.as_str().eq_ignore_ascii_case(name);
    if let Some(load) = turn.snapshot.workers.iter().find(named) {
        return Ok(load.worker.id.clone());
    }
    let roles = turn.snapshot.workers.iter().map(|load| &load.worker.role);
    let mut roles = roles.chain(turn.policy.roster.roles.iter().map(|role| &role.name));
    match roles.find(|role| role.as_str().eq_ignore_ascii_case(name)) {
        Some(role) => of_role(turn, role),
        None => Err(no_such_worker(turn, name)),
    }
}

/// Whoever names a role by hand means somebody of it, also where the policy leaves that to people.
fn of_role(turn: &Turn<'_>, role: &RoleName) -> Result<WorkerId, TaskBlocker> {
    let strategy = match turn.policy.strategy(role) {
        Strategy::Manual | Strategy::LeastLoaded => Strategy::LeastLoaded,
        Strategy::RoundRobin => Strategy::RoundRobin,
    };
    let chosen = choice::choose(strategy, role, &turn.snapshot.workers, turn.now);
    chosen.worker.ok_or_else(|| nobody(turn, role, &Explanation { reasons: Vec::new(), blockers: chosen.blockers }))
}

fn nobody(turn: &Turn<'_>, role: &RoleName, why: &Explanation) -> TaskBlocker {
    match why.blockers.first() {
        Some(Blocker::WorkerFull { worker, open_tasks, capacity }) => {
            TaskBlocker::Full { worker: worker.clone(), open_tasks: *open_tasks, capacity: *capacity }
        }
        Some(Blocker::Task { because }) => because.clone(),
        Some(_) | None => no_such_worker(turn, role.as_str()),
    }
}
