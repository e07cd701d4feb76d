//! `GET /requests/GUID`: what became of a call that was accepted.

use std::sync::Arc;

use axum::Json;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::of_store;
use crate::http::Door;
use crate::http::problem::{Problem, ProblemKind};
use crate::model::{Delivery, DeliveryGuid, DeliverySource, Request, Subject, TaskAsk, TaskReport};
use crate::receive;
use crate::store::{Reports, RequestState};

/// `GET /requests/GUID`
pub(super) async fn one(
    State(door): State<Arc<Door>>,
    path: Result<Path<String>, PathRejection>,
) -> Result<Response, Problem> {
    let guid = DeliveryGuid::new(super::path(&door, path)?);
    let store = door.doors.store();
    // What other doors brought is nobody's request.
    let delivery = store.delivery(&guid).await.map_err(of_store(&door))?.map(|(delivery, ..)| delivery);
    let delivery = delivery.filter(|delivery| delivery.source == DeliverySource::Api);
    let state = match &delivery {
        Some(delivery) => match (store.what_became_of(&guid).await.map_err(of_store(&door))?, asked(delivery)) {
            // What opened an issue says so itself.
            (Some(state @ (RequestState::Done { item: None, .. } | RequestState::Refused { .. })), Some(asked)) => {
                Some(judged(&door, delivery, (&asked, state)).await?)
            }
            (state, _) => state,
        },
        None => None,
    };
    let Some(state) = state else {
        let detail = format!("There is no request {guid}, or it was forgotten since.");
        return Err(ProblemKind::NotFound.counted(&door.metrics, detail));
    };
    Ok(Json(shown(&guid, state)).into_response())
}

fn shown(guid: &DeliveryGuid, state: RequestState) -> Value {
    match state {
        RequestState::Waiting => json!({"request": guid, "state": "waiting"}),
        RequestState::Done { item, url, note } => {
            json!({"request": guid, "state": "done", "item": item, "url": url, "note": note})
        }
        RequestState::Refused { note } => json!({"request": guid, "state": "refused", "note": note}),
    }
}

/// What was asked of a task.
struct AskedOfTask {
    subject: Subject,
    wish: TaskAsk,
}

fn asked(delivery: &Delivery) -> Option<AskedOfTask> {
    match receive::parse_request(&delivery.body) {
        Ok(Request::Task { repository, number, wish, .. }) => {
            Some(AskedOfTask { subject: Subject::Issue(repository, number), wish })
        }
        Ok(
            Request::OpenIssue { .. }
            | Request::Pull { .. }
            | Request::Environment { .. }
            | Request::ProposeRules { .. },
        )
        | Err(_) => None,
    }
}

/// What a decision made of it: it waits while the task's next decision has not read it.
async fn judged(
    door: &Door,
    delivery: &Delivery,
    (asked, state): (&AskedOfTask, RequestState),
) -> Result<RequestState, Problem> {
    let store = door.doors.store();
    let told: Reports<TaskReport> = store.reports(&asked.subject).await.map_err(of_store(door))?;
    let is_this = |report: &TaskReport| {
        let TaskReport::Asked { request, .. } = report;
        request.as_ref() == Some(&delivery.guid)
    };
    if told.list.iter().any(is_this) {
        return Ok(RequestState::Waiting);
    }
    Ok(match state {
        RequestState::Refused { note: Some(why) } => {
            let prefix = format!("was refused `/{}`: ", asked.wish.name());
            RequestState::Refused { note: Some(why.strip_prefix(&prefix).unwrap_or(&why).to_owned()) }
        }
        state @ (RequestState::Waiting | RequestState::Done { .. } | RequestState::Refused { note: None }) => state,
    })
}
