//! `GET` and `POST /tasks/ITEM/notes`: what a worker notes for itself.

use std::sync::Arc;

use axum::Extension;
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::auth::Caller;
use super::call::{Answer, Call};
use super::find::{self, Found, InTask};
use super::given::Given;
use super::keys::{Key, Kind, needed};
use super::of_store;
use crate::http::Door;
use crate::http::problem::Problem;
use crate::model::WorkerId;

/// What a note says.
pub(super) const KEYS: &[Key] = &[needed("text", Kind::Text, "What is to be remembered.")];

/// `GET /tasks/ITEM/notes`
pub(super) async fn list(
    State(door): State<Arc<Door>>,
    Extension(caller): Extension<Caller>,
    path: InTask,
) -> Result<Response, Problem> {
    let worker = caller.worker().ok_or_else(|| super::nothing_here(&door))?;
    let found = find::task(&door, path).await?;
    Ok(noted(&door, worker, &found).await?.into_response())
}

/// `POST /tasks/ITEM/notes`
pub(super) async fn add(
    State(door): State<Arc<Door>>,
    Extension(caller): Extension<Caller>,
    path: InTask,
    request: Request,
) -> Result<Response, Problem> {
    let call = Call::read(&door, &caller, request).await?;
    let given = Given::of_body(&call.body, KEYS).map_err(|wrong| wrong.problem(&door))?;
    let worker = caller.worker().ok_or_else(|| super::nothing_here(&door))?;
    call.once(&door, async {
        let found = find::task(&door, path).await?;
        let store = door.doors.store();
        store.add_note(worker, found.id(), &given.said("text")).await.map_err(of_store(&door))?;
        super::note(&door, (&caller, "note", Some(&found.subject())), "A private note was kept.").await?;
        noted(&door, worker, &found).await
    })
    .await
}

async fn noted(door: &Door, worker: &WorkerId, found: &Found) -> Result<Answer, Problem> {
    let notes = door.doors.store().notes(worker, found.id()).await.map_err(of_store(door))?;
    let shown: Vec<Value> = notes.into_iter().map(|(at, text)| json!({"at": at.to_rfc3339(), "text": text})).collect();
    Ok(Answer::ok(&json!({"notes": shown})))
}
