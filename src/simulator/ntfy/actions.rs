//! Action buttons in ntfy's two notations: a JSON array, and `view, label, url, clear=true; …`.

use super::error::{self, ErrorAnswer};
use super::message::Button;

/// How many buttons a message can have (<https://docs.ntfy.sh/publish/#action-buttons>).
const BUTTON_LIMIT: usize = 3;

/// Reads buttons from a header or the query.
pub(super) fn parse(text: &str) -> Result<Vec<Button>, ErrorAnswer> {
    let buttons = if text.starts_with('[') {
        serde_json::from_str(text).map_err(|fault| error::ACTIONS_INVALID.because(&fault.to_string()))?
    } else {
        split_unquoted(text, ';').iter().map(|part| parse_short(part)).collect::<Result<Vec<_>, _>>()?
    };
    check(buttons)
}

/// Refuses buttons that ntfy refuses.
pub(super) fn check(buttons: Vec<Button>) -> Result<Vec<Button>, ErrorAnswer> {
    if buttons.len() > BUTTON_LIMIT {
        return Err(error::ACTIONS_INVALID.because("too many actions, only 3 allowed"));
    }
    for button in &buttons {
        let fault = match button.action.as_str() {
            "view" | "http" if button.url.is_empty() => Some("parameter 'url' is required"),
            "view" | "http" | "broadcast" if button.label.is_empty() => Some("parameter 'label' is required"),
            "view" | "http" | "broadcast" => None,
            _ => Some("parameter 'action' must be 'view', 'broadcast' or 'http'"),
        };
        if let Some(fault) = fault {
            return Err(error::ACTIONS_INVALID.because(fault));
        }
    }
    Ok(buttons)
}

fn parse_short(text: &str) -> Result<Button, ErrorAnswer> {
    let mut button = Button::default();
    for (position, part) in split_unquoted(text, ',').into_iter().enumerate() {
        if let Some((key, value)) = named(&part) {
            set(&mut button, key, value)?;
        } else {
            let key = ["action", "label", "url"].get(position);
            let key = key.ok_or_else(|| error::ACTIONS_INVALID.because("term without a name"))?;
            set(&mut button, key, unquoted(&part))?;
        }
    }
    Ok(button)
}

fn set(button: &mut Button, key: &str, value: String) -> Result<(), ErrorAnswer> {
    match key {
        "action" => button.action = value,
        "label" => button.label = value,
        "url" => button.url = value,
        "clear" => button.clear = matches!(value.as_str(), "true" | "yes" | "1"),
        "method" => button.method = value,
        "body" => button.body = value,
        _ => match key.strip_prefix("headers.") {
            Some(name) => drop(button.headers.insert(name.to_owned(), value)),
            None => return Err(error::ACTIONS_INVALID.because(&format!("key '{key}' unknown"))),
        },
    }
    Ok(())
}

/// `key=value` where the key is a word; a URL with `=` in it is none.
fn named(part: &str) -> Option<(&str, String)> {
    let (key, value) = part.split_once('=')?;
    let key = key.trim();
    let is_word = !key.is_empty() && key.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte));
    is_word.then(|| (key, unquoted(value)))
}

fn unquoted(text: &str) -> String {
    let text = text.trim();
    let inside = ['"', '\''].iter().find_map(|quote| text.strip_prefix(*quote)?.strip_suffix(*quote));
    inside.unwrap_or(text).to_owned()
}

/// Splits at a separator that does not stand in quotes, without empty parts.
fn split_unquoted(text: &str, separator: char) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut quote = None;
    for character in text.chars() {
        let last = parts.len() - 1;
        match quote {
            None if character == separator => {
                parts.push(String::new());
                continue;
            }
            None if ['"', '\''].contains(&character) => quote = Some(character),
            Some(open) if open == character => quote = None,
            None | Some(_) => {}
        }
        parts[last].push(character);
    }
    parts.retain(|part| !part.trim().is_empty());
    parts
}
