//! What can be made to go wrong with a request.

use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Response};

use super::error;

/// What goes wrong with one request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// Nothing is done; this status is the answer, as a proxy before the server gives it (429 as ntfy gives it).
    Status(u16),
    /// The request is carried out, and yet this status is the answer.
    StatusAfterDoing(u16),
    /// Nothing is done; the connection ends without an answer.
    CutConnection,
    /// The request is carried out; the connection ends without an answer.
    CutAfterDoing,
    /// Nothing is done, and no answer comes while the connection stays open.
    Stall,
}

/// The answer to a request that a fault gives this status.
pub(super) fn answer(status: u16) -> Response {
    if status == error::TOO_MANY_REQUESTS.http {
        return error::TOO_MANY_REQUESTS.into_response();
    }
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    (status, Html(format!("<html><body><h1>{status}</h1></body></html>"))).into_response()
}
