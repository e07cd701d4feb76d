//! Styles and scripts, which are part of the binary.

use axum::extract::Path;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::fault::PageFault;
use super::session::hashed;

/// Every asset: its name, its type and its text.
const ASSETS: &[(&str, &str, &str)] = &[
    ("style.css", "text/css; charset=utf-8", include_str!("assets/style.css")),
    // htmx 4.0.1 and its extension for server-sent events, from npm (`htmx.org`), under the Zero-Clause BSD licence.
    ("htmx.min.js", "text/javascript; charset=utf-8", include_str!("assets/htmx.min.js")),
    ("hx-sse.min.js", "text/javascript; charset=utf-8", include_str!("assets/hx-sse.min.js")),
    ("mark.svg", "image/svg+xml", include_str!("assets/mark.svg")),
];

/// `GET /assets/FILE`
pub(super) async fn asset(Path(file): Path<String>, headers: HeaderMap) -> Result<Response, PageFault> {
    let (_, kind, text) = ASSETS.iter().find(|(name, ..)| *name == file).ok_or(PageFault::NotFound)?;
    let tag = format!("\"{}\"", &hashed("", text)[..16]);
    let known = headers.get(header::IF_NONE_MATCH).is_some_and(|given| given.as_bytes() == tag.as_bytes());
    let tag = HeaderValue::from_str(&tag).map_err(|_| PageFault::Internal)?;
    let head = [
        (header::CONTENT_TYPE, HeaderValue::from_static(kind)),
        (header::ETAG, tag),
        (header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=300")),
    ];
    Ok(if known { (StatusCode::NOT_MODIFIED, head).into_response() } else { (head, *text).into_response() })
}
