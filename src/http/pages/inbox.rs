//! `/inbox`: what came in, how far it has come, and having it understood once more; for those who run the server.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::response::{Html, Response};
use serde::Deserialize;

use super::about::{About, about};
use super::fault::PageFault;
use super::form::Sent;
use super::href::{segment, with_query};
use super::listing::{self, Tab, field};
use super::looking::Looking;
use super::masked::{Masked, masked};
use super::shell::{self, Part, Shell};
use super::viewer::Viewer;
use super::when::When;
use crate::http::Door;
use crate::model::{DeliveryGuid, DeliveryState, Door as AskedBy};
use crate::store::{AuditEntry, InboxQuery, InboxRow, LedTo};

#[derive(Template)]
#[template(path = "inbox.html", config = ".askama.toml")]
struct InboxPage {
    shell: Shell,
    tabs: Vec<Tab>,
    dead: i64,
    state: String,
    event: String,
    guid: String,
    rows: Vec<Row>,
    older: Option<String>,
    newest: Option<String>,
}

struct Row {
    id: i64,
    href: String,
    guid: String,
    source: String,
    event: String,
    state: String,
    tone: &'static str,
    note: String,
    received: When,
}

/// What is looked for.
#[derive(Deserialize)]
pub(super) struct Filter {
    state: Option<String>,
    event: Option<String>,
    guid: Option<String>,
    before: Option<String>,
}

/// `GET /inbox`
pub(super) async fn page(
    State(door): State<Arc<Door>>,
    looking: Looking,
    Query(filter): Query<Filter>,
) -> Result<Html<String>, PageFault> {
    looking.operators_only()?;
    let store = door.doors.store();
    let state: Option<DeliveryState> = filter.state.as_deref().and_then(|state| state.parse().ok());
    let (event, guid) = (field(filter.event.as_ref()), field(filter.guid.as_ref()));
    let before = filter.before.as_deref().and_then(|id| id.parse().ok());
    let query = InboxQuery { state, event: event.clone(), guid: guid.clone(), before, limit: listing::ASKED };
    let mut found = store.inbox(&query).await?;
    let older = listing::cut(&mut found, |row| row.id).map(|id| id.to_string());
    let counts = store.delivery_counts().await?;
    let (event, guid) = (event.unwrap_or_default(), guid.unwrap_or_default());
    let state = state.map_or("", DeliveryState::as_str);
    let filters = [("event", event.as_str()), ("guid", guid.as_str())];
    let states = DeliveryState::ALL.into_iter().map(DeliveryState::as_str);
    let tabs = listing::tabs(("/inbox", state), states, &counts, &filters);
    let to = |before: &str| {
        with_query("/inbox", &[("state", state), ("event", &event), ("guid", &guid), ("before", before)])
    };
    let now = door.clock.now();
    let page = InboxPage {
        shell: looking.shell(&door, Part::Inbox, "Inbox").await?,
        tabs,
        dead: listing::dead(&counts),
        older: older.map(|id| to(&id)),
        newest: before.map(|_: i64| to("")),
        rows: found.into_iter().map(|row| shown(row, now)).collect(),
        state: state.to_owned(),
        event,
        guid,
    };
    Ok(Html(page.render()?))
}

fn shown(row: InboxRow, now: crate::model::Timestamp) -> Row {
    let received = When::new(row.received(), now);
    Row {
        id: row.id,
        href: format!("/inbox/{}", segment(&row.guid)),
        tone: tone(&row.state),
        note: row.note.unwrap_or_default(),
        guid: row.guid,
        source: row.source,
        event: row.event,
        state: row.state,
        received,
    }
}

fn tone(state: &str) -> &'static str {
    match state {
        "done" => "ok",
        "new" | "marked" => "waits",
        "dead" => "bad",
        // Ignored is neither good nor bad.
        _ => "",
    }
}

