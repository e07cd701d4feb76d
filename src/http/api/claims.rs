//! `POST /tasks/claim` and `POST /tasks/ITEM/claim`: a worker takes a task.

use std::sync::Arc;

use axum::Extension;
use axum::extract::{Request, State};
use axum::response::Response;

use super::auth::Caller;
use super::call::{Answer, Call};
use super::find::{self, Found, InTask};
use super::given::{Given, Wrong};
use super::keys::{Key, Kind, optional};
use super::of_store;
use super::rehearsal;
use super::shown::ClaimShown;
use crate::http::Door;
use crate::http::problem::{Problem, ProblemKind};
use crate::model::{Blocker, Door as AskedBy, Item, TaskAsk, TaskAuthority, TaskBlocker, Worker, WorkerId};
use crate::store::ClaimedTask;

const WORKER: Key = optional("worker", Kind::Text, "Who claims; only for admin tokens, which must say it.");

/// What a claim of any task says.
pub(super) const ANY_KEYS: &[Key] =
    &[WORKER, optional("repo", Kind::Text, "Only tasks of this repository, as owner/name.")];
/// What a claim of one task says.
pub(super) const ONE_KEYS: &[Key] = &[WORKER];

/// `POST /tasks/claim`: the best task that the worker is capable of, or none.
pub(super) async fn any(
    State(door): State<Arc<Door>>,
    Extension(caller): Extension<Caller>,
    request: Request,
) -> Result<Response, Problem> {
    let call = Call::read(&door, &caller, request).await?;
    let given = Given::of_body(&call.body, ANY_KEYS).map_err(|wrong| wrong.problem(&door))?;
    let id = claimant(&caller, &given).map_err(|wrong| wrong.problem(&door))?;
    let name = given.parsed("repo").map_err(|wrong| wrong.problem(&door))?;
    call.once(&door, async {
        let only = find::named(&door, name).await?.map(|known| known.id);
        let (worker, lease_ms) = claiming(&door, &id).await?;
        let claimed = door.doors.store().claim_next(&worker, only, lease_ms).await.map_err(of_store(&door))?;
        match claimed {
            Some(claimed) => answer(&door, &worker, claimed).await,
            None => Ok(Answer::nothing()),
        }
    })
    .await
}

/// `POST /tasks/ITEM/claim`: this one, or why not.
pub(super) async fn one(
    State(door): State<Arc<Door>>,
    Extension(caller): Extension<Caller>,
    path: InTask,
    request: Request,
) -> Result<Response, Problem> {
    let call = Call::read(&door, &caller, request).await?;
    let given = Given::of_body(&call.body, ONE_KEYS).map_err(|wrong| wrong.problem(&door))?;
    let id = claimant(&caller, &given).map_err(|wrong| wrong.problem(&door))?;
    call.once(&door, async {
        let found = find::task(&door, path).await?;
        let (worker, lease_ms) = claiming(&door, &id).await?;
        let claimed = door.doors.store().claim_task(&worker, found.id(), lease_ms).await.map_err(of_store(&door))?;
        match claimed {
            Some(claimed) => answer(&door, &worker, claimed).await,
            None => Err(why_not(&door, &worker, found).await?),
        }
    })
    .await
}

/// Who claims: the worker whose token it is, or whom an admin names.
fn claimant(caller: &Caller, given: &Given) -> Result<WorkerId, Wrong> {
    match (caller.worker(), given.text("worker")) {
        (Some(own), None) => Ok(own.clone()),
        (Some(own), Some(named)) if own.as_str() == named => Ok(own.clone()),
        (Some(own), Some(_)) => Err(Wrong::key(format!("`worker`: this token claims for `{own}` alone."))),
        (None, Some(named)) => Ok(WorkerId::new(named)),
        (None, None) => Err(Wrong::key("`worker` is missing: an admin token must say who claims.")),
    }
}

async fn claiming(door: &Door, id: &WorkerId) -> Result<(Worker, i64), Problem> {
    let rules = super::rules(door)?;
    let lease_ms = find::lease_ms(&rules.roster.clocks);
    let (mut worker, mut presence, _) = find::worker(door, &rules, id).await?;
    if !presence.takes_tasks() {
        // Whoever claims is there again, unless it said that it goes.
        door.doors.store().heartbeat(id, None, lease_ms).await.map_err(of_store(door))?;
        (worker, presence, _) = find::worker(door, &rules, id).await?;
    }
    if presence.takes_tasks() {
        return Ok((worker, lease_ms));
    }
    let absent = TaskBlocker::Absent { worker: worker.id, presence: presence.to_string() };
    Err(ProblemKind::Conflict.counted(&door.metrics, super::sentence(&absent)))
}

async fn answer(door: &Door, worker: &Worker, claimed: ClaimedTask) -> Result<Answer, Problem> {
    let known = door.doors.store().repository(claimed.repository).await.map_err(of_store(door))?;
    let known = known.ok_or_else(|| super::nothing_here(door))?;
    Ok(Answer::ok(&ClaimShown::new(known.name, &worker.id, claimed)))
}

/// Why a worker does not get a task: what a decision about its asking would say.
async fn why_not(door: &Door, worker: &Worker, found: Found) -> Result<Problem, Problem> {
    let item: Item = found.item();
    // Somebody else may have been faster since it was found.
    let (repository, number) = found.id();
    let listed = door.doors.store().listed_task(repository, number).await.map_err(of_store(door))?;
    let found = Found { listed: listed.unwrap_or(found.listed), ..found };
    let authority = TaskAuthority::Worker { id: worker.id.clone(), fence: None };
    let asked = (&authority, AskedBy::Api, &TaskAsk::Claim);
    let reason = match rehearsal::rehearse(door, &found, asked).await? {
        Some(Err(blocker)) => super::sentence(&blocker),
        Some(Ok(_)) | None => held_back(door, &found).await?.unwrap_or_else(|| {
            format!("{item} cannot be claimed now: somebody else was faster, or it waits for something.")
        }),
    };
    Ok(ProblemKind::Conflict.counted(&door.metrics, reason))
}

/// What only GitHub shows, such as what the task waits for, as the last decision has seen it.
async fn held_back(door: &Door, found: &Found) -> Result<Option<String>, Problem> {
    let last = door.doors.store().last_decision(&found.subject()).await.map_err(of_store(door))?;
    let blockers = last.map(|last| last.explanation.blockers).unwrap_or_default();
    Ok(blockers.iter().find_map(|blocker| {
        if let Blocker::Task { because } = blocker { Some(super::sentence(because)) } else { None }
    }))
}
