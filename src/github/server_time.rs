//! What time it is at GitHub, which tells whether our own clock is right.

use std::time::Duration;

use chrono::DateTime;
use reqwest::header;

use super::GithubError;
use crate::model::Timestamp;

const TIMEOUT: Duration = Duration::from_secs(10);
/// It costs nothing of a rate limit, and whatever the answer is, it has a date
/// (<https://www.rfc-editor.org/rfc/rfc9110#section-6.6.1>).
const CALL: &str = "GET /rate_limit";

/// GitHub's time, in whole seconds. Asked without a credential, since none is accepted of a server whose clock is wrong.
pub async fn server_time(http: &reqwest::Client, api_url: &str) -> Result<Timestamp, GithubError> {
    let transport = |error: reqwest::Error| GithubError::Transport {
        call: CALL.to_owned(),
        fault: innermost(&error.without_url()),
        ambiguous: false,
    };
    let answer = http.get(format!("{api_url}/rate_limit")).timeout(TIMEOUT).send().await.map_err(transport)?;
    let date = answer.headers().get(header::DATE).and_then(|date| date.to_str().ok());
    let time = date.and_then(|date| DateTime::parse_from_rfc2822(date).ok());
    time.map(|time| Timestamp(time.timestamp_millis())).ok_or_else(|| GithubError::Decode {
        call: CALL.to_owned(),
        fault: "the answer has no date".to_owned(),
        performed: false,
    })
}

fn innermost(error: &(dyn std::error::Error + 'static)) -> String {
    let mut last = error;
    while let Some(cause) = last.source() {
        last = cause;
    }
    last.to_string()
}
