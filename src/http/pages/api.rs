//! `/api`: the description of the HTTP API, to be read and tried in a browser; all of it is part of the binary.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};

use super::fault::PageFault;
use super::looking::Looking;
use super::shell::{Part, Shell};
use crate::http::Door;

/// swagger-ui 5.32.6 (<https://github.com/swagger-api/swagger-ui>) under the Apache License 2.0, as its release has it but
/// packed by gzip: every browser unpacks it, and so it takes less than a quarter of the room.
const VERSION: &str = "\"swagger-ui-5.32.6\"";

/// Every file: its name, its type and its bytes. The first two are packed.
const FILES: [(&str, &str, &[u8], bool); 4] = [
    (
        "swagger-ui-bundle.js",
        "text/javascript; charset=utf-8",
        include_bytes!("assets/swagger/swagger-ui-bundle.js.gz"),
        true,
    ),
    ("swagger-ui.css", "text/css; charset=utf-8", include_bytes!("assets/swagger/swagger-ui.css.gz"), true),
    ("start.js", "text/javascript; charset=utf-8", include_bytes!("assets/swagger/start.js"), false),
    ("page.css", "text/css; charset=utf-8", include_bytes!("assets/swagger/page.css"), false),
];

/// The same as for every page, but swagger-ui writes styles into what it shows; scripts it does not.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; \
    connect-src 'self'; font-src 'self' data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

#[derive(Template)]
#[template(path = "api.html", config = ".askama.toml")]
struct ApiPage {
    shell: Shell,
}

/// `GET /api`
pub(super) async fn page(State(door): State<Arc<Door>>, looking: Looking) -> Result<Response, PageFault> {
    let shell = looking.shell(&door, Part::Api, "API").await?;
    let policy = [(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY))];
    Ok((policy, Html(ApiPage { shell }.render()?)).into_response())
}

/// `GET /api/docs/FILE`
pub(super) async fn file(Path(file): Path<String>, headers: HeaderMap) -> Result<Response, PageFault> {
    let (_, kind, bytes, packed) = FILES.into_iter().find(|(name, ..)| *name == file).ok_or(PageFault::NotFound)?;
    let mut head = HeaderMap::new();
    head.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    head.insert(header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=300"));
    if packed {
        // What is of our own changes with us, and small; what is swagger-ui's changes with its version.
        head.insert(header::ETAG, HeaderValue::from_static(VERSION));
        if headers.get(header::IF_NONE_MATCH).is_some_and(|given| given.as_bytes() == VERSION.as_bytes()) {
            return Ok((StatusCode::NOT_MODIFIED, head).into_response());
        }
        head.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    Ok((head, bytes).into_response())
}
