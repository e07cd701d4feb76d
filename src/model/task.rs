//! A task: an issue under management, as the database knows it.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::{
    CommentId, Explanation, IdError, LabelName, Lease, Level, Login, Number, RepositoryId, RoleName, TaskType,
    TaskWork, Timestamp, WorkerId,
};

/// Where a task stands (design §4.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TaskState {
    /// No rule matched; a person must say what it is.
    Triage,
    /// Routed, and nobody holds it.
    Ready,
    /// Given to a worker that has not begun.
    Assigned,
    /// Being worked on.
    InProgress,
    /// Waiting for something else.
    Blocked,
    /// Waiting for a person's consent.
    WaitingApproval,
    /// Done says the worker; being checked.
    Review,
    /// Finished, with evidence.
    Done,
    /// Given up by its worker; can be retried.
    Failed,
    /// Put off.
    Deferred,
    /// Will not be done.
    Cancelled,
}

impl TaskState {
    /// Every state, in the order of the usual course.
    pub const ALL: [Self; 11] = [
        Self::Triage,
        Self::Ready,
        Self::Assigned,
        Self::InProgress,
        Self::Blocked,
        Self::WaitingApproval,
        Self::Review,
        Self::Done,
        Self::Failed,
        Self::Deferred,
        Self::Cancelled,
    ];

    /// The word in the database and after `status/`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Triage => "triage",
            Self::Ready => "ready",
            Self::Assigned => "assigned",
            Self::InProgress => "in-progress",
            Self::Blocked => "blocked",
            Self::WaitingApproval => "waiting-approval",
            Self::Review => "review",
            Self::Done => "done",
            Self::Failed => "failed",
            Self::Deferred => "deferred",
            Self::Cancelled => "cancelled",
        }
    }

    /// Whether a worker still has something to do for it.
    #[must_use]
    pub const fn is_open(self) -> bool {
        match self {
            Self::Triage
            | Self::Ready
            | Self::Assigned
            | Self::InProgress
            | Self::Blocked
            | Self::WaitingApproval
            | Self::Review => true,
            Self::Done | Self::Failed | Self::Deferred | Self::Cancelled => false,
        }
    }

    /// Whether work has begun, so that an edited title must not take the task away from its worker.
    #[must_use]
    pub const fn has_begun(self) -> bool {
        match self {
            Self::Triage | Self::Ready | Self::Assigned => false,
            Self::InProgress
            | Self::Blocked
            | Self::WaitingApproval
            | Self::Review
            | Self::Done
            | Self::Failed
            | Self::Deferred
            | Self::Cancelled => true,
        }
    }
}

impl fmt::Display for TaskState {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.as_str())
    }
}

impl FromStr for TaskState {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        Self::ALL
            .into_iter()
            .find(|state| state.as_str() == text)
            .ok_or_else(|| IdError { text: text.to_owned(), expected: "a task state such as ready or in-progress" })
    }
}

/// An issue under management.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Task {
    /// Its repository.
    pub repository: RepositoryId,
    /// Its issue number.
    pub number: Number,
    /// Where it stands.
    pub state: TaskState,
    /// What kind of task it is; `triage` when no rule matched.
    pub task_type: TaskType,
    /// Who could do it.
    pub role: Option<RoleName>,
    /// Who does it.
    pub worker: Option<WorkerId>,
    /// How soon.
    pub priority: Level,
    /// How dangerous; `None` until somebody says.
    pub risk: Option<Level>,
    /// A person chose the type, so rules no longer change it.
    pub type_pinned: bool,
    /// A person chose the priority.
    pub priority_pinned: bool,
    /// A person chose the worker.
    pub worker_pinned: bool,
    /// The rule that won, by name.
    pub rule: Option<String>,
    /// Why its worker has it, or why nobody has.
    pub assignment: Explanation,
    /// Counts holders and leases: each new one gets the next number.
    pub fence: i64,
    /// The lease of a worker that sends heartbeats; people have none.
    pub lease: Option<Lease>,
    /// Counts changes by whomever, so that a decision and a claim cannot overwrite each other.
    pub version: i64,
    /// What is known of the work on it.
    pub work: TaskWork,
    /// The labels of ours that GitHub is meant to show.
    pub projected: Vec<LabelName>,
    /// Labels that we may have put there and do not yet know to be gone; equal to `projected` once settled.
    pub ours: Vec<LabelName>,
    /// The accounts that we assigned on GitHub.
    pub assignees: Vec<Login>,
    /// The comment that is its card, once there is one.
    pub card: Option<CommentId>,
    /// SHA-256 of the card's text as last planned, in hexadecimal.
    pub card_digest: Option<String>,
    /// The rules and settings that it was last routed by.
    pub policy_fingerprint: String,
    /// When it came under management.
    pub created: Timestamp,
    /// When a decision last changed it.
    pub updated: Timestamp,
}
