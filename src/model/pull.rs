//! A pull request as GitHub shows it, and all that a decision about it may see.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{
    ActorKind, BranchName, BranchProtection, Check, CommentId, Finding, LabelName, Login, Number, Permission,
    PullShown, Refusal, Repository, RepositoryId, RepositoryName, Sha, Timestamp,
};

/// Whether a pull request is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PullState {
    /// To be merged.
    Open,
    /// Closed without a merge.
    Closed,
    /// Merged.
    Merged,
}

/// What GitHub says of merging head into base. It computes this after each push and knows nothing meanwhile.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Mergeability {
    /// Without conflict.
    Mergeable,
    /// They conflict.
    Conflicting,
    /// Not computed yet.
    Unknown,
}

/// A commit of a pull request, as far as its message matters.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Commit {
    /// The commit.
    pub sha: Sha,
    /// Its whole message.
    pub message: String,
    /// Everybody who wrote it, `Name <address>` each, its author first.
    pub authors: Vec<String>,
}

/// A pull request as observed on GitHub.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pull {
    /// Its number within the repository.
    pub number: Number,
    /// Its title.
    pub title: String,
    /// Its text; empty where GitHub says null.
    pub body: String,
    /// Open, closed or merged.
    pub state: PullState,
    /// Not ready, its author says.
    pub draft: bool,
    /// Who opened it; `ghost` when that account is gone.
    pub author: Login,
    /// What kind of account that is.
    pub author_kind: ActorKind,
    /// Names of all its labels.
    pub labels: Vec<LabelName>,
    /// The commit to be merged.
    pub head: Sha,
    /// The branch that it is on.
    pub head_branch: BranchName,
    /// The repository that this branch is in: another one for a fork, `None` when that is gone.
    pub head_repository: Option<RepositoryName>,
    /// The branch to merge into.
    pub base: BranchName,
    /// That branch's newest commit, as GitHub saw it.
    pub base_sha: Sha,
    /// Whether it can be merged without conflict.
    pub mergeability: Mergeability,
    /// The base has commits that the head lacks, and its protection demands that it has them.
    pub behind: bool,
    /// GitHub's protection still waits for reviews (its `reviewDecision` is `REVIEW_REQUIRED`).
    pub review_required: bool,
    /// Its commits, oldest first, at most 100.
    pub commits: Vec<Commit>,
    /// Files that it changes.
    pub changed_files: u32,
    /// Where people read it.
    pub url: String,
    /// When it was opened.
    pub created: Timestamp,
    /// The commit that it became on the base.
    pub merge_commit: Option<Sha>,
}

impl Pull {
    /// Whether the head is in a repository other than the base.
    #[must_use]
    pub fn is_fork(&self, base: &RepositoryName) -> bool {
        self.head_repository.as_ref() != Some(base)
    }
}

/// What a review says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReviewState {
    /// Merge it.
    Approved,
    /// Not as it is.
    ChangesRequested,
    /// Remarks only.
    Commented,
    /// Taken back, by whomever.
    Dismissed,
    /// Not submitted yet.
    Pending,
}

/// A review of a pull request by somebody.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Review {
    /// Its numeric id.
    pub id: i64,
    /// Who wrote it.
    pub author: Login,
    /// What kind of account that is.
    pub author_kind: ActorKind,
    /// What it says.
    pub state: ReviewState,
    /// The head that it was given for; `None` when that commit is gone.
    pub commit: Option<Sha>,
    /// When it was submitted.
    pub submitted: Option<Timestamp>,
}

/// Our own review of one head, from the database.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeadReview {
    /// The head that was reviewed.
    pub head: Sha,
    /// The rules that it was reviewed by: a fingerprint.
    pub rules: String,
    /// What was found; at most 1,000, the blocking ones first.
    pub findings: Vec<Finding>,
    /// All findings, those that are not kept included.
    pub total: u32,
    /// Files that were read.
    pub files: u32,
    /// Lines that change in those of them that the policy does not leave out; `None` of reviews that were made before
    /// this was counted.
    #[serde(default)]
    pub lines: Option<u64>,
    /// Why the review could not be made: a file, line and fault, or a diff that GitHub does not give.
    pub faults: Vec<String>,
    /// What would change, where the pull edits the policy.
    pub policy_change: Option<String>,
    /// What that would have done with issues and pulls of the past, where it concerns rules or merging.
    #[serde(default)]
    pub backtest: Option<String>,
}

