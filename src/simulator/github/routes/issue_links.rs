//! Sub-issues of an issue, and issues that it waits for or that wait for it.

use serde_json::{Map, Value};

use super::Path;
use crate::simulator::github::answer::{Answer, Refusal, Reply};
use crate::simulator::github::call::Context;
use crate::simulator::github::entities::At;
use crate::simulator::github::error::SimulatorError;

/// `/repos/{owner}/{repo}/issues/{number}` and what begins with `parent`, `sub_issue` or `dependencies` below it.
///
/// <https://docs.github.com/en/rest/issues/sub-issues>, <https://docs.github.com/en/rest/issues/issue-dependencies>
pub fn route(context: &mut Context<'_>, at: At, rest: Path<'_>) -> Reply {
    let issue = context.state.issue(at.0, at.1)?;
    if issue.pull.is_some() {
        return Err(Refusal::not_found());
    }
    let links = issue.links.clone();
    let actor = context.state.bot();
    match (context.call.method.as_str(), rest) {
        ("GET", ["parent"]) => super::issues::show(context, links.parent.ok_or_else(Refusal::not_found)?, 200),
        ("GET", ["sub_issues"]) => Ok(list(context, &links.sub_issues)),
        ("POST", ["sub_issues"]) => {
            let body = context.call.json()?;
            let child = named(context, &body, "sub_issue_id")?;
            let replace = body.get("replace_parent").and_then(Value::as_bool).unwrap_or(false);
            context.state.add_sub_issue(at, child, replace, &actor).map_err(refused)?;
            super::issues::show(context, at, 201)
        }
        ("DELETE", ["sub_issue"]) => {
            let child = named(context, &context.call.json()?, "sub_issue_id")?;
            if !links.sub_issues.contains(&child) {
                return Err(Refusal::not_found());
            }
            context.state.remove_sub_issue(at, child, &actor)?;
            super::issues::show(context, at, 200)
        }
        ("GET", ["dependencies", "blocked_by"]) => Ok(list(context, &links.blocked_by)),
        ("GET", ["dependencies", "blocking"]) => Ok(list(context, &links.blocking)),
        ("POST", ["dependencies", "blocked_by"]) => {
            let blocking = named(context, &context.call.json()?, "issue_id")?;
            context.state.add_dependency(at, blocking, &actor).map_err(refused)?;
            super::issues::show(context, blocking, 201)
        }
        ("DELETE", ["dependencies", "blocked_by", id]) => {
            let blocking = context.state.issue_by_id(super::number(id)?).ok_or_else(Refusal::not_found)?;
            let removed = context.state.remove_dependency(at, blocking, &actor)?;
            if removed { super::issues::show(context, blocking, 200) } else { Err(Refusal::not_found()) }
        }
        _ => Err(Refusal::not_found()),
    }
}

/// The issue whose id a field of the body has, if this caller can see it.
fn named(context: &Context<'_>, body: &Map<String, Value>, field: &str) -> Result<At, Refusal> {
    let wrong = || {
        let shown = body.get(field).cloned().unwrap_or_default();
        Refusal::new(422, format!("Invalid request.\n\nFor 'properties/{field}', {shown} is not an integer."))
    };
    let id = body.get(field).and_then(Value::as_i64).ok_or_else(wrong)?;
    let at = context.state.issue_by_id(id).ok_or_else(Refusal::not_found)?;
    context.visible(at.0).map(|_| at)
}

fn list(context: &Context<'_>, all: &[At]) -> Answer {
    let shown = all.iter().filter_map(|at| {
        let home = context.visible(at.0).ok()?;
        Some(context.views().issue(home, context.state.issue(at.0, at.1).ok()?))
    });
    context.list(&shown.collect::<Vec<Value>>())
}

/// GitHub puts why it refuses a link into the message itself.
fn refused(error: SimulatorError) -> Refusal {
    if let SimulatorError::Forbidden(reason) = error { Refusal::new(422, reason) } else { error.into() }
}
