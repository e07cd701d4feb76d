//! What an orchestrator asks for, waited for until it is decided on.

use anyhow::{Result, bail};
use serde_json::{Value, json};

use super::Desk;
use super::args::{AskCommand, CreateArgs, ProjectArgs};
use crate::cli::client::{Call, path_of, said};
use crate::cli::item::Item;
use crate::model::Timestamp;

pub(super) async fn project(desk: &mut Desk<'_>, args: ProjectArgs) -> Result<()> {
    let body = json!({"repo": args.repo, "title": args.title, "description": args.description});
    opened(desk, &Call::post("projects", said(body))).await
}

pub(super) async fn create(desk: &mut Desk<'_>, args: CreateArgs) -> Result<()> {
    let body = json!({
        "title": args.title,
        "requirements": args.requirements,
        "criteria": args.criteria,
        "description": args.description,
    });
    opened(desk, &Call::post(format!("projects/{}/tasks", path_of(&args.project)), said(body))).await
}

/// Prints the id of the issue that the call has opened.
async fn opened(desk: &mut Desk<'_>, call: &Call) -> Result<()> {
    let outcome = desk.client.settle(call, desk.patience_s).await?;
    match &outcome.item {
        Some(item) => {
            if !desk.client.knows(&item.parse()?, desk.patience_s).await? {
                desk.spoken.say(&format!("{item} is open, and the server has not decided on it yet"));
            }
            if let Some(url) = &outcome.url {
                desk.spoken.say(url);
            }
            desk.spoken.result(item, &outcome)
        }
        // With `--timeout-s 0` the id of the call is all that there is.
        None if desk.patience_s == 0 => {
            desk.spoken.say(&format!("accepted as {}", outcome.request));
            desk.spoken.result("", &outcome)
        }
        None => bail!("{} is done, and the server does not say which issue it opened", outcome.request),
    }
}

pub(super) async fn run(desk: &mut Desk<'_>, ask: AskCommand) -> Result<()> {
    let (item, verb, body) = wish(ask)?;
    let outcome = desk.client.settle(&Call::ask(&item, verb, said(body)), desk.patience_s).await?;
    if let Some(note) = &outcome.note {
        desk.spoken.say(note);
    }
    // Some asks open an issue, and then its id is what is wanted.
    let bare = outcome.item.clone().unwrap_or_else(|| item.to_string());
    desk.spoken.result(&bare, &outcome)
}

/// Which task, the last part of the path, and the body.
fn wish(ask: AskCommand) -> Result<(Item, &'static str, Value)> {
    Ok(match ask {
        AskCommand::Assign { item, to } => (item, "assign", json!({"to": to})),
        AskCommand::Complete { project, evidence } => (project, "complete", json!({"evidence": evidence})),
        AskCommand::Subtask { item, title, requirements, description } => {
            let body = json!({"title": title, "requirements": requirements, "description": description});
            (item, "subtask", body)
        }
        AskCommand::Depends { item, on } => {
            let on = on.beside(&item)?;
            (item, "depends", json!({"on": on}))
        }
        AskCommand::Approve { item } => (item, "approve", json!({})),
        AskCommand::Reject { item, why } => (item, "reject", json!({"why": why})),
        AskCommand::RequestChanges { item, why } => (item, "request-changes", json!({"why": why})),
        AskCommand::AcceptDiscovery { item, discovery } => (item, "accept-discovery", json!({"discovery": discovery})),
        AskCommand::Route { item, task_type } => (item, "route", json!({"type": task_type})),
        AskCommand::Priority { item, priority } => (item, "priority", json!({"priority": priority})),
        AskCommand::Risk { item, risk } => (item, "risk", json!({"risk": risk})),
        AskCommand::Urgent { item } => (item, "urgent", json!({})),
        AskCommand::Escalate { item, why } => (item, "escalate", json!({"why": why})),
        AskCommand::Retry { item } => (item, "retry", json!({})),
        AskCommand::Defer { item, until } => (item, "defer", json!({"until": until.map(Timestamp::to_rfc3339)})),
        AskCommand::Cancel { item, why } => (item, "cancel", json!({"why": why})),
    })
}
