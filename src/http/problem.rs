//! Errors as `application/problem+json` (<https://www.rfc-editor.org/rfc/rfc9457>).

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use tracing::debug;

use crate::metrics::Metrics;

/// The kinds of problem that the server answers with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProblemKind {
    /// No such path.
    NotFound,
    /// The path exists and does not take the method.
    MethodNotAllowed,
    /// The body is not what its sender should send.
    UnsupportedMediaType,
    /// A header is missing.
    MissingHeader,
    /// A header is there and cannot be right.
    MalformedHeader,
    /// More bytes than GitHub ever sends.
    PayloadTooLarge,
    /// The body ended early.
    IncompleteBody,
    /// The body did not come in time.
    RequestTimeout,
    /// Not signed with a secret of ours.
    BadSignature,
    /// Genuine, and not a JSON object.
    NotJson,
    /// No token is set, so nobody may.
    ApiDisabled,
    /// The token is missing or another.
    WrongToken,
    /// The token is for other things.
    Forbidden,
    /// It is understood, and something in it cannot be.
    Unprocessable,
    /// It is understood, and does not fit to how things stand.
    Conflict,
    /// The delivery could not be stored.
    StoreUnavailable,
    /// The server is starting, stopping or cut off.
    NotReady,
    /// A fault of our own.
    Internal,
}

impl ProblemKind {
    /// The word by which it is counted, and the end of its type.
    #[must_use]
    pub const fn slug(self) -> &'static str {
        match self {
            Self::NotFound => "not-found",
            Self::MethodNotAllowed => "method-not-allowed",
            Self::UnsupportedMediaType => "unsupported-media-type",
            Self::MissingHeader => "missing-header",
            Self::MalformedHeader => "malformed-header",
            Self::PayloadTooLarge => "payload-too-large",
            Self::IncompleteBody => "incomplete-body",
            Self::RequestTimeout => "request-timeout",
            Self::BadSignature => "bad-signature",
            Self::NotJson => "not-json",
            Self::ApiDisabled => "api-disabled",
            Self::WrongToken => "wrong-token",
            Self::Forbidden => "forbidden",
            Self::Unprocessable => "unprocessable",
            Self::Conflict => "conflict",
            Self::StoreUnavailable => "store-unavailable",
            Self::NotReady => "not-ready",
            Self::Internal => "internal",
        }
    }

    pub(super) const fn title(self) -> &'static str {
        match self {
            Self::NotFound => "Not found",
            Self::MethodNotAllowed => "Method not allowed",
            Self::UnsupportedMediaType => "Unsupported content type",
            Self::MissingHeader => "Missing header",
            Self::MalformedHeader => "Malformed header",
            Self::PayloadTooLarge => "Payload too large",
            Self::IncompleteBody => "Incomplete body",
            Self::RequestTimeout => "Request timeout",
            Self::BadSignature => "Bad signature",
            Self::NotJson => "Not JSON",
            Self::ApiDisabled => "API not enabled",
            Self::WrongToken => "Wrong token",
            Self::Forbidden => "Forbidden",
            Self::Unprocessable => "Unprocessable",
            Self::Conflict => "Conflict",
            Self::StoreUnavailable => "Store unavailable",
            Self::NotReady => "Not ready",
            Self::Internal => "Internal fault",
        }
    }

    const fn status(self) -> StatusCode {
        match self {
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Self::UnsupportedMediaType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::MissingHeader | Self::MalformedHeader | Self::IncompleteBody | Self::NotJson => {
                StatusCode::BAD_REQUEST
            }
            Self::PayloadTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::RequestTimeout => StatusCode::REQUEST_TIMEOUT,
            Self::BadSignature | Self::WrongToken => StatusCode::UNAUTHORIZED,
            Self::ApiDisabled | Self::Forbidden => StatusCode::FORBIDDEN,
            Self::Unprocessable => StatusCode::UNPROCESSABLE_ENTITY,
            Self::Conflict => StatusCode::CONFLICT,
            Self::StoreUnavailable | Self::NotReady => StatusCode::SERVICE_UNAVAILABLE,
            Self::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// A problem of this kind, counted where all are counted.
    pub fn counted(self, metrics: &Metrics, detail: impl Into<String>) -> Problem {
        let detail = detail.into();
        metrics.rejected(self.slug());
        // Anybody can cause these as often as they like, so they are no news at the usual level.
        debug!(problem = self.slug(), detail, "a request was refused");
        Problem { kind: self, detail, not_ready: Vec::new() }
    }
}

/// One problem, ready to be answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// What kind it is.
    pub kind: ProblemKind,
    /// What is wrong this time and what would be right, as sentences.
    pub detail: String,
    /// What is not ready, where that is the problem.
    pub not_ready: Vec<String>,
}

#[derive(Serialize)]
struct Members<'a> {
    r#type: String,
    title: &'static str,
    status: u16,
    detail: &'a str,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    not_ready: &'a [String],
}

/// After how many seconds an answer of 503 is worth another try.
const RETRY_AFTER_S: HeaderValue = HeaderValue::from_static("10");
/// What an answer of 401 says is wanted (<https://www.rfc-editor.org/rfc/rfc6750#section-3>).
const TOKEN_WANTED: HeaderValue = HeaderValue::from_static("Bearer realm=\"stationmaster\"");

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = self.kind.status();
        let members = Members {
            r#type: format!("urn:problem:stationmaster:{}", self.kind.slug()),
            title: self.kind.title(),
            status: status.as_u16(),
            detail: &self.detail,
            not_ready: &self.not_ready,
        };
        let mut response = (status, Json(members)).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if status == StatusCode::SERVICE_UNAVAILABLE {
            headers.insert(header::RETRY_AFTER, RETRY_AFTER_S);
        }
        if self.kind == ProblemKind::WrongToken {
            headers.insert(header::WWW_AUTHENTICATE, TOKEN_WANTED);
        }
        response
    }
}
