//! What happened before, as far as estimates are made of it.

use serde::Serialize;

use super::{Sha, Timestamp, WorkerId};

/// A pull request that was merged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MergedBefore {
    /// How long it was open, in milliseconds.
    pub took_ms: i64,
    /// How many lines it changed, where that was counted.
    pub lines: Option<u64>,
}

/// A time within which somebody had to answer a task, once it was over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AnsweredBefore {
    /// Who had the task, where that was kept.
    pub worker: Option<WorkerId>,
    /// The answer did not come in time.
    pub late: bool,
}

/// A check that failed and then passed on one commit, more than once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FlakyNamed {
    /// Its name.
    pub name: String,
    /// The short name of the App that reports it.
    pub app: String,
    /// On how many commits it ran.
    pub commits: i64,
    /// How often it ran.
    pub runs: i64,
    /// On how many commits it failed and then passed.
    pub flaky: i64,
    /// When that was seen last.
    pub last: Timestamp,
    /// Where the last such failure is read about.
    pub example: Option<String>,
    /// The commit of it.
    pub sha: Option<Sha>,
}
