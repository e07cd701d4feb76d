//! Pull requests of the past, as far as GitHub still tells of them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{
    ActorKind, BranchName, BranchProtection, Check, LabelName, Login, Number, Permission, Repository, Review, Sha,
    Timestamp,
};

/// A commit of a past pull request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PastCommit {
    /// The commit.
    pub sha: Sha,
    /// Its whole message.
    #[serde(default)]
    pub message: String,
    /// When it was committed, which is the nearest to when it was pushed that GitHub tells.
    pub committed: Timestamp,
    /// What was reported of it, each check by its newest report.
    #[serde(default)]
    pub checks: Vec<Check>,
}

/// A pull request that is closed or merged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PastPull {
    /// Its number within the repository.
    pub number: Number,
    /// Its title.
    pub title: String,
    /// Its text.
    #[serde(default)]
    pub body: String,
    /// Who opened it.
    pub author: Login,
    /// What kind of account that is.
    pub author_kind: ActorKind,
    /// Names of the labels that it carries now.
    #[serde(default)]
    pub labels: Vec<LabelName>,
    /// It was a draft in the end.
    #[serde(default)]
    pub draft: bool,
    /// The branch to merge into.
    pub base: BranchName,
    /// Its last head.
    pub head: Sha,
    /// The branch that this is on.
    pub head_branch: BranchName,
    /// When it was opened.
    pub created: Timestamp,
    /// When it was closed, merged or not.
    pub closed: Timestamp,
    /// When it was merged, and by whom; `None` where it was closed without a merge.
    #[serde(default)]
    pub merged: Option<(Timestamp, Option<Login>)>,
    /// The commit that it became on the base.
    #[serde(default)]
    pub merge_commit: Option<Sha>,
    /// Its newest commits, oldest first.
    pub commits: Vec<PastCommit>,
    /// Its newest reviews, oldest first.
    #[serde(default)]
    pub reviews: Vec<Review>,
    /// Where people read it.
    #[serde(default)]
    pub url: String,
}

/// What a repository's past pull requests are judged with: all that a backtest of a policy reads, and what an export holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PastPulls {
    /// The repository.
    pub repository: Repository,
    /// Our own App: its login (`name[bot]`) and id.
    pub own: (Login, i64),
    /// What each base demands today.
    #[serde(default)]
    pub protection: BTreeMap<BranchName, BranchProtection>,
    /// What everybody may do today whose word counts in one of them.
    #[serde(default)]
    pub permissions: BTreeMap<Login, Permission>,
    /// The pull requests, newest first.
    pub pulls: Vec<PastPull>,
}

/// An issue of the past, as far as rules look at it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PastIssue {
    /// Its number within the repository; `None` where it was not said.
    pub number: Option<Number>,
    /// Its title.
    pub title: String,
    /// Its text.
    pub body: String,
    /// Names of its labels, ours and others.
    pub labels: Vec<LabelName>,
    /// Who opened it; `None` where that was not said.
    pub author: Option<Login>,
    /// Whether it is closed.
    pub closed: bool,
}
