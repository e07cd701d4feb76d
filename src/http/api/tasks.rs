//! `GET /tasks…`: lists of tasks, one of them, its history and its handoff package.

use std::sync::Arc;

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use serde::Serialize;
use serde_json::{Value, json};

use super::auth::Caller;
use super::find::{self, Found, InTask};
use super::given::{Given, Wrong};
use super::keys::{Key, Kind, optional};
use super::shown::{TaskShown, handed};
use super::{Asked, of_store};
use crate::decide::Handoff;
use crate::http::Door;
use crate::http::problem::{Problem, ProblemKind};
use crate::model::{Item, RepositoryId, TaskBlocker, TaskState, WorkerId};
use crate::store::{AuditRow, ListedTask, TaskQuery};

/// Tasks in an answer where the call does not say how many.
const LIMIT: i64 = 50;
/// No answer holds more.
const LIMIT_MAX: i64 = 200;
/// Lines of history in an answer; the newest ones.
const TIMELINE_MAX: i64 = 500;
/// Subtasks that are shown with a task.
const SUBTASKS_MAX: i64 = 500;

/// What a list of tasks can be asked for.
pub(super) const QUERY: &[Key] = &[
    optional("repo", Kind::Text, "Only tasks of this repository, as owner/name."),
    optional("status", Kind::Text, "Only tasks in this state; several with commas between."),
    optional("worker", Kind::Text, "Only tasks that this worker has."),
    optional("parent", Kind::Text, "Only tasks that are part of this one, as owner/name#12."),
    optional("claimable", Kind::Flag, "Only tasks that can be claimed now."),
    optional("limit", Kind::Whole(1, LIMIT_MAX), "At most so many; 50 where nothing is said."),
    optional("after", Kind::Text, "Only tasks after this one, which `next` named."),
];

/// `GET /tasks`
pub(super) async fn list(State(door): State<Arc<Door>>, asked: Asked) -> Result<Response, Problem> {
    let given = super::query(&door, asked, QUERY)?;
    let limit = given.whole("limit").unwrap_or(LIMIT);
    let mut query = read(&given).map_err(|wrong| wrong.problem(&door))?;
    let mut repository = None;
    for name in [query.repository, query.parent.as_ref().map(|item| item.repository.clone())].into_iter().flatten() {
        repository = Some(find::repository(&door, &name).await?.id);
    }
    let after = match query.after.take() {
        Some(item) => Some((find::repository(&door, &item.repository).await?.id, item.number)),
        None => None,
    };
    let parent = query.parent.map(|item| item.number);
    let (states, worker, claimable) = (query.states, query.worker, query.claimable);
    let query = TaskQuery { repository, states, worker, parent, claimable, after, limit: limit + 1 };
    let mut tasks = shown(&door, &query).await?;
    let next = match usize::try_from(limit) {
        Ok(limit) if tasks.len() > limit => {
            tasks.truncate(limit);
            tasks.last().map(|task| task.item.clone())
        }
        Ok(_) | Err(_) => None,
    };
    Ok(Json(json!({"tasks": tasks, "next": next})).into_response())
}

/// What a query asks for, with repositories still by name.
struct ListAsked {
    repository: Option<crate::model::RepositoryName>,
    states: Vec<TaskState>,
    worker: Option<WorkerId>,
    parent: Option<Item>,
    claimable: bool,
    after: Option<Item>,
}

fn read(given: &Given) -> Result<ListAsked, Wrong> {
    let states = given.text("status").unwrap_or_default();
    let states = states.split(',').map(str::trim).filter(|word| !word.is_empty());
    let states = states.map(|word| word.parse().map_err(|_| unknown_state(word))).collect::<Result<_, _>>()?;
    Ok(ListAsked {
        repository: given.parsed("repo")?,
        states,
        worker: given.text("worker").map(WorkerId::new),
        parent: given.parsed("parent")?,
        claimable: given.flag("claimable"),
        after: given.parsed("after")?,
    })
}

fn unknown_state(word: &str) -> Wrong {
    let known: Vec<&str> = TaskState::ALL.into_iter().map(TaskState::as_str).collect();
    Wrong::key(format!("`status`: there is no state {word:?}, only {}.", known.join(", ")))
}

