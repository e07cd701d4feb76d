//! The client of an optional model: one question to an endpoint that speaks `OpenAI`'s protocol, one answer.

use std::sync::Arc;
use std::time::Duration;

use reqwest::{Client, RequestBuilder};
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;
use serde_json::json;
use url::Url;

use super::answer;

/// How long an answer may take, to its last byte.
const TIMEOUT: Duration = Duration::from_mins(1);
/// Longer answers are not read to their end.
const ANSWER_MAX_BYTES: usize = 256 * 1024;
/// Some know hundreds of models, and tell much of each.
const LIST_MAX_BYTES: usize = 8 * 1024 * 1024;
/// An answer has no more tokens than this.
pub const ANSWER_TOKENS: i64 = 700;

/// Where the model is, and what it is called.
#[derive(Debug, Clone)]
pub struct ModelAccess {
    /// The address before `/chat/completions`.
    pub url: Url,
    /// The key, where it wants one.
    pub key: Option<SecretString>,
    /// The model's name.
    pub name: String,
}

/// Why there is no answer. No sentence repeats what the other side said.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ModelFault {
    /// It answered with another status than success.
    #[error("the model answered with status {0}")]
    Status(u16),
    /// No connection, or one that broke off.
    #[error("the model could not be reached")]
    Unreachable,
    /// It took too long.
    #[error("the model took more than {} s", TIMEOUT.as_secs())]
    TooSlow,
    /// It is longer than anybody would read.
    #[error("the model's answer is longer than {0} KiB")]
    TooLong(usize),
    /// It is no answer as the protocol has it.
    #[error("what answered does not speak as a model does")]
    Garbage,
}

/// An answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answered {
    /// What it said, as it said it.
    pub text: String,
    /// What it cost in tokens, where it says so.
    pub tokens: Option<i64>,
}

/// Asks a model. Clones share the connections.
#[derive(Debug, Clone)]
pub struct ModelClient {
    http: Client,
    access: Arc<ModelAccess>,
    timeout: Duration,
}

/// <https://platform.openai.com/docs/api-reference/chat/object>
#[derive(Deserialize)]
struct Completion {
    choices: Vec<Choice>,
    usage: Option<Usage>,
}

#[derive(Deserialize)]
struct Choice {
    message: Message,
}

#[derive(Deserialize)]
struct Message {
    content: Option<String>,
}

#[derive(Deserialize)]
struct Usage {
    total_tokens: Option<i64>,
}

/// <https://platform.openai.com/docs/api-reference/models/list>
#[derive(Deserialize)]
struct ModelList {
    data: Vec<ListedModel>,
}

#[derive(Deserialize)]
struct ListedModel {
    id: String,
}

impl ModelClient {
    /// A client over shared connections, which must not follow redirects: the key goes nowhere else.
    #[must_use]
    pub fn new(http: Client, access: ModelAccess) -> Self {
        Self { http, access: Arc::new(access), timeout: TIMEOUT }
    }

    /// The same with another patience.
    #[must_use]
    pub fn within(self, timeout: Duration) -> Self {
        Self { timeout, ..self }
    }

    /// The model's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.access.name
    }

    /// Asks one question: what it is to do, and the text that it is about
    /// (<https://platform.openai.com/docs/api-reference/chat/create>).
    ///
    /// # Errors
    /// See [`ModelFault`]; whether the question was paid for is then not known.
    pub async fn ask(&self, (system, user): (&str, &str)) -> Result<Answered, ModelFault> {
        let asked = tokio::time::timeout(self.timeout, self.asked(system, user)).await;
        asked.unwrap_or(Err(ModelFault::TooSlow))
    }

    async fn asked(&self, system: &str, user: &str) -> Result<Answered, ModelFault> {
        let body = json!({
            "model": self.access.name,
            "messages": [{ "role": "system", "content": system }, { "role": "user", "content": user }],
            "max_tokens": ANSWER_TOKENS,
            "temperature": 0,
            "stream": false,
        });
        let bytes = self.called(self.http.post(self.url("chat/completions")).json(&body), ANSWER_MAX_BYTES).await?;
        let completion: Completion = serde_json::from_slice(&bytes).map_err(|_| ModelFault::Garbage)?;
        let tokens = completion.usage.and_then(|usage| usage.total_tokens).filter(|tokens| *tokens > 0);
        let first = completion.choices.into_iter().next().and_then(|choice| choice.message.content);
        let text = first.filter(|text| !text.trim().is_empty()).ok_or(ModelFault::Garbage)?;
        Ok(Answered { text, tokens })
    }

    /// Looks whether it is there and knows the model by its name, without asking it anything.
    ///
    /// # Errors
    /// A sentence that says what is wrong.
    pub async fn look(&self) -> Result<String, String> {
        let name = self.name();
        let listed = tokio::time::timeout(self.timeout, self.listed()).await.unwrap_or(Err(ModelFault::TooSlow));
        match listed {
            Ok(known) if known.iter().any(|known| known == name) => Ok(format!("it is there and knows `{name}`")),
            Ok(known) if !known.is_empty() => Err(format!("it knows no model `{name}`, only {} others", known.len())),
            // Not all that speak the protocol list what they have.
            Ok(_) | Err(ModelFault::Status(404 | 405)) => Ok("it is there, and does not list its models".to_owned()),
            Err(fault @ ModelFault::Status(401 | 403)) => Err(format!("it does not take the key: {fault}")),
            Err(fault) => Err(fault.to_string()),
        }
    }

    async fn listed(&self) -> Result<Vec<String>, ModelFault> {
        let bytes = self.called(self.http.get(self.url("models")), LIST_MAX_BYTES).await?;
        let list: ModelList = serde_json::from_slice(&bytes).map_err(|_| ModelFault::Garbage)?;
        Ok(list.data.into_iter().map(|model| model.id).collect())
    }

    fn url(&self, path: &str) -> String {
        format!("{}/{path}", self.access.url.as_str().trim_end_matches('/'))
    }

    /// Calls it with its key, and reads its answer to the end unless that is too far.
    async fn called(&self, mut request: RequestBuilder, most_bytes: usize) -> Result<Vec<u8>, ModelFault> {
        if let Some(key) = &self.access.key {
            request = request.bearer_auth(key.expose_secret());
        }
        let answer = request.send().await.map_err(|_| ModelFault::Unreachable)?;
        if !answer.status().is_success() {
            return Err(ModelFault::Status(answer.status().as_u16()));
        }
        let (bytes, cut) = answer::body(answer, most_bytes).await.map_err(|_| ModelFault::Unreachable)?;
        if cut { Err(ModelFault::TooLong(most_bytes / 1024)) } else { Ok(bytes) }
    }
}