/// A person's word that a pull must not be merged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hold {
    /// Who.
    pub by: Login,
    /// Why.
    pub why: String,
    /// Since when.
    pub since: Timestamp,
}

/// A time in which nothing is merged into a branch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Freeze {
    /// Its end, where it has one.
    pub until: Option<Timestamp>,
    /// Why.
    pub why: String,
}

/// A pull request or issue that must be merged or closed before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dependency {
    /// The repository; it need not be the same.
    pub repository: RepositoryName,
    /// The number.
    pub number: Number,
    /// Whether it is merged, or closed in the case of an issue.
    pub met: bool,
    /// What is known of it, as a sentence part: `open`, `closed without a merge`, `not to be found`.
    pub state: String,
}

/// What the database knows of a pull request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PullRecord {
    /// Its repository.
    pub repository: RepositoryId,
    /// Its number.
    pub number: Number,
    /// Where it stood when last looked at.
    pub state: PullState,
    /// Its head when last looked at.
    pub head: Sha,
    /// The branch it merges into.
    pub base: BranchName,
    /// The branch it comes from.
    pub head_branch: BranchName,
    /// A person's word against merging.
    pub hold: Option<Hold>,
    /// Merge it although the policy merges nothing by itself: who said so, for which head.
    pub merge_asked: Option<(Login, Sha)>,
    /// Taken out of the queue: at which head, and why.
    pub put_out: Option<(Sha, String)>,
    /// The head that the queue landed.
    pub landed: Option<Sha>,
    /// What GitHub refused the last merge with.
    pub refused: Option<Refusal>,
    /// How often GitHub was asked in vain whether this head can be merged.
    pub unknown_polls: u32,
    /// The comment that is its card, once there is one.
    pub card: Option<CommentId>,
    /// SHA-256 of the card's text as last planned, in hexadecimal.
    pub card_digest: Option<String>,
    /// The lines that were commands in each comment when it was last looked at.
    pub commands_seen: BTreeMap<CommentId, Vec<String>>,
    /// When it was first looked at.
    pub created: Timestamp,
    /// When a decision last changed it.
    pub updated: Timestamp,
}

/// A pull request as it is to be remembered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ManagedPull {
    /// What is known of it.
    pub record: PullRecord,
    /// Its title, for lists.
    pub title: String,
    /// Its author, for lists; `None` where nothing was seen of it.
    pub author: Option<Login>,
    /// Only something that people do to the pull itself can change what is decided about it.
    pub idle: bool,
    /// A push to its base can change what is decided about it.
    pub looks_at_base: bool,
    /// What pages show of it; `None` where nothing was seen of it.
    #[serde(default)]
    pub shown: Option<Box<PullShown>>,
}

/// All that a decision about a pull request may see, apart from policy and time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PullSnapshot {
    /// Where it lives.
    pub repository: Repository,
    /// The pull request on GitHub.
    pub pull: Pull,
    /// Counts the decisions on this subject, beginning with 1: names the actions of this one.
    pub decision: i64,
    /// Every check of the head, as GitHub lists them; several of one name are possible.
    pub checks: Vec<Check>,
    /// What the base demands.
    pub protection: BranchProtection,
    /// All reviews, oldest first, ours included.
    pub reviews: Vec<Review>,
    /// What everybody may do whose word counts here: the author and whoever reviewed.
    pub permissions: BTreeMap<Login, Permission>,
    /// Our own review of this very head, once it is made.
    pub review: Option<HeadReview>,
    /// What it depends on.
    pub dependencies: Vec<Dependency>,
    /// Freezes in force for its base at this time.
    pub freezes: Vec<Freeze>,
    /// Open pull requests that are based on its head branch.
    pub dependents: Vec<Number>,
    /// Our own App: its login (`name[bot]`) and id.
    pub own: (Login, i64),
    /// What the database knows of it; `None` before the first decision.
    pub record: Option<PullRecord>,
}
