//! `/workers/{id}`: one worker with its tasks, its times offline and its ends; whoever runs the server signs it off and on.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, State};
use axum::response::{Html, Response};

use super::connect::Connect;
use super::fault::PageFault;
use super::form::Sent;
use super::looking::Looking;
use super::pages;
use super::shell::{self, Part, Shell};
use super::viewer::Viewer;
use super::when::{When, span};
use super::worker_row::{Around, Away, WorkerRow, enrolled, href};
use crate::http::Door;
use crate::model::{self, RegisteredWorker, SaidStatus, TaskState, Timestamp, WorkerId};
use crate::store::{AuditEntry, EndedTask};

/// So many tasks that it holds are named.
const TASKS: i64 = 100;
/// So many times in which it was offline are shown.
const DOWNTIMES: i64 = 20;
/// So many tasks that ended are shown.
const ENDS: i64 = 30;

#[derive(Template)]
#[template(path = "worker.html", config = ".askama.toml")]
struct WorkerPage {
    shell: Shell,
    row: WorkerRow,
    registered: Option<Registered>,
    /// What it says of itself, for whoever may say it in its place.
    said: Option<&'static str>,
    downtimes: Vec<Away>,
    ends: Vec<End>,
    /// What to copy for an agent that is to be this worker.
    connect: Connect,
}

struct Registered {
    at: When,
    by: String,
}

/// A task that ended.
struct End {
    id: String,
    href: String,
    item: String,
    title: String,
    word: &'static str,
    tone: &'static str,
    priority: &'static str,
    ended: When,
    took: String,
    error: String,
}

/// `GET /workers/{id}`
pub(super) async fn page(
    State(door): State<Arc<Door>>,
    looking: Looking,
    Path(id): Path<String>,
) -> Result<Html<String>, PageFault> {
    let viewer = &looking.viewer;
    let (id, store, now) = (WorkerId::new(id), door.doors.store(), door.clock.now());
    let held = store.held_tasks(&viewer.ids(), Some(&id), TASKS).await?;
    let found = enrolled(&door, viewer, &held).await?.into_iter().find(|(worker, ..)| worker.id == id);
    let worker = found.ok_or(PageFault::NotFound)?;
    let registered = worker.2.clone();
    let rows = Around::read(&door, viewer, (held, Some(&id))).await?.rows(&door, vec![worker]).await?;
    let row = rows.into_iter().next().ok_or(PageFault::NotFound)?;
    let downtimes = store.downtimes(&id, DOWNTIMES).await?;
    let ends = store.ended_tasks(&viewer.ids(), &id, ENDS).await?;
    let said =
        registered.as_ref().filter(|known| viewer.is_operator() && is_heard(known)).map(|known| known.said.as_str());
    let page = WorkerPage {
        shell: looking.shell(&door, Part::Workers, row.id.clone()).await?,
        row,
        registered: registered.map(|known| Registered { at: When::new(known.registered, now), by: known.by }),
        said,
        downtimes: downtimes.iter().map(|away| Away::new(away, now)).collect(),
        ends: ends.into_iter().filter_map(|end| shown(end, viewer, now)).collect(),
        connect: Connect::new(pages(&door)?.address(), &id),
    };
    Ok(Html(page.render()?))
}

/// People send no heartbeats, and whoever never did is not expected to from now on.
const fn is_heard(known: &RegisteredWorker) -> bool {
    known.heartbeat.is_some()
}

fn shown(end: EndedTask, viewer: &Viewer, now: Timestamp) -> Option<End> {
    let name = &viewer.repository(end.repository)?.repository.name;
    Some(End {
        id: format!("end-{}-{}-{}", end.repository.0, end.number, end.ended.ms()),
        href: format!("/tasks/{name}/{}", end.number),
        item: format!("{name}#{}", end.number),
        title: end.title.unwrap_or_default(),
        word: end.state.as_str(),
        tone: if end.state == TaskState::Done { "ok" } else { "bad" },
        priority: end.priority.as_str(),
        ended: When::new(end.ended, now),
        took: span(end.took_ms),
        error: end.error.unwrap_or_default(),
    })
}

/// `POST /workers/{id}`: says in its place that a worker takes no tasks, or takes some again.
pub(super) async fn say(
    State(door): State<Arc<Door>>,
    Path(id): Path<String>,
    sent: Sent,
) -> Result<Response, PageFault> {
    let Sent { viewer, fields } = sent;
    let actor = viewer.of_task().filter(|_| viewer.is_operator()).ok_or(PageFault::NotFound)?;
    let (id, store) = (WorkerId::new(id), door.doors.store());
    let rules = door.api.as_ref().ok_or(PageFault::NotFound)?.rules();
    let known = store.registered_workers().await?.into_iter().find(|known| known.worker.id == id);
    let known = known.filter(is_heard).ok_or(PageFault::NotFound)?;
    if fields.need("said", "What the worker said")? != known.said.as_str() {
        let why = format!("{id} says something else of itself by now. Nothing was done; load the page again.");
        return Err(PageFault::Stale(why));
    }
    let clocks = &rules.roster.clocks;
    // Whoever leaves keeps what it holds for the grace alone.
    let (said, lease_ms) = match fields.need("ask", "What is asked for")? {
        "off" => (SaidStatus::Offline, clocks.grace_ms),
        "on" => (SaidStatus::Active, clocks.stale_ms.saturating_add(clocks.grace_ms)),
        _other => return Err(PageFault::Unfitting("A worker is signed off or on, and nothing else.".to_owned())),
    };
    store.heartbeat(&id, Some(said), lease_ms).await?.ok_or(PageFault::NotFound)?;
    let word = if said == SaidStatus::Offline { "off" } else { "on again" };
    let summary = format!("The worker `{id}` was signed {word}.");
    let door_of_pages = Some(model::Door::Page);
    let actor = actor.to_string();
    let entry =
        AuditEntry { actor: &actor, kind: "worker", summary: &summary, door: door_of_pages, ..AuditEntry::default() };
    store.audit(&entry).await?;
    Ok(shell::back(&href(&id), None))
}
