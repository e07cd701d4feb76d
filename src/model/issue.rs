//! An issue as GitHub shows it, and all that a decision about it may see.

use serde::{Deserialize, Serialize};

use super::{ActorKind, LabelName, Login, Number, Repository, Task, Timestamp, WorkerLoad};

/// Whether an issue is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum IssueState {
    /// To be done.
    Open,
    /// Closed, for whatever reason.
    Closed,
}

/// An issue as observed on GitHub.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Issue {
    /// Its number within the repository.
    pub number: Number,
    /// Its title.
    pub title: String,
    /// Its text; empty where GitHub says null.
    pub body: String,
    /// Open or closed.
    pub state: IssueState,
    /// Who opened it; `ghost` when that account is gone.
    pub author: Login,
    /// What kind of account that is.
    pub author_kind: ActorKind,
    /// Names of all its labels, ours and others.
    pub labels: Vec<LabelName>,
    /// Who is assigned on GitHub.
    pub assignees: Vec<Login>,
    /// Where people read it.
    pub url: String,
    /// When it was opened.
    pub created: Timestamp,
}

/// All that a decision about an issue may see, apart from policy and time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IssueSnapshot {
    /// Where it lives.
    pub repository: Repository,
    /// The issue on GitHub.
    pub issue: Issue,
    /// Counts the decisions on this subject, beginning with 1: names the actions of this one.
    pub decision: i64,
    /// What the database knows of it; `None` before the first decision.
    pub task: Option<Task>,
    /// Every known worker with what it holds now.
    pub workers: Vec<WorkerLoad>,
}
