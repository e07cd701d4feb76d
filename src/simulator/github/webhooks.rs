//! Webhooks: the queue of what is to be delivered, the signed POST, and the log that `/app/hook/deliveries` shows.

use std::collections::VecDeque;
use std::time::Duration;

use hmac::{Hmac, Mac};
use serde_json::{Map, Value};
use sha2::Sha256;

use super::balancer::Balancer;
use super::post::PostOffice;
use super::server::Shared;
use crate::model::Timestamp;

/// GitHub gives up on a webhook after so long.
///
/// <https://docs.github.com/en/webhooks/using-webhooks/best-practices-for-using-webhooks#respond-within-10-seconds>
pub const ANSWER_WITHIN: Duration = Duration::from_secs(10);

const HOOK_ID: i64 = 512_001;

/// How long the log of deliveries is kept.
///
/// <https://docs.github.com/en/webhooks/testing-and-troubleshooting-webhooks/viewing-webhook-deliveries>
const LOG_KEPT_MS: i64 = 3 * 86_400_000;

/// Whether webhooks are delivered by themselves or only when told to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum WebhookMode {
    /// In order, by a background task, as soon as there is a target.
    #[default]
    Auto,
    /// Only by `deliver_next` and its like.
    Manual,
}

/// A webhook that waits or was delivered.
#[derive(Debug, Clone)]
pub struct Webhook {
    /// The id of this delivery, as in `/app/hook/deliveries`.
    pub id: i64,
    /// `X-GitHub-Delivery`; the same for every redelivery.
    pub guid: String,
    /// `X-GitHub-Event`.
    pub event: String,
    /// The payload's `action`, if it has one.
    pub action: Option<String>,
    /// The installation that it is sent for.
    pub installation: i64,
    /// The repository that it is about, if any.
    pub repository: Option<i64>,
    /// The exact body.
    pub payload: String,
    /// Whether somebody asked for it again.
    pub redelivery: bool,
}

/// What came of a delivery.
#[derive(Debug, Clone)]
pub struct DeliveryRecord {
    /// What was delivered.
    pub webhook: Webhook,
    /// When it was sent.
    pub delivered_at: Timestamp,
    /// The status that the target answered, or the one that GitHub shows for none.
    pub status_code: u16,
    /// GitHub's word for it, `OK` when it went well.
    pub status: String,
    /// The headers that were sent.
    pub request_headers: Vec<(String, String)>,
    /// The body of the answer.
    pub response_body: String,
}

impl DeliveryRecord {
    /// Whether GitHub still knows it.
    pub(super) fn is_kept(&self, now: Timestamp) -> bool {
        now.since_ms(self.delivered_at) <= LOG_KEPT_MS
    }
}

#[derive(Debug, Default)]
pub struct Webhooks {
    pub queue: VecDeque<Webhook>,
    pub post: PostOffice,
    pub log: Vec<DeliveryRecord>,
    pub mode: WebhookMode,
    pub target: Option<String>,
    /// Where there are several.
    pub balancer: Balancer,
    /// Whether its settings say that the body is a form.
    pub is_form: bool,
    /// Whether its settings have no secret.
    pub is_unsigned: bool,
}

impl Webhooks {
    pub fn push(&mut self, webhook: Webhook) {
        self.post.take(&mut self.queue, webhook);
    }

    /// An attempt that GitHub still knows at `now`.
    pub fn record(&self, id: i64, now: Timestamp) -> Option<&DeliveryRecord> {
        self.log.iter().find(|record| record.webhook.id == id && record.is_kept(now))
    }
}

/// A new random UUID, as text.
pub fn new_guid() -> String {
    let bits = rand::random::<u128>() & !(0xf << 76) & !(0b11 << 62) | (4 << 76) | (0b10 << 62);
    let hex = format!("{bits:032x}");
    format!("{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..])
}

/// `X-Hub-Signature-256` of a body.
///
/// <https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries>
pub fn signature(secret: &str, body: &[u8]) -> String {
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.as_bytes()) else { return String::new() };
    mac.update(body);
    format!("sha256={}", hex(&mac.finalize().into_bytes()))
}

