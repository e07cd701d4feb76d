//! Workflows that are started by hand, and their runs.

use serde_json::{Value, json};

use super::{Path, reruns, text};
use crate::simulator::github::answer::{Answer, Refusal, Reply, ok};
use crate::simulator::github::call::Context;
use crate::simulator::github::entities::WorkflowRun;
use crate::simulator::github::git::Entry;
use crate::simulator::github::installations::Access;

/// <https://docs.github.com/en/rest/actions/workflows#create-a-workflow-dispatch-event>
const MOST_INPUTS: usize = 25;

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

fn dispatch(context: &mut Context<'_>, id: i64, file: &str) -> Reply {
    let body = context.call.json()?;
    let git_ref =
        text(&body, "ref")?.ok_or_else(|| Refusal::new(422, "Invalid request.\n\n\"ref\" wasn't supplied."))?;
    let home = context.state.repository(id)?;
    let head_sha = home.git.resolve(git_ref);
    let head_sha = head_sha.ok_or_else(|| Refusal::new(422, format!("No ref found for: {git_ref}")))?;
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
    let run = WorkflowRun {
        id: context.state.fresh_id(),
        file: file.to_owned(),
        git_ref: git_ref.trim_start_matches("refs/heads/").to_owned(),
        head_sha,
        inputs,
        created_at: context.state.now(),
    };
    context.state.repository_mut(id)?.runs.push(run);
    Ok(Answer::empty(204))
}

/// Newest first.
fn list(context: &Context<'_>, id: i64, file: Option<&str>) -> Reply {
    let home = context.state.repository(id)?;
    let sha = context.call.parameter("head_sha");
    let at_sha = |run: &&WorkflowRun| sha.is_none_or(|sha| run.head_sha == sha);
    let wanted = home.runs.iter().rev().filter(|run| file.is_none_or(|file| run.file == file)).filter(at_sha);
    let dispatched = wanted.map(|run| context.views().workflow_run(home, run));
    let checking = home.judging.suites.iter().rev().filter(|suite| suite.workflow_run.is_some() && file.is_none());
    let checking = checking.filter(|suite| sha.is_none_or(|sha| suite.head_sha == sha));
    let all: Vec<Value> = checking.map(|suite| context.views().checking_run(home, suite)).chain(dispatched).collect();
    let (shown, link) = context.page(&all);
    let answer = Answer::json(200, json!({"total_count": all.len(), "workflow_runs": shown}));
    Ok(match link {
        Some(link) => answer.with("link", link),
        None => answer,
    })
}
