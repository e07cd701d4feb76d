//! Finds what a path or a body names: repositories, tasks, workers.

use std::collections::HashMap;

use axum::extract::Path;
use axum::extract::rejection::PathRejection;

use crate::http::Door;
use crate::http::problem::{Problem, ProblemKind};
use crate::model::{Item, Number, Presence, RegisteredWorker, RepositoryId, RepositoryName, Subject, Worker, WorkerId};
use crate::policy::{ClockSettings, Rules};
use crate::store::{KnownRepository, ListedTask};

/// The parts of a path that names a task.
pub(super) type InTask = Result<Path<(String, String, i64)>, PathRejection>;

/// A task with its repository.
pub(super) struct Found {
    pub(super) repository: KnownRepository,
    pub(super) listed: ListedTask,
}

impl Found {
    pub(super) fn item(&self) -> Item {
        Item { repository: self.repository.name.clone(), number: self.listed.task.number }
    }

    pub(super) const fn id(&self) -> (RepositoryId, Number) {
        (self.repository.id, self.listed.task.number)
    }

    pub(super) const fn subject(&self) -> Subject {
        Subject::Issue(self.repository.id, self.listed.task.number)
    }
}

/// The task that a path names.
pub(super) async fn task(door: &Door, path: InTask) -> Result<Found, Problem> {
    let (owner, name, number) = super::path(door, path)?;
    let repository = repository(door, &super::repository_name(door, &owner, &name)?).await?;
    let store = door.doors.store();
    let listed = store.listed_task(repository.id, Number(number)).await.map_err(super::of_store(door))?;
    let Some(listed) = listed else {
        let detail = format!("There is no task {}#{number}.", repository.name);
        return Err(ProblemKind::NotFound.counted(&door.metrics, detail));
    };
    Ok(Found { repository, listed })
}

/// The repository as the store knows it: this needs no GitHub.
pub(super) async fn repository(door: &Door, name: &RepositoryName) -> Result<KnownRepository, Problem> {
    let known = door.doors.store().repository_named(name).await.map_err(super::of_store(door))?;
    known.ok_or_else(|| super::not_reached(door, name))
}

/// The repository that a body or a query names, if it names one.
pub(super) async fn named(door: &Door, name: Option<RepositoryName>) -> Result<Option<KnownRepository>, Problem> {
    match name {
        Some(name) => repository(door, &name).await.map(Some),
        None => Ok(None),
    }
}

/// The names of all repositories.
pub(super) async fn names(door: &Door) -> Result<HashMap<RepositoryId, RepositoryName>, Problem> {
    let known = door.doors.store().repositories().await.map_err(super::of_store(door))?;
    Ok(known.into_iter().map(|known| (known.id, known.name)).collect())
}

/// A worker with how it can be reached and what the registry knows of it.
pub(super) type Enrolled = (Worker, Presence, Option<RegisteredWorker>);

/// Everybody of the server's roster and of the registry.
pub(super) async fn roster(door: &Door, rules: &Rules) -> Result<Vec<Enrolled>, Problem> {
    let ClockSettings { stale_ms, offline_ms, .. } = rules.roster.clocks;
    let roster = door.doors.store().roster(&rules.roster.workers, (stale_ms, offline_ms)).await;
    roster.map_err(super::of_store(door))
}

/// The worker of this id.
pub(super) async fn worker(door: &Door, rules: &Rules, id: &WorkerId) -> Result<Enrolled, Problem> {
    let found = roster(door, rules).await?.into_iter().find(|(worker, ..)| worker.id == *id);
    found.ok_or_else(|| {
        let detail = format!("There is no worker `{id}`; PUT /api/v1/workers/{id} registers it.");
        ProblemKind::NotFound.counted(&door.metrics, detail)
    })
}

/// How long a lease lasts without a heartbeat, in milliseconds.
pub(super) const fn lease_ms(clocks: &ClockSettings) -> i64 {
    clocks.stale_ms.saturating_add(clocks.grace_ms)
}
