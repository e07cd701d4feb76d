//! `/outbox`: effects that wait, were performed or were given up; for those who run the server.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::response::Html;
use serde::Deserialize;

use super::about::{About, about};
use super::fault::PageFault;
use super::href::with_query;
use super::listing::{self, Tab, field};
use super::looking::Looking;
use super::masked::{Masked, masked};
use super::shell::{Part, Shell};
use super::viewer::Viewer;
use super::when::When;
use crate::http::Door;
use crate::model::Timestamp;
use crate::store::{OutboxQuery, OutboxState, QueuedAction};

#[derive(Template)]
#[template(path = "outbox.html", config = ".askama.toml")]
struct OutboxPage {
    shell: Shell,
    tabs: Vec<Tab>,
    dead: i64,
    dead_kinds: Vec<DeadKind>,
    state: String,
    kind: String,
    key: String,
    rows: Vec<Row>,
    older: Option<String>,
    newest: Option<String>,
}

struct DeadKind {
    kind: String,
    count: i64,
    href: String,
}

struct Row {
    id: i64,
    kind: String,
    about: About,
    lane: String,
    state: String,
    tone: &'static str,
    attempts: i64,
    /// When it is tried, or when it came to its end.
    at: When,
    note: String,
}

/// What is looked for.
#[derive(Deserialize)]
pub(super) struct Filter {
    state: Option<String>,
    kind: Option<String>,
    key: Option<String>,
    before: Option<String>,
}

/// `GET /outbox`
pub(super) async fn page(
    State(door): State<Arc<Door>>,
    looking: Looking,
    Query(filter): Query<Filter>,
) -> Result<Html<String>, PageFault> {
    looking.operators_only()?;
    let store = door.doors.store();
    let state: Option<OutboxState> = filter.state.as_deref().and_then(|state| state.parse().ok());
    let (kind, key) = (field(filter.kind.as_ref()), field(filter.key.as_ref()));
    let before = filter.before.as_deref().and_then(|id| id.parse().ok());
    let query = OutboxQuery { state, kind: kind.clone(), key: key.clone(), before, limit: listing::ASKED };
    let mut found = store.outbox(&query).await?;
    let older = listing::cut(&mut found, |row| row.id).map(|id| id.to_string());
    let counts = store.action_counts().await?;
    let dead_kinds = store.dead_kinds().await?.into_iter();
    let (kind, key) = (kind.unwrap_or_default(), key.unwrap_or_default());
    let state = state.map_or("", OutboxState::as_str);
    let states = OutboxState::ALL.into_iter().map(OutboxState::as_str);
    let filters = [("kind", kind.as_str()), ("key", key.as_str())];
    let tabs = listing::tabs(("/outbox", state), states, &counts, &filters);
    let to =
        |before: &str| with_query("/outbox", &[("state", state), ("kind", &kind), ("key", &key), ("before", before)]);
    let now = door.clock.now();
    let page = OutboxPage {
        shell: looking.shell(&door, Part::Outbox, "Outbox").await?,
        tabs,
        dead: listing::dead(&counts),
        dead_kinds: dead_kinds
            .map(|(kind, count)| DeadKind { href: with_query("/outbox/retry", &[("kind", &kind)]), kind, count })
            .collect(),
        older: older.map(|id| to(&id)),
        newest: before.map(|_: i64| to("")),
        rows: found.into_iter().map(|row| shown(&looking.viewer, row, now)).collect(),
        state: state.to_owned(),
        kind,
        key,
    };
    Ok(Html(page.render()?))
}

fn shown(viewer: &Viewer, row: QueuedAction, now: Timestamp) -> Row {
    let at = row.finished().unwrap_or(row.due());
    Row {
        id: row.id,
        about: about(viewer, &row.subject),
        at: When::new(at, now),
        tone: tone(&row.state),
        kind: row.kind,
        lane: row.lane,
        state: row.state,
        attempts: row.attempts,
        note: row.note.unwrap_or_default(),
    }
}

fn tone(state: &str) -> &'static str {
    match state {
        "done" => "ok",
        "pending" | "running" => "waits",
        "dead" => "bad",
        // What was superseded is neither good nor bad.
        _ => "",
    }
}

#[derive(Template)]
#[template(path = "action.html", config = ".askama.toml")]
struct ActionPage {
    shell: Shell,
    action: QueuedAction,
    about: About,
    tone: &'static str,
    created: When,
    due: When,
    finished: Option<When>,
    holds: Masked,
    learned: Option<Masked>,
    is_dead: bool,
    was_retried: bool,
}

/// What a form leads back with.
#[derive(Deserialize)]
pub(super) struct Came {
    retried: Option<String>,
}

/// `GET /outbox/ID`
pub(super) async fn action(
    State(door): State<Arc<Door>>,
    looking: Looking,
    Path(id): Path<String>,
    Query(came): Query<Came>,
) -> Result<Html<String>, PageFault> {
    looking.operators_only()?;
    let id = id.parse().map_err(|_| PageFault::NotFound)?;
    let whole = door.doors.store().whole_action(id).await?.ok_or(PageFault::NotFound)?;
    let (action, now) = (whole.listed, door.clock.now());
    let page = ActionPage {
        shell: looking.shell(&door, Part::Outbox, "An action").await?,
        about: about(&looking.viewer, &action.subject),
        tone: tone(&action.state),
        created: When::new(action.created(), now),
        due: When::new(action.due(), now),
        finished: action.finished().map(|at| When::new(at, now)),
        holds: masked(whole.payload.as_bytes()),
        learned: whole.learned.map(|learned| masked(learned.as_bytes())),
        is_dead: action.state == OutboxState::Dead.as_str(),
        was_retried: came.retried.is_some(),
        action,
    };
    Ok(Html(page.render()?))
}
