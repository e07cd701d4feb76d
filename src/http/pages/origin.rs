//! From where a request was sent, and where it may lead: nobody else's page sends our forms, and ours lead to no one else's.

use axum::http::{HeaderMap, HeaderName, header};
use url::{Host, Url};

use super::Pages;

/// <https://developer.mozilla.org/en-US/docs/Web/HTTP/Reference/Headers/Sec-Fetch-Site>
const FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");
/// No address of ours is longer, and what is kept of a sign-in stays small.
const PATH_MAX_BYTES: usize = 2_000;

/// Whether a form was sent by a page of another site. Browsers say so in `Origin`
/// (<https://developer.mozilla.org/en-US/docs/Web/HTTP/Reference/Headers/Origin>) and in `Sec-Fetch-Site`; what says
/// neither is no browser, and has no session that it does not know of.
pub(super) fn is_foreign(pages: &Pages, headers: &HeaderMap) -> bool {
    let other_site = headers.get(FETCH_SITE).is_some_and(|site| site.as_bytes() != b"same-origin");
    let other_origin = headers
        .get(header::ORIGIN)
        .is_some_and(|origin| !origin.to_str().is_ok_and(|origin| is_own(pages, headers, origin)));
    other_site || other_origin
}

/// Whether an address is below ours: below `PUBLIC_URL`, or below whatever address this very request was sent to. Over
/// plain HTTP somebody on the way could write a page, so where people come by TLS that is believed on loopback only.
fn is_own(pages: &Pages, headers: &HeaderMap, address: &str) -> bool {
    let Some(given) = Url::parse(address).ok().filter(|given| matches!(given.scheme(), "http" | "https")) else {
        return false;
    };
    if Url::parse(&pages.address).is_ok_and(|own| own.origin() == given.origin()) {
        return true;
    }
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let asked = Url::parse(&format!("{}://{host}/", given.scheme()));
    let is_here = asked.is_ok_and(|asked| asked.origin().is_tuple() && asked.origin() == given.origin());
    is_here && (given.scheme() == "https" || !pages.is_secure() || is_loopback(&given))
}

fn is_loopback(address: &Url) -> bool {
    match address.host() {
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    }
}

/// The path of the page of ours that had what was pressed, where the browser says which it was.
pub(super) fn page_before(pages: &Pages, headers: &HeaderMap) -> Option<String> {
    let address = headers.get(header::REFERER)?.to_str().ok()?;
    if !is_own(pages, headers, address) {
        return None;
    }
    let address = Url::parse(address).ok()?;
    let query = address.query().map(|query| format!("?{query}")).unwrap_or_default();
    Some(own_path(&format!("{}{query}", address.path())).to_owned())
}

/// The path, if it leads to a page of ours, else the first page: nobody is led to another site. Browsers read `\` as `/`,
/// drop control characters, and take what begins with two slashes for a host
/// (<https://url.spec.whatwg.org/#url-parsing>), also once they have resolved `/./` and `/../`.
pub(super) fn own_path(path: &str) -> &str {
    let strange = |letter: char| letter.is_control() || letter.is_whitespace() || letter == '\\';
    if path.len() > PATH_MAX_BYTES || !path.starts_with('/') || path.chars().any(strange) {
        return "/";
    }
    let Ok(base) = Url::parse("http://here.invalid/") else { return "/" };
    let is_own = base.join(path).is_ok_and(|led| led.origin() == base.origin() && !led.path().starts_with("//"));
    if is_own && !path.starts_with("//") { path } else { "/" }
}
