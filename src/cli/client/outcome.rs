//! What became of a call that was accepted and is decided on later.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio::time::Instant;

use super::{Answer, Call, Client, ClientError, path_of};
use crate::cli::item::Item;

/// How often it is looked whether something was decided.
const LOOK: Duration = Duration::from_millis(200);

/// What became of a call.
#[derive(Debug, Clone, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct Outcome {
    /// Its id.
    pub request: String,
    /// Whether it waits, is done or was refused.
    pub state: State,
    /// The issue that was opened.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub item: Option<String>,
    /// Where people read it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// What is said of it, in a sentence.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// How far a call is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Nothing was decided yet.
    #[default]
    Waiting,
    /// It took effect.
    Done,
    /// It took none.
    Refused,
}

impl Client {
    /// Makes a call that is accepted first and decided on later, and waits at most `patience_s` seconds for that. With
    /// 0 it does not wait.
    ///
    /// # Errors
    /// Also where the decision says no, and where there is none in time.
    pub async fn settle(&self, call: &Call, patience_s: u64) -> Result<Outcome, ClientError> {
        let accepted: Outcome = self.read(self.send(call).await?)?;
        // Not every server keeps what it does at once.
        if patience_s == 0 || accepted.request.is_empty() {
            return Ok(accepted);
        }
        let path = format!("requests/{}", accepted.request);
        let until = Instant::now() + Duration::from_secs(patience_s);
        while Instant::now() < until {
            let outcome: Outcome = self.read(self.send(&Call::get(path.as_str())).await?)?;
            match outcome.state {
                State::Waiting => tokio::time::sleep(LOOK).await,
                State::Done => return Ok(outcome),
                State::Refused => {
                    let note = outcome.note.unwrap_or_else(|| "it was refused; the issue's card says why".to_owned());
                    return Err(ClientError::NotDone { note });
                }
            }
        }
        Err(ClientError::Undecided { request: accepted.request, waited_s: patience_s })
    }

    /// Whether an issue is a task by now: one that was opened is, once it was decided on, and only then can more be
    /// asked of it.
    pub async fn knows(&self, item: &Item, patience_s: u64) -> Result<bool, ClientError> {
        let until = Instant::now() + Duration::from_secs(patience_s);
        let look = Call::get(format!("tasks/{}", path_of(item)));
        loop {
            match self.send(&look).await {
                Ok(_) => return Ok(true),
                Err(ClientError::Refused { status: 404, .. }) if Instant::now() < until => {
                    tokio::time::sleep(LOOK).await;
                }
                Err(ClientError::Refused { status: 404, .. }) => return Ok(false),
                Err(error) => return Err(error),
            }
        }
    }

    /// An answer as what it should be.
    pub fn read<T: serde::de::DeserializeOwned>(&self, answer: Answer) -> Result<T, ClientError> {
        let strange = ClientError::Strange { url: self.url.clone(), status: answer.status.as_u16() };
        T::deserialize(answer.body).map_err(|_| strange)
    }

    /// All rows of a list, page by page.
    pub async fn list(&self, call: impl Fn(Option<&str>) -> Call, key: &str) -> Result<Vec<Value>, ClientError> {
        let (mut rows, mut after) = (Vec::new(), None::<String>);
        loop {
            let mut body = self.send(&call(after.as_deref())).await?.body;
            if let Value::Array(page) = body[key].take() {
                rows.extend(page);
            }
            match body["next"].as_str() {
                // A page that ends where the last one did would never end.
                Some(next) if after.as_deref() != Some(next) => after = Some(next.to_owned()),
                Some(_) | None => return Ok(rows),
            }
        }
    }
}
