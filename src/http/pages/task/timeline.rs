//! What happened about a task, the newest first, by pages, of every kind or of one.

use super::super::fault::PageFault;
use super::super::form::Fields;
use super::super::said::{Piece, pieces};
use super::super::when::When;
use super::scene::Scene;
use crate::http::Door;
use crate::model::Timestamp;
use crate::store::{HistoryLine, HistoryQuery};

/// So many lines stand on a page.
const PAGE: usize = 50;

/// The history of a task.
pub(super) struct Timeline {
    pub(super) lines: Vec<Line>,
    pub(super) kinds: Vec<Kind>,
    /// Where older lines stand.
    pub(super) older: Option<String>,
    /// Where the newest stand, if these are not they.
    pub(super) newest: Option<String>,
}

/// A line of it.
pub(super) struct Line {
    pub(super) id: i64,
    pub(super) when: When,
    pub(super) who: String,
    pub(super) kind: String,
    pub(super) is_bad: bool,
    pub(super) what: Vec<Piece>,
    pub(super) door: Option<String>,
    pub(super) why: Vec<Vec<Piece>>,
}

/// A kind of lines that can be shown alone.
pub(super) struct Kind {
    pub(super) name: String,
    pub(super) href: String,
    pub(super) is_here: bool,
}

impl Timeline {
    /// What the query of the address asks for: `kind`, and `before` a line.
    pub(super) async fn read(door: &Door, scene: &Scene, query: &str) -> Result<Self, PageFault> {
        let fields = Fields::read(query.as_bytes());
        let kind = fields.get("kind").map(ToOwned::to_owned);
        let before_id = fields.get("before").and_then(|id| id.parse::<i64>().ok());
        let (store, subject) = (door.doors.store(), scene.subject());
        let limit = i64::try_from(PAGE + 1).unwrap_or(i64::MAX);
        let mut found = store.history(&subject, &HistoryQuery { kind: kind.clone(), before_id, limit }).await?;
        let has_more = found.len() > PAGE;
        found.truncate(PAGE);
        let path = scene.path();
        let last = found.last().map(|line| line.id).filter(|_| has_more);
        let now = door.clock.now();
        let kinds = store.history_kinds(&subject).await?;
        let all = Kind { name: "all".to_owned(), href: href(&path, None, None), is_here: kind.is_none() };
        let each = kinds.into_iter().map(|name| Kind {
            href: href(&path, Some(&name), None),
            is_here: kind.as_ref() == Some(&name),
            name,
        });
        Ok(Self {
            lines: found.into_iter().map(|line| shown(line, now)).collect(),
            kinds: std::iter::once(all).chain(each).collect(),
            older: last.map(|id| href(&path, kind.as_deref(), Some(id))),
            newest: before_id.map(|_| href(&path, kind.as_deref(), None)),
        })
    }
}

fn shown(line: HistoryLine, now: Timestamp) -> Line {
    let blockers = line.explanation.blockers.iter().map(ToString::to_string);
    let why = line.explanation.reasons.iter().cloned().chain(blockers);
    Line {
        id: line.id,
        when: When::new(line.at, now),
        who: line.who,
        is_bad: line.kind == "refused",
        kind: line.kind,
        what: pieces(&line.what),
        door: line.door,
        why: why.map(|sentence| pieces(&sentence)).collect(),
    }
}

fn href(path: &str, kind: Option<&str>, before: Option<i64>) -> String {
    let mut pairs = url::form_urlencoded::Serializer::new(String::new());
    if let Some(kind) = kind {
        pairs.append_pair("kind", kind);
    }
    if let Some(id) = before {
        pairs.append_pair("before", &id.to_string());
    }
    let query = pairs.finish();
    if query.is_empty() { format!("{path}#timeline") } else { format!("{path}?{query}#timeline") }
}
