//! `GET /learnings`: what was learned while doing tasks.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::keys::{Key, Kind, optional};
use super::{Asked, find, of_store};
use crate::http::Door;
use crate::http::problem::Problem;
use crate::model::Learning;
use crate::store::LearningQuery;

/// Learnings in an answer where the call does not say how many.
const LIMIT: i64 = 50;
/// No answer holds more.
const LIMIT_MAX: i64 = 200;

/// What learnings can be asked for.
pub(super) const QUERY: &[Key] = &[
    optional("q", Kind::Text, "Words that must all occur."),
    optional("category", Kind::Text, "Only those of this category."),
    optional("tag", Kind::Text, "Only those with this tag."),
    optional("impact", Kind::Share, "Only those that matter at least so much."),
    optional("repo", Kind::Text, "Only those of this repository, as owner/name."),
    optional("limit", Kind::Whole(1, LIMIT_MAX), "At most so many; 50 where nothing is said."),
];

/// `GET /learnings`
pub(super) async fn list(State(door): State<Arc<Door>>, asked: Asked) -> Result<Response, Problem> {
    let given = super::query(&door, asked, QUERY)?;
    let name = given.parsed("repo").map_err(|wrong| wrong.problem(&door))?;
    let repository = find::named(&door, name).await?.map(|known| known.id);
    let query = LearningQuery {
        words: given.said("q").split_whitespace().map(str::to_lowercase).collect(),
        category: given.text("category"),
        tag: given.text("tag"),
        impact: given.share("impact").unwrap_or_default(),
        repository,
        limit: given.whole("limit").unwrap_or(LIMIT),
    };
    let found = door.doors.store().learnings(&query).await.map_err(of_store(&door))?;
    let shown: Vec<Value> = found.iter().map(shown).collect();
    Ok(Json(json!({"learnings": shown})).into_response())
}

fn shown(learning: &Learning) -> Value {
    let Learning { category, title, description, impact, tags, by, item, at } = learning;
    json!({
        "category": category, "title": title, "description": description, "impact": impact, "tags": tags,
        "by": by, "item": item, "at": at.to_rfc3339(),
    })
}
