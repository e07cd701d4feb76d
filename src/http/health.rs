//! Whether the process lives, whether it can do its work, and what it counted.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;
use tracing::debug;

use super::Door;
use super::problem::{Problem, ProblemKind};

/// `GET /healthz`: answers as long as the process lives.
pub(super) async fn alive() -> Response {
    Json(json!({"alive": true})).into_response()
}

/// `GET /readyz`: whether webhooks would be stored and decided on.
pub(super) async fn ready(State(door): State<Arc<Door>>) -> Result<Response, Problem> {
    let not_ready = door.doors.ready().await;
    if not_ready.is_empty() {
        return Ok(Json(json!({"ready": true})).into_response());
    }
    let problem = ProblemKind::NotReady.counted(&door.metrics, format!("Not ready: {}.", not_ready.join("; ")));
    Err(Problem { not_ready, ..problem })
}

/// `GET /metrics`: everything counted, with the depths of this moment.
pub(super) async fn metrics(State(door): State<Arc<Door>>) -> Result<Response, Problem> {
    let depths = door.doors.depths().await;
    door.metrics.store_reachable(depths.is_ok());
    match depths {
        Ok(depths) => {
            door.metrics.depths(&depths.inbox, &depths.outbox);
        }
        // They say so themselves, and whoever scrapes them comes every few seconds.
        Err(fault) => debug!(error = %fault, "metrics are served without fresh depths"),
    }
    let text = door.metrics.encode();
    let text = text.map_err(|_| ProblemKind::Internal.counted(&door.metrics, "The metrics cannot be written."))?;
    let content_type = HeaderValue::from_static("application/openmetrics-text; version=1.0.0; charset=utf-8");
    Ok(([(header::CONTENT_TYPE, content_type)], text).into_response())
}
