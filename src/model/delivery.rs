//! What came in at the door, before anybody has understood it.

use std::fmt;
use std::str::FromStr;

use bytes::Bytes;
use serde::{Deserialize, Serialize};

use super::{DeliveryGuid, IdError, Timestamp};

/// The door through which a delivery came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeliverySource {
    /// A webhook of GitHub.
    Github,
    /// A timer or a sweep of our own.
    Timer,
    /// A call of the HTTP API.
    Api,
    /// A call of the command line.
    Cli,
    /// A message that came over ntfy.
    Ntfy,
}

impl DeliverySource {
    /// The word that is stored and shown.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Github => "github",
            Self::Timer => "timer",
            Self::Api => "api",
            Self::Cli => "cli",
            Self::Ntfy => "ntfy",
        }
    }
}

/// How far a delivery has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeliveryState {
    /// Stored, not yet parsed.
    New,
    /// Parsed; its subjects are marked and not all of them have been looked at.
    Marked,
    /// Every subject it named was decided on after it came.
    Done,
    /// Understood, and nothing of ours depends on it; the reason is stored.
    Ignored,
    /// It could not be understood; the reason is stored and it can be replayed.
    Dead,
}

impl DeliveryState {
    /// Every state, in the order a delivery may pass through them.
    pub const ALL: [Self; 5] = [Self::New, Self::Marked, Self::Done, Self::Ignored, Self::Dead];

    /// The word that is stored and shown.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Marked => "marked",
            Self::Done => "done",
            Self::Ignored => "ignored",
            Self::Dead => "dead",
        }
    }
}

impl fmt::Display for DeliveryState {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.as_str())
    }
}

impl FromStr for DeliveryState {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        Self::ALL
            .into_iter()
            .find(|state| state.as_str() == text)
            .ok_or_else(|| IdError { text: text.to_owned(), expected: "one of new, marked, done, ignored, dead" })
    }
}

/// The name of a webhook event as `X-GitHub-Event` gives it, such as `issues`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct EventName(pub String);

/// One thing that came in: raw bytes and where they came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// The sender's id for it; the same id takes effect once.
    pub guid: DeliveryGuid,
    /// The door it came through.
    pub source: DeliverySource,
    /// What the sender says it is.
    pub event: EventName,
    /// When we had all of it.
    pub received: Timestamp,
    /// The body, byte for byte.
    pub body: Bytes,
}
