//! Deployments, their statuses, and the environments that they are for.

use serde_json::{Map, Value, json};

use super::{Path, text, texts};
use crate::simulator::github::answer::{Answer, Refusal, Reply, ok};
use crate::simulator::github::call::Context;
use crate::simulator::github::changes::{Merging, NewDeployment, NewDeploymentStatus};
use crate::simulator::github::entities::Repository;
use crate::simulator::github::installations::Access;
use crate::simulator::github::shipping::Deployment;

/// The longest description of a status, in characters.
///
/// <https://docs.github.com/en/rest/deployments/statuses#create-a-deployment-status>
const LONGEST_DESCRIPTION: usize = 140;
const STATES: &[&str] = &["error", "failure", "inactive", "in_progress", "queued", "pending", "success"];

/// <https://docs.github.com/en/rest/deployments/deployments>
pub fn route(context: &mut Context<'_>, id: i64, rest: Path<'_>) -> Reply {
    let method = context.call.method.as_str();
    let access = if method == "GET" { Access::Read } else { Access::Write };
    context.needs(&[("deployments", access)])?;
    let Some((first, rest)) = rest.split_first() else {
        return match method {
            "GET" => Ok(list(context, context.state.repository(id)?)),
            "POST" => create(context, id),
            _ => Err(Refusal::not_found()),
        };
    };
    let number = super::number(first)?;
    let home = context.state.repository(id)?;
    let deployment = home.shipping.deployment(number).ok_or_else(Refusal::not_found)?;
    match (method, rest) {
        ("GET", []) => ok(context.views().deployment(home, deployment)),
        ("GET", ["statuses"]) => {
            let newest_first = deployment.statuses.iter().rev();
            let show = |status| context.views().deployment_status(home, number, status);
            Ok(context.list(&newest_first.map(show).collect::<Vec<Value>>()))
        }
        ("GET", ["statuses", status]) => status_of(context, home, (number, super::number(status)?), 200),
        ("POST", ["statuses"]) => report(context, (id, number)),
        _ => Err(Refusal::not_found()),
    }
}

fn status_of(context: &Context<'_>, home: &Repository, (of, status): (i64, i64), code: u16) -> Reply {
    let deployment = home.shipping.deployment(of).ok_or_else(Refusal::not_found)?;
    let status = deployment.statuses.iter().find(|known| known.id == status).ok_or_else(Refusal::not_found)?;
    Ok(Answer::json(code, context.views().deployment_status(home, of, status)))
}

/// Newest first.
fn list(context: &Context<'_>, home: &Repository) -> Answer {
    let is =
        |name: &str, value: &str| context.call.parameter(name).is_none_or(|wanted| wanted == "none" || wanted == value);
    let wanted = |one: &&Deployment| {
        is("sha", &one.sha) && is("ref", &one.git_ref) && is("task", &one.task) && is("environment", &one.environment)
    };
    let found = home.shipping.deployments.iter().rev().filter(wanted);
    context.list(&found.map(|one| context.views().deployment(home, one)).collect::<Vec<Value>>())
}

/// <https://docs.github.com/en/rest/deployments/deployments#create-a-deployment>
fn create(context: &mut Context<'_>, id: i64) -> Reply {
    let body = context.call.json()?;
    let git_ref = text(&body, "ref")?.filter(|git_ref| !git_ref.is_empty());
    let git_ref = git_ref.ok_or_else(|| Refusal::new(422, "Invalid request.\n\n\"ref\" wasn't supplied."))?;
    let home = context.state.repository(id)?;
    let unknown = || Refusal::new(422, format!("No ref found for: {git_ref}"));
    let sha = home.git.resolve(git_ref).ok_or_else(unknown)?;
    let flag = |field: &str, default: bool| body.get(field).and_then(Value::as_bool).unwrap_or(default);
    let environment = text(&body, "environment")?.filter(|name| !name.is_empty()).unwrap_or("production");
    let new = NewDeployment {
        sha: sha.clone(),
        git_ref: git_ref.to_owned(),
        task: text(&body, "task")?.unwrap_or("deploy").to_owned(),
        payload: body.get("payload").filter(|payload| !payload.is_null()).cloned().unwrap_or_else(|| json!({})),
        environment: environment.to_owned(),
        description: text(&body, "description")?.map(str::to_owned),
        transient: flag("transient_environment", false),
        production: flag("production_environment", environment == "production"),
    };
    if flag("auto_merge", true)
        && let Some(merged) = auto_merge(context, id, (git_ref, &sha))?
    {
        return Ok(merged);
    }
    required(context.state.repository(id)?, &body, (git_ref, &sha))?;
    let bot = context.state.bot();
    let made = context.state.create_deployment(id, &bot, new)?;
    let home = context.state.repository(id)?;
    let made = home.shipping.deployment(made).ok_or_else(Refusal::not_found)?;
    Ok(Answer::json(201, context.views().deployment(home, made)))
}

