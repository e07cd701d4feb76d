//! What the registry knows of a worker beside what files say: its heartbeat, and what it says of itself.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::{IdError, Timestamp, Worker};

/// What a worker says of itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SaidStatus {
    /// It takes tasks.
    #[default]
    Active,
    /// It takes tasks, and has nothing to do.
    Idle,
    /// It takes none.
    Offline,
}

impl SaidStatus {
    /// The word in the database and in calls.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Idle => "idle",
            Self::Offline => "offline",
        }
    }
}

impl FromStr for SaidStatus {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        [Self::Active, Self::Idle, Self::Offline]
            .into_iter()
            .find(|status| status.as_str() == text)
            .ok_or_else(|| IdError { text: text.to_owned(), expected: "one of active, idle, offline" })
    }
}

/// Whether a worker can be reached (design §4.5).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Presence {
    /// It sends heartbeats, or is known from files alone and nobody expects any.
    #[default]
    Active,
    /// It has nothing to do.
    Idle,
    /// It holds at least one lease.
    Busy,
    /// Its heartbeats have stopped.
    Stale,
    /// It says so, or has been silent for long.
    Offline,
}

impl Presence {
    /// The word for it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Idle => "idle",
            Self::Busy => "busy",
            Self::Stale => "stale",
            Self::Offline => "offline",
        }
    }

    /// Whether tasks are given to such a worker.
    #[must_use]
    pub const fn takes_tasks(self) -> bool {
        match self {
            Self::Active | Self::Idle | Self::Busy => true,
            Self::Stale | Self::Offline => false,
        }
    }
}

impl fmt::Display for Presence {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.as_str())
    }
}

/// A worker that registered, or whom a person was named as.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RegisteredWorker {
    /// All that it said of itself.
    pub worker: Worker,
    /// Whether it takes tasks.
    pub said: SaidStatus,
    /// Its last heartbeat; `None` for people, who send none.
    pub heartbeat: Option<Timestamp>,
    /// When it first registered.
    pub registered: Timestamp,
    /// When it last changed.
    pub updated: Timestamp,
    /// Who registered it: a token's name, or `github`.
    pub by: String,
}

impl RegisteredWorker {
    /// How it can be reached: `leases` are those that it holds, `stale_ms` and `offline_ms` are how long it may be silent.
    #[must_use]
    pub fn presence(&self, leases: u32, (stale_ms, offline_ms): (i64, i64), now: Timestamp) -> Presence {
        let silent_ms = self.heartbeat.map_or(0, |at| now.since_ms(at));
        match self.said {
            SaidStatus::Offline => Presence::Offline,
            SaidStatus::Active | SaidStatus::Idle if silent_ms > offline_ms => Presence::Offline,
            SaidStatus::Active | SaidStatus::Idle if silent_ms > stale_ms => Presence::Stale,
            SaidStatus::Active | SaidStatus::Idle if leases > 0 => Presence::Busy,
            SaidStatus::Active => Presence::Active,
            SaidStatus::Idle => Presence::Idle,
        }
    }
}
