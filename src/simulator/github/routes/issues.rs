//! Issues: list, get, create, change; and what hangs on one of them.

use serde_json::{Map, Value, json};

use super::{Path, comments, issue_labels, issue_links, people, reactions, repository, text, texts};
use crate::simulator::github::answer::{Answer, Refusal, Reply, ok};
use crate::simulator::github::call::Context;
use crate::simulator::github::changes::{IssueEdit, NewIssue, Reacted};
use crate::simulator::github::entities::{Issue, Repository};
use crate::simulator::github::installations::Access;

/// GitHub's longest title and longest body, in characters.
const LONGEST_TITLE: usize = 256;
pub const LONGEST_BODY: usize = 65_536;

pub fn route(context: &mut Context<'_>, id: i64, rest: Path<'_>) -> Reply {
    let method = context.call.method.as_str();
    let access = if method == "GET" { Access::Read } else { Access::Write };
    let Some((first, rest)) = rest.split_first() else {
        return match method {
            "GET" => list(context, id),
            "POST" => create(context, id),
            _ => Err(Refusal::not_found()),
        };
    };
    let at = (id, super::number(first)?);
    if let Some(gone) = context.state.repository(id)?.gone.get(&at.1) {
        return repository::of_gone_issue(context, *gone, rest);
    }
    context.needs_for_issue(id, at.1, access)?;
    match (method, rest) {
        ("GET", []) => show(context, at, 200),
        ("PATCH", []) => edit(context, at),
        (_, ["labels", rest @ ..]) => issue_labels::route(context, at, rest),
        (_, ["comments"]) => comments::of_issue(context, at),
        (_, ["parent" | "sub_issue" | "sub_issues" | "dependencies", ..]) => issue_links::route(context, at, rest),
        (_, ["assignees"]) => people::assign(context, at),
        (_, ["reactions", rest @ ..]) => reactions::route(context, id, Reacted::Issue(at.1), rest),
        ("GET", ["events" | "timeline"]) => {
            let home = context.state.repository(id)?;
            let history = &context.state.issue(id, at.1)?.history;
            let all: Vec<Value> = history.iter().map(|entry| context.views().history_entry(home, entry)).collect();
            Ok(context.list(&all))
        }
        _ => Err(Refusal::not_found()),
    }
}

pub fn show(context: &Context<'_>, (repository, number): (i64, i64), status: u16) -> Reply {
    let home = context.state.repository(repository)?;
    let view = context.views().issue(home, context.state.issue(repository, number)?);
    Ok(Answer::json(status, view))
}

/// `GET /repos/{owner}/{repo}/issues`, pulls among them, as on GitHub.
fn list(context: &Context<'_>, id: i64) -> Reply {
    context.needs(&[("issues", Access::Read), ("pull_requests", Access::Read)])?;
    let home = context.state.repository(id)?;
    let mut issues: Vec<&Issue> = home.issues.values().filter(|issue| wanted(context, home, issue)).collect();
    match context.call.parameter("sort").unwrap_or("created") {
        "updated" => issues.sort_by_key(|issue| (issue.updated_at, issue.number)),
        "comments" => issues.sort_by_key(|issue| (issue.comments.len(), issue.number)),
        _ => issues.sort_by_key(|issue| (issue.created_at, issue.number)),
    }
    if context.call.parameter("direction") != Some("asc") {
        issues.reverse();
    }
    let all: Vec<Value> = issues.into_iter().map(|issue| context.views().issue(home, issue)).collect();
    Ok(context.list(&all))
}

fn wanted(context: &Context<'_>, home: &Repository, issue: &Issue) -> bool {
    let parameter = |name: &str| context.call.parameter(name);
    let state = parameter("state").unwrap_or("open");
    let since = parameter("since").and_then(crate::model::Timestamp::parse_rfc3339);
    let wears = |name: &str| home.label(name.trim()).is_some_and(|label| issue.labels.contains(&label.id));
    let assigned = match parameter("assignee") {
        None => true,
        Some("none") => issue.assignees.is_empty(),
        Some("*") => !issue.assignees.is_empty(),
        Some(login) => issue.assignees.iter().any(|one| one.eq_ignore_ascii_case(login)),
    };
    (state == "all" || state == issue.state())
        && since.is_none_or(|since| issue.updated_at >= since)
        && parameter("labels").is_none_or(|all| all.split(',').filter(|name| !name.is_empty()).all(wears))
        && assigned
        && parameter("creator").is_none_or(|login| issue.author.eq_ignore_ascii_case(login))
}

