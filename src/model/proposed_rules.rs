//! Routing rules that are proposed because of what people did by hand, and the pull request that proposes them.

use serde::{Deserialize, Serialize};

use super::{
    Authority, BranchName, DeliveryGuid, Door, Level, Number, Repository, RepositoryName, Sha, TaskType, Timestamp,
};

/// What the name of a branch begins with that proposes rules; a fingerprint follows.
pub const RULES_PULL_BRANCH: &str = "stationmaster/learn/";

/// A title of the past, and what it came to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SeenTitle {
    /// The issue.
    pub number: Number,
    /// Its title.
    pub title: String,
    /// What kind of task it is.
    pub task_type: TaskType,
    /// A person said so.
    pub by_person: bool,
    /// The rule that said so.
    pub rule: Option<String>,
    /// How soon it was wanted.
    pub priority: Level,
}

/// What tells one proposed rule from another: which titles, and what becomes of them.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct RuleKey {
    /// The regex for the title.
    pub title: String,
    /// The type that it gives.
    pub task_type: TaskType,
}

/// The pull request that proposes rules, once it was ordered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RulesPull {
    /// Its number; `None` while it is being written.
    pub number: Option<Number>,
    /// The branch of ours.
    pub branch: BranchName,
    /// A fingerprint of what was written, or is being written.
    pub digest: String,
    /// The rules in it.
    pub rules: Vec<RuleKey>,
    /// The commit of ours on its branch; whatever else is there was pushed by somebody else.
    pub tip: Option<Sha>,
    /// Why it could not be written, where it could not.
    pub refused: Option<String>,
}

/// What the database knows of a repository's proposed rules.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RulesRecord {
    /// The pull request that is open, or being written.
    pub pull: Option<RulesPull>,
    /// Rules that people turned down by closing a pull request: they are not proposed again.
    pub declined: Vec<RuleKey>,
    /// When the server last looked by itself whether there is something to propose.
    pub looked: Option<Timestamp>,
}

/// What a repository is told, until its next look has read it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "report", rename_all = "snake_case")]
pub enum RepositoryReport {
    /// Somebody asks for the pull request.
    RulesAsked {
        /// Whose word it is.
        authority: Authority,
        /// By which door.
        door: Door,
        /// The delivery that brought it.
        request: DeliveryGuid,
        /// When.
        at: Timestamp,
    },
    /// The pull request is as it was ordered.
    RulesPullWritten {
        /// Its number.
        number: Number,
        /// What was ordered.
        digest: String,
        /// The commit of ours on its branch.
        tip: Sha,
    },
    /// The pull request could not be written.
    RulesPullRefused {
        /// What was ordered.
        digest: String,
        /// Why.
        why: String,
    },
}

/// A pull request of ours to be written that changes the policy: one commit on a branch of ours, and the pull request
/// from it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RulesPullOrder {
    /// The repository.
    pub repository: Repository,
    /// The default branch, into which it is merged.
    pub base: BranchName,
    /// The commit of that branch that it is made on.
    pub base_sha: Sha,
    /// The branch of ours, [`RULES_PULL_BRANCH`] followed by a fingerprint.
    pub branch: BranchName,
    /// The commit of ours that the branch is at, as far as we know: where it is at another, it is left alone.
    pub ours: Option<Sha>,
    /// A fingerprint of all that is written.
    pub digest: String,
    /// The commit's message, and the pull request's title.
    pub title: String,
    /// The pull request's text.
    pub body: String,
    /// The policy's path, with its whole new text.
    pub file: (String, String),
}

/// Where the policy stands that rules would be added to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum PolicyHome {
    /// The repository's own file, with its text.
    Own(String),
    /// Nowhere: there is none yet.
    Nowhere,
    /// The file of this repository, which holds for others too.
    Shared(RepositoryName),
}
