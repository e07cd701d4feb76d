//! Whether people and GitHub find the server, and people can sign in.

use std::net::IpAddr;

use super::report::Finding;
use crate::config::Config;

const ADDRESS: &str = "address";
const SIGN_IN: &str = "sign-in";

/// A line for the address and one for the sign-in.
pub(super) fn check(config: &Config) -> Vec<Finding> {
    vec![address(config), sign_in(config)]
}

fn address(config: &Config) -> Finding {
    let host = config.host.trim_start_matches('[').trim_end_matches(']');
    let is_loopback = host == "localhost" || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback());
    match config.public_url.as_deref() {
        Some(url) if url.starts_with("http://") && !is_local(url) => Finding::warn(
            ADDRESS,
            format!("people reach the server at {url}, without encryption"),
            "put a proxy with TLS before it and set PUBLIC_URL to its https address",
        ),
        Some(url) => Finding::ok(ADDRESS, format!("people reach the server at {url}")),
        None if is_loopback => Finding::ok(ADDRESS, format!("only this machine reaches the server ({})", config.host)),
        None => Finding::fail(
            ADDRESS,
            format!("others reach the server (HOST is {}), and PUBLIC_URL does not say how", config.host),
            "set PUBLIC_URL to the address that people open",
        ),
    }
}

fn is_local(url: &str) -> bool {
    let host = url::Url::parse(url).ok().and_then(|url| url.host_str().map(str::to_owned)).unwrap_or_default();
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

fn sign_in(config: &Config) -> Finding {
    if config.sign_in.is_some() {
        return Finding::ok(SIGN_IN, "people sign in with GitHub");
    }
    let fix = "set GITHUB_APP_CLIENT_ID and GITHUB_APP_CLIENT_SECRET from the App's page";
    Finding::warn(SIGN_IN, "people cannot sign in with GitHub, only with tokens", fix)
}
