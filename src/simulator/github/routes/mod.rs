//! The routes, by resource; what is not listed here is a 404 as on GitHub, and in the request log.

mod actions;
mod app;
mod checks;
mod comments;
mod commit_checks;
mod contents;
mod deployments;
mod git;
mod git_database;
mod git_objects;
mod hook_deliveries;
mod issue_labels;
mod issue_links;
mod issues;
mod labels;
mod people;
mod protection;
mod pull_diff;
mod pull_merge;
mod pull_writes;
mod pulls;
mod reactions;
mod refs;
mod releases;
mod repository;
mod reruns;
mod reviews;

use serde_json::{Map, Value};

use super::answer::{Refusal, Reply};
use super::call::Context;

/// The rest of a path behind the repository.
type Path<'a> = &'a [&'a str];

pub fn answer(context: &mut Context<'_>) -> Reply {
    let call = context.call;
    let segments: Vec<&str> = call.segments.iter().map(String::as_str).collect();
    match segments.as_slice() {
        ["graphql"] | ["api", "graphql"] => super::graphql::answer(context),
        ["rate_limit"] => app::rate_limit(context),
        ["app", "hook", "deliveries", rest @ ..] => hook_deliveries::route(context, rest),
        ["app", "hook", "config"] => hook_deliveries::config(context),
        ["app", rest @ ..] => app::route(context, rest),
        ["installation", "repositories"] => app::repositories(context),
        ["orgs" | "users", login, "installation"] => app::of_account(context, login),
        ["users", login] => people::user(context, login),
        ["repos", owner, name, rest @ ..] => repository::by_name(context, &format!("{owner}/{name}"), rest),
        ["repositories", id, rest @ ..] => {
            let id = number(id)?;
            of_repository(context, id, rest)
        }
        _ => Err(Refusal::not_found()),
    }
}

fn of_repository(context: &mut Context<'_>, id: i64, rest: Path<'_>) -> Reply {
    if context.visible(id)?.archived && context.call.method != "GET" {
        return Err(Refusal::new(403, "Repository was archived so is read-only."));
    }
    match rest {
        ["installation"] => app::of_repository(context, id),
        [] => repository::get(context, id),
        ["contents", path @ ..] => contents::route(context, id, path),
        ["labels", rest @ ..] => labels::route(context, id, rest),
        ["issues", "comments", rest @ ..] => comments::route(context, id, rest),
        ["issues", rest @ ..] => issues::route(context, id, rest),
        ["assignees" | "collaborators", ..] => people::route(context, id, rest),
        ["actions", rest @ ..] => actions::route(context, id, rest),
        ["git", rest @ ..] => refs::route(context, id, rest),
        ["check-runs", rest @ ..] => checks::route(context, id, rest),
        ["check-suites", rest @ ..] => checks::suites(context, id, rest),
        ["statuses", sha] if context.call.method == "POST" => commit_checks::set_status(context, id, sha),
        ["commits", revision @ .., what @ ("check-runs" | "check-suites" | "status" | "statuses")]
            if !revision.is_empty() =>
        {
            commit_checks::route(context, id, &revision.join("/"), what)
        }
        ["branches", name @ .., "protection"] if !name.is_empty() => protection::get(context, id, &name.join("/")),
        ["rules", "branches", name @ ..] => protection::rules(context, id, &name.join("/")),
        ["releases", rest @ ..] => releases::route(context, id, rest),
        ["deployments", rest @ ..] => deployments::route(context, id, rest),
        ["environments", rest @ ..] => deployments::environments(context, id, rest),
        ["dispatches"] if context.call.method == "POST" => actions::repository_dispatch(context, id),
        ["branches" | "commits" | "compare", ..] => git::route(context, id, rest),
        ["pulls", number, "reviews", rest @ ..] => reviews::route(context, (id, self::number(number)?), rest),
        ["merges"] if context.call.method == "POST" => pull_merge::merge_branch(context, id),
        ["pulls", rest @ ..] => pulls::route(context, id, rest),
        _ => Err(Refusal::not_found()),
    }
}

/// A number in a path; anything else is not found.
fn number(text: &str) -> Result<i64, Refusal> {
    text.parse().map_err(|_| Refusal::not_found())
}

/// A text field of a body: `None` when it is missing or null, a refusal when it is something else.
fn text<'a>(body: &'a Map<String, Value>, field: &str) -> Result<Option<&'a str>, Refusal> {
    match body.get(field) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(other) => {
            Err(Refusal::new(422, format!("Invalid request.\n\nFor 'properties/{field}', {other} is not a string.")))
        }
    }
}

/// A list of texts, or of objects with a `name`.
fn texts(list: &Value, field: &str) -> Result<Vec<String>, Refusal> {
    let wrong =
        || Refusal::new(422, format!("Invalid request.\n\nFor 'properties/{field}', the value is not an array."));
    let entry = |entry: &Value| entry.as_str().or_else(|| entry.get("name")?.as_str()).map(str::to_owned);
    list.as_array().ok_or_else(wrong)?.iter().map(|one| entry(one).ok_or_else(wrong)).collect()
}
