//! Judges a webhook's payload by what GitHub says its webhooks look like, in both of its descriptions.

use serde_json::Value;

use super::description::Description;

/// What is wrong with a payload. `@octokit/webhooks-schemas` says what must be there; the API's description, which is
/// newer and knows events that the other does not, also says that there is nothing else.
pub fn judge(description: &Description, event: &str, payload: &Value) -> Vec<String> {
    let action = payload.get("action").and_then(Value::as_str);
    let name = action.map_or_else(|| event.to_owned(), |action| format!("{event} {action}"));
    let older = format!("{event}${}", action.unwrap_or("event"));
    let older = description.webhooks["definitions"].get(&older);
    let newer = [Some(event), action].into_iter().flatten().collect::<Vec<_>>().join("-").replace('_', "-");
    let newer = description.api["x-webhooks"].get(&newer);
    let newer = newer.and_then(|hook| hook.pointer("/post/requestBody/content/application~1json/schema"));
    if older.is_none() && newer.is_none() {
        return vec![format!("no webhook {name} is described")];
    }
    let older = older.map(|schema| description.webhook_checker(&format!("older {name}"), schema).faults(payload));
    let newer = newer.map(|schema| description.checker(&format!("newer {name}"), schema).faults(payload));
    let mut faults: Vec<String> = older.into_iter().chain(newer).flatten().collect();
    faults.sort();
    faults.dedup();
    faults
}
