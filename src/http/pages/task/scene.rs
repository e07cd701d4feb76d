//! A task that somebody looks at, with what is known of it and what they may ask of it.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::super::access::SeenRepository;
use super::super::fault::PageFault;
use super::super::pages;
use super::super::viewer::{Viewer, Who};
use crate::decide::Handoff;
use crate::decide::task_command::{self, Offered};
use crate::http::Door;
use crate::model::{
    Door as AskedBy, IssueSnapshot, IssueState, Item, Number, Subject, Task, TaskAsk, TaskAuthority, TaskBlocker,
    Timestamp,
};
use crate::policy::Policy;
use crate::store::ListedTask;

/// The parts of a path that names a task.
pub(super) type InTask = (String, String, String);

/// A task that somebody looks at.
pub(super) struct Scene {
    pub(super) repository: SeenRepository,
    pub(super) listed: ListedTask,
    /// What is handed over with the task, if that can be read.
    pub(super) handoff: Option<Handoff>,
    /// What the last decision saw, with the task as it is now; `None` where its issue is gone.
    pub(super) seen: Option<IssueSnapshot>,
    /// `None` where GitHub does not tell.
    pub(super) policy: Option<Arc<Policy>>,
    authority: Option<TaskAuthority>,
}

impl Scene {
    /// The task of a path, as somebody sees it; what they may not see is not there.
    pub(super) async fn find(door: &Door, viewer: &Viewer, (owner, name, number): &InTask) -> Result<Self, PageFault> {
        let repository = viewer.named(owner, name)?.clone();
        let number = Number(number.parse().map_err(|_| PageFault::NotFound)?);
        let store = door.doors.store();
        let listed = store.listed_task(repository.repository.id, number).await?.ok_or(PageFault::NotFound)?;
        let mut scene = Self {
            handoff: serde_json::from_str(&listed.handoff).ok(),
            seen: store.last_seen(&Subject::Issue(repository.repository.id, number)).await?,
            policy: pages(door)?.policies.of(door, &repository.repository).await,
            authority: viewer.of_task(),
            repository,
            listed,
        };
        scene.bring_up_to_date(door, viewer).await?;
        Ok(scene)
    }

    pub(super) const fn task(&self) -> &Task {
        &self.listed.task
    }

    pub(super) const fn subject(&self) -> Subject {
        Subject::Issue(self.repository.repository.id, self.listed.task.number)
    }

    pub(super) fn item(&self) -> Item {
        Item { repository: self.repository.repository.name.clone(), number: self.listed.task.number }
    }

    /// The path of its page.
    pub(super) fn path(&self) -> String {
        format!("/tasks/{}/{}", self.repository.repository.name, self.listed.task.number)
    }

    /// What the viewer may ask now; nothing where that cannot be told.
    pub(super) fn offered(&self, now: Timestamp) -> Offered {
        let (Some(seen), Some(policy), Some(authority)) = (&self.seen, &self.policy, &self.authority) else {
            return Offered::default();
        };
        task_command::offered(seen, policy, (authority, AskedBy::Page), now)
    }

    /// Why an ask of the viewer would be refused, as far as that can be told.
    pub(super) fn refusal(&self, ask: &TaskAsk, now: Timestamp) -> Option<TaskBlocker> {
        let (seen, policy, authority) = (self.seen.as_ref()?, self.policy.as_ref()?, self.authority.as_ref()?);
        task_command::rehearse(seen, policy, (authority, AskedBy::Page, ask), now).err()
    }

    /// What the last decision saw may have changed in the store since: who holds what, and the task itself.
    async fn bring_up_to_date(&mut self, door: &Door, viewer: &Viewer) -> Result<(), PageFault> {
        let (Some(seen), Some(policy)) = (&mut self.seen, &self.policy) else { return Ok(()) };
        let task = &self.listed.task;
        seen.task = Some(task.clone());
        seen.issue.state = if task.work.closed { IssueState::Closed } else { IssueState::Open };
        seen.reports.clear();
        seen.permissions = match &viewer.who {
            Who::Person(login) => BTreeMap::from([(login.clone(), self.repository.permission)]),
            Who::Stranger | Who::Token { .. } => BTreeMap::new(),
        };
        if self.authority.is_none() {
            return Ok(());
        }
        let store = door.doors.store();
        let silences = (policy.clocks.stale_ms, policy.clocks.offline_ms);
        let roster = store.roster(&policy.workers(), silences).await?;
        let roster: Vec<_> = roster.into_iter().map(|(worker, presence, _)| (worker, presence)).collect();
        seen.workers = store.worker_loads(&roster).await?;
        seen.workers.extend(task_command::guests(&seen.permissions, &seen.workers));
        Ok(())
    }
}
