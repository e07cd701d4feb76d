//! Releases: what landed on the release branch, how it is versioned, and all that a decision about it may see.

use serde::{Deserialize, Serialize};

use super::{
    ActorKind, BranchName, Check, EnvironmentReport, Explanation, LabelName, Login, Number, Planned, Repository,
    RequiredCheck, Sha, Subject, TagName, Timestamp,
};

/// A tag and the commit it stands at; an annotated one is followed to its commit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tag {
    /// Its name, without `refs/tags/`.
    pub name: TagName,
    /// The commit.
    pub sha: Sha,
}

/// How a commit lies to another (<https://docs.github.com/en/rest/commits/commits#compare-two-commits>).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ancestry {
    /// It descends from the other.
    Ahead,
    /// It is the other's ancestor.
    Behind,
    /// They are the same.
    Identical,
    /// Each has commits that the other lacks.
    Diverged,
}

/// A commit that the release branch pointed to and that may be released.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Candidate {
    /// The commit.
    pub sha: Sha,
    /// Every check of it, as GitHub lists them; several of one name are possible.
    pub checks: Vec<Check>,
}

/// A merged pull request that is part of a release.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LandedPull {
    /// Its number.
    pub number: Number,
    /// Its title.
    pub title: String,
    /// Who opened it.
    pub author: Login,
    /// What kind of account that is.
    pub author_kind: ActorKind,
    /// Its labels.
    pub labels: Vec<LabelName>,
    /// Where people read it.
    pub url: String,
    /// The branch it came from.
    pub head_branch: BranchName,
    /// Nothing of this author was in the repository before this release.
    pub first_contribution: bool,
}

/// A commit that is part of a release.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LandedCommit {
    /// Its name.
    pub sha: Sha,
    /// Its whole message.
    pub message: String,
    /// Whose it is, where GitHub knows the account.
    pub author: Option<Login>,
    /// Where people read it.
    pub url: String,
    /// The merged pull requests that brought it.
    pub pulls: Vec<Number>,
}

/// What lies between the release before and a candidate.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReleaseRange {
    /// Commits, newest first.
    pub commits: Vec<LandedCommit>,
    /// Merged pull requests that brought them, in no particular order, each once.
    pub pulls: Vec<LandedPull>,
    /// There are more commits than were read.
    pub cut: bool,
}

/// A release to be made: a tag on the very commit that was tested, and a GitHub release on the tag.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReleaseOrder {
    /// The repository.
    pub repository: Repository,
    /// The tag, such as `v1.4.2`.
    pub tag: TagName,
    /// The commit that was tested.
    pub sha: Sha,
    /// The release's title.
    pub title: String,
    /// Its notes, in Markdown, short enough for GitHub.
    pub notes: String,
    /// It is marked as a pre-release.
    pub prerelease: bool,
    /// The tag is an object of its own with this message; `None` for a bare ref.
    pub annotation: Option<String>,
    /// Everybody whose work is in it: none of them approves it.
    pub authors: Vec<Login>,
    /// The pull requests in it.
    pub pulls: Vec<Number>,
}

/// A version that was released, as environments know it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Version {
    /// Its tag.
    pub tag: TagName,
    /// Its commit.
    pub sha: Sha,
    /// Where people read it.
    pub url: String,
    /// Everybody whose work is in it.
    pub authors: Vec<Login>,
    /// The issue on which it is followed and approved; `None` where there is none.
    pub issue: Option<Number>,
    /// Whether it is a pre-release.
    pub prerelease: bool,
}

/// A release of ours as the database knows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Released {
    /// What environments need of it.
    pub version: Version,
    /// The pull requests in it.
    pub pulls: Vec<Number>,
    /// When it was released.
    pub at: Timestamp,
}

/// What came of making a release.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "report", rename_all = "snake_case")]
pub enum ReleaseReport {
    /// Tag and release are there.
    Released {
        /// The tag.
        tag: TagName,
        /// Its commit.
        sha: Sha,
        /// Where people read the release.
        url: String,
    },
    /// The tag stands at another commit, and no tag is ever moved.
    Elsewhere {
        /// The tag.
        tag: TagName,
        /// Where it stands.
        at: Sha,
    },
    /// GitHub refused for a reason that only people can change.
    Refused {
        /// The tag.
        tag: TagName,
        /// For which commit.
        sha: Sha,
        /// Why, as a sentence that says what to do.
        why: String,
    },
    /// The issue on which the release is followed was opened.
    TrackedBy {
        /// The tag.
        tag: TagName,
        /// The issue.
        issue: Number,
    },
    /// The pull request that prepares the next release is as wanted.
    PullWritten {
        /// Its number.
        number: Number,
        /// The version that it prepares.
        tag: TagName,
        /// A fingerprint of what was written.
        digest: String,
    },
    /// The pull request that prepares the next release could not be written.
    PullRefused {
        /// The version that it was to prepare.
        tag: TagName,
        /// A fingerprint of what was to be written.
        digest: String,
        /// Why, as a sentence that says what to do.
        why: String,
    },
    /// An environment has verified this version.
    Verified {
        /// The environment's name.
        environment: super::EnvironmentName,
        /// What it has verified.
        version: Version,
    },
}

