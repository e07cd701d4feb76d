//! Tells a deploy target by a signed HTTP call.

use std::time::Duration;

use http::StatusCode;
use reqwest::Response;
use serde_json::json;

use super::hook::{KEY_HEADER, SIGNATURE_HEADER, signature};
use super::{Deed, Hands, answer, trigger};
use crate::model::{TriggerAnswer, TriggerOrder};
use crate::reach;

/// The action's key under a name of our own; the receiver sees the same one when a call is repeated.
const DELIVERY_HEADER: &str = "x-stationmaster-delivery";
/// So much of an answer is read.
const ANSWER_LIMIT_BYTES: usize = 4_096;
/// So much of it is told.
const DETAIL_CHARACTERS: usize = 200;

/// Posts the order, without anything secret, signed as GitHub signs webhooks. A 2xx says that it is done where the hook
/// `finishes`, else that it has begun; a 4xx says no; whatever else comes, or does not, is an error.
pub(super) async fn call(
    hands: &Hands,
    deed: &Deed<'_>,
    order: &TriggerOrder,
    (url, secret_env, finishes): (&str, &str, bool),
) -> TriggerAnswer {
    let Some(secret) = (hands.secrets)(secret_env) else {
        let detail = format!("{secret_env} is not set in the server's environment, so the hook cannot be signed");
        return TriggerAnswer::Error { detail };
    };
    let body = body(order);
    let Some(signature) = signature(&secret, &body) else {
        return TriggerAnswer::Error { detail: format!("{secret_env} cannot be used as a key") };
    };
    let post = match hands.reach.post(url) {
        Ok(post) => post,
        Err(refused) => return TriggerAnswer::Failed { detail: refused.to_string() },
    };
    let sent = post
        .timeout(Duration::from_secs(u64::from(order.timeout_s)))
        .header("content-type", "application/json")
        .header(SIGNATURE_HEADER, signature)
        .header(KEY_HEADER, deed.key)
        .header(DELIVERY_HEADER, deed.key)
        .body(body)
        .send()
        .await;
    match sent {
        Ok(response) => meaning(response, finishes).await,
        Err(error) if let Some(refused) = reach::refused(&error) => {
            TriggerAnswer::Failed { detail: refused.to_string() }
        }
        Err(error) => TriggerAnswer::Error { detail: format!("the hook: {}", answer::broken(error)) },
    }
}

fn body(order: &TriggerOrder) -> String {
    let mut told = trigger::told(order);
    told.extend([
        ("repository", json!(order.repository.name)),
        ("number", json!(order.number)),
        ("attempt", json!(order.attempt)),
        ("url", json!(order.version.url)),
        ("prerelease", json!(order.version.prerelease)),
    ]);
    json!(told).to_string()
}

async fn meaning(response: Response, finishes: bool) -> TriggerAnswer {
    let status = response.status();
    // What was said is only an ornament: the status is the answer.
    let said = match answer::body(response, ANSWER_LIMIT_BYTES).await {
        Ok((bytes, _)) => answer::last_characters(&String::from_utf8_lossy(&bytes), DETAIL_CHARACTERS),
        Err(_) => String::new(),
    };
    let colon = if said.is_empty() { "" } else { ": " };
    let detail = format!("the hook answered {status}{colon}{said}");
    let may_pass = [StatusCode::REQUEST_TIMEOUT, StatusCode::TOO_EARLY, StatusCode::TOO_MANY_REQUESTS];
    if status.is_success() && finishes {
        TriggerAnswer::Finished { detail }
    } else if status.is_success() {
        TriggerAnswer::Accepted { run: None, detail }
    } else if status.is_client_error() && !may_pass.contains(&status) {
        TriggerAnswer::Failed { detail }
    } else {
        TriggerAnswer::Error { detail }
    }
}
