//! A client of the HTTP API: calls that are safe to send again, refusals as sentences, and waiting for what comes of a call.

mod call;
mod outcome;
mod relay;

use std::time::Duration;

use reqwest::StatusCode;
use reqwest::header::{AUTHORIZATION, HeaderValue};
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;
use serde_json::Value;

pub use call::{Call, path_of, said};
pub use outcome::Outcome;

use crate::config::{ClientConfig, ConfigFault};

/// How long one answer may take.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(30);
/// How long the server may take to pick up.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// After which pauses a call that did not arrive, or met a server that is starting, is sent again.
const AGAIN_AFTER: [Duration; 2] = [Duration::from_millis(200), Duration::from_secs(1)];

/// Why a call came to nothing.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// No answer came.
    #[error("{url} does not answer ({why}); is `stationmaster serve` running, and STATIONMASTER_URL right?")]
    Unreachable {
        /// The server.
        url: String,
        /// What happened instead.
        why: String,
    },
    /// The server says no.
    #[error("{title}: {detail}")]
    Refused {
        /// The status of its answer.
        status: u16,
        /// What kind of no it is.
        title: String,
        /// Why, and what would be right.
        detail: String,
    },
    /// Whatever answered is no Stationmaster.
    #[error("{url} answered {status} with something else than Stationmaster's API does; is STATIONMASTER_URL right?")]
    Strange {
        /// The server.
        url: String,
        /// The status of its answer.
        status: u16,
    },
    /// It was accepted, and the decision about it says no.
    #[error("{note}")]
    NotDone {
        /// Why.
        note: String,
    },
    /// It was accepted, and nothing was decided in time.
    #[error("accepted as {request}, and not decided on after {waited_s} s; the server goes on with it")]
    Undecided {
        /// The id of the call.
        request: String,
        /// How long it was waited for.
        waited_s: u64,
    },
    /// There is no token.
    #[error(transparent)]
    Config(#[from] ConfigFault),
}

/// An answer that is no refusal.
#[derive(Debug)]
pub struct Answer {
    /// Its status.
    pub status: StatusCode,
    /// Its body; null where it has none.
    pub body: Value,
}

/// A problem (<https://www.rfc-editor.org/rfc/rfc9457>).
#[derive(Deserialize)]
struct Problem {
    title: String,
    #[serde(default)]
    detail: String,
}

/// A server and the token that it is called with.
pub struct Client {
    http: reqwest::Client,
    url: String,
    authorization: HeaderValue,
}

impl Client {
    /// A client of the server that the settings name.
    pub fn new(config: &ClientConfig) -> Result<Self, ClientError> {
        let http = reqwest::Client::builder()
            .user_agent(concat!("stationmaster-cli/", env!("CARGO_PKG_VERSION")))
            .connect_timeout(CONNECT_TIMEOUT)
            .timeout(ANSWER_TIMEOUT)
            // The token is for this server alone.
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .map_err(|error| ClientError::Unreachable { url: config.url.clone(), why: innermost(&error) })?;
        Ok(Self { http, url: config.url.clone(), authorization: bearer(config.token()?, &config.url)? })
    }

    /// Makes a call. One that may not have arrived is sent again under the same idempotency key, so it takes effect once.
    pub async fn send(&self, call: &Call) -> Result<Answer, ClientError> {
        for pause in AGAIN_AFTER {
            match self.send_once(call).await {
                Err(ClientError::Unreachable { .. } | ClientError::Refused { status: 502..=504, .. }) => {
                    tokio::time::sleep(pause).await;
                }
                answered => return answered,
            }
        }
        self.send_once(call).await
    }

    async fn send_once(&self, call: &Call) -> Result<Answer, ClientError> {
        let unreachable =
            |error: reqwest::Error| ClientError::Unreachable { url: self.url.clone(), why: innermost(&error) };
        let mut request = self
            .http
            .request(call.method.clone(), format!("{}/api/v1/{}", self.url, call.target()))
            .header(AUTHORIZATION, self.authorization.clone());
        if let Some(key) = &call.key {
            request = request.header("Idempotency-Key", key);
        }
        if let Some(body) = &call.body {
            request = request.json(body);
        }
        let response = request.send().await.map_err(unreachable)?;
        let status = response.status();
        let bytes = response.bytes().await.map_err(unreachable)?;
        let strange = || ClientError::Strange { url: self.url.clone(), status: status.as_u16() };
        if status.is_success() {
            let body = if bytes.is_empty() { Ok(Value::Null) } else { serde_json::from_slice(&bytes) };
            return Ok(Answer { status, body: body.map_err(|_| strange())? });
        }
        let problem: Problem = serde_json::from_slice(&bytes).map_err(|_| strange())?;
        let detail = problem.detail.split_whitespace().collect::<Vec<_>>().join(" ");
        Err(ClientError::Refused { status: status.as_u16(), title: problem.title, detail })
    }
}

fn bearer(token: &SecretString, url: &str) -> Result<HeaderValue, ClientError> {
    let mut value = HeaderValue::from_str(&format!("Bearer {}", token.expose_secret())).map_err(|_| {
        ClientError::Unreachable { url: url.to_owned(), why: "the token fits into no header".to_owned() }
    })?;
    value.set_sensitive(true);
    Ok(value)
}

/// The last cause is the one that says something: "connection refused".
fn innermost(error: &reqwest::Error) -> String {
    let mut cause: &dyn std::error::Error = error;
    while let Some(next) = cause.source() {
        cause = next;
    }
    cause.to_string()
}
