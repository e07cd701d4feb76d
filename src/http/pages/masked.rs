//! What other programs sent, as it may be shown: without secrets, and no longer than somebody reads.

use std::sync::LazyLock;

use regex::Regex;
use serde_json::Value;

/// So much of a text is shown.
const SHOWN_BYTES: usize = 64 * 1024;
/// What is larger is not put into order before it is shown: that would take memory many times its size.
const ORDERED_BYTES: usize = 1024 * 1024;
/// What stands in the place of a secret.
const MASK: &str = "(hidden)";

/// Words in a key by which what stands under it is a secret.
const SECRET_KEYS: &[&str] = &[
    "token",
    "secret",
    "private_key",
    "privatekey",
    "authorization",
    "password",
    "passwd",
    "signature",
    "cookie",
    "api_key",
    "apikey",
    "credential",
];

/// Secrets by their own looks: keys of GitHub (<https://github.blog/engineering/behind-githubs-new-authentication-token-formats/>),
/// of ntfy, bearers, passwords in addresses, and private keys in PEM.
const SECRET_LOOKS: &str = r#"(?xs)
    \bgh[a-z]_[A-Za-z0-9_]{16,} | \bgithub_pat_[A-Za-z0-9_]{16,} | \btk_[a-z0-9]{20,}
    | \bBearer\s+[A-Za-z0-9._~+/=-]{8,} | (?:://)[^/\s:@"]+:[^/\s@"]+@
    | -----BEGIN\ [A-Z\ ]*PRIVATE\ KEY-----.*?(?:-----END\ [A-Z\ ]*PRIVATE\ KEY-----|\z)"#;

/// A key and its value in a text that is not read as JSON.
const SECRET_PAIRS: &str = r#"(?i)("[a-z0-9_-]*(?:token|secret|private_?key|authorization|passw(?:or)?d|signature|cookie|api_?key|credential)[a-z0-9_-]*"\s*:\s*)"(?:[^"\\]|\\.)*"?"#;

static LOOKS: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(SECRET_LOOKS).ok());
static PAIRS: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(SECRET_PAIRS).ok());

/// A text that may be shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Masked {
    pub(super) text: String,
    /// How many bytes of it are left out.
    pub(super) left_out: usize,
}

/// A body as it may be shown: JSON in order, everything else as text.
pub(super) fn masked(body: &[u8]) -> Masked {
    let ordered = (body.len() <= ORDERED_BYTES).then(|| serde_json::from_slice::<Value>(body).ok()).flatten();
    let text = match ordered {
        Some(mut value) => {
            hide(&mut value);
            serde_json::to_string_pretty(&value).unwrap_or_default()
        }
        // A secret that is cut in two would not be known for one any more, so what is cut is hidden before.
        None => String::from_utf8_lossy(body.get(..ORDERED_BYTES).unwrap_or(body)).into_owned(),
    };
    let unread = body.len().saturating_sub(ORDERED_BYTES);
    // Without its patterns, nothing can be told from a secret.
    let (Some(looks), Some(pairs)) = (&*LOOKS, &*PAIRS) else {
        return Masked { text: String::new(), left_out: body.len() };
    };
    let text = pairs.replace_all(&text, format!("${{1}}\"{MASK}\""));
    let mut text = looks.replace_all(&text, MASK).into_owned();
    let cut = text.floor_char_boundary(SHOWN_BYTES);
    let left_out = text.len() - cut + unread;
    text.truncate(cut);
    Masked { text, left_out }
}

fn hide(value: &mut Value) {
    match value {
        Value::Object(members) => {
            for (key, value) in members.iter_mut() {
                let key = key.to_lowercase();
                let is_secret = SECRET_KEYS.iter().any(|word| key.contains(word));
                if is_secret && !value.is_null() && !value.is_boolean() {
                    *value = Value::String(MASK.to_owned());
                } else {
                    hide(value);
                }
            }
        }
        Value::Array(values) => values.iter_mut().for_each(hide),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

#[cfg(test)]
mod tests;
