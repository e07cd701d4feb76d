//! `GET /workers`: who works here, whether they can be reached, what they hold, and when they work.

use std::collections::BTreeSet;
use std::sync::Arc;

use askama::Template;
use axum::extract::{Query, State};
use axum::response::Html;
use serde::Deserialize;

use super::connect::Connect;
use super::fault::PageFault;
use super::looking::Looking;
use super::shell::{Part, Shell};
use super::worker_row::{Around, Enrolled, WorkerRow, enrolled};
use crate::http::Door;
use crate::model::{Presence, WorkerId};

/// So many workers are on a page.
const SHOWN: usize = 100;
/// So many tasks of each are named.
const TASKS: i64 = 3;

#[derive(Template)]
#[template(path = "workers.html", config = ".askama.toml")]
struct WorkersPage {
    shell: Shell,
    rows: Vec<WorkerRow>,
    /// How many there are of each status, whatever is filtered.
    counts: Vec<(&'static str, usize)>,
    roles: Vec<String>,
    role: String,
    status: String,
    before: Option<String>,
    after: Option<String>,
    /// What to copy for an agent that is to work here.
    connect: Connect,
}

/// Which workers are shown.
#[derive(Deserialize)]
pub(super) struct Filter {
    role: Option<String>,
    status: Option<String>,
    page: Option<usize>,
}

/// `GET /workers`
pub(super) async fn page(
    State(door): State<Arc<Door>>,
    looking: Looking,
    Query(filter): Query<Filter>,
) -> Result<Html<String>, PageFault> {
    let viewer = &looking.viewer;
    let held = door.doors.store().held_tasks(&viewer.ids(), None, TASKS).await?;
    let mut workers = enrolled(&door, viewer, &held).await?;
    let (counts, roles) = (counts(&workers), roles(&workers));
    let (role, status) = (filter.role.unwrap_or_default(), filter.status.unwrap_or_default());
    workers.retain(|(worker, presence, _)| {
        (role.is_empty() || worker.role.as_str() == role) && (status.is_empty() || presence.as_str() == status)
    });
    let pages = workers.len().div_ceil(SHOWN).max(1);
    let page = filter.page.unwrap_or(1).clamp(1, pages);
    let shown: Vec<Enrolled> = workers.into_iter().skip((page - 1) * SHOWN).take(SHOWN).collect();
    let rows = Around::read(&door, viewer, (held, None)).await?.rows(&door, shown).await?;
    let to = |page: usize| {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        query.append_pair("role", &role).append_pair("status", &status).append_pair("page", &page.to_string());
        format!("/workers?{}", query.finish())
    };
    let (before, after) = ((page > 1).then(|| to(page - 1)), (page < pages).then(|| to(page + 1)));
    let connect = Connect::new(super::pages(&door)?.address(), &WorkerId::new("builder-1"));
    let shell = looking.shell(&door, Part::Workers, "Workers").await?;
    Ok(Html(WorkersPage { shell, rows, counts, roles, role, status, before, after, connect }.render()?))
}

fn counts(workers: &[Enrolled]) -> Vec<(&'static str, usize)> {
    let all = [Presence::Active, Presence::Idle, Presence::Busy, Presence::Stale, Presence::Offline];
    let count = |wanted: Presence| workers.iter().filter(|(_, presence, _)| *presence == wanted).count();
    all.into_iter().map(|presence| (presence.as_str(), count(presence))).collect()
}

fn roles(workers: &[Enrolled]) -> Vec<String> {
    let roles: BTreeSet<&str> = workers.iter().map(|(worker, ..)| worker.role.as_str()).collect();
    roles.into_iter().map(ToOwned::to_owned).collect()
}
