//! Workers, their leases and their numbers as they are shown outside.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::model::{
    Calendar, Item, Level, Login, Presence, RegisteredWorker, RoleName, TaskEnd, TaskState, Telling, Timestamp, Worker,
    WorkerId,
};
use crate::store::HeldLease;

/// A worker.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(in crate::http::api) struct WorkerShown {
    id: WorkerId,
    role: RoleName,
    capabilities: Vec<String>,
    login: Option<Login>,
    capacity: u32,
    calendar: Calendar,
    agent: bool,
    tell: Vec<Telling>,
    status: Presence,
    heartbeat: Option<String>,
    open_tasks: u32,
    registered: Option<String>,
    by: String,
}

impl WorkerShown {
    /// A worker with whether it can be reached, what the registry knows of it, and how much it holds.
    pub(in crate::http::api) fn new(
        (worker, status, registered): (Worker, Presence, Option<&RegisteredWorker>),
        open_tasks: u32,
    ) -> Self {
        Self {
            id: worker.id,
            role: worker.role,
            capabilities: worker.capabilities,
            login: worker.login,
            capacity: worker.capacity,
            calendar: worker.calendar,
            agent: worker.agent,
            tell: worker.tell,
            status,
            heartbeat: registered.and_then(|known| known.heartbeat).map(Timestamp::to_rfc3339),
            open_tasks,
            registered: registered.map(|known| known.registered.to_rfc3339()),
            by: registered.map_or_else(|| "rules".to_owned(), |known| known.by.clone()),
        }
    }
}

/// A lease, without its id for whoever does not hold it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(in crate::http::api) struct LeaseShown {
    item: Item,
    lease: Option<String>,
    fence: i64,
    until: String,
}

impl LeaseShown {
    /// A lease; only whoever holds it is told its id.
    pub(in crate::http::api) fn new(held: HeldLease, with_id: bool) -> Self {
        let HeldLease { item, lease, fence, until } = held;
        Self { item, lease: with_id.then_some(lease), fence, until: until.to_rfc3339() }
    }
}

/// How a worker's tasks ended.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(in crate::http::api) struct Numbers {
    completed: usize,
    failed: usize,
    completion_rate: Option<f64>,
    failure_rate: Option<f64>,
    mean_minutes: BTreeMap<&'static str, f64>,
}

impl Numbers {
    /// The numbers of these ends.
    pub(in crate::http::api) fn of(ends: &[&TaskEnd]) -> Self {
        let count = |state: TaskState| ends.iter().filter(|end| end.state == state).count();
        let (completed, failed) = (count(TaskState::Done), count(TaskState::Failed));
        let rate = |part: usize| (completed + failed > 0).then(|| rounded(whole(part) / whole(completed + failed)));
        Self {
            completed,
            failed,
            completion_rate: rate(completed),
            failure_rate: rate(failed),
            mean_minutes: mean_minutes(ends),
        }
    }
}

/// How many minutes tasks of each priority took on the average that were done, from their beginning to their end.
pub(in crate::http::api) fn mean_minutes(ends: &[&TaskEnd]) -> BTreeMap<&'static str, f64> {
    let mut means = BTreeMap::new();
    for level in Level::ALL {
        let done = ends.iter().filter(|end| end.state == TaskState::Done && end.priority == level);
        let took: Vec<i64> = done.map(|end| end.ended.since_ms(end.begun.unwrap_or(end.created))).collect();
        if !took.is_empty() {
            let sum: i64 = took.iter().sum();
            #[expect(clippy::cast_precision_loss, reason = "a mean of minutes is no more exact than that")]
            let mean = sum as f64 / 60_000.0 / whole(took.len());
            means.insert(level.as_str(), rounded(mean));
        }
    }
    means
}

#[expect(clippy::cast_precision_loss, reason = "nobody has so many tasks")]
const fn whole(number: usize) -> f64 {
    number as f64
}

/// Thousandths are enough for people.
fn rounded(number: f64) -> f64 {
    (number * 1000.0).round() / 1000.0
}
