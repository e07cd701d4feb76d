//! A form that somebody sent: only if it comes from a page of ours and from the session that it was made for.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::{FromRequest, FromRequestParts as _, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};

use super::fault::PageFault;
use super::viewer::{self, Viewer};
use super::{origin, pages, sign_in};
use crate::http::Door;
use crate::http::body;

/// No form of ours is larger.
const FORM_MAX_BYTES: usize = 64 * 1024;
/// A form that drips in holds a connection no longer.
const FORM_TIMEOUT: Duration = Duration::from_secs(10);

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
        if origin::is_foreign(pages(door)?, &parts.headers) {
            let of_session = viewer::session_of(door, &parts.headers).await?;
            sign_in::refused(door, (&of_session.who, &parts), "it was sent by another site").await;
            return Err(stale());
        }
        let fields = fields(&parts.headers, body).await?;
        let viewer = Viewer::from_request_parts(&mut parts, door).await;
        let viewer = viewer.map_err(|fault| to_page(door, &parts, fault))?;
        let Some(secret) = &viewer.secret else {
            return Err(to_page(door, &parts, PageFault::SignIn { back_to: String::new() }));
        };
        if !secret.is_csrf(fields.get("csrf").unwrap_or_default()) {
            sign_in::refused(door, (&viewer.who, &parts), "it was not made for this session").await;
            return Err(stale());
        }
        Ok(Self { viewer, fields })
    }
}

/// Whoever has to sign in comes back to the page that had the form: where the form is sent to there is no page.
fn to_page(door: &Door, parts: &Parts, fault: PageFault) -> PageFault {
    if !matches!(fault, PageFault::SignIn { .. }) {
        return fault;
    }
    let page = pages(door).ok().and_then(|pages| origin::page_before(pages, &parts.headers));
    PageFault::SignIn { back_to: page.unwrap_or_else(|| "/".to_owned()) }
}

pub(super) fn stale() -> PageFault {
    PageFault::Stale(
        "This form was not made for your session, so nothing was done. Load the page again and repeat it there."
            .to_owned(),
    )
}

/// The fields of a request's body.
pub(super) async fn fields(headers: &HeaderMap, body: axum::body::Body) -> Result<Fields, PageFault> {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if kind.split(';').next().is_none_or(|kind| kind.trim() != "application/x-www-form-urlencoded") {
        return Err(PageFault::Unfitting("This takes the fields of a form.".to_owned()));
    }
    let cut_off = || PageFault::Unfitting("The form is too long, or it was cut off.".to_owned());
    let bytes = tokio::time::timeout(FORM_TIMEOUT, body::read(body, None, FORM_MAX_BYTES)).await;
    let bytes = bytes.map_err(|_| cut_off())?.map_err(|_| cut_off())?;
    Ok(Fields::read(&bytes))
}
