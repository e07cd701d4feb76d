//! Looks whether a page is there, on hosts that the policy lists.

use std::time::Duration;

use reqwest::header::LOCATION;
use url::Url;

use crate::model::{EvidenceSeen, listed_host};
use crate::reach::{self, Reach};

/// Until the head of the answer is there; the page itself is not read.
const TIMEOUT: Duration = Duration::from_secs(10);
/// More redirects than this are a loop.
const REDIRECTS_LIMIT: usize = 3;

/// Looks at a page. Nothing is asked of a host that is not listed.
pub(super) async fn look(reach: &Reach, address: &str, hosts: &[String]) -> EvidenceSeen {
    match tokio::time::timeout(TIMEOUT, follow(reach, address, hosts)).await {
        Ok(seen) => seen,
        Err(_) => unknown(format!("no answer came from `{address}` within {} s", TIMEOUT.as_secs())),
    }
}

async fn follow(reach: &Reach, address: &str, hosts: &[String]) -> EvidenceSeen {
    let Ok(mut url) = Url::parse(address) else { return missing(format!("`{address}` is no address")) };
    for _ in 0..=REDIRECTS_LIMIT {
        if let Some(why) = unlisted(&url, hosts) {
            return missing(why);
        }
        let asked = match reach.get(&url) {
            Ok(asked) => asked.timeout(TIMEOUT).send().await,
            Err(refused) => return missing(refused.to_string()),
        };
        let answer = match asked {
            Ok(answer) => answer,
            Err(error) => {
                let no_answer = || unknown(format!("`{address}` gives no answer: {}", cause(&error)));
                return reach::refused(&error).map_or_else(no_answer, |refused| missing(refused.to_string()));
            }
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
