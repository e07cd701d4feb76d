//! What goes wrong with a page, and the page that says so.

use askama::Template;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};

use super::href::encoded;
use crate::store::StoreError;

/// Why a page is not shown, or a form not followed.
#[derive(Debug)]
pub(super) enum PageFault {
    /// There is none, or nobody is told that there is one.
    NotFound,
    /// Whoever asks has to sign in first.
    SignIn {
        /// The path that they wanted.
        back_to: String,
    },
    /// They may not.
    Forbidden(String),
    /// The form is not one of this session's, or of an older state of things.
    Stale(String),
    /// What was sent cannot be understood, or does not fit to how things stand.
    Unfitting(String),
    /// Somebody else does not answer.
    Unavailable(String),
    /// The address cannot be read.
    Unreadable,
    /// The address is there, and is not asked so.
    WrongMethod,
    /// A fault of ours.
    Internal,
}

impl From<StoreError> for PageFault {
    fn from(fault: StoreError) -> Self {
        if fault.cause().is_some() {
            tracing::debug!(error = %fault, "a page could not be shown");
        } else {
            tracing::error!(error = %fault, "a page could not be shown");
        }
        Self::Unavailable("The database cannot be read or written at the moment; load the page again later.".to_owned())
    }
}

impl From<askama::Error> for PageFault {
    fn from(fault: askama::Error) -> Self {
        tracing::error!(error = %fault, "a page could not be written");
        Self::Internal
    }
}

#[derive(Template)]
#[template(path = "fault.html", config = ".askama.toml")]
struct FaultPage<'a> {
    title: &'a str,
    detail: &'a str,
}

impl PageFault {
    fn told(&self) -> (StatusCode, &'static str, &str) {
        match self {
            Self::NotFound => {
                (StatusCode::NOT_FOUND, "Nothing here", "There is no such page, or it is not for you to see.")
            }
            Self::SignIn { .. } => (StatusCode::UNAUTHORIZED, "Sign in first", "Your session has ended."),
            Self::Forbidden(detail) => (StatusCode::FORBIDDEN, "Not permitted", detail),
            Self::Stale(detail) => (StatusCode::CONFLICT, "Out of date", detail),
            Self::Unfitting(detail) => (StatusCode::UNPROCESSABLE_ENTITY, "That does not work", detail),
            Self::Unavailable(detail) => (StatusCode::SERVICE_UNAVAILABLE, "Not at the moment", detail),
            Self::Unreadable => (
                StatusCode::BAD_REQUEST,
                "Not understood",
                "This address cannot be read. Go back and follow a link instead.",
            ),
            Self::WrongMethod => {
                (StatusCode::METHOD_NOT_ALLOWED, "Nothing here", "This address takes a form, and shows nothing itself.")
            }
            Self::Internal => (
                StatusCode::INTERNAL_SERVER_ERROR,
                "A fault of ours",
                "The page could not be put together; the server's log says why.",
            ),
        }
    }
}

impl IntoResponse for PageFault {
    fn into_response(self) -> Response {
        if let Self::SignIn { back_to } = &self {
            let to = format!("/sign-in?to={}", encoded(super::origin::own_path(back_to)));
            let to = HeaderValue::from_str(&to).unwrap_or(HeaderValue::from_static("/sign-in"));
            return (StatusCode::SEE_OTHER, [(header::LOCATION, to)]).into_response();
        }
        let (status, title, detail) = self.told();
        match (FaultPage { title, detail }).render() {
            Ok(page) => (status, Html(page)).into_response(),
            Err(_) => status.into_response(),
        }
    }
}
