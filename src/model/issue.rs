//! An issue as GitHub shows it, and all that a decision about it may see.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{
    ActorKind, CommentSeen, Dependency, EvidenceSeen, Item, LabelName, LinkedPull, Login, Number, Permission,
    Repository, Task, TaskReport, Timestamp, WorkerLoad,
};

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

/// A change of a label, with whoever made it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LabelEvent {
    /// Which label.
    pub label: LabelName,
    /// Put on, or taken off.
    pub added: bool,
    /// Who; `None` where that account is gone.
    pub by: Option<(Login, ActorKind)>,
    /// When.
    pub at: Timestamp,
}

/// An issue that is part of another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SubIssue {
    /// Which.
    pub item: Item,
    /// Its title.
    pub title: String,
    /// Open or closed.
    pub state: IssueState,
    /// Where it stands, by its `status/…` label; empty where it has none.
    pub status: String,
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
    /// Its newest comments, and its own text, with the commands in them.
    pub comments: Vec<CommentSeen>,
    /// What everybody may do whose word counts here: whoever is missing may do nothing.
    pub permissions: BTreeMap<Login, Permission>,
    /// The newest changes of its labels, oldest first.
    pub label_events: Vec<LabelEvent>,
    /// Issues that it waits for, by GitHub's dependencies.
    pub dependencies: Vec<Dependency>,
    /// Issues that wait for it.
    pub dependents: Vec<Item>,
    /// The issue that it is part of, with its title.
    pub parent: Option<(Item, String)>,
    /// Issues that are part of it.
    pub sub_issues: Vec<SubIssue>,
    /// Pull requests that belong to it.
    pub pulls: Vec<LinkedPull>,
    /// What the evidence that was handed in comes to; `None` where nothing waits to be verified.
    pub evidence: Option<EvidenceSeen>,
    /// What it was told by other doors than GitHub.
    pub reports: Vec<TaskReport>,
    /// Our own App: its login (`name[bot]`) and id.
    pub own: (Login, i64),
    /// When we first heard of its repository.
    pub known_since: Timestamp,
    /// What the database knows of it; `None` before the first decision.
    pub task: Option<Task>,
    /// Every known worker with what it holds now.
    pub workers: Vec<WorkerLoad>,
}
