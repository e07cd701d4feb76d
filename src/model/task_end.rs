//! How tasks ended, for rates and mean times, and when workers were not there.

use serde::{Deserialize, Serialize};

use super::{Level, Number, RepositoryId, TaskState, Timestamp, WorkerId};

/// How a task ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaskEnd {
    /// Its repository.
    pub repository: RepositoryId,
    /// Its number.
    pub number: Number,
    /// When.
    pub ended: Timestamp,
    /// `done`, `failed` or `cancelled`.
    pub state: TaskState,
    /// Who had it.
    pub worker: Option<WorkerId>,
    /// How soon it was wanted.
    pub priority: Level,
    /// When it came under management.
    pub created: Timestamp,
    /// When its holder began.
    pub begun: Option<Timestamp>,
    /// Why it was given up.
    pub error: Option<String>,
}

/// A time in which a worker was offline.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Downtime {
    /// The worker.
    pub worker: WorkerId,
    /// Its beginning.
    pub from: Timestamp,
    /// Its end; `None` while it lasts.
    pub until: Option<Timestamp>,
    /// What it was noticed by, as a sentence part.
    pub cause: String,
}
