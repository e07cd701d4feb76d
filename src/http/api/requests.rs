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
use crate::model::{Delivery, DeliveryGuid, DeliverySource, Request, Subject, TaskAsk, TaskAuthority, TaskReport};
use crate::receive;
use crate::store::{AuditQuery, AuditRow, Reports, RequestState};

/// Lines of the audit in which an ask is looked for.
const LINES_MAX: i64 = 200;

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

/// What was asked of a task, and by whom.
struct AskedOfTask {
    subject: Subject,
    wish: TaskAsk,
    authority: TaskAuthority,
}

fn asked(delivery: &Delivery) -> Option<AskedOfTask> {
    match receive::parse_request(&delivery.body) {
        Ok(Request::Task { repository, number, wish, authority, .. }) => {
            Some(AskedOfTask { subject: Subject::Issue(repository, number), wish, authority })
        }
        Ok(Request::OpenIssue { .. } | Request::Pull { .. } | Request::Environment { .. }) | Err(_) => None,
    }
}

/// What a decision made of it: it waits while the task's next decision has not read it, and then the audit tells.
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
    let query = AuditQuery {
        subject: Some(asked.subject.clone()),
        actor: Some(asked.authority.to_string()),
        from: Some(delivery.received),
        limit: LINES_MAX,
        ..AuditQuery::default()
    };
    let lines = store.audit_rows(&query).await.map_err(of_store(door))?;
    let own = lines.into_iter().find(|line| is_of(line, &delivery.guid));
    Ok(own.map_or(state, |line| told_of(asked.wish.name(), line)))
}

/// Whether a line of the audit tells what became of this delivery.
fn is_of(line: &AuditRow, guid: &DeliveryGuid) -> bool {
    let named = line.deliveries.as_deref().and_then(|text| serde_json::from_str::<Vec<DeliveryGuid>>(text).ok());
    named.is_some_and(|named| named == [guid.clone()])
}

fn told_of(verb: &str, line: AuditRow) -> RequestState {
    let AuditRow { kind, summary, .. } = line;
    if kind != "refused" {
        return RequestState::Done { item: None, url: None, note: Some(summary) };
    }
    let why = summary.strip_prefix(&format!("was refused `/{verb}`: ")).unwrap_or(&summary);
    RequestState::Refused { note: Some(why.to_owned()) }
}
