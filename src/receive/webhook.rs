//! Reads a webhook's body into the event it means, and into the subjects to look at again.

use crate::model::{Actor, ActorKind, Event, EventName, InstallationId, Login, Parsed};

use super::lenient::{Object, Text};
use super::meaning::{self, Meaning, Reading};
use super::payload::{AnyObject, Payload};

/// Why a delivery cannot be understood.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WebhookFault {
    /// The body is not JSON.
    #[error("the body of this `{event}` event is not JSON: {detail}")]
    NotJson {
        /// The event as its header names it.
        event: String,
        /// What is wrong with it and where, without the text itself.
        detail: String,
    },
    /// The body is JSON but not an object.
    #[error("the body of this `{event}` event is not a JSON object")]
    NotAnObject {
        /// The event as its header names it.
        event: String,
    },
    /// The event is known, and what it is about cannot be told.
    #[error("this `{event}` event lacks `{field}`, so what it is about cannot be told")]
    Missing {
        /// The event as its header names it.
        event: String,
        /// The field that is missing, null or of the wrong kind.
        field: &'static str,
    },
}

/// Reads the body of a webhook. Unknown actions, nulls, missing and new fields are all fine; an event that means
/// nothing to us is [`Parsed::Ignored`].
pub fn parse(event: &EventName, body: &[u8]) -> Result<Parsed, WebhookFault> {
    let name = event.0.as_str();
    let Some(read) = meaning::reader(name) else {
        object::<AnyObject>(name, body)?;
        return Ok(Parsed::Ignored(format!("nothing here depends on `{name}` events")));
    };
    let payload = object::<Payload>(name, body)?;
    match read(&Reading { event: name, payload: &payload })? {
        Meaning::Ignored(reason) => Ok(Parsed::Ignored(reason)),
        Meaning::Known(kind, subjects) => Ok(Parsed::Known(Event {
            kind,
            actor: actor(&payload),
            installation: payload.installation.0.and_then(|installation| installation.id.0).map(InstallationId),
            repository: payload.repository.0.as_ref().and_then(meaning::named),
            subjects,
        })),
    }
}

/// Whether `body` is one JSON object from its first byte to its last; nothing of it is kept.
#[must_use]
pub fn is_object(body: &[u8]) -> bool {
    // A value that is skipped as a whole is never unescaped or copied; its kind shows in its first byte.
    body.trim_ascii_start().first() == Some(&b'{') && serde_json::from_slice::<serde::de::IgnoredAny>(body).is_ok()
}

fn object<'de, T: serde::Deserialize<'de>>(event: &str, body: &'de [u8]) -> Result<T, WebhookFault> {
    let read: Object<T> = serde_json::from_slice(body)
        .map_err(|fault| WebhookFault::NotJson { event: event.to_owned(), detail: fault.to_string() })?;
    read.0.ok_or_else(|| WebhookFault::NotAnObject { event: event.to_owned() })
}

fn actor(payload: &Payload) -> Option<Actor> {
    let sender = payload.sender.0.as_ref()?;
    let kind = match &sender.kind {
        Text(Some(kind)) if kind == "User" => ActorKind::User,
        Text(Some(kind)) if kind == "Bot" => ActorKind::Bot,
        Text(_) => ActorKind::Other,
    };
    sender.login.0.as_deref().map(|login| Actor { login: Login::new(login), kind })
}