/// The tasks that a query finds, in repositories that the App reaches.
pub(super) async fn shown(door: &Door, query: &TaskQuery) -> Result<Vec<TaskShown>, Problem> {
    let listed = door.doors.store().list_tasks(query).await.map_err(of_store(door))?;
    let names = find::names(door).await?;
    Ok(listed.iter().filter_map(|one| Some(TaskShown::new(names.get(&one.task.repository)?, one))).collect())
}

/// Those that are part of a task.
pub(super) async fn parts(door: &Door, of: &Found) -> Result<Vec<ListedTask>, Problem> {
    let (repository, number): (RepositoryId, _) = of.id();
    let query =
        TaskQuery { repository: Some(repository), parent: Some(number), limit: SUBTASKS_MAX, ..TaskQuery::default() };
    door.doors.store().list_tasks(&query).await.map_err(of_store(door))
}

/// A task with everything that is known of it.
#[derive(Serialize)]
struct Whole {
    #[serde(flatten)]
    task: TaskShown,
    handoff: Option<Value>,
    timers: Vec<Value>,
    summary: Option<String>,
    reasons: Vec<String>,
    blockers: Vec<String>,
    subtasks: Vec<TaskShown>,
}

/// `GET /tasks/ITEM`
pub(super) async fn one(State(door): State<Arc<Door>>, path: InTask) -> Result<Response, Problem> {
    let found = find::task(&door, path).await?;
    let store = door.doors.store();
    let subject = found.subject();
    let timers = store.timers(&subject).await.map_err(of_store(&door))?;
    let last = store.last_decision(&subject).await.map_err(of_store(&door))?;
    let parts = parts(&door, &found).await?;
    let name = &found.repository.name;
    let sentences = |last: &crate::store::LastDecision| -> Vec<String> {
        last.explanation.blockers.iter().map(ToString::to_string).collect()
    };
    let whole = Whole {
        task: TaskShown::new(name, &found.listed),
        handoff: serde_json::from_str(&found.listed.handoff).ok(),
        timers: timers.iter().map(|timer| json!({"clock": timer.clock, "due": timer.due.to_rfc3339()})).collect(),
        blockers: last.as_ref().map(sentences).unwrap_or_default(),
        reasons: last.as_ref().map(|last| last.explanation.reasons.clone()).unwrap_or_default(),
        summary: last.map(|last| last.summary),
        subtasks: parts.iter().map(|part| TaskShown::new(name, part)).collect(),
    };
    Ok(Json(whole).into_response())
}

/// `GET /tasks/ITEM/timeline`
pub(super) async fn timeline(State(door): State<Arc<Door>>, path: InTask) -> Result<Response, Problem> {
    let found = find::task(&door, path).await?;
    let rows = door.doors.store().timeline(&found.subject(), TIMELINE_MAX).await.map_err(of_store(&door))?;
    let line = |row: AuditRow| {
        json!({
            "at": row.at().to_rfc3339(), "who": row.actor, "what": row.summary, "kind": row.kind, "from": row.door,
        })
    };
    let lines: Vec<Value> = rows.into_iter().map(line).collect();
    Ok(Json(json!({"timeline": lines})).into_response())
}

/// `GET /tasks/ITEM/handoff`
pub(super) async fn handoff(
    State(door): State<Arc<Door>>,
    Extension(caller): Extension<Caller>,
    path: InTask,
) -> Result<Response, Problem> {
    let found = find::task(&door, path).await?;
    let task = &found.listed.task;
    if let Some(worker) = caller.worker()
        && task.worker.as_ref() != Some(worker)
    {
        let blocker = TaskBlocker::NotHolder { holder: task.worker.clone() };
        return Err(ProblemKind::Conflict.counted(&door.metrics, super::sentence(&blocker)));
    }
    let lease = task.lease.as_ref().map(|lease| lease.id.clone());
    let handoff: Option<Handoff> = handed(&found.listed.handoff, (task.worker.clone(), lease, task.fence));
    let Some(handoff) = handoff else {
        let detail = format!("{} has no handoff package yet; ask again in a moment.", found.item());
        return Err(ProblemKind::Conflict.counted(&door.metrics, detail));
    };
    Ok(Json(handoff).into_response())
}
