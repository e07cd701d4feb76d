//! What is said of a commit: its check runs, its suites and its statuses.

use serde_json::{Value, json};

use super::text;
use crate::simulator::github::answer::{Answer, Refusal, Reply};
use crate::simulator::github::call::Context;
use crate::simulator::github::changes::NewStatus;
use crate::simulator::github::installations::Access;
use crate::simulator::github::judging::CheckRun;

/// `/commits/{ref}/{check-runs|check-suites|status|statuses}`
pub fn route(context: &Context<'_>, id: i64, revision: &str, what: &str) -> Reply {
    if context.call.method != "GET" {
        return Err(Refusal::not_found());
    }
    let permission = if what.starts_with("check") { "checks" } else { "statuses" };
    context.needs(&[(permission, Access::Read)])?;
    let sha = context.state.repository(id)?.git.resolve(revision);
    let sha = sha.ok_or_else(|| Refusal::new(422, format!("No commit found for SHA: {revision}")))?;
    match what {
        "check-runs" => runs(context, id, |run| run.head_sha == sha),
        "check-suites" => suites(context, id, &sha),
        "status" => combined(context, id, &sha),
        _ => {
            let home = context.state.repository(id)?;
            let all = home.judging.statuses.iter().rev().filter(|status| status.sha == sha);
            Ok(context.list(&all.map(|status| context.views().status(home, status)).collect::<Vec<Value>>()))
        }
    }
}

/// Newest first; of each suite and name only the newest, unless `filter=all`.
///
/// <https://docs.github.com/en/rest/checks/runs#list-check-runs-for-a-git-reference>
pub fn runs(context: &Context<'_>, id: i64, wanted: impl Fn(&CheckRun) -> bool) -> Reply {
    let home = context.state.repository(id)?;
    let parameter = |name: &str| context.call.parameter(name);
    let all = parameter("filter") == Some("all");
    let newest = |run: &CheckRun| home.judging.latest_of_suite(run.suite).iter().any(|latest| latest.id == run.id);
    let matching = |run: &&CheckRun| {
        wanted(run)
            && parameter("check_name").is_none_or(|name| run.name == name)
            && parameter("status").is_none_or(|status| run.status == status)
            && parameter("app_id").is_none_or(|app| app == run.app.id.to_string())
            && (all || newest(run))
    };
    let listed = home.judging.runs.iter().rev().filter(matching);
    let listed: Vec<Value> = listed.map(|run| context.views().check_run(home, run)).collect();
    Ok(counted(context, "check_runs", &listed))
}

fn suites(context: &Context<'_>, id: i64, sha: &str) -> Reply {
    let home = context.state.repository(id)?;
    let app = context.call.parameter("app_id");
    let name = context.call.parameter("check_name");
    let runs = |suite: i64| home.judging.runs.iter().filter(move |run| run.suite == suite);
    let wanted = home.judging.suites.iter().filter(|suite| {
        suite.head_sha == sha
            && app.is_none_or(|app| app == suite.app.id.to_string())
            && name.is_none_or(|name| runs(suite.id).any(|run| run.name == name))
    });
    let listed = wanted.map(|suite| {
        let mut view = context.views().check_suite(home, suite);
        view["repository"] = context.views().minimal_repository(home);
        view
    });
    Ok(counted(context, "check_suites", &listed.collect::<Vec<Value>>()))
}

fn combined(context: &Context<'_>, id: i64, sha: &str) -> Reply {
    let home = context.state.repository(id)?;
    let mut view = context.views().combined_status(home, sha);
    let all = view["statuses"].as_array().cloned().unwrap_or_default();
    let (shown, link) = context.page(&all);
    view["statuses"] = shown.into();
    let answer = Answer::json(200, view);
    Ok(match link {
        Some(link) => answer.with("link", link),
        None => answer,
    })
}

/// One page of a list with the number of all its items.
pub fn counted(context: &Context<'_>, name: &str, all: &[Value]) -> Answer {
    let (shown, link) = context.page(all);
    let answer = Answer::json(200, json!({"total_count": all.len(), name: shown}));
    match link {
        Some(link) => answer.with("link", link),
        None => answer,
    }
}

/// <https://docs.github.com/en/rest/commits/statuses#create-a-commit-status>
pub fn set_status(context: &mut Context<'_>, id: i64, sha: &str) -> Reply {
    context.needs(&[("statuses", Access::Write)])?;
    let body = context.call.json()?;
    let state = text(&body, "state")?.unwrap_or_default();
    if !["error", "failure", "pending", "success"].contains(&state) {
        return Err(Refusal::custom("Status", "state", "state is not included in the list"));
    }
    let new = NewStatus {
        sha: sha.to_owned(),
        context: text(&body, "context")?.unwrap_or("default").to_owned(),
        state: state.to_owned(),
        description: text(&body, "description")?.map(str::to_owned),
        target_url: text(&body, "target_url")?.map(str::to_owned),
    };
    let bot = context.state.bot();
    let status = context.state.set_status(id, &bot, new)?;
    let home = context.state.repository(id)?;
    let made = home.judging.statuses.iter().find(|known| known.id == status).ok_or_else(Refusal::not_found)?;
    Ok(Answer::json(201, context.views().status(home, made)))
}
