//! `GET /audit`: who did what, and when.

use std::collections::HashMap;
use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::given::{Given, Wrong};
use super::keys::{Key, Kind, optional};
use super::{Asked, find, of_store};
use crate::http::Door;
use crate::http::problem::Problem;
use crate::model::{Item, RepositoryId, RepositoryName, Subject, Timestamp};
use crate::store::{AuditQuery, AuditRow};

/// Entries in an answer where the call does not say how many.
const LIMIT: i64 = 100;
/// No answer holds more.
const LIMIT_MAX: i64 = 1000;

/// What the audit can be asked for.
pub(super) const QUERY: &[Key] = &[
    optional("repo", Kind::Text, "Only what is about this repository, as owner/name."),
    optional("item", Kind::Text, "Only what is about this issue or pull request, as owner/name#12."),
    optional("actor", Kind::Text, "Only what this one did."),
    optional("kind", Kind::Text, "Only entries of this kind, such as decision or ask."),
    optional("from", Kind::Time, "Only what was done then or later."),
    optional("until", Kind::Time, "Only what was done before."),
    optional("limit", Kind::Whole(1, LIMIT_MAX), "At most so many of the newest; 100 where nothing is said."),
];

/// `GET /audit`
pub(super) async fn list(State(door): State<Arc<Door>>, asked: Asked) -> Result<Response, Problem> {
    let given = super::query(&door, asked, QUERY)?;
    let query = read(&door, &given).await?;
    let mut rows = door.doors.store().audit_rows(&query).await.map_err(of_store(&door))?;
    rows.reverse();
    let names = find::names(&door).await?;
    let entries: Vec<Value> = rows.iter().map(|row| shown(&names, row)).collect();
    Ok(Json(json!({"entries": entries})).into_response())
}

async fn read(door: &Door, given: &Given) -> Result<AuditQuery, Problem> {
    let wrong = |wrong: Wrong| wrong.problem(door);
    let item: Option<Item> = given.parsed("item").map_err(wrong)?;
    let repository = find::named(door, given.parsed("repo").map_err(wrong)?).await?.map(|known| known.id);
    let subject = match item {
        Some(item) => Some(subject(door, &item).await?),
        None => None,
    };
    Ok(AuditQuery {
        repository,
        subject,
        actor: given.text("actor"),
        kind: given.text("kind"),
        from: time(given, "from").map_err(wrong)?,
        until: time(given, "until").map_err(wrong)?,
        limit: given.whole("limit").unwrap_or(LIMIT),
        ..AuditQuery::default()
    })
}

/// Issues and pull requests share their numbers: it is an issue if it is a task.
async fn subject(door: &Door, item: &Item) -> Result<Subject, Problem> {
    let known = find::repository(door, &item.repository).await?;
    let task = door.doors.store().task(known.id, item.number).await.map_err(of_store(door))?;
    let of = if task.is_some() { Subject::Issue } else { Subject::Pull };
    Ok(of(known.id, item.number))
}

fn time(given: &Given, key: &str) -> Result<Option<Timestamp>, Wrong> {
    let Some(text) = given.text(key) else { return Ok(None) };
    let wrong = || Wrong::key(format!("`{key}` should be {}, and is {text:?}.", Kind::Time.wanted()));
    Timestamp::parse_rfc3339(&text).map(Some).ok_or_else(wrong)
}

fn shown(names: &HashMap<RepositoryId, RepositoryName>, row: &AuditRow) -> Value {
    let item = row.subject.as_ref().and_then(|subject| match subject.parse().ok()? {
        Subject::Issue(id, number) | Subject::Pull(id, number) => {
            Some(Item { repository: names.get(&id)?.clone(), number })
        }
        Subject::Branch(..) | Subject::Repository(_) | Subject::Releases(_) | Subject::Environment(..) => None,
    });
    json!({
        "at": row.at().to_rfc3339(), "actor": row.actor, "item": item, "subject": row.subject,
        "decision": row.decision, "kind": row.kind, "summary": row.summary, "door": row.door,
    })
}