#[derive(Template)]
#[template(path = "delivery.html", config = ".askama.toml")]
struct DeliveryPage {
    shell: Shell,
    guid: String,
    source: &'static str,
    event: String,
    received: When,
    state: DeliveryState,
    tone: &'static str,
    note: Option<String>,
    size: usize,
    body: Masked,
    waiting: Vec<About>,
    led_to: Vec<Line>,
    can_replay: bool,
    was_replayed: bool,
}

struct Line {
    id: i64,
    at: When,
    about: Option<About>,
    kind: String,
    summary: String,
}

/// What a form leads back with.
#[derive(Deserialize)]
pub(super) struct Came {
    replayed: Option<String>,
}

/// `GET /inbox/GUID`
pub(super) async fn delivery(
    State(door): State<Arc<Door>>,
    looking: Looking,
    Path(guid): Path<String>,
    Query(came): Query<Came>,
) -> Result<Html<String>, PageFault> {
    looking.operators_only()?;
    let store = door.doors.store();
    let guid = DeliveryGuid::new(guid);
    let (delivery, state, note) = store.delivery(&guid).await?.ok_or(PageFault::NotFound)?;
    let waiting = store.waiting_for(&guid).await?;
    let led_to = store.led_to(&guid, delivery.received).await?;
    let (viewer, now) = (&looking.viewer, door.clock.now());
    let page = DeliveryPage {
        shell: looking.shell(&door, Part::Inbox, "A delivery").await?,
        guid: guid.to_string(),
        source: delivery.source.as_str(),
        event: delivery.event.0,
        received: When::new(delivery.received, now),
        state,
        tone: tone(state.as_str()),
        note,
        size: delivery.body.len(),
        body: masked(&delivery.body),
        waiting: waiting.iter().map(|subject| about(viewer, subject)).collect(),
        led_to: led_to.into_iter().map(|line| told(viewer, line, now)).collect(),
        can_replay: can_replay(state),
        was_replayed: came.replayed.is_some(),
    };
    Ok(Html(page.render()?))
}

fn told(viewer: &Viewer, line: LedTo, now: crate::model::Timestamp) -> Line {
    let about = line.subject.as_deref().map(|subject| about(viewer, subject));
    Line { id: line.id, at: When::new(line.at(), now), about, kind: line.kind, summary: line.summary }
}

const fn can_replay(state: DeliveryState) -> bool {
    match state {
        DeliveryState::Done | DeliveryState::Ignored | DeliveryState::Dead => true,
        DeliveryState::New | DeliveryState::Marked => false,
    }
}

/// `POST /inbox/replay`
pub(super) async fn replay(State(door): State<Arc<Door>>, sent: Sent) -> Result<Response, PageFault> {
    if !sent.viewer.is_operator() {
        return Err(PageFault::NotFound);
    }
    let guid = DeliveryGuid::new(sent.fields.need("guid", "The delivery's id")?);
    let seen = sent.fields.need("state", "The state that you saw")?;
    let store = door.doors.store();
    let (_, state, _) = store.delivery(&guid).await?.ok_or(PageFault::NotFound)?;
    if state.as_str() != seen || !store.replay(&guid).await? {
        let detail = format!("The delivery was {seen} when you looked, and is {state} now. Look again, then decide.");
        return Err(PageFault::Stale(detail));
    }
    noted(&door, &sent.viewer, &format!("Delivery {guid} was replayed.")).await?;
    Ok(shell::back(&format!("/inbox/{}?replayed=yes", segment(guid.as_str())), None))
}

/// Notes in the audit that somebody had something done once more.
pub(super) async fn noted(door: &Door, viewer: &Viewer, summary: &str) -> Result<(), PageFault> {
    let actor = viewer.name().unwrap_or_default();
    let entry =
        AuditEntry { actor: &actor, kind: "replay", summary, door: Some(AskedBy::Page), ..AuditEntry::default() };
    Ok(door.doors.store().audit(&entry).await?)
}