/// Merges the default branch into a ref that is behind it: then there is no deployment yet. GitHub does not document
/// what happens to a tag or a SHA; neither can take a merge, so that it counts as a conflict here.
fn auto_merge(context: &mut Context<'_>, id: i64, (git_ref, sha): (&str, &str)) -> Result<Option<Answer>, Refusal> {
    let home = context.state.repository(id)?;
    let default = home.default_branch.clone();
    let Some(tip) = home.git.head(&default).filter(|tip| !home.git.contains(sha, tip)) else { return Ok(None) };
    let conflict = || Refusal::new(409, format!("Conflict merging {default} into {git_ref}"));
    home.git.head(git_ref).ok_or_else(conflict)?;
    let (message, bot) = (format!("Merge {default} into {git_ref}"), context.state.bot());
    match context.state.merge_into_branch(id, git_ref, (&tip, &message), &bot)? {
        Merging::Merged(_) => {
            let message = format!("Auto-merged {default} into {git_ref} on deployment.");
            Ok(Some(Answer::json(202, json!({"message": message}))))
        }
        Merging::AlreadyMerged => Ok(None),
        Merging::Conflict => Err(conflict()),
    }
}

/// Refuses unless every context that is required is a success: all that were submitted where the body names none.
fn required(home: &Repository, body: &Map<String, Value>, (git_ref, sha): (&str, &str)) -> Result<(), Refusal> {
    let runs = home.judging.latest_runs(sha).into_iter();
    let runs = runs.map(|run| {
        let state = run.conclusion.clone().unwrap_or_else(|| "pending".to_owned());
        (run.name.clone(), if run.passed() { "success".to_owned() } else { state })
    });
    let statuses = home.judging.latest_statuses(sha).into_iter();
    let submitted: Vec<(String, String)> =
        runs.chain(statuses.map(|status| (status.context.clone(), status.state.clone()))).collect();
    let names = body.get("required_contexts").filter(|list| !list.is_null());
    let judged = match names.map(|list| texts(list, "required_contexts")).transpose()? {
        None => submitted,
        Some(names) => {
            let state =
                |name: &String| submitted.iter().find(|(known, _)| known == name).map(|(_, state)| state.clone());
            names
                .into_iter()
                .map(|name| (state(&name).unwrap_or_default(), name))
                .map(|(state, name)| (name, state))
                .collect()
        }
    };
    let failed: Vec<Value> = judged
        .into_iter()
        .filter(|(_, state)| state != "success")
        .map(|(context, state)| json!({"context": context, "state": state}))
        .collect();
    if failed.is_empty() {
        return Ok(());
    }
    let error = json!({
        "contexts": failed, "resource": "Deployment", "field": "required_contexts", "code": "invalid",
    });
    let message = format!("Conflict: Commit status checks failed for {git_ref}.");
    Err(Refusal { errors: vec![error], ..Refusal::new(409, message) })
}

/// <https://docs.github.com/en/rest/deployments/statuses#create-a-deployment-status>
fn report(context: &mut Context<'_>, at: (i64, i64)) -> Reply {
    let body = context.call.json()?;
    let state = text(&body, "state")?.unwrap_or_default();
    if !STATES.contains(&state) {
        return Err(Refusal::custom("DeploymentStatus", "state", "state is not included in the list"));
    }
    let own = |field: &str| Ok::<_, Refusal>(text(&body, field)?.unwrap_or_default().to_owned());
    let description = own("description")?;
    if description.chars().count() > LONGEST_DESCRIPTION {
        let message = format!("description is too long (maximum is {LONGEST_DESCRIPTION} characters)");
        return Err(Refusal::custom("DeploymentStatus", "description", &message));
    }
    let log_url = own("log_url")?;
    let new = NewDeploymentStatus {
        state: state.to_owned(),
        description,
        log_url: if log_url.is_empty() { own("target_url")? } else { log_url },
        environment_url: own("environment_url")?,
        environment: text(&body, "environment")?.filter(|name| !name.is_empty()).map(str::to_owned),
        auto_inactive: body.get("auto_inactive").and_then(Value::as_bool).unwrap_or(true),
    };
    let bot = context.state.bot();
    let made = context.state.report_deployment(at, &bot, new)?;
    status_of(context, context.state.repository(at.0)?, (at.1, made), 201)
}

/// <https://docs.github.com/en/rest/deployments/environments#list-environments>
pub fn environments(context: &Context<'_>, id: i64, rest: Path<'_>) -> Reply {
    context.needs(&[("actions", Access::Read)])?;
    let home = context.state.repository(id)?;
    let known = &home.shipping.environments;
    match (context.call.method.as_str(), rest) {
        ("GET", []) => {
            let all = known.iter().map(|(name, entry)| context.views().environment(home, name, *entry));
            Ok(super::commit_checks::counted(context, "environments", &all.collect::<Vec<Value>>()))
        }
        ("GET", [name]) => {
            let entry = known.get(*name).ok_or_else(Refusal::not_found)?;
            ok(context.views().environment(home, name, *entry))
        }
        _ => Err(Refusal::not_found()),
    }
}
