//! Finds out what would come of asking something of a task, from what the store knows and without looking at GitHub.

use std::collections::BTreeMap;
use std::sync::Arc;

use tracing::warn;

use super::find::Found;
use super::of_store;
use crate::decide::{Handoff, task_command};
use crate::http::Door;
use crate::http::problem::Problem;
use crate::model::{
    ActorKind, DeliveryState, Door as AskedBy, Issue, IssueSnapshot, IssueState, Login, Repository, TaskAsk,
    TaskAuthority, TaskBlocker, TaskReport,
};
use crate::policy::{ClockSettings, Policy};
use crate::store::Reports;

/// GitHub's name for accounts that it does not know.
const NOBODY: &str = "ghost";

/// What would come of asking; `None` where that cannot be said now.
pub(super) async fn rehearse(
    door: &Door,
    found: &Found,
    (authority, by, ask): (&TaskAuthority, AskedBy, &TaskAsk),
) -> Result<Option<Result<String, TaskBlocker>>, Problem> {
    let Some((repository, policy)) = policy(door, found).await? else { return Ok(None) };
    let snapshot = seen(door, found, repository, &policy).await?;
    Ok(Some(task_command::rehearse(&snapshot, &policy, (authority, by, ask), door.clock.now())))
}

/// Why an ask is certain to be refused, whatever GitHub shows and whatever else was asked before it.
pub(super) async fn certain_no(
    door: &Door,
    found: &Found,
    asked: (&TaskAuthority, AskedBy, &TaskAsk),
) -> Result<Option<TaskBlocker>, Problem> {
    let Some(Err(blocker)) = rehearse(door, found, asked).await? else { return Ok(None) };
    Ok(match certainty(&blocker) {
        Certainty::Certain => Some(blocker),
        Certainty::UnlessSomethingComes if !something_comes(door, found).await? => Some(blocker),
        Certainty::UnlessSomethingComes | Certainty::None => None,
    })
}

enum Certainty {
    /// Nothing can change it.
    Certain,
    /// What was asked before and is not done yet may change it.
    UnlessSomethingComes,
    /// It depends on what GitHub shows, such as permissions.
    None,
}

const fn certainty(blocker: &TaskBlocker) -> Certainty {
    match blocker {
        TaskBlocker::StaleFence { .. }
        | TaskBlocker::EvidenceMissing { .. }
        | TaskBlocker::Unclear { .. }
        | TaskBlocker::TooLong { .. }
        | TaskBlocker::WrongDoor { .. } => Certainty::Certain,
        TaskBlocker::NotFromHere { .. }
        | TaskBlocker::NotHolder { .. }
        | TaskBlocker::NotEligible { .. }
        | TaskBlocker::Full { .. }
        | TaskBlocker::NoSuchDiscovery { .. } => Certainty::UnlessSomethingComes,
        TaskBlocker::NoSuchWorker { .. }
        | TaskBlocker::Absent { .. }
        | TaskBlocker::DependencyOpen { .. }
        | TaskBlocker::NeedsApproval { .. }
        | TaskBlocker::NothingToApprove
        | TaskBlocker::OwnWork { .. }
        | TaskBlocker::OnlyPeopleApprove { .. }
        | TaskBlocker::NotPermitted { .. }
        | TaskBlocker::EvidenceRefused { .. }
        | TaskBlocker::EvidencePending { .. }
        | TaskBlocker::Cyclic { .. }
        | TaskBlocker::PolicyUnreadable
        | TaskBlocker::AlreadySo { .. } => Certainty::None,
    }
}

/// Whether something was asked of the task, or may have been, that no decision has read yet.
async fn something_comes(door: &Door, found: &Found) -> Result<bool, Problem> {
    let store = door.doors.store();
    let told: Reports<TaskReport> = store.reports(&found.subject()).await.map_err(of_store(door))?;
    let unread = store.deliveries(Some(DeliveryState::New), 1).await.map_err(of_store(door))?;
    Ok(!told.list.is_empty() || !unread.is_empty())
}

/// The policy in force; `None` where GitHub does not tell, and then the decision is the first to judge.
async fn policy(door: &Door, found: &Found) -> Result<Option<(Repository, Arc<Policy>)>, Problem> {
    let Some(api) = &door.api else { return Ok(None) };
    match (api.policy_of)(found.repository.name.clone()).await {
        Ok(Some(known)) => Ok(Some(known)),
        Ok(None) => Err(super::not_reached(door, &found.repository.name)),
        Err(fault) => {
            warn!(repository = %found.repository.name, fault, "an ask is not rehearsed: the policy cannot be read");
            Ok(None)
        }
    }
}

/// The task as the store knows it. What only GitHub knows is missing: nobody has any permission, and nothing was written.
async fn seen(door: &Door, found: &Found, repository: Repository, policy: &Policy) -> Result<IssueSnapshot, Problem> {
    let store = door.doors.store();
    let ClockSettings { stale_ms, offline_ms, .. } = policy.clocks;
    let roster = store.roster(&policy.workers(), (stale_ms, offline_ms)).await.map_err(of_store(door))?;
    let roster: Vec<_> = roster.into_iter().map(|(worker, presence, _)| (worker, presence)).collect();
    let workers = store.worker_loads(&roster).await.map_err(of_store(door))?;
    let task = found.listed.task.clone();
    let handoff = serde_json::from_str::<Handoff>(&found.listed.handoff).ok();
    let issue = Issue {
        number: task.number,
        title: found.listed.title.clone(),
        body: String::new(),
        state: if task.work.closed { IssueState::Closed } else { IssueState::Open },
        author: Login::new(NOBODY),
        author_kind: ActorKind::User,
        labels: task.projected.clone(),
        assignees: task.assignees.clone(),
        url: handoff.map(|handoff| handoff.project_context.url).unwrap_or_default(),
        created: task.created,
    };
    Ok(IssueSnapshot {
        repository,
        issue,
        decision: 0,
        comments: Vec::new(),
        permissions: BTreeMap::new(),
        label_events: Vec::new(),
        dependencies: Vec::new(),
        dependents: Vec::new(),
        parent: task.work.parent.clone().map(|parent| (parent, String::new())),
        sub_issues: Vec::new(),
        pulls: Vec::new(),
        evidence: None,
        reports: Vec::new(),
        own: (Login::new(NOBODY), 0),
        known_since: found.repository.known_since,
        task: Some(task),
        workers,
    })
}
