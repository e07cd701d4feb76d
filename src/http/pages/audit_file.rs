//! `/audit.csv` and `/audit.jsonl`: the audit as a file, written while it is read.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Query, State};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use futures::stream;
use serde::Serialize;
use serde_json::value::RawValue;

use super::about::about;
use super::audit_filter::Filter;
use super::fault::PageFault;
use super::viewer::Viewer;
use crate::http::Door;
use crate::store::{AuditPageQuery, AuditRow, Store, StoreError};

/// A file holds so many lines, the newest.
const LINES: usize = 10_000;
/// So many are read at a time.
const AT_ONCE: i64 = 500;

#[derive(Debug, Clone, Copy)]
enum Format {
    Csv,
    JsonLines,
}

/// `GET /audit.csv`
pub(super) async fn csv(
    State(door): State<Arc<Door>>,
    viewer: Viewer,
    Query(filter): Query<Filter>,
) -> Result<Response, PageFault> {
    file(&door, viewer, &filter, Format::Csv)
}

/// `GET /audit.jsonl`
pub(super) async fn jsonl(
    State(door): State<Arc<Door>>,
    viewer: Viewer,
    Query(filter): Query<Filter>,
) -> Result<Response, PageFault> {
    file(&door, viewer, &filter, Format::JsonLines)
}

fn file(door: &Door, viewer: Viewer, filter: &Filter, format: Format) -> Result<Response, PageFault> {
    let query = filter.query(&viewer)?.map_err(|wrong| PageFault::Unfitting(wrong.join(" ")))?;
    let (kind, name) = match format {
        Format::Csv => ("text/csv; charset=utf-8", "attachment; filename=\"audit.csv\""),
        Format::JsonLines => ("application/jsonl; charset=utf-8", "attachment; filename=\"audit.jsonl\""),
    };
    let head = [
        (header::CONTENT_TYPE, HeaderValue::from_static(kind)),
        (header::CONTENT_DISPOSITION, HeaderValue::from_static(name)),
    ];
    let writing = Writing { store: door.doors.store().clone(), viewer, query, format, written: 0, begun: false };
    let body = Body::from_stream(stream::try_unfold(Some(writing), |writing| async move {
        match writing {
            Some(writing) => writing.more().await.map(Some),
            None => Ok(None),
        }
    }));
    Ok((head, body).into_response())
}

/// A file that is being written.
struct Writing {
    store: Store,
    viewer: Viewer,
    query: AuditPageQuery,
    format: Format,
    written: usize,
    begun: bool,
}

impl Writing {
    /// The next part of it, and itself where there is more. A fault breaks the file off, so that nobody takes it for whole.
    async fn more(mut self) -> Result<(String, Option<Self>), StoreError> {
        let left = LINES.saturating_sub(self.written);
        self.query.limit = AT_ONCE.min(i64::try_from(left).unwrap_or(AT_ONCE));
        let page = self.store.audit_page(&self.query).await.inspect_err(|error| {
            tracing::error!(%error, "a file of the audit was broken off");
        })?;
        let mut text = String::new();
        if !self.begun && matches!(self.format, Format::Csv) {
            text.push_str("at,actor,door,about,kind,decision,summary\r\n");
        }
        self.begun = true;
        for row in &page.rows {
            let line = Line::of(&self.viewer, row);
            match self.format {
                Format::Csv => text.push_str(&line.csv()),
                Format::JsonLines => {
                    text.push_str(
                        &serde_json::to_string(&line).map_err(|error| StoreError::Corrupt(error.to_string()))?,
                    );
                    text.push('\n');
                }
            }
        }
        self.written += page.rows.len();
        self.query.before = page.next.or(page.stopped_at);
        let goes_on = self.query.before.is_some() && self.written < LINES;
        Ok((text, goes_on.then_some(self)))
    }
}

#[derive(Serialize)]
struct Line<'a> {
    at: String,
    actor: &'a str,
    door: Option<&'a str>,
    about: Option<String>,
    kind: &'a str,
    decision: Option<i64>,
    summary: &'a str,
    explanation: Option<&'a RawValue>,
}

impl<'a> Line<'a> {
    fn of(viewer: &Viewer, row: &'a AuditRow) -> Self {
        Self {
            at: row.at().to_rfc3339(),
            actor: &row.actor,
            door: row.door.as_deref(),
            about: row.subject.as_deref().map(|subject| about(viewer, subject).text),
            kind: &row.kind,
            decision: row.decision,
            summary: &row.summary,
            explanation: row.explanation.as_deref().and_then(|text| serde_json::from_str(text).ok()),
        }
    }

    /// As RFC 4180 has it (<https://www.rfc-editor.org/rfc/rfc4180#section-2>).
    fn csv(&self) -> String {
        let decision = self.decision.map(|number| number.to_string()).unwrap_or_default();
        let about = self.about.as_deref().unwrap_or_default();
        let door = self.door.unwrap_or_default();
        let cells = [self.at.as_str(), self.actor, door, about, self.kind, &decision, self.summary];
        cells.map(cell).join(",") + "\r\n"
    }
}

/// A cell. What a spreadsheet would take for a formula begins with an apostrophe
/// (<https://owasp.org/www-community/attacks/CSV_Injection>).
fn cell(text: &str) -> String {
    let guard = if text.starts_with(['=', '+', '-', '@', '\t', '\r']) { "'" } else { "" };
    format!("\"{guard}{}\"", text.replace('"', "\"\""))
}

#[cfg(test)]
mod tests;
