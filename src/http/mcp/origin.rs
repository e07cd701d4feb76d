//! From where messages are taken: from agents, wherever they are, and from no other site's pages.
//!
//! A page that somebody is lured to could send messages to a server on their machine or in their network, also under a
//! name of its own that leads there (DNS rebinding). It has no token, which browsers do not add by themselves, so it
//! comes to nothing in any case; the protocol asks for a second lock all the same
//! (<https://modelcontextprotocol.io/specification/2025-11-25/basic/transports#security-warning>).
//!
//! Browsers name the page's site in `Origin` with every POST, and no script can keep them from it. So what has an
//! `Origin` is a browser, and passes from `PUBLIC_URL` alone, or where the server was asked by an address that no
//! stranger's name can be led to: this machine's own, or a numeric one. What has none is no browser, and cannot be
//! lured: its `Host` may be whatever a proxy or a container's network makes of it. A list of allowed hosts would lock
//! those out that are behind a proxy, and nobody else.

use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use url::{Host, Url};

use crate::http::problem::{Problem, ProblemKind};
use crate::http::{Door, Pages};

/// <https://developer.mozilla.org/en-US/docs/Web/HTTP/Reference/Headers/Sec-Fetch-Site>
const FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// Refuses what a page of another site sends.
pub(super) fn check(door: &Door, headers: &HeaderMap) -> Result<(), Problem> {
    let other_site = headers.get(FETCH_SITE).is_some_and(|site| !matches!(site.as_bytes(), b"same-origin" | b"none"));
    let own = door.pages.as_ref().map(Pages::address);
    let other_origin = headers.get(header::ORIGIN).is_some_and(|origin| !is_own(own, headers, origin));
    if !other_site && !other_origin {
        return Ok(());
    }
    let detail = "A web page of another site sent this. Agents send no Origin; a page is believed at PUBLIC_URL, at \
                  localhost and at a numeric address.";
    Err(ProblemKind::Forbidden.counted(&door.metrics, detail))
}

fn is_own(own: Option<&str>, headers: &HeaderMap, origin: &HeaderValue) -> bool {
    let Some(given) = origin.to_str().ok().and_then(|origin| Url::parse(origin).ok()) else { return false };
    if !matches!(given.scheme(), "http" | "https") {
        return false;
    }
    if own.and_then(|own| Url::parse(own).ok()).is_some_and(|own| own.origin() == given.origin()) {
        return true;
    }
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let asked = Url::parse(&format!("{}://{host}/", given.scheme()));
    asked.is_ok_and(|asked| asked.origin() == given.origin()) && cannot_be_led_astray(&given)
}

/// Whether no name of a stranger's can be behind this address.
fn cannot_be_led_astray(address: &Url) -> bool {
    match address.host() {
        Some(Host::Ipv4(_) | Host::Ipv6(_)) => true,
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        None => false,
    }
}
