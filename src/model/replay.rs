//! What a decision was made of beside its snapshot, and what it planned, so that it can be made again.

use serde::{Deserialize, Serialize};

use super::{Advice, CommentId, CommentSeen, Login, PullReport, QueuePlace, Subject, Timestamp};

/// What is stored with a decision so that it can be made again from its snapshot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReplayRecord {
    /// The version of the program that decided.
    pub version: String,
    /// The time that it went by.
    pub now: Timestamp,
    /// The fingerprint of the policy that it was made by.
    pub policy: String,
    /// What it was made of beside the snapshot.
    pub beside: Beside,
    /// What it planned, in order.
    pub actions: Vec<PlannedMark>,
}

/// What kind of decision it was, and what it was made of beside snapshot, policy and time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "of", rename_all = "snake_case")]
pub enum Beside {
    /// About an issue.
    Issue {
        /// Comments that look like a card, with their authors.
        cards: Vec<(CommentId, Login)>,
        /// Whether other machines listen on a topic.
        machines: bool,
    },
    /// About a task whose issue is gone.
    Gone,
    /// About a pull request.
    Pull(Box<PullBeside>),
    /// About a branch's queue.
    Branch,
    /// About a repository's releases.
    Releases,
    /// About an environment.
    Environment,
    /// About the issue on which a release is followed.
    Tracking {
        /// When we first heard of its repository.
        known_since: Timestamp,
    },
}

/// What a decision about a pull request was made of beside its snapshot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PullBeside {
    /// Its comments, and its own text, with the commands in them.
    pub comments: Vec<CommentSeen>,
    /// Comments that look like a card, with their authors.
    pub cards: Vec<(CommentId, Login)>,
    /// The report of the tests, in Markdown.
    pub tests: Option<String>,
    /// When we first heard of its repository.
    pub known_since: Timestamp,
    /// What was asked of it by other doors.
    pub reports: Vec<PullReport>,
    /// Its place in the queue, if it was in one.
    pub place: Option<QueuePlace>,
    /// What a model had said of its head, if one was asked.
    #[serde(default)]
    pub advice: Option<Advice>,
}

/// An action that was planned, without its content.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct PlannedMark {
    /// Its key.
    pub key: String,
    /// What kind of action it is.
    pub kind: String,
    /// The beginning of the SHA-256 of all that it says, in hexadecimal.
    pub digest: String,
}

/// A decision as it stands in the audit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredDecision {
    /// Its place in the order of writing.
    pub id: i64,
    /// When it was stored.
    pub at: Timestamp,
    /// About what.
    pub subject: Subject,
    /// Which decision of that subject, beginning with 1.
    pub number: i64,
    /// One sentence.
    pub summary: String,
    /// The explanation as JSON.
    pub explanation: String,
    /// The snapshot as JSON.
    pub saw: String,
    /// The [`ReplayRecord`] as JSON; `None` where it was not kept.
    pub record: Option<String>,
}
