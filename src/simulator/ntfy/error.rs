//! What ntfy answers when it refuses: a number of its own, the status, a sentence and a link.

use std::borrow::Cow;

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Serialize;

/// A refusal (<https://github.com/binwiederhier/ntfy/blob/main/server/errors.go>).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct ErrorAnswer {
    pub code: u32,
    pub http: u16,
    pub error: Cow<'static, str>,
    #[serde(skip_serializing_if = "str::is_empty")]
    pub link: &'static str,
}

impl ErrorAnswer {
    const fn new(code: u32, error: &'static str, link: &'static str) -> Self {
        // ntfy's numbers begin with the status: 42908 is a 429.
        #[expect(clippy::cast_possible_truncation, reason = "the quotient of a five-digit number has three digits")]
        let http = (code / 100) as u16;
        Self { code, http, error: Cow::Borrowed(error), link }
    }

    /// The same refusal with what exactly is wrong.
    pub(super) fn because(mut self, reason: &str) -> Self {
        self.error = Cow::Owned(format!("{}; {reason}", self.error));
        self
    }
}

const LIMITS: &str = "https://ntfy.sh/docs/publish/#limitations";
const AUTHENTICATION: &str = "https://ntfy.sh/docs/publish/#authentication";

pub(super) const PRIORITY_INVALID: ErrorAnswer =
    ErrorAnswer::new(40_007, "invalid request: priority invalid", "https://ntfy.sh/docs/publish/#message-priority");
pub(super) const SINCE_INVALID: ErrorAnswer = ErrorAnswer::new(
    40_008,
    "invalid request: since parameter invalid",
    "https://ntfy.sh/docs/subscribe/api/#fetch-cached-messages",
);
pub(super) const TOPIC_INVALID: ErrorAnswer = ErrorAnswer::new(40_009, "invalid request: topic invalid", "");
pub(super) const ATTACHMENTS_DISALLOWED: ErrorAnswer =
    ErrorAnswer::new(40_014, "invalid request: attachments not allowed", "https://ntfy.sh/docs/config/#attachments");
pub(super) const JSON_INVALID: ErrorAnswer = ErrorAnswer::new(
    40_017,
    "invalid request: request body must be message JSON",
    "https://ntfy.sh/docs/publish/#publish-as-json",
);
pub(super) const ACTIONS_INVALID: ErrorAnswer =
    ErrorAnswer::new(40_018, "invalid request: actions invalid", "https://ntfy.sh/docs/publish/#action-buttons");
pub(super) const UNAUTHORIZED: ErrorAnswer = ErrorAnswer::new(40_101, "unauthorized", AUTHENTICATION);
pub(super) const FORBIDDEN: ErrorAnswer = ErrorAnswer::new(40_301, "forbidden", AUTHENTICATION);
pub(super) const NOT_FOUND: ErrorAnswer = ErrorAnswer::new(40_401, "page not found", "");
pub(super) const BODY_TOO_LARGE: ErrorAnswer =
    ErrorAnswer::new(41_301, "attachment too large, or bandwidth limit reached", LIMITS);
pub(super) const JSON_TOO_LARGE: ErrorAnswer = ErrorAnswer::new(41_303, "JSON body too large", "");
pub(super) const TOO_MANY_REQUESTS: ErrorAnswer = ErrorAnswer::new(42_901, "limit reached: too many requests", LIMITS);
pub(super) const DAILY_LIMIT: ErrorAnswer =
    ErrorAnswer::new(42_908, "limit reached: daily message quota reached", LIMITS);

impl IntoResponse for ErrorAnswer {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.http).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        (status, axum::Json(self)).into_response()
    }
}
