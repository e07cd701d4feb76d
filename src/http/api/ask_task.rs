//! `POST /tasks/ITEM/VERB`: asks something of a task, and answers once that is on disk, or at once where it cannot be.

use std::sync::Arc;

use axum::Extension;
use axum::extract::{Request, State};
use axum::response::Response;

use super::auth::Caller;
use super::call::{Answer, Call};
use super::find::{self, Found, InTask};
use super::given::Given;
use super::of_store;
use super::rehearsal;
use super::verbs::{Asking, COMPLETE, Verb};
use crate::http::Door;
use crate::http::problem::{Problem, ProblemKind};
use crate::model::{self, Door as AskedBy, Scope, TaskAsk, TaskAuthority, TaskBlocker};
use crate::store::AuditEntry;

/// The type of an issue that only holds others together.
const PROJECT: &str = "project";

/// Where a call came in: the server, whose call it is, and the task of its path.
type Came = (State<Arc<Door>>, Extension<Caller>, InTask);

/// `POST /tasks/ITEM/VERB`
pub(super) async fn ask(
    verb: &'static Verb,
    (State(door), Extension(caller), path): Came,
    request: Request,
) -> Result<Response, Problem> {
    let call = Call::read(&door, &caller, request).await?;
    let given = Given::of_body(&call.body, verb.keys).map_err(|wrong| wrong.problem(&door))?;
    call.once(&door, async {
        let found = find::task(&door, path).await?;
        let asking = Asking { home: &found.repository.name, now: door.clock.now() };
        let wish = (verb.ask)(&given, &asking).map_err(|wrong| wrong.problem(&door))?;
        permitted(&door, &caller, verb, (&found, &wish))?;
        let authority = authority(&caller, verb, &given);
        if let Some(blocker) = rehearsal::certain_no(&door, &found, (&authority, AskedBy::Api, &wish)).await? {
            return Err(refused(&door, (&found, &authority, &wish), &blocker).await?);
        }
        let guid = call.guid();
        let (repository, number) = found.id();
        let wish = model::Request::Task { repository, number, wish, authority, door: AskedBy::Api, answer_to: None };
        super::store(&door, &guid, &wish).await?;
        Ok(Answer::accepted(&guid))
    })
    .await
}

/// Whether this token may ask that of this task.
fn permitted(door: &Door, caller: &Caller, verb: &Verb, (found, wish): (&Found, &TaskAsk)) -> Result<(), Problem> {
    let forbidden = |detail: String| Err(ProblemKind::Forbidden.counted(&door.metrics, detail));
    if verb.personal && caller.person.is_none() {
        return forbidden(format!(
            "Only a person's word counts for this: `{}` was not made with `token create --person LOGIN`.",
            caller.name
        ));
    }
    let TaskAsk::Complete { evidence, overrides } = wish else { return Ok(()) };
    let is_project = found.listed.task.task_type.as_str() == PROJECT;
    if *overrides && caller.scope != Scope::Admin {
        return forbidden("`override` takes a token of the scope admin.".to_owned());
    }
    if matches!(caller.scope, Scope::Worker(_)) && is_project {
        return forbidden(format!("{} is a project, which an orchestrator completes.", found.item()));
    }
    if caller.scope == Scope::Orchestrator && !is_project {
        return forbidden(format!(
            "An orchestrator completes projects and nothing else: {} is `{}`, which its worker completes.",
            found.item(),
            found.listed.task.task_type
        ));
    }
    if evidence.trim().is_empty() && !is_project && !overrides {
        let detail =
            "`evidence` is missing: what shows that the task is done, such as the URL of a merged pull request.";
        return Err(ProblemKind::Unprocessable.counted(&door.metrics, detail));
    }
    Ok(())
}

/// Whose word it is. What takes a person's word is asked by the person whose token it is.
fn authority(caller: &Caller, verb: &Verb, given: &Given) -> TaskAuthority {
    if verb.personal || (verb.name == COMPLETE && caller.scope == Scope::Orchestrator) {
        return TaskAuthority::Orchestrator { name: caller.name.clone(), person: caller.person.clone() };
    }
    caller.authority(given.whole("fence"))
}

/// The answer to what is certain to be refused. A stale fence is noted: somebody works on what is no longer theirs.
async fn refused(
    door: &Door,
    (found, authority, wish): (&Found, &TaskAuthority, &TaskAsk),
    blocker: &TaskBlocker,
) -> Result<Problem, Problem> {
    let sentence = super::sentence(blocker);
    if matches!(blocker, TaskBlocker::StaleFence { .. }) {
        let summary = format!("`{}` was refused: {sentence}", wish.name());
        let entry = AuditEntry {
            actor: &authority.to_string(),
            subject: Some(found.subject().to_string()),
            kind: "refused",
            summary: &summary,
            door: Some(AskedBy::Api),
            ..AuditEntry::default()
        };
        door.doors.store().audit(&entry).await.map_err(of_store(door))?;
    }
    let is_wrong_in_itself = matches!(blocker, TaskBlocker::Unclear { .. } | TaskBlocker::TooLong { .. });
    let kind = if is_wrong_in_itself { ProblemKind::Unprocessable } else { ProblemKind::Conflict };
    Ok(kind.counted(&door.metrics, sentence))
}
