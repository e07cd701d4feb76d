//! Messages as JSON to an address of anybody's, signed as GitHub signs webhooks.

use serde_json::json;

use super::post;
use super::{ChannelMeans, Sending, Unsent};
use crate::act::hook::{KEY_HEADER, SIGNATURE_HEADER, signature};

pub(super) async fn send(
    means: &ChannelMeans,
    (url_env, secret_env): (&str, &str),
    Sending { key, message }: Sending<'_>,
) -> Result<String, Unsent> {
    let post = post::address(means, url_env)?;
    let secret = means.variable(secret_env)?;
    let body = json!({
        "type": "message",
        "id": key,
        "title": message.title,
        "text": message.text,
        "priority": message.priority.number(),
        "tags": message.tags,
        "url": message.click,
        "buttons": message.buttons,
        "happened": message.happened.to_rfc3339(),
    })
    .to_string();
    let Some(signed) = signature(&secret, &body) else {
        return Err(Unsent::Failed(format!("{secret_env} cannot be used as a key")));
    };
    let post = post
        .header("content-type", "application/json")
        .header(SIGNATURE_HEADER, signed)
        .header(KEY_HEADER, key)
        .body(body);
    post::send(means, ("the webhook", url_env), post, async |_| String::new()).await
}
