//! `/audit`: who did what, when and by which door, of the repositories that somebody may read.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::response::Html;

use super::about::{About, about};
use super::audit_filter::{DOORS, Filter};
use super::fault::PageFault;
use super::href::segment;
use super::listing;
use super::looking::Looking;
use super::masked::{Masked, masked};
use super::shell::{Part, Shell};
use super::viewer::Viewer;
use super::when::When;
use crate::http::Door;
use crate::model::{Explanation, Permission, Subject, Timestamp};
use crate::store::{AuditPage as Found, AuditRow};

/// So many lines stand on a page.
pub(super) const SHOWN: i64 = listing::ASKED - 1;
/// Kinds of lines that are offered; others are found by writing them.
const KINDS: &[&str] =
    &["decision", "ask", "refused", "claim", "worker", "message", "note", "replay", "rules", "self-check"];

#[derive(Template)]
#[template(path = "audit.html", config = ".askama.toml")]
struct AuditPage {
    shell: Shell,
    filter: Filter,
    doors: Vec<(&'static str, bool)>,
    kinds: &'static [&'static str],
    repositories: Vec<(String, bool)>,
    /// What cannot be understood of what is looked for.
    wrong: Vec<String>,
    lines: Vec<Line>,
    older: Option<String>,
    newest: Option<String>,
    /// Where the search goes on, if it stopped before it came to the end.
    further: Option<String>,
    csv: String,
    jsonl: String,
}

struct Line {
    id: i64,
    at: When,
    actor: String,
    door: Option<String>,
    about: Option<About>,
    kind: String,
    decision: Option<i64>,
    summary: String,
    reasons: Vec<String>,
    blockers: Vec<String>,
    /// Ids of the deliveries that led to it with their pages, for those who may see these.
    deliveries: Vec<(String, String)>,
    may_see_more: bool,
}

/// `GET /audit`
pub(super) async fn page(
    State(door): State<Arc<Door>>,
    looking: Looking,
    Query(filter): Query<Filter>,
) -> Result<Html<String>, PageFault> {
    let (viewer, now) = (&looking.viewer, door.clock.now());
    let (found, wrong) = match filter.query(viewer)? {
        Ok(query) => (door.doors.store().audit_page(&query).await?, Vec::new()),
        Err(wrong) => (Found { rows: Vec::new(), next: None, stopped_at: None }, wrong),
    };
    let repositories = viewer.repositories().iter().map(|seen| seen.repository.name.to_string());
    let page = AuditPage {
        shell: looking.shell(&door, Part::Audit, "Audit").await?,
        doors: DOORS.iter().map(|door| (door.as_str(), filter.is_door(*door))).collect(),
        kinds: KINDS,
        repositories: repositories.map(|name| (name.clone(), filter.is_repository(&name))).collect(),
        wrong,
        older: found.next.map(|id| filter.address("/audit", Some(id))),
        newest: filter.is_later().then(|| filter.address("/audit", None)),
        further: found.stopped_at.map(|id| filter.address("/audit", Some(id))),
        csv: filter.address("/audit.csv", None),
        jsonl: filter.address("/audit.jsonl", None),
        lines: found.rows.iter().map(|row| line(viewer, row, now)).collect(),
        filter,
    };
    Ok(Html(page.render()?))
}

fn line(viewer: &Viewer, row: &AuditRow, now: Timestamp) -> Line {
    let explanation: Explanation =
        row.explanation.as_deref().and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default();
    let guids: Vec<String> =
        row.deliveries.as_deref().and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default();
    let shown = if viewer.is_operator() { guids } else { Vec::new() };
    Line {
        id: row.id,
        at: When::new(row.at(), now),
        actor: row.actor.clone(),
        door: row.door.clone(),
        about: row.subject.as_deref().map(|subject| about(viewer, subject)),
        kind: row.kind.clone(),
        decision: row.decision,
        summary: row.summary.clone(),
        reasons: explanation.reasons,
        blockers: explanation.blockers.iter().map(ToString::to_string).collect(),
        deliveries: shown.into_iter().map(|guid| (format!("/inbox/{}", segment(&guid)), guid)).collect(),
        may_see_more: may_see_more(viewer, row) && row.kind == "decision",
    }
}

#[derive(Template)]
#[template(path = "audit_line.html", config = ".askama.toml")]
struct LinePage {
    shell: Shell,
    line: Line,
    saw: Option<Masked>,
}

/// `GET /audit/ID`: the line with what the decision saw.
pub(super) async fn one(
    State(door): State<Arc<Door>>,
    looking: Looking,
    Path(id): Path<String>,
) -> Result<Html<String>, PageFault> {
    let id = id.parse().map_err(|_| PageFault::NotFound)?;
    let row = door.doors.store().audit_line(id).await?.filter(|row| may_see(&looking.viewer, row));
    let row = row.ok_or(PageFault::NotFound)?;
    let saw = row.saw.as_deref().filter(|_| may_see_more(&looking.viewer, &row));
    let page = LinePage {
        shell: looking.shell(&door, Part::Audit, "A line of the audit").await?,
        saw: saw.map(|saw| masked(saw.as_bytes())),
        line: line(&looking.viewer, &row, door.clock.now()),
    };
    Ok(Html(page.render()?))
}

/// Lines about a repository are for its readers, lines about none for those who look into the server itself.
fn may_see(viewer: &Viewer, row: &AuditRow) -> bool {
    viewer.is_operator() || permission(viewer, row) >= Permission::Read
}

/// What a decision saw may be more than what readers see on GitHub, such as who may do what.
fn may_see_more(viewer: &Viewer, row: &AuditRow) -> bool {
    viewer.is_operator() || permission(viewer, row) >= Permission::Write
}

fn permission(viewer: &Viewer, row: &AuditRow) -> Permission {
    let subject = row.subject.as_deref().and_then(|text| text.parse::<Subject>().ok());
    subject.map_or(Permission::None, |subject| viewer.permission(subject.repository()))
}
