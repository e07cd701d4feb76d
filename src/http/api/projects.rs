//! `/projects…`: issues that hold others together, what they are made of, and how far they are.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use serde_json::json;

use super::auth::Caller;
use super::call::{Answer, Call};
use super::find::{self, InTask};
use super::given::Given;
use super::keys::{Key, Kind, needed, optional};
use super::shown::{DiscoveryShown, TaskShown};
use super::{of_store, tasks};
use crate::http::Door;
use crate::http::problem::{Problem, ProblemKind};
use crate::model::{self, Item, LabelName, Number, RepositoryName, TaskState};
use crate::store::ListedTask;

/// What a new project says.
pub(super) const PROJECT_KEYS: &[Key] = &[
    optional("repo", Kind::Text, "Where, as owner/name; may be left out where there is one repository."),
    needed("title", Kind::Text, "Its title."),
    optional("description", Kind::Text, "Its text."),
];
/// What a new task of a project says.
pub(super) const TASK_KEYS: &[Key] = &[
    needed("title", Kind::Text, "Its title, by which it is routed."),
    optional("requirements", Kind::Texts, "What is required of it."),
    optional("description", Kind::Text, "Its text."),
    optional("criteria", Kind::Texts, "By what it is accepted."),
];
/// GitHub takes no longer title (<https://docs.github.com/en/rest/issues/issues#create-an-issue> answers 422).
const TITLE_MAX_CHARS: usize = 256;

/// `POST /projects`
pub(super) async fn open(
    State(door): State<Arc<Door>>,
    Extension(caller): Extension<Caller>,
    request: Request,
) -> Result<Response, Problem> {
    let call = Call::read(&door, &caller, request).await?;
    let given = Given::of_body(&call.body, PROJECT_KEYS).map_err(|wrong| wrong.problem(&door))?;
    let name: Option<RepositoryName> = given.parsed("repo").map_err(|wrong| wrong.problem(&door))?;
    let title = title(&door, &given)?;
    call.once(&door, async {
        let name = match name {
            Some(name) => name,
            None => only_repository(&door).await?,
        };
        let opened =
            Opened { title, body: given.said("description"), labels: vec!["type/project".into()], parent: None };
        accept(&door, &call, (&name, opened)).await
    })
    .await
}

/// `POST /projects/ITEM/tasks`
pub(super) async fn add(
    State(door): State<Arc<Door>>,
    Extension(caller): Extension<Caller>,
    path: InTask,
    request: Request,
) -> Result<Response, Problem> {
    let call = Call::read(&door, &caller, request).await?;
    let given = Given::of_body(&call.body, TASK_KEYS).map_err(|wrong| wrong.problem(&door))?;
    let title = title(&door, &given)?;
    call.once(&door, async {
        let found = find::task(&door, path).await?;
        let opened = Opened { title, body: text(&given), labels: Vec::new(), parent: Some(found.listed.task.number) };
        accept(&door, &call, (&found.repository.name, opened)).await
    })
    .await
}

/// An issue that is to be opened.
struct Opened {
    title: String,
    body: String,
    labels: Vec<LabelName>,
    parent: Option<Number>,
}

async fn accept(door: &Door, call: &Call, (name, opened): (&RepositoryName, Opened)) -> Result<Answer, Problem> {
    let (repository, _) = super::repository(door, name.clone()).await?;
    let Opened { title, body, labels, parent } = opened;
    let guid = call.guid();
    super::store(door, &guid, &model::Request::OpenIssue { repository, title, body, labels, parent }).await?;
    Ok(Answer::accepted(&guid))
}

async fn only_repository(door: &Door) -> Result<RepositoryName, Problem> {
    let mut known = door.doors.store().repositories().await.map_err(of_store(door))?;
    if let (Some(one), 0) = (known.pop(), known.len()) {
        return Ok(one.name);
    }
    let detail = "`repo` is missing: the App is not installed on exactly one repository, so say which one.";
    Err(ProblemKind::Unprocessable.counted(&door.metrics, detail))
}

fn title(door: &Door, given: &Given) -> Result<String, Problem> {
    let title = given.said("title").trim().to_owned();
    let chars = title.chars().count();
    let wrong = if chars > TITLE_MAX_CHARS {
        format!("`title` has {chars} characters; at most {TITLE_MAX_CHARS} fit.")
    } else if title.contains(['\n', '\r']) {
        "`title` has more than one line.".to_owned()
    } else {
        return Ok(title);
    };
    Err(ProblemKind::Unprocessable.counted(&door.metrics, wrong))
}

/// The text of an issue, with the headings under which handoff packages look for lists.
fn text(given: &Given) -> String {
    let list = |heading: &str, key: &str| {
        let items = given.texts(key).unwrap_or_default();
        let lines: Vec<String> = items.iter().map(|item| format!("- {}", one_line(item))).collect();
        (!lines.is_empty()).then(|| format!("## {heading}\n\n{}", lines.join("\n")))
    };
    let description = Some(given.said("description")).filter(|text| !text.trim().is_empty());
    let parts = [description, list("Requirements", "requirements"), list("Acceptance criteria", "criteria")];
    parts.into_iter().flatten().collect::<Vec<_>>().join("\n\n")
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// `GET /projects/ITEM`
pub(super) async fn one(State(door): State<Arc<Door>>, path: InTask) -> Result<Response, Problem> {
    let found = find::task(&door, path).await?;
    let parts = tasks::parts(&door, &found).await?;
    let shown: Vec<TaskShown> = parts.iter().map(|part| TaskShown::new(&found.repository.name, part)).collect();
    let project = json!({
        "item": found.item(),
        "title": found.listed.title,
        "status": found.listed.task.state,
        "percent": percent(&found.listed, &parts),
        "tasks": shown,
    });
    Ok(Json(project).into_response())
}

/// How far a project is: the mean of its parts, of which those count that will be done.
fn percent(project: &ListedTask, parts: &[ListedTask]) -> u64 {
    let own = project.task.work.percent.map_or(0, u64::from);
    let counted = parts.iter().filter(|part| part.task.state != TaskState::Cancelled);
    let percents: Vec<u64> =
        counted
            .map(|part| {
                if part.task.state == TaskState::Done {
                    100
                } else {
                    part.task.work.percent.map_or(0, u64::from).min(99)
                }
            })
            .collect();
    if project.task.state == TaskState::Done {
        return 100;
    }
    let count = u64::try_from(percents.len()).unwrap_or(u64::MAX);
    percents.iter().sum::<u64>().checked_div(count).unwrap_or(own)
}

/// `GET /projects/ITEM/discoveries`: those of its tasks, and its own.
pub(super) async fn discoveries(State(door): State<Arc<Door>>, path: InTask) -> Result<Response, Problem> {
    let found = find::task(&door, path).await?;
    let parts = tasks::parts(&door, &found).await?;
    let all = std::iter::once(&found.listed).chain(&parts);
    let shown: Vec<DiscoveryShown> = all
        .flat_map(|listed| {
            let item = Item { repository: found.repository.name.clone(), number: listed.task.number };
            listed.task.work.discoveries.iter().map(move |found| DiscoveryShown::new(&item, found)).collect::<Vec<_>>()
        })
        .collect();
    Ok(Json(json!({"discoveries": shown})).into_response())
}
