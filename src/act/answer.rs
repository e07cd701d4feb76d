//! What an outside server or command said, as far as it is kept.

use reqwest::Response;

/// The answer's body up to `limit_bytes`, and whether there was more.
///
/// # Errors
/// Where the connection broke off or the time ran out.
pub(super) async fn body(mut response: Response, limit_bytes: usize) -> Result<(Vec<u8>, bool), reqwest::Error> {
    let mut kept = Vec::new();
    while let Some(chunk) = response.chunk().await? {
        let room = limit_bytes - kept.len();
        kept.extend_from_slice(chunk.get(..room).unwrap_or(&chunk));
        if chunk.len() > room {
            return Ok((kept, true));
        }
    }
    Ok((kept, false))
}

/// The end of a text in one line, without control characters, which could drive a terminal or break a table.
pub(super) fn last_characters(text: &str, most: usize) -> String {
    let text: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let from = text.chars().count().saturating_sub(most);
    text.chars().skip(from).collect()
}

/// Why there was no answer. An address can carry a token in its path or query, so it is left out.
pub(super) fn broken(error: reqwest::Error) -> String {
    if error.is_timeout() {
        return "no answer came in time".to_owned();
    }
    let error = error.without_url();
    let mut innermost: &dyn std::error::Error = &error;
    while let Some(cause) = innermost.source() {
        innermost = cause;
    }
    let what = if error.is_connect() { "no connection" } else { "no whole answer" };
    format!("{what}: {innermost}")
}
