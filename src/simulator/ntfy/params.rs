//! Parameters of a request, which ntfy takes from headers (with or without `X-`) or from the query.

use std::borrow::Cow;

use axum::http::HeaderMap;
use url::form_urlencoded;

use super::error::{self, ErrorAnswer};

/// The headers and the query of one request.
pub(super) struct Params<'a> {
    pub headers: &'a HeaderMap,
    pub query: Vec<(Cow<'a, str>, Cow<'a, str>)>,
}

impl<'a> Params<'a> {
    pub(super) fn new(headers: &'a HeaderMap, query: Option<&'a str>) -> Self {
        Self { headers, query: form_urlencoded::parse(query.unwrap_or_default().as_bytes()).collect() }
    }

    /// The first of these names that is given and not empty: headers first, then the query.
    pub(super) fn read(&self, names: &[&str]) -> Option<String> {
        let in_headers = names.iter().filter_map(|name| self.headers.get(*name)).map(|value| {
            let text = String::from_utf8_lossy(value.as_bytes());
            text.trim().to_owned()
        });
        let in_query = names.iter().filter_map(|name| {
            self.query.iter().find(|(given, _)| given == name).map(|(_, value)| value.trim().to_owned())
        });
        in_headers.chain(in_query).find(|value| !value.is_empty())
    }

    /// Whether the first of these names that is given says yes.
    pub(super) fn read_flag(&self, names: &[&str]) -> bool {
        self.read(names).is_some_and(|value| matches!(value.to_ascii_lowercase().as_str(), "1" | "yes" | "true"))
    }
}

/// Reads a priority by number or by name (<https://docs.ntfy.sh/publish/#message-priority>).
pub(super) fn priority(text: &str) -> Result<u8, ErrorAnswer> {
    match text.to_ascii_lowercase().as_str() {
        "1" | "min" => Ok(1),
        "2" | "low" => Ok(2),
        "3" | "default" => Ok(3),
        "4" | "high" => Ok(4),
        "5" | "max" | "urgent" => Ok(5),
        _ => Err(error::PRIORITY_INVALID),
    }
}

/// Splits a list at its commas, without empty parts.
pub(super) fn list(text: &str) -> Vec<String> {
    text.split(',').map(str::trim).filter(|part| !part.is_empty()).map(str::to_owned).collect()
}

/// Whether this can name a topic: up to 64 letters, digits, `-` and `_`.
pub(super) fn is_topic(name: &str) -> bool {
    (1..=64).contains(&name.len()) && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
}
