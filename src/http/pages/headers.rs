//! What browsers are told about every page: run no script but ours, and let nobody frame it.

use axum::extract::Request;
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};

use super::fault::PageFault;

/// Scripts, styles and pictures of our own; forms go to us, and nobody frames a page
/// (<https://developer.mozilla.org/en-US/docs/Web/HTTP/Guides/CSP>).
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; \
    font-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// Adds the headers to whatever a page answers. An address or a query that cannot be read is answered in plain text by
/// the extractors; people get a page instead.
pub(super) async fn guard(request: Request, next: Next) -> Response {
    let response = next.run(request).await;
    let kind = response.headers().get(header::CONTENT_TYPE).map(HeaderValue::as_bytes).unwrap_or_default();
    let is_bare = response.status().is_client_error() && kind.starts_with(b"text/plain");
    guarded(if is_bare { PageFault::Unreadable.into_response() } else { response })
}

/// The response with the headers, where a handler has not set its own.
pub(super) fn guarded(mut response: Response) -> Response {
    let headers = response.headers_mut();
    for (name, value) in [
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (header::REFERRER_POLICY, "same-origin"),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
        (header::CACHE_CONTROL, "no-store"),
    ] {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
    response
}

/// Whether whoever asks reads pages: browsers say so, and programs that call an API do not
/// (<https://www.rfc-editor.org/rfc/rfc9110#name-accept>).
pub(super) fn reads_pages(headers: &HeaderMap) -> bool {
    let lines = headers.get_all(header::ACCEPT).into_iter().filter_map(|line| line.to_str().ok());
    let mut kinds = lines.flat_map(|line| line.split(',')).filter_map(|kind| kind.split(';').next());
    kinds.any(|kind| kind.trim().eq_ignore_ascii_case("text/html"))
}
