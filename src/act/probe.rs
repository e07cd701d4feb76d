//! Looks whether what was deployed is healthy.

use std::time::Duration;

use http::header::LOCATION;
use regex::{Regex, RegexBuilder};
use reqwest::Response;
use tokio::time::timeout;
use url::Url;

use super::{Hands, answer};
use crate::model::{EnvironmentReport, Fact, Outcome, ProbeOrder};

/// More redirects than this are a loop.
const REDIRECTS_LIMIT: usize = 5;
/// So much of a body is searched.
const BODY_LIMIT_BYTES: usize = 1024 * 1024;

/// Asks once. Whatever comes of it is an answer to the question, so this never fails.
pub(super) async fn probe(hands: &Hands, order: &ProbeOrder) -> Outcome {
    let limit = Duration::from_secs(u64::from(order.timeout_s));
    let found = timeout(limit, look(hands, order)).await;
    let (healthy, detail) = match found {
        Ok(Ok(detail)) => (true, detail),
        Ok(Err(detail)) => (false, detail),
        Err(_) => (false, format!("no whole answer came within {} s", order.timeout_s)),
    };
    let word = if healthy { "healthy" } else { "sick" };
    let note = format!("probe {}: {word}: {detail}", order.probe);
    let report = EnvironmentReport::Probed { number: order.number, probe: order.probe, healthy, detail };
    Outcome::Performed { note, learned: Some(Fact::Environment { report }) }
}

/// What was found, as a sentence part; an error where it is not as expected.
async fn look(hands: &Hands, order: &ProbeOrder) -> Result<String, String> {
    let wanted = match order.body.as_deref().map(pattern).transpose() {
        Ok(wanted) => wanted,
        Err(error) => return Err(format!("`body` is not a regex that can be used: {error}")),
    };
    let response = ask(hands, order).await?;
    let status = response.status();
    if status.as_u16() != order.status {
        return Err(format!("answered {status} instead of {}", order.status));
    }
    let Some(wanted) = wanted else { return Ok(format!("answered {status}")) };
    let (bytes, cut) = answer::body(response, BODY_LIMIT_BYTES).await.map_err(answer::broken)?;
    match (wanted.is_match(&String::from_utf8_lossy(&bytes)), cut) {
        (true, _) => Ok(format!("answered {status} with the expected body")),
        (false, false) => Err(format!("answered {status}, and the body does not match `{wanted}`")),
        (false, true) => Err(format!("answered {status}, and the first MiB of the body does not match `{wanted}`")),
    }
}

/// As the policy has checked it: every pattern there is the same in any case.
fn pattern(text: &str) -> Result<Regex, regex::Error> {
    RegexBuilder::new(text).case_insensitive(true).build()
}

/// The answer behind redirects, unless a redirect is what is expected.
async fn ask(hands: &Hands, order: &ProbeOrder) -> Result<Response, String> {
    let mut url = Url::parse(&order.url).map_err(|error| format!("its address cannot be used: {error}"))?;
    for _ in 0..=REDIRECTS_LIMIT {
        let response =
            hands.reach.get(&url).map_err(|refused| refused.to_string())?.send().await.map_err(answer::broken)?;
        let location = response.headers().get(LOCATION).and_then(|value| value.to_str().ok());
        let next = location.and_then(|location| url.join(location).ok());
        match next {
            Some(next) if response.status().is_redirection() && response.status().as_u16() != order.status => {
                url = next;
            }
            Some(_) | None => return Ok(response),
        }
    }
    Err(format!("more than {REDIRECTS_LIMIT} redirects"))
}
