//! `GET /stats`: how tasks ended, by worker, and how long they took.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde_json::json;

use super::of_store;
use super::shown::{Numbers, mean_minutes};
use crate::http::Door;
use crate::http::problem::Problem;
use crate::model::{TaskEnd, Timestamp, WorkerId};

/// Numbers are about so long.
const SINCE_MS: i64 = 90 * 24 * 60 * 60 * 1000;
/// At most so many ends are counted, the newest ones.
const ENDS_MAX: i64 = 10_000;

/// How tasks ended in the last 90 days.
pub(super) async fn recent_ends(door: &Door) -> Result<Vec<TaskEnd>, Problem> {
    door.doors.store().task_ends(since(door), ENDS_MAX).await.map_err(of_store(door))
}

fn since(door: &Door) -> Timestamp {
    door.clock.now().plus_ms(-SINCE_MS)
}

/// The numbers of one worker.
#[derive(Serialize)]
struct OfWorker<'a> {
    worker: &'a WorkerId,
    #[serde(flatten)]
    numbers: Numbers,
}

/// `GET /stats`
pub(super) async fn stats(State(door): State<Arc<Door>>) -> Result<Response, Problem> {
    let ends = recent_ends(&door).await?;
    let mut by_worker: BTreeMap<&WorkerId, Vec<&TaskEnd>> = BTreeMap::new();
    for end in &ends {
        if let Some(worker) = &end.worker {
            by_worker.entry(worker).or_default().push(end);
        }
    }
    let workers: Vec<OfWorker<'_>> =
        by_worker.into_iter().map(|(worker, ends)| OfWorker { worker, numbers: Numbers::of(&ends) }).collect();
    let all: Vec<&TaskEnd> = ends.iter().collect();
    let shown = json!({"since": since(&door).to_rfc3339(), "workers": workers, "mean_minutes": mean_minutes(&all)});
    Ok(Json(shown).into_response())
}
