//! `GET /queue`: what the merge queues test, what waits in them and in which order, and what was put out.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::response::Html;

use super::fault::PageFault;
use super::looking::Looking;
use super::pull_view::{CheckRow, Happening, unlinked};
use super::said::{Piece, pieces};
use super::shell::{Part, Shell};
use super::viewer::Viewer;
use super::when::When;
use crate::http::Door;
use crate::model::{Batch, BatchState, Member, Number, RepositoryName, Subject, Timestamp};
use crate::store::{ListedQueue, PutOutPull};

/// Of so many queues it is told what happened lately.
const TOLD: usize = 10;
/// So much of it.
const HAPPENED: i64 = 6;
/// So many pulls that were put out are shown.
const PUT_OUT: i64 = 30;

#[derive(Template)]
#[template(path = "queue.html", config = ".askama.toml")]
struct QueuePage {
    shell: Shell,
    queues: Vec<QueueView>,
    put_out: Vec<OutRow>,
}

struct QueueView {
    id: usize,
    name: String,
    base: String,
    batch: Option<BatchView>,
    /// Parts of a batch that failed, each to be tested alone, the next one first.
    suspects: Vec<Vec<PullLink>>,
    stalled: Option<(When, String)>,
    waiting: Vec<WaitRow>,
    happened: Vec<Happening>,
}

struct BatchView {
    number: i64,
    what: &'static str,
    since: When,
    staging: Option<String>,
    suspected: bool,
    members: Vec<PullLink>,
    checks: Vec<CheckRow>,
}

struct PullLink {
    href: String,
    number: Number,
    title: String,
}

struct WaitRow {
    place: usize,
    pull: PullLink,
    author: String,
    priority: i64,
    entered: When,
    state: Vec<Piece>,
}

struct OutRow {
    pull: PullLink,
    item: String,
    base: String,
    why: Vec<Piece>,
    when: When,
}

/// `GET /queue`
pub(super) async fn page(State(door): State<Arc<Door>>, looking: Looking) -> Result<Html<String>, PageFault> {
    let viewer = &looking.viewer;
    let (store, now) = (door.doors.store(), door.clock.now());
    let mut queues = Vec::new();
    for ((id, base), queue) in store.queue_list(&viewer.ids()).await? {
        let Some(seen) = viewer.repository(id) else { continue };
        let mut view = QueueView::new(&seen.repository.name, base.as_str(), (&queue, now));
        view.id = queues.len();
        if queues.len() < TOLD {
            let happened = store.happened(&Subject::Branch(id, base), HAPPENED).await?;
            view.happened = happened.into_iter().map(|line| Happening::new(line, now)).collect();
        }
        queues.push(view);
    }
    let put_out = store.put_out(&viewer.ids(), PUT_OUT).await?;
    let put_out = put_out.into_iter().filter_map(|out| out_row(out, viewer, now)).collect();
    let shell = looking.shell(&door, Part::Queue, "Merge queue").await?;
    Ok(Html(QueuePage { shell, queues, put_out }.render()?))
}

impl QueueView {
    fn new(name: &RepositoryName, base: &str, (queue, now): (&ListedQueue, Timestamp)) -> Self {
        let link = |number: Number| {
            let known = queue.entries.iter().find(|entry| entry.number == number);
            let title = known.map(|entry| entry.title.clone()).unwrap_or_default();
            PullLink { href: format!("/pulls/{name}/{number}"), number, title }
        };
        let links = |members: &Vec<Member>| members.iter().map(|member| link(member.number)).collect::<Vec<_>>();
        let record = &queue.record;
        let tested: Vec<Number> =
            record.batch.iter().flat_map(|batch| batch.members.iter().map(|member| member.number)).collect();
        let waiting = queue.entries.iter().filter(|entry| !tested.contains(&entry.number)).enumerate();
        let waiting = waiting.map(|(index, entry)| WaitRow {
            place: tested.len() + index + 1,
            pull: link(entry.number),
            author: entry.author.clone(),
            priority: entry.priority,
            entered: When::new(entry.entered, now),
            state: pieces(entry.state.as_deref().unwrap_or("it has just entered")),
        });
        let batch = |batch: &Batch| {
            let (what, since, staging) = standing(&batch.state);
            BatchView {
                number: batch.id,
                what,
                since: When::new(since, now),
                staging,
                suspected: batch.suspected,
                members: links(&batch.members),
                checks: queue.checks.iter().map(|check| CheckRow::new(check, "the queue".to_owned())).collect(),
            }
        };
        Self {
            id: 0,
            name: name.to_string(),
            base: base.to_owned(),
            batch: record.batch.as_ref().map(batch),
            suspects: record.suspects.iter().rev().map(links).collect(),
            stalled: record.stalled.as_ref().map(|stall| (When::new(stall.until, now), stall.why.clone())),
            waiting: waiting.collect(),
            happened: Vec::new(),
        }
    }
}

fn standing(state: &BatchState) -> (&'static str, Timestamp, Option<String>) {
    match state {
        BatchState::Building { since } => ("being put together", *since, None),
        BatchState::Testing { staging, since } => ("being tested", *since, Some(staging.short().to_owned())),
        BatchState::Landing { staging, since } => ("green, and landing", *since, Some(staging.short().to_owned())),
    }
}

fn out_row(out: PutOutPull, viewer: &Viewer, now: Timestamp) -> Option<OutRow> {
    let name = &viewer.repository(out.repository)?.repository.name;
    Some(OutRow {
        pull: PullLink { href: format!("/pulls/{name}/{}", out.number), number: out.number, title: out.title },
        item: format!("{name}#{}", out.number),
        base: out.base,
        why: pieces(&unlinked(&out.why)),
        when: When::new(out.at, now),
    })
}