fn create(context: &mut Context<'_>, id: i64) -> Reply {
    context.needs(&[("issues", Access::Write)])?;
    let body = context.call.json()?;
    let title = text(&body, "title")?.ok_or_else(|| Refusal::invalid("Issue", "title", "missing_field"))?;
    let new = NewIssue {
        title: checked_title(title)?,
        body: text(&body, "body")?.map(checked_body).transpose()?,
        labels: body.get("labels").map(|list| texts(list, "labels")).transpose()?.unwrap_or_default(),
        assignees: assignable(context, id, &body)?.unwrap_or_default(),
    };
    let bot = context.state.bot();
    let number = context.state.open_issue(id, &bot, new)?;
    show(context, (id, number), 201)
}

fn edit(context: &mut Context<'_>, at: (i64, i64)) -> Reply {
    let body = context.call.json()?;
    let bot = context.state.bot();
    let assignees = assignable(context, at.0, &body)?;
    let new_body = text(&body, "body")?.map(checked_body).transpose()?;
    let edit = IssueEdit {
        title: text(&body, "title")?.map(checked_title).transpose()?,
        body: body.contains_key("body").then(|| new_body.unwrap_or_default()),
    };
    let state = text(&body, "state")?;
    let reason = text(&body, "state_reason")?.unwrap_or("completed");
    if !["completed", "not_planned", "duplicate", "reopened"].contains(&reason) {
        return Err(Refusal::invalid("Issue", "state_reason", "invalid"));
    }
    context.state.edit_issue(at, &bot, edit)?;
    if let Some(list) = body.get("labels") {
        context.state.set_labels(at, &texts(list, "labels")?, &bot)?;
    }
    if let Some(assignees) = assignees {
        let gone: Vec<String> = context.state.issue(at.0, at.1)?.assignees.clone();
        for login in gone.iter().filter(|login| !assignees.iter().any(|kept| kept.eq_ignore_ascii_case(login))) {
            context.state.set_assigned(at, login, false, &bot)?;
        }
        for login in &assignees {
            context.state.set_assigned(at, login, true, &bot)?;
        }
    }
    match state {
        Some("closed") => context.state.close_issue(at, &bot, reason)?,
        Some("open") => context.state.reopen_issue(at, &bot)?,
        Some(_) => return Err(Refusal::invalid("Issue", "state", "invalid")),
        None => {}
    }
    let home = context.state.repository(at.0)?;
    ok(context.views().issue(home, context.state.issue(at.0, at.1)?))
}

fn checked_title(title: &str) -> Result<String, Refusal> {
    if title.trim().is_empty() {
        return Err(Refusal::invalid("Issue", "title", "missing_field"));
    }
    if title.chars().count() > LONGEST_TITLE {
        let message = format!("title is too long (maximum is {LONGEST_TITLE} characters)");
        return Err(Refusal::custom("Issue", "title", &message));
    }
    Ok(title.to_owned())
}

fn checked_body(body: &str) -> Result<String, Refusal> {
    if body.chars().count() > LONGEST_BODY {
        let message = format!("body is too long (maximum is {LONGEST_BODY} characters)");
        return Err(Refusal::custom("Issue", "body", &message));
    }
    Ok(body.to_owned())
}

/// The assignees in a body, each of whom must be assignable here.
fn assignable(context: &Context<'_>, id: i64, body: &Map<String, Value>) -> Result<Option<Vec<String>>, Refusal> {
    let Some(list) = body.get("assignees").filter(|list| !list.is_null()) else { return Ok(None) };
    let home = context.state.repository(id)?;
    let logins = texts(list, "assignees")?;
    for login in &logins {
        if !home.is_collaborator(login) {
            let error = json!({"value": login, "resource": "Issue", "field": "assignees", "code": "invalid"});
            return Err(Refusal::validation(error));
        }
    }
    let proper = |login: &String| context.state.account(login).map(|account| account.login.clone());
    Ok(Some(logins.iter().filter_map(proper).collect()))
}