/// The release pull request, once it was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReleasePull {
    /// Its number; `None` while it is being written.
    pub number: Option<Number>,
    /// The version that it prepares.
    pub tag: TagName,
    /// A fingerprint of what was written, or is being written.
    pub digest: String,
    /// Why it could not be written, where it could not.
    pub refused: Option<String>,
}

/// A release that GitHub did not make.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefusedRelease {
    /// The tag.
    pub tag: TagName,
    /// For which commit.
    pub sha: Sha,
    /// Why, as a sentence that says what to do.
    pub why: String,
}

/// What the database knows of a repository's releases, apart from the list of them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReleaseRecord {
    /// Commits that the release branch pointed to since the last release, newest first.
    pub seen: Vec<Sha>,
    /// The release that is being made; recorded before its action, so that a crash resumes to the same.
    pub underway: Option<ReleaseOrder>,
    /// The newest release of ours, pre-releases included.
    pub last: Option<Version>,
    /// What GitHub refused: not tried again for this commit.
    pub refused: Option<RefusedRelease>,
    /// What people were alerted of, so that each cause is told once.
    pub alerted: Option<String>,
    /// The pull request that prepares the next release, where the policy asks for one.
    pub pull: Option<ReleasePull>,
    /// Pre-releases that were verified where the policy asks for it, and wait to be released as stable versions.
    pub promotable: Option<Version>,
    /// When the newest release is offered to environments even if its issue is not open by then; `None` once it was
    /// offered.
    #[serde(default)]
    pub offer_by: Option<Timestamp>,
    /// The newest release as it was listed.
    #[serde(default)]
    pub listed: Option<Released>,
}

/// Files of a release pull request as the release branch has them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReleaseFiles {
    /// Paths with their text; `None` where there is no such file.
    pub files: Vec<(String, Option<String>)>,
}

/// All that a decision about a repository's releases may see, apart from settings and time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReleaseSnapshot {
    /// Where it is.
    pub repository: Repository,
    /// The release branch.
    pub branch: BranchName,
    /// Its newest commit; `None` when there is no such branch.
    pub tip: Option<Sha>,
    /// The tip and commits that it pointed to before, newest first, with their checks.
    pub candidates: Vec<Candidate>,
    /// Checks that the branch demands, by protection, rulesets and policy.
    pub required: Vec<RequiredCheck>,
    /// Our own App's id: its checks are of pulls, not of what landed.
    pub own_app: i64,
    /// Every tag of the repository, whatever its name.
    pub tags: Vec<Tag>,
    /// The commit that comparisons and range are of; `None` where that is the newest green candidate, or none is green.
    #[serde(default)]
    pub compared: Option<Sha>,
    /// How the branch's tip lies to that commit; `None` where it is the tip, or was not asked.
    #[serde(default)]
    pub tip_since: Option<Ancestry>,
    /// How the chosen candidate lies to the stable versions, highest first, as far down as was looked; empty while no
    /// candidate is green.
    pub ancestry: Vec<(Tag, Ancestry)>,
    /// How the chosen candidate lies to our own last release; `None` where there is none or no candidate is green.
    pub since_last: Option<Ancestry>,
    /// An environment that comes first and is being deployed to, and which version: what lands meanwhile becomes one
    /// release after it.
    #[serde(default)]
    pub deploying: Option<(super::EnvironmentName, TagName)>,
    /// What lies between the previous version and the chosen candidate; `None` while no candidate is green.
    pub range: Option<ReleaseRange>,
    /// Files that the release pull request changes; empty where the policy asks for none.
    pub files: ReleaseFiles,
    /// What the database knows.
    pub record: ReleaseRecord,
    /// What is reported since the last decision, oldest first.
    pub reports: Vec<ReleaseReport>,
}

/// A release pull request to be written: one commit on a branch of ours, and the pull request from it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReleasePullOrder {
    /// The repository.
    pub repository: Repository,
    /// The release branch, into which it is merged.
    pub base: BranchName,
    /// The commit of the release branch that it is made on.
    pub base_sha: Sha,
    /// The branch of ours, [`RELEASE_PULL_BRANCH`] followed by the base's name.
    pub branch: BranchName,
    /// The version that it prepares.
    pub tag: TagName,
    /// A fingerprint of all that is written.
    pub digest: String,
    /// The commit's message.
    pub message: String,
    /// Files with their whole new text.
    pub files: Vec<(String, String)>,
    /// The pull request's title.
    pub title: String,
    /// The pull request's text.
    pub body: String,
}

/// What the name of a release pull request's branch begins with; the release branch's name follows.
pub const RELEASE_PULL_BRANCH: &str = "stationmaster/release/";

/// What the text of the issue on which a release is followed begins with. Such an issue of ours is no task.
pub const RELEASE_ISSUE_OPENING: &str = "Stationmaster follows the release ";

/// What was decided about a repository's releases.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReleaseDecision {
    /// One sentence for people.
    pub summary: String,
    /// Why.
    pub explanation: Explanation,
    /// The record as it is to be stored.
    pub record: ReleaseRecord,
    /// A release that was made, or changed, and is to be listed.
    pub released: Option<Released>,
    /// What environments are told.
    pub offers: Vec<(Subject, EnvironmentReport)>,
    /// What is to be done.
    pub actions: Vec<Planned>,
    /// When to look again though nothing happens.
    pub look_again: Option<Timestamp>,
}
