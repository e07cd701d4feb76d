//! `GET /`: all tasks by where they stand, with filters.

use std::sync::Arc;

use askama::Template;
use axum::extract::{OriginalUri, Query, State};
use axum::http::HeaderMap;
use axum::response::Html;
use serde::Deserialize;

use super::fault::PageFault;
use super::shell::{Look, Part, Shell};
use super::viewer::Viewer;
use super::when::When;
use crate::http::Door;
use crate::model::{TaskState, Timestamp};
use crate::store::{BoardQuery, ListedTask};

/// So many tasks of a state are shown.
const SHOWN: i64 = 30;

#[derive(Template)]
#[template(path = "board.html", config = ".askama.toml")]
struct BoardPage {
    shell: Shell,
    columns: Vec<Column>,
    text: String,
}

struct Column {
    state: TaskState,
    count: i64,
    cards: Vec<Card>,
}

struct Card {
    href: String,
    item: String,
    title: String,
    task_type: String,
    priority: &'static str,
    worker: Option<String>,
    percent: Option<u8>,
    flags: Vec<String>,
    updated: When,
}

/// What is looked for.
#[derive(Deserialize)]
pub(super) struct Filter {
    q: Option<String>,
}

/// `GET /`
pub(super) async fn page(
    State(door): State<Arc<Door>>,
    viewer: Viewer,
    Query(filter): Query<Filter>,
    OriginalUri(uri): OriginalUri,
    headers: HeaderMap,
) -> Result<Html<String>, PageFault> {
    let store = door.doors.store();
    let text = filter.q.unwrap_or_default().trim().to_owned();
    let query = BoardQuery {
        repositories: viewer.ids(),
        text: (!text.is_empty()).then(|| text.clone()),
        ..BoardQuery::default()
    };
    let counts = store.board_counts(&query).await?;
    let mut columns = Vec::new();
    for (state, count) in counts {
        let tasks = store.board_column(&query, state, SHOWN).await?;
        let cards = tasks.iter().filter_map(|listed| card(listed, &viewer, door.clock.now())).collect();
        columns.push(Column { state, count, cards });
    }
    columns.sort_by_key(|column| TaskState::ALL.iter().position(|state| *state == column.state));
    let path = uri.path_and_query().map_or("/", |path| path.as_str());
    let look = Look { door: &door, viewer: &viewer, headers: &headers, path };
    let shell = Shell::new(&look, Part::Board, "Board").await?;
    Ok(Html(BoardPage { shell, columns, text }.render()?))
}

fn card(listed: &ListedTask, viewer: &Viewer, now: Timestamp) -> Option<Card> {
    let task = &listed.task;
    let name = &viewer.repository(task.repository)?.repository.name;
    let flags = task.projected.iter().map(|label| label.as_str()).filter(|label| !label.contains('/'));
    Some(Card {
        href: format!("/tasks/{name}/{}", task.number),
        item: format!("{name}#{}", task.number),
        title: listed.title.clone(),
        task_type: task.task_type.to_string(),
        priority: task.priority.as_str(),
        worker: task.worker.as_ref().map(ToString::to_string),
        percent: task.work.percent,
        flags: flags.map(ToOwned::to_owned).collect(),
        updated: When::new(task.updated, now),
    })
}
