//! How far a project is, and what was found in it by the way.

use anyhow::Result;
use serde_json::Value;

use super::Desk;
use crate::cli::client::{Call, path_of};
use crate::cli::item::Item;
use crate::cli::table;

/// Prints the percentage and a table of the tasks.
pub(super) async fn progress(desk: &mut Desk<'_>, project: &Item) -> Result<()> {
    let body = desk.client.send(&Call::get(format!("projects/{}", path_of(project)))).await?.body;
    let mut shown = table(&["task", "status", "done", "worker", "title"]);
    for task in rows(&body, "tasks") {
        let percent = task["percent"].as_i64().map_or_else(|| "-".to_owned(), |percent| format!("{percent}%"));
        shown.add_row([text(task, "item"), text(task, "status"), percent, text(task, "worker"), text(task, "title")]);
    }
    let percent = body["percent"].as_i64().unwrap_or_default();
    let sentence = format!("{project} “{}” is {}.", text(&body, "title"), text(&body, "status"));
    desk.spoken.say(&sentence);
    desk.spoken.result(&format!("{percent}%\n{shown}"), &body)
}

/// Prints a table of what was found.
pub(super) async fn discoveries(desk: &mut Desk<'_>, project: &Item) -> Result<()> {
    let body = desk.client.send(&Call::get(format!("projects/{}/discoveries", path_of(project)))).await?.body;
    let found = rows(&body, "discoveries");
    let mut shown = table(&["task", "id", "by", "accepted", "what", "impact"]);
    for one in found {
        let accepted = if one["accepted"].as_bool().unwrap_or_default() { "yes" } else { "no" };
        let [task, id, by, what, impact] = ["item", "id", "by", "text", "impact"].map(|key| text(one, key));
        shown.add_row([task, id, by, accepted.to_owned(), what, impact]);
    }
    if found.is_empty() {
        desk.spoken.say(&format!("Nothing was found by the way in {project}."));
        return desk.spoken.result("", &body);
    }
    desk.spoken.result(&shown.to_string(), &body)
}

fn rows<'a>(body: &'a Value, key: &str) -> &'a [Value] {
    body[key].as_array().map(Vec::as_slice).unwrap_or_default()
}

fn text(row: &Value, key: &str) -> String {
    row[key].as_str().unwrap_or("-").to_owned()
}
