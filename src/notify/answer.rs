//! Reads ntfy's answers: a message, lines of messages, or a refusal.

use reqwest::Response;
use serde::Deserialize;

use super::error::NotifyError;

/// The most that is read of the answer to a publish or of a refusal, in bytes.
const ANSWER_LIMIT_BYTES: usize = 64 * 1024;
/// ntfy's number for a used-up day (<https://github.com/binwiederhier/ntfy/blob/main/server/errors.go>).
const DAILY_LIMIT_CODE: u32 = 42_908;
const TOO_MANY_REQUESTS: u16 = 429;
const REQUEST_TIMEOUT: u16 = 408;

/// A message as ntfy shows it, as far as it is looked at.
#[derive(Debug, Deserialize)]
pub(super) struct SeenMessage {
    pub id: String,
    pub event: String,
    /// In seconds since the epoch.
    #[serde(default)]
    pub time: i64,
    #[serde(default)]
    pub title: String,
    #[serde(default)]
    pub message: String,
    #[serde(default)]
    pub click: Option<String>,
}

/// What a status and a body say.
#[derive(Debug)]
pub(super) enum Answer {
    /// A success, with its body still to be read.
    Good(Response),
    /// 429: too many requests, or the day's quota is used up.
    Limited { daily: bool },
    /// Anything else.
    Bad(NotifyError),
}

/// ntfy's refusal (`{code,http,error,link}`).
#[derive(Debug, Deserialize)]
struct Refusal {
    code: Option<u32>,
    #[serde(default)]
    error: String,
}

impl Answer {
    /// Reads the status, and of an answer that is no success the body too.
    pub(super) async fn read(response: Response) -> Self {
        let status = response.status();
        if status.is_success() {
            return Self::Good(response);
        }
        let http = status.as_u16();
        if status.is_server_error() || http == REQUEST_TIMEOUT {
            return Self::Bad(NotifyError::Server(http));
        }
        // The status alone says enough when the body does not arrive.
        let body = read_at_most(response, ANSWER_LIMIT_BYTES).await.unwrap_or_default();
        let refusal = serde_json::from_slice::<Refusal>(&body).ok();
        let code = refusal.as_ref().and_then(|refusal| refusal.code);
        if http == TOO_MANY_REQUESTS {
            return Self::Limited { daily: code == Some(DAILY_LIMIT_CODE) };
        }
        let sentence = refusal.map(|refusal| refusal.error).filter(|error| !error.is_empty());
        let error = sentence.unwrap_or_else(|| status.canonical_reason().unwrap_or("no reason given").to_owned());
        Self::Bad(NotifyError::Refused { code, http, error })
    }
}

/// The message that a successful publish is answered with.
pub(super) async fn published(response: Response) -> Result<SeenMessage, NotifyError> {
    let body = read_at_most(response, ANSWER_LIMIT_BYTES).await?;
    serde_json::from_slice(&body).map_err(|_| NotifyError::NotNtfy)
}

/// The first `limit_bytes` of a body, or all of it.
pub(super) async fn read_at_most(mut response: Response, limit_bytes: usize) -> Result<Vec<u8>, NotifyError> {
    let mut body = Vec::new();
    while body.len() < limit_bytes {
        let Some(chunk) = response.chunk().await? else { break };
        body.extend_from_slice(&chunk);
    }
    body.truncate(limit_bytes);
    Ok(body)
}
