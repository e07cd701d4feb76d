//! What pages show of a pull request beside its record, as of the last look.

use serde::{Deserialize, Serialize};

use super::{BranchName, Check, Dependency, LabelName, Number, RequiredCheck, Review, Sha, Timestamp};

/// What pages show of a pull request beside its record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PullShown {
    /// Where people read it on GitHub.
    pub url: String,
    /// When it was opened.
    pub opened: Timestamp,
    /// Names of all its labels.
    pub labels: Vec<LabelName>,
    /// The newest check of each name and App, without ours.
    pub checks: Vec<Check>,
    /// Names of those that count for the merge.
    pub counted: Vec<String>,
    /// Checks that the base demands.
    pub demanded: Vec<RequiredCheck>,
    /// All reviews of others, oldest first.
    pub reviews: Vec<Review>,
    /// What it depends on.
    pub dependencies: Vec<Dependency>,
    /// Open pull requests that are based on its head branch.
    pub dependents: Vec<Number>,
    /// The base's newest commit, as GitHub saw it.
    pub base_sha: Sha,
    /// The tasks of its repository to which it says that it belongs.
    pub tasks: Vec<Number>,
    /// How it is merged, as a sentence part such as `squash`.
    pub method: String,
    /// The branch's merge queue lands it, not a merge of its own.
    pub queued: bool,
    /// The branch that it merges into.
    pub base: BranchName,
    /// The commit that it became on the base.
    pub merge_commit: Option<Sha>,
    /// Lines that it changes in files that are reviewed, where that was counted.
    #[serde(default)]
    pub changed_lines: Option<u64>,
    /// Our own App's id: its checks test nothing.
    pub own_app: i64,
}