/// Bytes as lower-case hexadecimal digits.
pub fn hex(bytes: &[u8]) -> String {
    let digit = |nibble: u8| char::from_digit(u32::from(nibble), 16).unwrap_or('0');
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

/// The headers that a webhook is sent with.
pub fn headers(shared: &Shared, webhook: &Webhook) -> Vec<(String, String)> {
    let state = shared.lock();
    let headers = [
        ("accept", "*/*".to_owned()),
        ("content-type", "application/json".to_owned()),
        ("user-agent", "GitHub-Hookshot/5110a2f".to_owned()),
        ("x-github-delivery", webhook.guid.clone()),
        ("x-github-event", webhook.event.clone()),
        ("x-github-hook-id", HOOK_ID.to_string()),
        ("x-github-hook-installation-target-id", state.app.id.to_string()),
        ("x-github-hook-installation-target-type", "integration".to_owned()),
        ("x-hub-signature-256", signature(&state.app.webhook_secret, webhook.payload.as_bytes())),
    ];
    headers.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

/// Delivers one webhook and logs what came of it; returns the logged status.
pub async fn deliver(shared: &Shared, webhook: Webhook) -> u16 {
    let targets = shared.change(|state| match state.webhooks.balancer.next() {
        none if none.is_empty() => state.webhooks.target.iter().cloned().collect(),
        several => several,
    });
    deliver_to(shared, webhook, targets).await
}

/// The same to the first of these that takes a connection.
pub async fn deliver_to(shared: &Shared, webhook: Webhook, targets: Vec<String>) -> u16 {
    let sent_headers = headers(shared, &webhook);
    let nobody = || (UNREACHED, "failed to connect to host".to_owned(), String::new());
    let mut answered = nobody();
    for target in targets {
        match post(shared, &target, &sent_headers, webhook.payload.clone()).await {
            Ok(answer) => {
                answered = answer;
                break;
            }
            Err(Unconnected) => answered = nobody(),
        }
    }
    let (status_code, status, response_body) = answered;
    let delivered_at = shared.clock.now();
    shared.change(|state| {
        state.webhooks.log.push(DeliveryRecord {
            webhook,
            delivered_at,
            status_code,
            status,
            request_headers: sent_headers,
            response_body,
        });
    });
    status_code
}

/// What GitHub shows where nothing was answered.
const UNREACHED: u16 = 502;

/// No connection came about, so nothing can have been taken in.
struct Unconnected;

async fn post(
    shared: &Shared,
    url: &str,
    headers: &[(String, String)],
    body: String,
) -> Result<(u16, String, String), Unconnected> {
    let mut request = shared.client.post(url).timeout(ANSWER_WITHIN).body(body);
    for (name, value) in headers {
        request = request.header(name, value);
    }
    match request.send().await {
        Ok(answer) => {
            let code = answer.status();
            let text = answer.text().await.unwrap_or_default();
            let word = if code.is_success() { "OK".to_owned() } else { format!("Invalid HTTP Response: {code}") };
            Ok((code.as_u16(), word, text))
        }
        Err(error) if error.is_timeout() => Ok((504, "timed out".to_owned(), String::new())),
        Err(error) if error.is_connect() => Err(Unconnected),
        Err(_) => Ok((UNREACHED, "the connection was lost".to_owned(), String::new())),
    }
}

/// Delivers whatever is queued, in order, whenever the mode is automatic and there is a target.
pub async fn deliver_automatically(shared: std::sync::Arc<Shared>) {
    loop {
        let changed = shared.changed.notified();
        tokio::pin!(changed);
        changed.as_mut().enable();
        let turn = shared.delivering.lock().await;
        if let Some(webhook) = take_if_automatic(&shared) {
            deliver(&shared, webhook).await;
        } else {
            drop(turn);
            changed.await;
        }
    }
}

fn take_if_automatic(shared: &Shared) -> Option<Webhook> {
    let hooks = &mut shared.lock().webhooks;
    let ready = hooks.mode == WebhookMode::Auto && hooks.target.is_some();
    if ready { hooks.queue.pop_front() } else { None }
}

/// A delivery as GitHub lists it.
pub fn delivery_item(record: &DeliveryRecord) -> Value {
    let webhook = &record.webhook;
    serde_json::json!({
        "id": webhook.id,
        "guid": webhook.guid,
        "delivered_at": record.delivered_at.to_rfc3339(),
        "redelivery": webhook.redelivery,
        "duration": 0.1,
        "status": record.status,
        "status_code": record.status_code,
        "event": webhook.event,
        "action": webhook.action,
        "installation_id": webhook.installation,
        "repository_id": webhook.repository,
        "throttled_at": null,
    })
}

/// A delivery with its request and answer.
pub fn delivery_in_full(record: &DeliveryRecord) -> Value {
    let mut view = delivery_item(record);
    let headers: Map<String, Value> =
        record.request_headers.iter().map(|(name, value)| (name.clone(), value.clone().into())).collect();
    let payload: Value = serde_json::from_str(&record.webhook.payload).unwrap_or_default();
    view["url"] = Value::from("");
    view["request"] = serde_json::json!({"headers": headers, "payload": payload});
    view["response"] = serde_json::json!({"headers": {}, "payload": record.response_body});
    view
}
