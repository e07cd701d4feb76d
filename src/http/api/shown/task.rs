//! Tasks, claims and discoveries as they are shown outside.

use serde::Serialize;

use crate::decide::Handoff;
use crate::model::{
    Discovery, Item, LabelName, Level, RepositoryName, RoleName, TaskState, TaskType, Timestamp, WorkerId,
};
use crate::store::{ClaimedTask, ListedTask};

/// Labels that say something of their own, beside those of the families.
const FLAGS: [&str; 5] = ["urgent", "sla-breached", "stuck", "escalated", "do-not-merge"];

/// A task.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(in crate::http::api) struct TaskShown {
    pub(in crate::http::api) item: Item,
    title: String,
    status: TaskState,
    r#type: TaskType,
    role: Option<RoleName>,
    worker: Option<WorkerId>,
    priority: Level,
    risk: Option<Level>,
    urgent: bool,
    percent: Option<u8>,
    fence: i64,
    lease_until: Option<String>,
    parent: Option<Item>,
    blocked_by: Option<String>,
    flags: Vec<LabelName>,
    url: Option<String>,
    created: String,
    updated: String,
}

impl TaskShown {
    /// A task of the repository of this name.
    pub(in crate::http::api) fn new(repository: &RepositoryName, listed: &ListedTask) -> Self {
        let ListedTask { task, title, handoff } = listed;
        let obstacle = task.work.obstacle.as_ref();
        let handoff = serde_json::from_str::<Handoff>(handoff).ok();
        Self {
            item: Item { repository: repository.clone(), number: task.number },
            title: title.clone(),
            status: task.state,
            r#type: task.task_type.clone(),
            role: task.role.clone(),
            worker: task.worker.clone(),
            priority: task.priority,
            risk: task.risk,
            urgent: task.work.urgent,
            percent: task.work.percent,
            fence: task.fence,
            lease_until: task.lease.as_ref().map(|lease| lease.until.to_rfc3339()),
            parent: task.work.parent.clone(),
            blocked_by: obstacle.map(|it| it.by.as_ref().map_or_else(|| it.text.clone(), ToString::to_string)),
            flags: task.projected.iter().filter(|label| FLAGS.contains(&label.as_str())).cloned().collect(),
            url: handoff.map(|handoff| handoff.project_context.url),
            created: task.created.to_rfc3339(),
            updated: task.updated.to_rfc3339(),
        }
    }
}

/// A task that was claimed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(in crate::http::api) struct ClaimShown {
    item: Item,
    title: String,
    lease: String,
    fence: i64,
    until: String,
    handoff: Option<Handoff>,
}

impl ClaimShown {
    /// What `worker` claimed, in the repository of this name.
    pub(in crate::http::api) fn new(repository: RepositoryName, worker: &WorkerId, claimed: ClaimedTask) -> Self {
        let ClaimedTask { number, title, lease, fence, until, handoff, .. } = claimed;
        Self {
            item: Item { repository, number },
            title,
            handoff: handed(&handoff, (Some(worker.clone()), Some(lease.clone()), fence)),
            lease,
            fence,
            until: until.to_rfc3339(),
        }
    }
}

/// The stored package, with whoever has the task now. `None` where none is stored.
pub(in crate::http::api) fn handed(
    stored: &str,
    (worker, lease, fence): (Option<WorkerId>, Option<String>, i64),
) -> Option<Handoff> {
    let mut handoff: Handoff = serde_json::from_str(stored).ok()?;
    handoff.assigned_to = worker.unwrap_or(handoff.assigned_to);
    handoff.lease = lease;
    handoff.fence = fence;
    Some(handoff)
}

/// Something found by the way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(in crate::http::api) struct DiscoveryShown {
    item: Item,
    id: String,
    text: String,
    impact: Option<String>,
    by: String,
    at: String,
    accepted: bool,
}

impl DiscoveryShown {
    /// What was found while doing `item`.
    pub(in crate::http::api) fn new(item: &Item, found: &Discovery) -> Self {
        Self {
            item: item.clone(),
            id: format!("D{}", found.number),
            text: found.text.clone(),
            impact: found.impact.clone(),
            by: found.by.clone(),
            at: Timestamp::to_rfc3339(found.at),
            accepted: found.accepted,
        }
    }
}
