//! The API in Markdown, made of the table that routes it.

use std::fmt::Write as _;

use super::keys::Key;
use super::table;

/// Every route with who may call it, what it takes and what it answers.
#[must_use]
pub fn api_markdown() -> String {
    let mut text = String::new();
    for route in table::routes() {
        let method = route.method.to_uppercase();
        let scopes: Vec<String> = route.admits.names().iter().map(|scope| format!("`{scope}`")).collect();
        let (status, shape) = route.answers;
        let nothing = if route.may_be_nothing { ", or 204 where there is nothing" } else { "" };
        // Writing to a text cannot fail.
        let _ = write!(text, "## `{method} {}`\n\n{}\n\n", route.path, route.says);
        let _ = write!(text, "Scopes: {}. Answers {status} with `{shape}`{nothing}.\n\n", scopes.join(", "));
        keys(&mut text, "query", route.query);
        keys(&mut text, "body", route.body.unwrap_or_default());
    }
    text.trim_end().to_owned() + "\n"
}

fn keys(text: &mut String, place: &str, keys: &[Key]) {
    if keys.is_empty() {
        return;
    }
    let _ = write!(text, "| {place} | what stands there | what it means |\n| --- | --- | --- |\n");
    for key in keys {
        let needed = if key.needed { ", needed" } else { "" };
        let _ = writeln!(text, "| `{}` | {}{needed} | {} |", key.name, key.kind.wanted(), key.says);
    }
    text.push('\n');
}
