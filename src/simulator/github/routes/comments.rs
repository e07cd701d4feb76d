//! Comments on issues and pull requests.

use serde_json::Value;

use super::issues::LONGEST_BODY;
use super::{Path, reactions, text};
use crate::model::Timestamp;
use crate::simulator::github::answer::{Answer, Refusal, Reply};
use crate::simulator::github::call::Context;
use crate::simulator::github::changes::Reacted;
use crate::simulator::github::installations::Access;

/// `/repos/{owner}/{repo}/issues/comments/{id}` and below.
pub fn route(context: &mut Context<'_>, id: i64, rest: Path<'_>) -> Reply {
    let method = context.call.method.as_str();
    let access = if method == "GET" { Access::Read } else { Access::Write };
    let Some((first, rest)) = rest.split_first() else { return of_repository(context, id) };
    let comment = super::number(first)?;
    let number = context.state.issue_of_comment(id, comment)?;
    context.needs_for_issue(id, number, access)?;
    let bot = context.state.bot();
    match (method, rest) {
        ("GET", []) => show(context, id, comment, 200),
        ("PATCH", []) => {
            let body = checked(context)?;
            context.state.edit_comment(id, comment, &bot, &body)?;
            show(context, id, comment, 200)
        }
        ("DELETE", []) => {
            context.state.delete_comment(id, comment, &bot)?;
            Ok(Answer::empty(204))
        }
        (_, ["reactions", rest @ ..]) => reactions::route(context, id, Reacted::Comment(comment), rest),
        _ => Err(Refusal::not_found()),
    }
}

/// `GET /repos/{owner}/{repo}/issues/comments`: those of all issues, by id unless asked otherwise.
fn of_repository(context: &Context<'_>, id: i64) -> Reply {
    if context.call.method != "GET" {
        return Err(Refusal::not_found());
    }
    context.needs(&[("issues", Access::Read), ("pull_requests", Access::Read)])?;
    let home = context.state.repository(id)?;
    let since = context.call.parameter("since").and_then(Timestamp::parse_rfc3339);
    let every = home.issues.values().flat_map(|issue| issue.comments.iter().map(move |comment| (issue, comment)));
    let mut all: Vec<_> = every.filter(|(_, one)| since.is_none_or(|since| one.updated_at >= since)).collect();
    match context.call.parameter("sort") {
        Some("updated") => all.sort_by_key(|(_, one)| (one.updated_at, one.id)),
        Some(_) | None => all.sort_by_key(|(_, one)| one.id),
    }
    if context.call.parameter("direction") == Some("desc") {
        all.reverse();
    }
    let shown: Vec<Value> = all.iter().map(|(issue, one)| context.views().comment(home, issue, one)).collect();
    Ok(context.list(&shown))
}

/// `/repos/{owner}/{repo}/issues/{number}/comments`
pub fn of_issue(context: &mut Context<'_>, at: (i64, i64)) -> Reply {
    match context.call.method.as_str() {
        "GET" => {
            let (home, issue) = (context.state.repository(at.0)?, context.state.issue(at.0, at.1)?);
            let since = context.call.parameter("since").and_then(Timestamp::parse_rfc3339);
            let recent = issue.comments.iter().filter(|one| since.is_none_or(|since| one.updated_at >= since));
            let all: Vec<Value> = recent.map(|comment| context.views().comment(home, issue, comment)).collect();
            Ok(context.list(&all))
        }
        "POST" => {
            let body = checked(context)?;
            let bot = context.state.bot();
            let comment = context.state.add_comment(at, &bot, &body)?;
            show(context, at.0, comment, 201)
        }
        _ => Err(Refusal::not_found()),
    }
}

fn show(context: &Context<'_>, id: i64, comment: i64, status: u16) -> Reply {
    let number = context.state.issue_of_comment(id, comment)?;
    let (home, issue) = (context.state.repository(id)?, context.state.issue(id, number)?);
    let comment = issue.comments.iter().find(|one| one.id == comment).ok_or_else(Refusal::not_found)?;
    let view = context.views().comment(home, issue, comment);
    let answer = Answer::json(status, view.clone());
    Ok(match (status, view["url"].as_str()) {
        (201, Some(url)) => answer.with("location", url.to_owned()),
        (_, Some(_) | None) => answer,
    })
}

fn checked(context: &Context<'_>) -> Result<String, Refusal> {
    let body = context.call.json()?;
    let body = text(&body, "body")?.filter(|body| !body.trim().is_empty());
    let body = body.ok_or_else(|| Refusal::invalid("IssueComment", "body", "missing_field"))?;
    if body.chars().count() > LONGEST_BODY {
        return Err(Refusal::validation(serde_json::json!({
            "resource": "IssueComment",
            "code": "unprocessable",
            "field": "data",
            "message": format!("Body is too long (maximum is {LONGEST_BODY} characters)"),
        })));
    }
    Ok(body.to_owned())
}
