//! Workflows that are started by hand, and their runs.

use serde_json::{Value, json};

use super::{Path, reruns, text};
use crate::model::Timestamp;
use crate::simulator::github::answer::{Answer, Refusal, Reply, ok};
use crate::simulator::github::call::Context;
use crate::simulator::github::changes::NewRun;
use crate::simulator::github::entities::Repository;
use crate::simulator::github::error::SimulatorError;
use crate::simulator::github::git::Entry;
use crate::simulator::github::installations::Access;
use crate::simulator::github::payloads::top_level;

/// <https://docs.github.com/en/rest/actions/workflows#create-a-workflow-dispatch-event>
const MOST_INPUTS: usize = 25;
/// <https://docs.github.com/en/rest/repos/repos#create-a-repository-dispatch-event>
const MOST_PROPERTIES: usize = 10;
/// The longest `event_type`, in characters.
const LONGEST_EVENT: usize = 100;

pub fn route(context: &mut Context<'_>, id: i64, rest: Path<'_>) -> Reply {
    let method = context.call.method.as_str();
    let access = if method == "GET" { Access::Read } else { Access::Write };
    context.needs(&[("actions", access)])?;
    if let ["runs", rest @ ..] = rest
        && let Some(reply) = reruns::route(context, id, rest)
    {
        return reply;
    }
    match (method, rest) {
        ("POST", ["workflows", file, "dispatches"]) => dispatch(context, id, file),
        ("GET", ["workflows", file, "runs"]) => list(context, id, Some(file)),
        ("POST", ["runs", run, "cancel"]) => cancel(context, id, super::number(run)?),
        ("GET", ["runs"]) => list(context, id, None),
        ("GET", ["runs", run]) => {
            let run = super::number(run)?;
            let home = context.state.repository(id)?;
            let run = home.runs.iter().find(|known| known.id == run).ok_or_else(Refusal::not_found)?;
            ok(context.views().workflow_run(home, run))
        }
        _ => Err(Refusal::not_found()),
    }
}

/// <https://docs.github.com/en/rest/actions/workflows#create-a-workflow-dispatch-event>
fn dispatch(context: &mut Context<'_>, id: i64, file: &str) -> Reply {
    let body = context.call.json()?;
    let git_ref =
        text(&body, "ref")?.ok_or_else(|| Refusal::new(422, "Invalid request.\n\n\"ref\" wasn't supplied."))?;
    let home = context.state.repository(id)?;
    let (head_sha, short) = at_ref(home, git_ref)?;
    let Some(Entry::File { content, .. }) = home.git.entry(&head_sha, &format!(".github/workflows/{file}")) else {
        return Err(Refusal::not_found());
    };
    if !String::from_utf8_lossy(&content).contains("workflow_dispatch") {
        return Err(Refusal::new(422, "Workflow does not have 'workflow_dispatch' trigger"));
    }
    let inputs = body.get("inputs").cloned().unwrap_or_else(|| json!({}));
    if inputs.as_object().is_none_or(|inputs| inputs.len() > MOST_INPUTS) {
        return Err(Refusal::new(422, format!("Invalid request.\n\nNo more than {MOST_INPUTS} inputs are allowed.")));
    }
    let title = title(&content, &inputs, &short).unwrap_or_else(|| file.to_owned());
    let new = NewRun { file: file.to_owned(), git_ref: short, head_sha, inputs, title };
    let bot = context.state.bot();
    let run = context.state.start_run(id, new, &bot)?;
    if body.get("return_run_details").and_then(Value::as_bool) != Some(true) {
        return Ok(Answer::empty(204));
    }
    let home = context.state.repository(id)?;
    let run = home.runs.iter().find(|known| known.id == run).ok_or_else(Refusal::not_found)?;
    let view = context.views().workflow_run(home, run);
    ok(json!({"workflow_run_id": run.id, "run_url": view["url"], "html_url": view["html_url"]}))
}

/// The commit of a branch or tag, which is what a workflow runs on, and its short name; a SHA is no ref.
fn at_ref(home: &Repository, git_ref: &str) -> Result<(String, String), Refusal> {
    let full = |start: &str| home.git.reference(&format!("{start}{}", git_ref.trim_start_matches(start)));
    let found = full("refs/heads/").or_else(|| full("refs/tags/")).and_then(|sha| home.git.resolve(&sha));
    let sha = found.ok_or_else(|| Refusal::new(422, format!("No ref found for: {git_ref}")))?;
    Ok((sha, git_ref.trim_start_matches("refs/heads/").trim_start_matches("refs/tags/").to_owned()))
}

