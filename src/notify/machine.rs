//! Messages for machines: signed, kept within ntfy's limit without breaking their JSON, and published as they are.

use std::fmt::Write as _;

use hmac::{Hmac, Mac};
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Map, Value};
use sha2::Sha256;

use super::answer;
use super::error::{Next, NotifyError};
use super::publish::{Notifier, Published};
use crate::model::{Envelope, Timestamp, canonical_json};

/// The longest body in bytes: at 4,096 ntfy makes it a file (<https://docs.ntfy.sh/publish/#limitations>).
pub const MACHINE_LIMIT_BYTES: usize = 4_095;
/// Stands where something was cut.
const ELLIPSIS: char = '…';
/// A message that is looked for may have been taken by a server whose clock is this far behind ours, in milliseconds.
const CLOCK_SKEW_MS: i64 = 60_000;
const FORBIDDEN: u16 = 403;

/// The message with its signature, as it goes over the wire; without a secret it stays unsigned.
///
/// The signature is the HMAC-SHA256 of [`canonical_json`] in lower-case hexadecimal.
#[must_use]
pub fn signed(envelope: &Envelope, secret: Option<&SecretString>) -> String {
    let mut map = as_map(envelope);
    map.remove("sig");
    if let Some(mac) = secret.and_then(keyed) {
        let mut mac: Hmac<Sha256> = mac;
        mac.update(canonical_json(&map).as_bytes());
        let signature = mac.finalize().into_bytes().iter().fold(String::new(), |mut text, byte| {
            // Writing to a String cannot fail.
            let _ = write!(text, "{byte:02x}");
            text
        });
        map.insert("sig".to_owned(), Value::String(signature));
    }
    Value::Object(map).to_string()
}

fn keyed(secret: &SecretString) -> Option<Hmac<Sha256>> {
    Hmac::new_from_slice(secret.expose_secret().as_bytes()).ok()
}

fn as_map(envelope: &Envelope) -> Map<String, Value> {
    match serde_json::to_value(envelope) {
        Ok(Value::Object(map)) => map,
        // A struct of texts is an object.
        Ok(Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_)) | Err(_) => Map::new(),
    }
}

/// The message with as much of `result`, and where that is not enough of `text`, as leaves room for everything else.
/// What is cut ends in `…`.
///
/// # Errors
/// Everything else is too long by itself.
pub fn fitted(envelope: &Envelope) -> Result<Envelope, NotifyError> {
    let mut fitted = Envelope { sig: Some("0".repeat(64)), ..envelope.clone() };
    for field in [result_of as Field, text_of] {
        if length(&fitted) > MACHINE_LIMIT_BYTES {
            shorten(&mut fitted, field);
        }
    }
    let fits = length(&fitted) <= MACHINE_LIMIT_BYTES;
    fitted.sig.clone_from(&envelope.sig);
    if fits { Ok(fitted) } else { Err(NotifyError::TooLong) }
}

type Field = fn(&mut Envelope) -> &mut Option<String>;

const fn result_of(envelope: &mut Envelope) -> &mut Option<String> {
    &mut envelope.result
}

const fn text_of(envelope: &mut Envelope) -> &mut Option<String> {
    &mut envelope.text
}

fn length(envelope: &Envelope) -> usize {
    Value::Object(as_map(envelope)).to_string().len()
}

/// Leaves the longest beginning of the field with which everything fits; the mark alone where nothing does.
fn shorten(envelope: &mut Envelope, field: Field) {
    let Some(whole) = field(envelope).clone() else { return };
    let ends: Vec<usize> = whole.char_indices().map(|(start, _)| start).collect();
    // The more is kept the longer it is, so the last that fits is found by halving.
    let fitting = ends.partition_point(|end| {
        *field(envelope) = Some(format!("{}{ELLIPSIS}", &whole[..*end]));
        length(envelope) <= MACHINE_LIMIT_BYTES
    });
    let end = fitting.checked_sub(1).map_or(0, |last| ends[last]);
    *field(envelope) = Some(format!("{}{ELLIPSIS}", whole[..end].trim_end()));
}

impl Notifier {
    /// Publishes a message for machines on the topic, or on `NTFY_PROTOCOL_TOPIC`: cut to ntfy's limit, given a nonce
    /// and the time of sending, and signed.
    ///
    /// # Errors
    /// As for [`Notifier::publish`].
    pub async fn publish_machine(&self, topic: Option<&str>, envelope: &Envelope) -> Result<Published, NotifyError> {
        let topic = topic.or(self.machines.as_deref()).ok_or(NotifyError::NoTopic)?;
        let sent = Envelope {
            timestamp: self.clock.now().to_rfc3339(),
            nonce: Some(format!("{:032x}", rand::random::<u128>())),
            ..envelope.clone()
        };
        let body = signed(&fitted(&sent)?, self.secret.as_ref());
        let host = &self.primary.host;
        let mut request = self.client.post(host.topic(topic)).body(body);
        request = request.header("X-Priority", priority(envelope.priority.as_deref()));
        if envelope.priority.as_deref() == Some("critical") {
            request = request.header("X-Tags", "rotating_light");
        }
        let response = host.send(request, &*self.clock).await?;
        Ok(Published { id: answer::published(response).await?.id, by_fallback: false })
    }

    /// Whether a message for machines of this id was published at `since` or later. A topic that may not be read says
    /// no.
    ///
    /// # Errors
    /// It is not known, and publishing should wait too.
    pub async fn machine_published(
        &self,
        topic: Option<&str>,
        envelope: &Envelope,
        since: Timestamp,
    ) -> Result<bool, NotifyError> {
        let topic = topic.or(self.machines.as_deref()).ok_or(NotifyError::NoTopic)?;
        match self.read_topic(topic, since.plus_ms(-CLOCK_SKEW_MS)).await {
            Ok(heard) => Ok(heard.iter().any(|message| is_same(&message.text, envelope))),
            Err(NotifyError::Refused { http: FORBIDDEN, .. }) => Ok(false),
            Err(error) if error.next() == Next::GiveUp => Ok(false),
            Err(error) => Err(error),
        }
    }
}

fn is_same(text: &str, envelope: &Envelope) -> bool {
    let seen: Option<Envelope> = serde_json::from_str(text).ok();
    seen.is_some_and(|seen| seen.id == envelope.id && seen.kind == envelope.kind && seen.from == envelope.from)
}

/// ntfy's priority for ours (design §7): critical and high 5, medium 3, low 2.
fn priority(ours: Option<&str>) -> &'static str {
    match ours {
        Some("critical" | "high") => "5",
        Some("low") => "2",
        _ => "3",
    }
}
