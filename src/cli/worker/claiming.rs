//! What waits for a worker, and taking it.

use std::process::ExitCode;

use anyhow::{Context as _, Result};
use reqwest::StatusCode;
use serde_json::{Value, json};

use super::Desk;
use super::args::{CheckArgs, ClaimArgs};
use crate::cli::bridge::Held;
use crate::cli::client::{Call, path_of};
use crate::cli::item::Item;

/// Exit status where there is nothing to claim.
const NOTHING: u8 = 3;
/// Where a task stands while its holder has something to do for it.
const MINE: [&str; 3] = ["assigned", "in-progress", "blocked"];

pub(super) async fn check(desk: &mut Desk<'_>, args: &CheckArgs) -> Result<ExitCode> {
    let page = |after: Option<&str>| {
        Call::get("tasks").with("worker", Some(&desk.agent)).with("repo", args.repo.as_ref()).with("after", after)
    };
    let mut tasks = desk.client.list(page, "tasks").await?;
    tasks.retain(|task| MINE.contains(&task["status"].as_str().unwrap_or_default()));
    tasks.sort_by_key(|task| (!task["urgent"].as_bool().unwrap_or_default(), rank(task)));
    let ids: Vec<String> = tasks.iter().filter_map(|task| task["item"].as_str().map(str::to_owned)).collect();
    // Of one repository alone it is not the whole list.
    if args.repo.is_none() {
        let written = desk.bridge.save_pending(&ids);
        desk.beside("the list is complete", written);
    }
    for task in &tasks {
        let told = |key: &str| task[key].as_str().unwrap_or("-");
        let line = format!("{}: {} ({}, {})", told("item"), told("title"), told("status"), told("priority"));
        desk.spoken.say(&line);
    }
    if tasks.is_empty() {
        let sentence = format!("Nothing waits for {}; `stationmaster worker claim` takes what is free.", desk.agent);
        desk.spoken.say(&sentence);
    }
    desk.spoken.result(&ids.join("\n"), &tasks)?;
    Ok(ExitCode::SUCCESS)
}

fn rank(task: &Value) -> usize {
    let order = ["critical", "high", "medium", "low"];
    let priority = task["priority"].as_str().unwrap_or_default();
    order.iter().position(|word| *word == priority).unwrap_or(order.len())
}

pub(super) async fn claim(desk: &mut Desk<'_>, args: ClaimArgs) -> Result<ExitCode> {
    let mut body = json!({"worker": desk.agent});
    if let Some(repository) = &args.repo {
        body["repo"] = json!(repository);
    }
    let call = match &args.item {
        Some(item) => Call::ask(item, "claim", body),
        None => Call::post("tasks/claim", body),
    };
    let answer = desk.client.send(&call).await?;
    if answer.status == StatusCode::NO_CONTENT {
        let sentence = format!("There is nothing that {} could take now.", desk.agent);
        desk.spoken.say(&sentence);
        return Ok(ExitCode::from(NOTHING));
    }
    let claimed = answer.body;
    let item: Item = claimed["item"].as_str().unwrap_or_default().parse().context("the server named no task")?;
    if let Some(held) = Held::of(&claimed) {
        let written = desk.bridge.keep(&item, held).and_then(|()| desk.bridge.taken(&item));
        desk.beside(&format!("{item} is claimed"), written);
    }
    let told = |key: &str| claimed[key].as_str().unwrap_or("-");
    let sentence = format!("{}: “{}” until {}, which heartbeats extend.", desk.agent, told("title"), told("until"));
    desk.spoken.say(&sentence);
    desk.spoken.result(&item.to_string(), &claimed)?;
    Ok(ExitCode::SUCCESS)
}

pub(super) async fn get(desk: &mut Desk<'_>, item: &Item, save: bool) -> Result<ExitCode> {
    let package = desk.client.send(&Call::get(format!("tasks/{}/handoff", path_of(item)))).await?.body;
    if let Some(held) = Held::of(&package) {
        let written = desk.bridge.keep(item, held);
        desk.beside("the package is here", written);
    }
    if save {
        let path = desk.bridge.save_handoff(item, &package)?;
        desk.spoken.say(&format!("Saved to {}.", path.display()));
    }
    desk.spoken.result(&serde_json::to_string_pretty(&package)?, &package)?;
    Ok(ExitCode::SUCCESS)
}
