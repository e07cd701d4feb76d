//! A worker's private notes on a task.

use std::process::ExitCode;

use anyhow::Result;
use serde_json::{Value, json};

use super::Desk;
use crate::cli::client::{Call, path_of};
use crate::cli::item::Item;

/// Keeps a note, or prints what was noted.
pub(super) async fn run(desk: &mut Desk<'_>, item: &Item, text: Option<String>) -> Result<ExitCode> {
    let Some(text) = text else {
        let notes = desk.client.send(&Call::get(format!("tasks/{}/notes", path_of(item)))).await?.body;
        let rows = notes["notes"].as_array().map(Vec::as_slice).unwrap_or_default();
        let lines: Vec<String> = rows.iter().map(line).collect();
        desk.spoken.result(&lines.join("\n"), &notes)?;
        return Ok(ExitCode::SUCCESS);
    };
    let notes = desk.client.send(&Call::ask(item, "notes", json!({"text": text}))).await?.body;
    let written = desk.bridge.add_note(item, &desk.now(), &text);
    desk.beside("the note is kept", written);
    desk.spoken.result(&item.to_string(), &notes)?;
    Ok(ExitCode::SUCCESS)
}

fn line(note: &Value) -> String {
    let told = |key: &str| note[key].as_str().unwrap_or_default();
    format!("{}  {}", told("at"), told("text"))
}
