//! Reads messages of other machines: proves that they are genuine and new, and tells what they are about.

use std::fmt;

use hmac::{Hmac, Mac};
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Map, Value};
use sha2::Sha256;

use crate::model::{Envelope, HeardMessage, OUR_NAME, Timestamp, canonical_json};

/// How old a message may be when ntfy gets it, in milliseconds.
pub const AGE_MAX_MS: i64 = 5 * 60_000;
/// How far ahead of ours, or of ntfy's, the sender's clock may be, in milliseconds.
pub const AHEAD_MAX_MS: i64 = 60_000;
/// The longest id and nonce, in bytes.
const ID_MAX_BYTES: usize = 128;

/// Why a message is not let in; a sentence without its end. None of them shows what the message says.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MessageFault {
    /// Anybody may write to a topic.
    #[error("it is not a JSON object")]
    NotJson,
    /// A field is not there, or is not usable.
    #[error("it has no usable `{0}`")]
    Missing(&'static str),
    /// The signature is not that of the shared secret.
    #[error("its signature is wrong")]
    Signature,
    /// It was sent too long before it was published, as when somebody publishes a copy.
    #[error("it is too old: it says that it was sent {0} s before it came")]
    Old(i64),
    /// Its time has not come.
    #[error("it says that it was sent {0} s in the future")]
    Future(i64),
}

/// What reading a message comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Read {
    /// We said it ourselves.
    Own,
    /// Somebody who knows the secret says this.
    Genuine(Box<Genuine>),
    /// It is not let in.
    Refused {
        /// The id that it claims; empty where it claims none.
        id: String,
        /// Why.
        fault: MessageFault,
    },
}

/// A message that is what it says it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Genuine {
    /// What it says.
    pub envelope: Envelope,
    /// What is used once.
    pub nonce: String,
}

/// Checks messages against the shared secret.
#[derive(Clone)]
pub struct MessageReader {
    // Keyed once: a clone costs none of the rounds that keying costs.
    keyed: Option<Hmac<Sha256>>,
}

impl fmt::Debug for MessageReader {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("MessageReader")
    }
}

impl MessageReader {
    /// A reader that lets in what was signed with this secret.
    #[must_use]
    pub fn new(secret: &SecretString) -> Self {
        Self { keyed: Hmac::new_from_slice(secret.expose_secret().as_bytes()).ok() }
    }

    /// Reads a message that was found on the topic. Whether it is too old is judged by when ntfy took it, so that what
    /// came while no server ran still counts; ntfy keeps messages for 12 h.
    #[must_use]
    pub fn read(&self, heard: &HeardMessage, now: Timestamp) -> Read {
        let Ok(Value::Object(map)) = serde_json::from_str(&heard.text) else {
            return Read::Refused { id: String::new(), fault: MessageFault::NotJson };
        };
        let envelope = envelope(&map);
        if envelope.from.as_deref() == Some(OUR_NAME) {
            return Read::Own;
        }
        let id = usable(&envelope.id).map(ToOwned::to_owned).unwrap_or_default();
        match self.judge(&map, &envelope, (heard.published, now)) {
            Ok(nonce) => Read::Genuine(Box::new(Genuine { envelope, nonce })),
            Err(fault) => Read::Refused { id, fault },
        }
    }

    /// Whether this was written by somebody who knows the secret, whenever and whoever it was.
    #[must_use]
    pub fn is_signed(&self, text: &str) -> bool {
        let Ok(Value::Object(map)) = serde_json::from_str(text) else { return false };
        self.check_signature(&map, envelope(&map).sig.as_deref()).is_ok()
    }

    fn check_signature(&self, map: &Map<String, Value>, signature: Option<&str>) -> Result<(), MessageFault> {
        let signature = signature.and_then(hexadecimal).ok_or(MessageFault::Missing("sig"))?;
        let mut mac = self.keyed.clone().ok_or(MessageFault::Signature)?;
        mac.update(canonical_json(map).as_bytes());
        // Takes as long whatever part of it is right.
        mac.verify_slice(&signature).map_err(|_| MessageFault::Signature)
    }

    fn judge(
        &self,
        map: &Map<String, Value>,
        envelope: &Envelope,
        (published, now): (Timestamp, Timestamp),
    ) -> Result<String, MessageFault> {
        self.check_signature(map, envelope.sig.as_deref())?;
        usable(&envelope.id).ok_or(MessageFault::Missing("id"))?;
        let nonce = envelope.nonce.as_deref().and_then(usable).ok_or(MessageFault::Missing("nonce"))?;
        let sent = Timestamp::parse_rfc3339(&envelope.timestamp).ok_or(MessageFault::Missing("timestamp"))?;
        let arrived = published.min(now);
        let (age_ms, ahead_ms) = (arrived.since_ms(sent), sent.since_ms(now));
        if age_ms > AGE_MAX_MS {
            return Err(MessageFault::Old(age_ms / 1000));
        }
        // ntfy counts in whole seconds.
        if ahead_ms > AHEAD_MAX_MS || sent.since_ms(arrived) > AHEAD_MAX_MS + 1_000 {
            return Err(MessageFault::Future(ahead_ms.max(sent.since_ms(arrived)) / 1000));
        }
        Ok(nonce.to_owned())
    }
}

/// What can name a row and stand in a log line.
fn usable(text: &str) -> Option<&str> {
    let good = !text.is_empty() && text.len() <= ID_MAX_BYTES && text.chars().all(|character| !character.is_control());
    good.then_some(text)
}

/// Reads each field by itself: another language may well write a number where we write a text.
fn envelope(map: &Map<String, Value>) -> Envelope {
    let field = |name: &str| match map.get(name) {
        Some(Value::String(text)) => Some(text.clone()),
        Some(value @ (Value::Number(_) | Value::Bool(_))) => Some(value.to_string()),
        Some(Value::Null | Value::Array(_) | Value::Object(_)) | None => None,
    };
    Envelope {
        kind: field("type").unwrap_or_default(),
        id: field("id").unwrap_or_default(),
        priority: field("priority"),
        timestamp: field("timestamp").unwrap_or_default(),
        text: field("text"),
        task: field("task"),
        task_id: field("task_id"),
        result: field("result"),
        url: field("url"),
        from: field("from"),
        to: field("to"),
        re: field("re"),
        nonce: field("nonce"),
        sig: field("sig"),
    }
}

/// 64 hexadecimal digits as bytes.
fn hexadecimal(text: &str) -> Option<[u8; 32]> {
    let mut bytes = [0; 32];
    if text.len() != 64 || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    for (byte, pair) in bytes.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
        let digits = std::str::from_utf8(pair).ok()?;
        *byte = u8::from_str_radix(digits, 16).ok()?;
    }
    Some(bytes)
}
