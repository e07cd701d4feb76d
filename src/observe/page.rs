//! Looks whether a page is there, on hosts that the policy lists, and never inside the server's own network by accident.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use reqwest::header::LOCATION;
use reqwest::redirect::Policy;
use url::{Host, Url};

use crate::model::{EvidenceSeen, listed_host};

/// Until the head of the answer is there; the page itself is not read.
const TIMEOUT: Duration = Duration::from_secs(10);
/// More redirects than this are a loop.
const REDIRECTS_LIMIT: usize = 3;

/// Looks at a page. Nothing is asked of a host that is not listed.
pub(super) async fn look(http: &reqwest::Client, address: &str, hosts: &[String]) -> EvidenceSeen {
    match tokio::time::timeout(TIMEOUT, follow(http, address, hosts)).await {
        Ok(seen) => seen,
        Err(_) => unknown(format!("no answer came from `{address}` within {} s", TIMEOUT.as_secs())),
    }
}

async fn follow(http: &reqwest::Client, address: &str, hosts: &[String]) -> EvidenceSeen {
    let Ok(mut url) = Url::parse(address) else { return missing(format!("`{address}` is no address")) };
    for _ in 0..=REDIRECTS_LIMIT {
        if let Some(why) = unlisted(&url, hosts) {
            return missing(why);
        }
        let client = match client_for(http, &url).await {
            Ok(client) => client,
            Err(seen) => return seen,
        };
        let answer = match client.get(url.clone()).send().await {
            Ok(answer) => answer,
            Err(error) => return unknown(format!("`{address}` gives no answer: {}", cause(&error))),
        };
        let status = answer.status();
        let location = answer.headers().get(LOCATION).and_then(|value| value.to_str().ok());
        if !status.is_redirection() {
            return match status.as_u16() {
                _ if status.is_success() => EvidenceSeen::Exists,
                429 | 500.. => unknown(format!("`{address}` answers {status}")),
                _ => missing(format!("`{address}` answers {status}")),
            };
        }
        match location.and_then(|location| url.join(location).ok()) {
            Some(next) => url = next,
            None => return missing(format!("`{address}` answers {status} and leads nowhere")),
        }
    }
    missing(format!("`{address}` leads on and on"))
}

/// Why nothing is asked of this host.
fn unlisted(url: &Url, hosts: &[String]) -> Option<String> {
    let user = !url.username().is_empty() || url.password().is_some();
    if user {
        return Some(format!("`{}` is led to with a user name", url.host_str().unwrap_or_default()));
    }
    let host = listed_host(url);
    let listed = host.as_ref().is_some_and(|host| hosts.iter().any(|known| known.eq_ignore_ascii_case(host)));
    (!listed).then(|| {
        let host = host.unwrap_or_else(|| url.scheme().to_owned());
        format!("pages of `{host}` are not looked up: the policy does not list it in `[evidence] hosts`")
    })
}

/// A client that can reach nothing but this host. An address that is listed as such may be anywhere; a name must lead
/// out of the server's own network, and it is asked where it was found to lead, not where it leads a moment later.
async fn client_for(http: &reqwest::Client, url: &Url) -> Result<reqwest::Client, EvidenceSeen> {
    let name = match url.host() {
        Some(Host::Domain(name)) if name != "localhost" => name,
        Some(Host::Domain(_) | Host::Ipv4(_) | Host::Ipv6(_)) | None => return Ok(http.clone()),
    };
    let port = url.port_or_known_default().unwrap_or(443);
    let found = tokio::net::lookup_host((name, port)).await;
    let found: Vec<SocketAddr> = match found {
        Ok(found) => found.collect(),
        Err(error) => return Err(unknown(format!("`{name}` is not found: {error}"))),
    };
    if found.iter().any(|address| is_inside(address.ip())) {
        return Err(missing(format!("`{name}` is an address within the server's own network")));
    }
    let built =
        reqwest::Client::builder().redirect(Policy::none()).timeout(TIMEOUT).resolve_to_addrs(name, &found).build();
    built.map_err(|error| unknown(format!("no client can be built: {error}")))
}

/// Whether an address is not one of the public internet's
/// (<https://www.iana.org/assignments/iana-ipv4-special-registry>, <https://www.iana.org/assignments/iana-ipv6-special-registry>).
fn is_inside(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => {
            let [first, second, ..] = v4.octets();
            v4.is_private()
                || v4.is_loopback()
                || v4.is_link_local()
                || v4.is_unspecified()
                || v4.is_broadcast()
                || v4.is_multicast()
                || first == 0
                || first >= 240
                // Shared by the customers of a provider, RFC 6598.
                || (first == 100 && (64..128).contains(&second))
                || (first == 198 && (18..20).contains(&second))
                || v4.octets().starts_with(&[192, 0, 0])
        }
        IpAddr::V6(v6) => v6_is_inside(v6),
    }
}

fn v6_is_inside(v6: Ipv6Addr) -> bool {
    if let Some(v4) = v6.to_ipv4_mapped() {
        return is_inside(v4.into());
    }
    // All of the internet so far is within 2000::/3; what carries IPv4 addresses within it could lead inside.
    let first = v6.segments()[0];
    first & 0xe000 != 0x2000 || first == 0x2002 || v6.segments().starts_with(&[0x2001, 0])
}

fn missing(why: String) -> EvidenceSeen {
    EvidenceSeen::Missing { why }
}

fn unknown(why: String) -> EvidenceSeen {
    EvidenceSeen::Unknown { why }
}

/// The innermost cause, where the operating system speaks.
fn cause(error: &reqwest::Error) -> String {
    let mut innermost: &dyn std::error::Error = error;
    while let Some(inner) = innermost.source() {
        innermost = inner;
    }
    innermost.to_string()
}

#[cfg(test)]
mod tests;
