//! A form that somebody sent: only if it comes from a page of ours and from the session that it was made for.

use std::sync::Arc;

use axum::extract::{FromRequest, Request};
use axum::http::{HeaderMap, header};

use super::fault::PageFault;
use super::viewer::Viewer;
use crate::http::Door;
use crate::http::body;
use axum::extract::FromRequestParts as _;

/// No form of ours is larger.
const FORM_MAX_BYTES: usize = 64 * 1024;

/// The fields of a form.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Fields(Vec<(String, String)>);

impl Fields {
    /// A field that is filled in.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(key, _)| key == name).map(|(_, value)| value.trim()).filter(|value| !value.is_empty())
    }

    /// A field that has to be filled in; `what` names it in the sentence that says that it is not.
    pub(super) fn need(&self, name: &str, what: &str) -> Result<&str, PageFault> {
        self.get(name).ok_or_else(|| PageFault::Unfitting(format!("{what} is missing: go back and fill it in.")))
    }

    /// Fields as a browser writes them
    /// (<https://url.spec.whatwg.org/#application/x-www-form-urlencoded>).
    pub(super) fn read(text: &[u8]) -> Self {
        Self(url::form_urlencoded::parse(text).into_owned().collect())
    }
}

/// A form with whoever sent it.
pub(super) struct Sent {
    pub(super) viewer: Viewer,
    pub(super) fields: Fields,
}

impl FromRequest<Arc<Door>> for Sent {
    type Rejection = PageFault;

    async fn from_request(request: Request, door: &Arc<Door>) -> Result<Self, PageFault> {
        let (mut parts, body) = request.into_parts();
        own_page(&parts.headers)?;
        let fields = fields(&parts.headers, body).await?;
        let viewer = Viewer::from_request_parts(&mut parts, door).await?;
        let Some(secret) = &viewer.secret else { return Err(PageFault::SignIn { back_to: "/".to_owned() }) };
        if !secret.is_csrf(fields.get("csrf").unwrap_or_default()) {
            return Err(stale());
        }
        Ok(Self { viewer, fields })
    }
}

fn stale() -> PageFault {
    PageFault::Stale(
        "This form was not made for your session, so nothing was done. Load the page again and repeat it there."
            .to_owned(),
    )
}

/// The fields of a request's body.
pub(super) async fn fields(headers: &HeaderMap, body: axum::body::Body) -> Result<Fields, PageFault> {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if !kind.starts_with("application/x-www-form-urlencoded") {
        return Err(PageFault::Unfitting("This takes the fields of a form.".to_owned()));
    }
    let bytes = body::read(body, None, FORM_MAX_BYTES).await;
    let bytes = bytes.map_err(|_| PageFault::Unfitting("The form is too long, or it was cut off.".to_owned()))?;
    Ok(Fields::read(&bytes))
}

/// Browsers say from where a form was sent (<https://developer.mozilla.org/en-US/docs/Web/HTTP/Reference/Headers/Origin>);
/// one of another site is not followed, whatever it carries.
pub(super) fn own_page(headers: &HeaderMap) -> Result<(), PageFault> {
    let text = |name| headers.get(name).and_then(|value: &axum::http::HeaderValue| value.to_str().ok());
    let foreign_site =
        text("sec-fetch-site".parse().unwrap_or(header::ORIGIN)).is_some_and(|site| site != "same-origin");
    let foreign_origin = text(header::ORIGIN).is_some_and(|origin| {
        let host = origin.split_once("://").map(|(_, host)| host);
        host != text(header::HOST)
    });
    if foreign_site || foreign_origin { Err(stale()) } else { Ok(()) }
}
