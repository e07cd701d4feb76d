//! The pages of set-up, each with headers that let its forms go where they have to and nowhere else.

use askama::Template;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};

use super::{Registered, Wanted};

/// What is chosen.
#[derive(Template)]
#[template(path = "set_up_choose.html", config = ".askama.toml")]
pub(super) struct Choose<'a> {
    pub(super) code: &'a str,
    pub(super) wanted: &'a Wanted,
    pub(super) fault: Option<String>,
}

/// What will be sent to GitHub.
#[derive(Template)]
#[template(path = "set_up_confirm.html", config = ".askama.toml")]
pub(super) struct Confirm<'a> {
    pub(super) wanted: &'a Wanted,
    pub(super) form_url: String,
    pub(super) manifest: String,
    pub(super) asks: &'a [(String, String)],
}

/// What was made.
#[derive(Template)]
#[template(path = "set_up_done.html", config = ".askama.toml")]
pub(super) struct Done<'a> {
    pub(super) app: &'a Registered,
}

/// Why it does not go on.
#[derive(Template)]
#[template(path = "set_up_stop.html", config = ".askama.toml")]
pub(super) struct Stop<'a> {
    pub(super) title: &'a str,
    pub(super) detail: &'a str,
    /// The code, for those who have shown that they have it.
    pub(super) code: Option<&'a str>,
}

/// A page whose forms go to us, and to this other origin if one is named.
pub(super) fn shown(status: StatusCode, page: &impl Template, forms_to: Option<&str>) -> Response {
    let Ok(text) = page.render() else { return StatusCode::INTERNAL_SERVER_ERROR.into_response() };
    let policy = format!(
        "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self' {}; base-uri 'none'; \
         frame-ancestors 'none'",
        forms_to.unwrap_or_default()
    );
    let policy = HeaderValue::from_str(&policy).unwrap_or(HeaderValue::from_static("default-src 'none'"));
    let head = [
        (header::CONTENT_SECURITY_POLICY, policy),
        (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
        (header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY")),
        // GitHub learns from where the form comes, and nobody learns the code in the address.
        (header::REFERRER_POLICY, HeaderValue::from_static("strict-origin")),
        (HeaderName::from_static("cross-origin-opener-policy"), HeaderValue::from_static("same-origin")),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    ];
    (status, head, Html(text)).into_response()
}

/// A page that says why it does not go on.
pub(super) fn stopped(status: StatusCode, stop: &Stop<'_>) -> Response {
    shown(status, stop, None)
}