/// The `run-name` of a workflow with its inputs put in, else its `name`.
///
/// <https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#run-name>
fn title(content: &[u8], inputs: &Value, short: &str) -> Option<String> {
    let Some(written) = top_level(content, "run-name") else { return top_level(content, "name") };
    let mut title = String::new();
    let mut rest = written.as_str();
    while let Some((before, (expression, after))) =
        rest.split_once("${{").and_then(|(before, inner)| Some((before, inner.split_once("}}")?)))
    {
        let name = expression.trim().trim_start_matches("github.event.").strip_prefix("inputs.");
        let value = name.and_then(|name| inputs.get(name));
        title.push_str(before);
        match (expression.trim(), value) {
            ("github.ref_name", _) => title.push_str(short),
            (_, Some(Value::String(text))) => title.push_str(text),
            (_, Some(other)) => title.push_str(&other.to_string()),
            (_, None) => {}
        }
        rest = after;
    }
    title.push_str(rest);
    Some(title)
}

/// <https://docs.github.com/en/rest/actions/workflow-runs#cancel-a-workflow-run>
fn cancel(context: &mut Context<'_>, id: i64, run: i64) -> Reply {
    match context.state.move_run(id, run, Some("cancelled")) {
        Ok(()) => Ok(Answer::json(202, json!({}))),
        Err(SimulatorError::Forbidden(_)) => Err(Refusal::new(409, "Cannot cancel a workflow run that is completed.")),
        Err(error) => Err(error.into()),
    }
}

/// Newest first.
///
/// <https://docs.github.com/en/rest/actions/workflow-runs#list-workflow-runs-for-a-repository>
fn list(context: &Context<'_>, id: i64, file: Option<&str>) -> Reply {
    let home = context.state.repository(id)?;
    let dispatched = home.runs.iter().rev().filter(|run| file.is_none_or(|file| run.file == file));
    let dispatched = dispatched.map(|run| context.views().workflow_run(home, run));
    let checking = home.judging.suites.iter().rev().filter(|suite| suite.workflow_run.is_some() && file.is_none());
    let checking = checking.map(|suite| context.views().checking_run(home, suite));
    let all: Vec<Value> = checking.chain(dispatched).filter(|run| wanted(context, run)).collect();
    Ok(super::commit_checks::counted(context, "workflow_runs", &all))
}

/// Whether a run is among those that the filters ask for.
fn wanted(context: &Context<'_>, run: &Value) -> bool {
    let parameter = |name: &str| context.call.parameter(name);
    let is = |name: &str, field: &str| parameter(name).is_none_or(|wanted| run[field] == wanted);
    let by_actor = parameter("actor").is_none_or(|wanted| run["actor"]["login"] == wanted);
    let in_state = parameter("status").is_none_or(|wanted| run["status"] == wanted || run["conclusion"] == wanted);
    let created = run["created_at"].as_str().and_then(Timestamp::parse_rfc3339);
    let in_time = parameter("created").zip(created).is_none_or(|(wanted, at)| is_within(wanted, at));
    is("head_sha", "head_sha") && is("event", "event") && is("branch", "head_branch") && by_actor && in_state && in_time
}

/// Whether a time is within a range of GitHub's search syntax; a bare date is its first second.
///
/// <https://docs.github.com/en/search-github/getting-started-with-searching-on-github/understanding-the-search-syntax#query-for-dates>
fn is_within(range: &str, at: Timestamp) -> bool {
    let time =
        |text: &str| Timestamp::parse_rfc3339(text).or_else(|| Timestamp::parse_rfc3339(&format!("{text}T00:00:00Z")));
    // Runs are listed with whole seconds, as GitHub compares them.
    let against = |text: &str, holds: fn(&i64, &i64) -> bool| {
        time(text).is_some_and(|limit| holds(&at.seconds(), &limit.seconds()))
    };
    if let Some((from, to)) = range.split_once("..") {
        return (from == "*" || against(from, i64::ge)) && (to == "*" || against(to, i64::le));
    }
    let after = |sign: &str| range.strip_prefix(sign);
    match (after(">="), after("<="), after(">"), after("<")) {
        (Some(limit), ..) => against(limit, i64::ge),
        (_, Some(limit), ..) => against(limit, i64::le),
        (_, _, Some(limit), _) => against(limit, i64::gt),
        (.., Some(limit)) => against(limit, i64::lt),
        (None, None, None, None) => against(range, i64::eq),
    }
}

/// <https://docs.github.com/en/rest/repos/repos#create-a-repository-dispatch-event>
pub fn repository_dispatch(context: &mut Context<'_>, id: i64) -> Reply {
    context.needs(&[("contents", Access::Write)])?;
    let body = context.call.json()?;
    let event = text(&body, "event_type")?.filter(|event| !event.is_empty());
    let event = event.ok_or_else(|| Refusal::new(422, "Invalid request.\n\n\"event_type\" wasn't supplied."))?;
    if event.chars().count() > LONGEST_EVENT {
        return Err(Refusal::new(422, format!("Invalid request.\n\nOnly {LONGEST_EVENT} characters are allowed.")));
    }
    let payload = body.get("client_payload").cloned().unwrap_or_else(|| json!({}));
    if payload.as_object().is_none_or(|fields| fields.len() > MOST_PROPERTIES) {
        let message = format!("Invalid request.\n\nNo more than {MOST_PROPERTIES} properties are allowed.");
        return Err(Refusal::new(422, message));
    }
    context.state.dispatch(id, event, payload)?;
    Ok(Answer::empty(204))
}
