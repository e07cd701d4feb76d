//! Answers and refusals in the shape that GitHub gives them.

use serde_json::{Value, json};

use super::error::SimulatorError;

/// What a handler gives back.
pub type Reply = Result<Answer, Refusal>;

/// A good answer.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: Vec<(&'static str, String)>,
    pub body: Body,
}

#[derive(Debug)]
pub enum Body {
    Empty,
    Json(Value),
    Raw { content_type: &'static str, bytes: Vec<u8> },
}

impl Answer {
    pub const fn json(status: u16, body: Value) -> Self {
        Self { status, headers: Vec::new(), body: Body::Json(body) }
    }

    pub const fn empty(status: u16) -> Self {
        Self { status, headers: Vec::new(), body: Body::Empty }
    }

    pub fn with(mut self, name: &'static str, value: String) -> Self {
        self.headers.push((name, value));
        self
    }
}

/// Wraps a good answer of status 200.
#[expect(clippy::unnecessary_wraps, reason = "handlers end in it, and they may refuse")]
pub const fn ok(body: Value) -> Reply {
    Ok(Answer::json(200, body))
}

/// Why a request is refused.
#[derive(Debug)]
pub struct Refusal {
    pub status: u16,
    pub message: String,
    pub errors: Vec<Value>,
    pub headers: Vec<(&'static str, String)>,
}

impl Refusal {
    pub fn new(status: u16, message: impl Into<String>) -> Self {
        Self { status, message: message.into(), errors: Vec::new(), headers: Vec::new() }
    }

    pub fn not_found() -> Self {
        Self::new(404, "Not Found")
    }

    /// A 422 about one field, with one of GitHub's codes: `missing`, `invalid`, `already_exists`…
    ///
    /// <https://docs.github.com/en/rest/using-the-rest-api/troubleshooting-the-rest-api#validation-failed>
    pub fn invalid(resource: &str, field: &str, code: &str) -> Self {
        Self::validation(json!({"resource": resource, "field": field, "code": code}))
    }

    /// A 422 with GitHub's code `custom` and a sentence.
    pub fn custom(resource: &str, field: &str, message: &str) -> Self {
        Self::validation(json!({"resource": resource, "field": field, "code": "custom", "message": message}))
    }

    pub fn validation(error: Value) -> Self {
        Self { errors: vec![error], ..Self::new(422, "Validation Failed") }
    }

    pub fn into_answer(self) -> Answer {
        let mut body = json!({
            "message": self.message,
            "documentation_url": "https://docs.github.com/rest",
            "status": self.status.to_string(),
        });
        if !self.errors.is_empty() {
            body["errors"] = Value::Array(self.errors);
        }
        Answer { status: self.status, headers: self.headers, body: Body::Json(body) }
    }
}

impl From<SimulatorError> for Refusal {
    /// Whatever cannot be found is 404 over HTTP; the rest is our own fault.
    fn from(error: SimulatorError) -> Self {
        match error {
            SimulatorError::UnknownRepository(_)
            | SimulatorError::UnknownIssue { .. }
            | SimulatorError::UnknownComment(_)
            | SimulatorError::UnknownBranch { .. }
            | SimulatorError::UnknownCheck(_)
            | SimulatorError::UnknownReview(_)
            | SimulatorError::UnknownRelease(_)
            | SimulatorError::UnknownDeployment(_)
            | SimulatorError::NotInstalled(_) => Self::not_found(),
            SimulatorError::UnknownCommit(_) => Self::new(422, error.to_string()),
            SimulatorError::Forbidden(reason) => {
                Self { errors: vec![Value::from(reason)], ..Self::new(422, "Unprocessable Entity") }
            }
            SimulatorError::BadRepositoryName(_)
            | SimulatorError::Git(_)
            | SimulatorError::Io(_)
            | SimulatorError::TimedOut(_) => Self::new(500, "Server Error"),
        }
    }
}

impl From<git2::Error> for Refusal {
    fn from(error: git2::Error) -> Self {
        SimulatorError::from(error).into()
    }
}
