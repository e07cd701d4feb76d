//! What a worker says of a task: sent with its fence, and waited for until it is decided on.

use std::process::ExitCode;

use anyhow::Result;
use serde_json::{Value, json};

use super::Desk;
use super::args::AskCommand;
use crate::cli::client::{Call, Outcome, said};
use crate::cli::item::Item;

/// Which task, the last part of the path, and the body without its fence.
type Wish = (Item, &'static str, Value);

pub(super) async fn run(desk: &mut Desk<'_>, ask: AskCommand) -> Result<ExitCode> {
    let (item, verb, body) = wish(ask)?;
    let mut body = said(body);
    if let Some(fence) = desk.bridge.fence(&item)? {
        body["fence"] = json!(fence);
    }
    let words = body.clone();
    let outcome = desk.client.settle(&Call::ask(&item, verb, body), desk.patience_s).await?;
    let written = keep(desk, (&item, verb), &words, &outcome);
    desk.beside(&format!("the server knows of the {verb}"), written);
    if let Some(note) = &outcome.note {
        desk.spoken.say(note);
    }
    desk.spoken.result(&item.to_string(), &outcome)?;
    Ok(ExitCode::SUCCESS)
}

fn wish(ask: AskCommand) -> Result<Wish> {
    Ok(match ask {
        AskCommand::Progress { item, text, percent } => (item, "progress", json!({"text": text, "percent": percent})),
        AskCommand::Discover { item, text, impact } => (item, "discover", json!({"text": text, "impact": impact})),
        AskCommand::Learn { item, text, impact, tags, category } => {
            (item, "learn", json!({"text": text, "impact": impact, "tags": tags, "category": category}))
        }
        AskCommand::Blocker { item, text, needs, by } => {
            let by = by.map(|by| by.beside(&item)).transpose()?;
            (item, "blocker", json!({"text": text, "needs": needs, "by": by}))
        }
        AskCommand::Unblock { item } => (item, "unblock", json!({})),
        AskCommand::Ack { item } => (item, "ack", json!({})),
        AskCommand::Complete { item, evidence } => (item, "complete", json!({"evidence": evidence})),
        AskCommand::Fail { item, why } => (item, "fail", json!({"why": why})),
        AskCommand::RequestApproval { item, why } => (item, "request-approval", json!({"why": why})),
        AskCommand::Release { item, why } => (item, "release", json!({"why": why})),
    })
}

/// Keeps in the bridge what was said.
fn keep(desk: &Desk<'_>, (item, verb): (&Item, &str), words: &Value, outcome: &Outcome) -> Result<()> {
    match verb {
        "progress" => {
            let note = json!({
                "at": desk.now(),
                "by": desk.agent,
                "percent": words.get("percent"),
                "text": words["text"],
            });
            desk.bridge.add_progress(item, note)
        }
        "complete" => {
            let completion = json!({
                "item_id": item,
                "completed_by": desk.agent,
                "at": desk.now(),
                "evidence": words["evidence"],
                "note": outcome.note,
            });
            desk.bridge.save_completion(item, &completion)
        }
        "release" | "fail" => desk.bridge.forget(item).and_then(|()| desk.bridge.taken(item)),
        _ => Ok(()),
    }
}
