//! `/workers…`: who works here, how they can be reached, and their heartbeats.

use std::sync::Arc;

use axum::extract::rejection::PathRejection;
use axum::extract::{Path, Request, State};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use serde::Serialize;
use serde_json::json;

use super::auth::Caller;
use super::call::{Answer, Call};
use super::find::{self, Enrolled};
use super::given::Given;
use super::keys::{Key, Kind, optional};
use super::shown::{LeaseShown, Numbers, WorkerShown};
use super::{of_store, registration, stats};
use crate::http::Door;
use crate::http::problem::{Problem, ProblemKind};
use crate::model::{Presence, SaidStatus, Scope, WorkerId};
use crate::store::HeldLease;

type OfWorker = Result<Path<String>, PathRejection>;

/// What a heartbeat says.
pub(super) const HEARTBEAT_KEYS: &[Key] =
    &[optional("status", Kind::Word(&["active", "idle", "offline"]), "What the worker says of itself.")];

/// `GET /workers`
pub(super) async fn list(State(door): State<Arc<Door>>) -> Result<Response, Problem> {
    let rules = super::rules(&door)?;
    let roster = find::roster(&door, &rules).await?;
    let shown = shown(&door, roster).await?;
    Ok(Json(json!({"workers": shown})).into_response())
}

/// A worker with its leases and its numbers.
#[derive(Serialize)]
struct Whole {
    #[serde(flatten)]
    worker: WorkerShown,
    leases: Vec<LeaseShown>,
    numbers: Numbers,
}

/// `GET /workers/ID`
pub(super) async fn one(
    State(door): State<Arc<Door>>,
    Extension(caller): Extension<Caller>,
    path: OfWorker,
) -> Result<Response, Problem> {
    let id = id(&door, path)?;
    let rules = super::rules(&door)?;
    let enrolled = find::worker(&door, &rules, &id).await?;
    let leases = door.doors.store().leases_of(&id).await.map_err(of_store(&door))?;
    let ends = stats::recent_ends(&door).await?;
    let own: Vec<_> = ends.iter().filter(|end| end.worker.as_ref() == Some(&id)).collect();
    let with_ids = caller.scope == Scope::Admin || caller.worker() == Some(&id);
    let worker = shown(&door, vec![enrolled]).await?.pop().ok_or_else(|| super::nothing_here(&door))?;
    let leases = leases.into_iter().map(|held| LeaseShown::new(held, with_ids)).collect();
    Ok(Json(Whole { worker, leases, numbers: Numbers::of(&own) }).into_response())
}

/// Workers with how much each holds.
async fn shown(door: &Door, roster: Vec<Enrolled>) -> Result<Vec<WorkerShown>, Problem> {
    let known: Vec<_> = roster.iter().map(|(worker, presence, _)| (worker.clone(), *presence)).collect();
    let loads = door.doors.store().worker_loads(&known).await.map_err(of_store(door))?;
    let both = roster.into_iter().zip(loads);
    Ok(both
        .map(|((worker, presence, registered), load)| {
            WorkerShown::new((worker, presence, registered.as_ref()), load.open_tasks)
        })
        .collect())
}

/// `PUT /workers/ID`
pub(super) async fn register(
    State(door): State<Arc<Door>>,
    Extension(caller): Extension<Caller>,
    path: OfWorker,
    request: Request,
) -> Result<Response, Problem> {
    let call = Call::read(&door, &caller, request).await?;
    let id = own_id(&door, &caller, path)?;
    let given = Given::of_body(&call.body, registration::KEYS).map_err(|wrong| wrong.problem(&door))?;
    call.once(&door, async {
        let rules = super::rules(&door)?;
        let roster = find::roster(&door, &rules).await?;
        let read = registration::read(&id, &given, &rules);
        let (worker, said) = read.map_err(|wrong| wrong.problem(&door))?;
        let of_other = |known: &&Enrolled| known.0.id != id && known.0.login.is_some() && known.0.login == worker.login;
        if let Some((other, ..)) = roster.iter().find(of_other) {
            let detail = format!("`login`: this account is the worker `{}` already.", other.id);
            return Err(ProblemKind::Conflict.counted(&door.metrics, detail));
        }
        let store = door.doors.store();
        store.register_worker(&worker, said, &caller.name).await.map_err(of_store(&door))?;
        let sentence = format!("The worker `{id}` registered as {}, {}.", worker.role, said.as_str());
        super::note(&door, (&caller, "worker", None), &sentence).await?;
        let enrolled = find::worker(&door, &rules, &id).await?;
        let worker = shown(&door, vec![enrolled]).await?.pop().ok_or_else(|| super::nothing_here(&door))?;
        Ok(Answer::ok(&worker))
    })
    .await
}

/// `POST /workers/ID/heartbeat`
pub(super) async fn heartbeat(
    State(door): State<Arc<Door>>,
    Extension(caller): Extension<Caller>,
    path: OfWorker,
    request: Request,
) -> Result<Response, Problem> {
    let call = Call::read(&door, &caller, request).await?;
    let id = own_id(&door, &caller, path)?;
    let given = Given::of_body(&call.body, HEARTBEAT_KEYS).map_err(|wrong| wrong.problem(&door))?;
    let said = given.parsed("status").map_err(|wrong| wrong.problem(&door))?;
    call.once(&door, beat(&door, &id, said)).await
}

/// `DELETE /workers/ID`: the worker says that it is offline.
pub(super) async fn leave(
    State(door): State<Arc<Door>>,
    Extension(caller): Extension<Caller>,
    path: OfWorker,
) -> Result<Response, Problem> {
    let id = own_id(&door, &caller, path)?;
    let answer = beat(&door, &id, Some(SaidStatus::Offline)).await?;
    super::note(&door, (&caller, "worker", None), &format!("The worker `{id}` says that it is offline.")).await?;
    Ok(answer.into_response())
}

async fn beat(door: &Door, id: &WorkerId, said: Option<SaidStatus>) -> Result<Answer, Problem> {
    let rules = super::rules(door)?;
    let clocks = &rules.roster.clocks;
    // Whoever leaves keeps what it holds for the grace alone.
    let lease_ms = if said == Some(SaidStatus::Offline) { clocks.grace_ms } else { find::lease_ms(clocks) };
    let leases = door.doors.store().heartbeat(id, said, lease_ms).await.map_err(of_store(door))?;
    let Some(leases) = leases else {
        let detail = format!("The worker `{id}` is not registered; PUT /api/v1/workers/{id} registers it.");
        return Err(ProblemKind::NotFound.counted(&door.metrics, detail));
    };
    let (_, status, _) = find::worker(door, &rules, id).await?;
    Ok(Answer::ok(&beaten(status, leases)))
}

fn beaten(status: Presence, leases: Vec<HeldLease>) -> serde_json::Value {
    let leases: Vec<LeaseShown> = leases.into_iter().map(|held| LeaseShown::new(held, true)).collect();
    json!({"status": status, "leases": leases})
}

fn id(door: &Door, path: OfWorker) -> Result<WorkerId, Problem> {
    super::path(door, path).map(WorkerId::new)
}

/// The worker of a path, which must be the one whose token it is.
fn own_id(door: &Door, caller: &Caller, path: OfWorker) -> Result<WorkerId, Problem> {
    let id = id(door, path)?;
    match caller.worker() {
        Some(own) if *own != id => {
            let detail = format!("This token is for the worker `{own}` alone, not for `{id}`.");
            Err(ProblemKind::Forbidden.counted(&door.metrics, detail))
        }
        Some(_) | None => Ok(id),
    }
}
