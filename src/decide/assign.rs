//! Which worker of a role gets a task, and why each of the others does not.

use std::cmp::Ordering;

use crate::model::{Blocker, RoleName, TaskBlocker, Timestamp, WorkerId, WorkerLoad};
use crate::policy::Strategy;

/// Whom a task is given to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Assignment {
    /// The worker; `None` when nobody can be given it now.
    pub worker: Option<WorkerId>,
    /// What spoke for the worker.
    pub reasons: Vec<String>,
    /// Why each other worker of the role was not chosen, or why nobody was.
    pub blockers: Vec<Blocker>,
}

impl Assignment {
    fn nobody(blocker: Blocker) -> Self {
        Self { blockers: vec![blocker], ..Self::default() }
    }
}

/// Chooses among the workers of `role`. `now` is only spoken of, it does not change the choice.
#[must_use]
pub fn choose(strategy: Strategy, role: &RoleName, workers: &[WorkerLoad], now: Timestamp) -> Assignment {
    let of_role: Vec<&WorkerLoad> = workers.iter().filter(|load| load.worker.role == *role).collect();
    if of_role.is_empty() {
        return Assignment::nobody(Blocker::NoWorkerForRole { role: role.clone() });
    }
    let order: fn(&WorkerLoad, &WorkerLoad) -> Ordering = match strategy {
        Strategy::LeastLoaded => by_load,
        Strategy::RoundRobin => by_turn,
        Strategy::Manual => return Assignment::nobody(Blocker::ManualAssignment { role: role.clone() }),
    };
    let (here, absent): (Vec<&WorkerLoad>, Vec<&WorkerLoad>) =
        of_role.into_iter().partition(|load| load.presence.takes_tasks());
    let (full, mut free): (Vec<&WorkerLoad>, Vec<&WorkerLoad>) =
        here.into_iter().partition(|load| load.open_tasks >= load.worker.capacity);
    free.sort_by(|one, other| order(one, other));
    let mut assignment = Assignment::default();
    if let Some((best, others)) = free.split_first() {
        assignment.worker = Some(best.worker.id.clone());
        assignment.reasons.push(reason(strategy, best, others.len(), now));
        let passed = |load: &&WorkerLoad| Blocker::WorkerPassedOver {
            worker: load.worker.id.clone(),
            because: because(strategy, load, best),
        };
        assignment.blockers.extend(others.iter().map(passed));
    }
    assignment.blockers.extend(full.into_iter().map(|load| Blocker::WorkerFull {
        worker: load.worker.id.clone(),
        open_tasks: load.open_tasks,
        capacity: load.worker.capacity,
    }));
    assignment.blockers.extend(absent.into_iter().map(|load| Blocker::Task {
        because: TaskBlocker::Absent { worker: load.worker.id.clone(), presence: load.presence.to_string() },
    }));
    assignment
}

fn by_load(one: &WorkerLoad, other: &WorkerLoad) -> Ordering {
    compare_load(one, other).then_with(|| by_turn(one, other))
}

/// Compares open/capacity without dividing; capacities are not zero, since such workers are full.
fn compare_load(one: &WorkerLoad, other: &WorkerLoad) -> Ordering {
    let cross = |a: &WorkerLoad, b: &WorkerLoad| u64::from(a.open_tasks) * u64::from(b.worker.capacity);
    cross(one, other).cmp(&cross(other, one))
}

/// Whoever was never given a task comes first, then whoever waited longest, then by id.
fn by_turn(one: &WorkerLoad, other: &WorkerLoad) -> Ordering {
    one.last_assigned.cmp(&other.last_assigned).then_with(|| one.worker.id.cmp(&other.worker.id))
}

fn reason(strategy: Strategy, best: &WorkerLoad, others: usize, now: Timestamp) -> String {
    let id = &best.worker.id;
    let held = format!("holds {} of {}", best.open_tasks, best.worker.capacity);
    let last = match best.last_assigned {
        Some(at) => format!("was last given a task {} ago", duration(now.since_ms(at))),
        None => "has never been given a task".to_owned(),
    };
    if others == 0 {
        return format!("`{id}` {held} and is the only worker of `{}` with room", best.worker.role);
    }
    format!("`{id}` {held} and {last}: the first by `{strategy}` of {} with room", others + 1)
}

fn because(strategy: Strategy, passed: &WorkerLoad, best: &WorkerLoad) -> String {
    let heavier = match strategy {
        Strategy::LeastLoaded => compare_load(passed, best) != Ordering::Equal,
        Strategy::RoundRobin | Strategy::Manual => false,
    };
    let chosen = &best.worker.id;
    if heavier {
        return format!(
            "it holds {} of {}, `{chosen}` holds {} of {}",
            passed.open_tasks, passed.worker.capacity, best.open_tasks, best.worker.capacity
        );
    }
    match (passed.last_assigned, best.last_assigned) {
        (Some(at), Some(earlier)) if at != earlier => {
            format!("it was given a task {} after `{chosen}` was", duration(at.since_ms(earlier)))
        }
        (Some(_), None) => format!("it was given a task before, `{chosen}` never was"),
        (Some(_) | None, _) => format!("nothing tells the two apart but the name, and `{chosen}` comes first"),
    }
}

/// A span of time for people: the largest unit that it fills at least once.
fn duration(span_ms: i64) -> String {
    let seconds = span_ms.max(0) / 1000;
    match seconds {
        0..60 => format!("{seconds} s"),
        60..3600 => format!("{} min", seconds / 60),
        3600..172_800 => format!("{} h", seconds / 3600),
        _ => format!("{} days", seconds / 86_400),
    }
}
