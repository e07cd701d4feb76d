//! What is asked of a pull request by other doors than comments, and what its next decision is told of it.

use serde::{Deserialize, Serialize};

use super::{DeliveryGuid, Door, Sha, TaskAuthority, Timestamp};

/// What is asked of a pull request (design §4.4): the commands of its comments, without those that only ask for words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "ask", rename_all = "snake_case")]
pub enum PullAsk {
    /// Merge it as soon as nothing blocks that.
    Merge,
    /// Keep it from being merged.
    Hold {
        /// Why.
        why: String,
    },
    /// Take back a hold.
    Unhold,
    /// Run failed checks again.
    Retest {
        /// Those of these names; all where none is named.
        checks: Vec<String>,
    },
    /// Put it back into the queue.
    Queue,
    /// Take it out of the queue until its next push.
    Dequeue {
        /// Why.
        why: Option<String>,
    },
}

impl PullAsk {
    /// The command's name without its slash, also in audits.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Merge => "merge",
            Self::Hold { .. } => "hold",
            Self::Unhold => "unhold",
            Self::Retest { .. } => "retest",
            Self::Queue => "queue",
            Self::Dequeue { .. } => "dequeue",
        }
    }
}

/// What a pull request is told, until its next decision has read it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "report", rename_all = "snake_case")]
pub enum PullReport {
    /// Somebody asks for something.
    Asked {
        /// What.
        ask: PullAsk,
        /// The head that they saw.
        head: Sha,
        /// Whose word it is.
        authority: TaskAuthority,
        /// By which door.
        door: Door,
        /// The delivery that brought it.
        request: DeliveryGuid,
        /// When.
        at: Timestamp,
    },
}
