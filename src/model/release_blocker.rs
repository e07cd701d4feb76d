//! Every reason why something is not released, and why something is not deployed.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{EnvironmentName, Sha, TagName, Timestamp};

/// Why nothing is released now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "because", rename_all = "snake_case")]
pub enum ReleaseBlocker {
    /// There is no such branch.
    NoBranch {
        /// Its name.
        branch: String,
    },
    /// Nothing was reported of the commit, and nothing is not green.
    NoChecks {
        /// The commit.
        sha: Sha,
    },
    /// A required check was not reported yet.
    CheckMissing {
        /// Its name.
        name: String,
        /// Who demands it.
        demanded_by: String,
    },
    /// A check is under way.
    CheckRunning {
        /// Its name.
        name: String,
    },
    /// A check did not pass.
    CheckFailed {
        /// Its name.
        name: String,
        /// How it ended, in GitHub's word.
        conclusion: String,
    },
    /// The branch was moved back behind the last version, or away from it.
    OffTheLine {
        /// The version.
        tag: TagName,
        /// Its commit.
        at: Sha,
        /// The branch now lies behind it, and has not merely diverged.
        behind: bool,
    },
    /// A version is being deployed; what lands meanwhile is released together after it.
    Deploying {
        /// The version.
        tag: TagName,
        /// Where to.
        environment: EnvironmentName,
    },
    /// Nothing in it asks for a release.
    NothingReleasable,
    /// The tag stands at another commit; no tag is ever moved.
    TagElsewhere {
        /// The tag.
        tag: TagName,
        /// Where it stands.
        at: Sha,
    },
    /// The release pull request has to be merged first.
    ReleasePullOpen {
        /// The version that it prepares.
        tag: TagName,
    },
    /// GitHub refused.
    Refused {
        /// Why, as a sentence that says what to do.
        why: String,
    },
    /// A pre-release is not verified yet.
    NotVerified {
        /// Its tag.
        tag: TagName,
        /// Where it must be.
        environment: EnvironmentName,
    },
}

impl fmt::Display for ReleaseBlocker {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoBranch { branch } => write!(out, "there is no branch `{branch}`"),
            Self::NoChecks { sha } => write!(
                out,
                "no check was reported for {}; where there are none, `[release] allow_no_checks = true` says so",
                sha.short()
            ),
            Self::CheckMissing { name, demanded_by } => {
                write!(out, "the check `{name}` was not reported yet; {demanded_by} demands it")
            }
            Self::CheckRunning { name } => write!(out, "the check `{name}` is under way"),
            Self::CheckFailed { name, conclusion } => write!(out, "the check `{name}` ended as {conclusion}"),
            Self::OffTheLine { tag, at, behind: true } => write!(
                out,
                "the branch was moved back behind {tag} ({}): what it has now is older than what was released",
                at.short()
            ),
            Self::OffTheLine { tag, at, behind: false } => write!(
                out,
                "the branch does not contain {tag} ({}) any more: its history was rewritten, so nothing is tagged",
                at.short()
            ),
            Self::Deploying { tag, environment } => {
                write!(out, "{tag} is being deployed to {environment}, and what lands meanwhile is released after it")
            }
            Self::NothingReleasable => write!(out, "nothing that landed asks for a release"),
            Self::TagElsewhere { tag, at } => {
                write!(out, "the tag {tag} stands at {} already, and no tag is ever moved", at.short())
            }
            Self::ReleasePullOpen { tag } => write!(out, "the release pull request for {tag} has to be merged first"),
            Self::Refused { why } => out.write_str(why),
            Self::NotVerified { tag, environment } => {
                write!(out, "{tag} becomes a stable version once it is verified in {environment}")
            }
        }
    }
}

/// Why a version is not deployed to an environment now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "because", rename_all = "snake_case")]
pub enum DeployBlocker {
    /// A freeze is in force.
    Frozen {
        /// Its end; `None` when somebody must end it.
        until: Option<Timestamp>,
        /// Why.
        why: String,
    },
    /// Somebody has to approve it.
    ApprovalMissing {
        /// The version.
        tag: TagName,
        /// When the question is taken back.
        expires: Timestamp,
    },
    /// Nobody approved it in time.
    ApprovalExpired {
        /// The version.
        tag: TagName,
    },
    /// A required check of its commit is not green.
    ChecksNotGreen {
        /// Which, and how it stands, as a sentence part.
        detail: String,
    },
    /// It was found sick here, or was left by hand.
    Held {
        /// The version.
        tag: TagName,
        /// Why.
        why: String,
    },
    /// It was not verified in the environment that comes before.
    NotVerifiedBefore {
        /// The version.
        tag: TagName,
        /// That environment.
        environment: EnvironmentName,
    },
    /// Another deployment is under way there.
    Busy {
        /// Which version is being deployed.
        tag: TagName,
    },
    /// It runs there already.
    RunsAlready {
        /// The version.
        tag: TagName,
    },
    /// There is no version that was verified there and could be gone back to.
    NoWayBack,
    /// A way back is not itself gone back from.
    RollbackOfRollback {
        /// What runs, as the result of a way back.
        tag: TagName,
    },
    /// Who asked may not.
    NotAllowed {
        /// Who.
        who: String,
        /// What is missing, as a sentence part.
        lacks: String,
    },
    /// Nobody approves their own work.
    OwnWork {
        /// Who.
        who: String,
        /// The version.
        tag: TagName,
    },
    /// Nothing waits for approval there, or another version does.
    NothingToApprove {
        /// The version that waits, if one does.
        waits: Option<TagName>,
    },
    /// The policy does not name the environment any more.
    NoSuchEnvironment {
        /// Those that it names.
        known: Vec<EnvironmentName>,
    },
}

impl DeployBlocker {
    /// Whether it was said of something that somebody asked for, and not of a version that is on its way.
    #[must_use]
    pub const fn is_of_a_request(&self) -> bool {
        matches!(
            self,
            Self::NotAllowed { .. }
                | Self::OwnWork { .. }
                | Self::NothingToApprove { .. }
                | Self::NoWayBack
                | Self::RollbackOfRollback { .. }
        )
    }
}

impl fmt::Display for DeployBlocker {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Frozen { until: Some(until), why } => write!(out, "it is frozen until {until}: {why}"),
            Self::Frozen { until: None, why } => write!(out, "it is frozen until somebody says `/unfreeze`: {why}"),
            Self::ApprovalMissing { tag, expires } => {
                write!(out, "{tag} waits for approval by somebody whose work is not in it, until {expires}")
            }
            Self::ApprovalExpired { tag } => write!(out, "nobody approved {tag} in time"),
            Self::ChecksNotGreen { detail } => write!(out, "its commit is not green: {detail}"),
            Self::Held { tag, why } => write!(out, "{tag} is held back here: {why}"),
            Self::NotVerifiedBefore { tag, environment } => {
                write!(out, "{tag} was not verified in {environment}, which comes first")
            }
            Self::Busy { tag } => write!(out, "{tag} is being deployed"),
            Self::RunsAlready { tag } => write!(out, "{tag} runs there already"),
            Self::NoWayBack => write!(out, "no other version was ever verified there, so there is none to go back to"),
            Self::RollbackOfRollback { tag } => {
                write!(out, "{tag} is itself the result of a rollback, and a rollback is not rolled back")
            }
            Self::NotAllowed { who, lacks } => write!(out, "{who} may not do this: {lacks}"),
            Self::OwnWork { who, tag } => write!(out, "{who} may not approve {tag}: their own work is in it"),
            Self::NothingToApprove { waits: Some(tag) } => write!(out, "it is {tag} that waits for approval"),
            Self::NothingToApprove { waits: None } => write!(out, "nothing waits for approval"),
            Self::NoSuchEnvironment { known } if known.is_empty() => {
                write!(out, "the policy names no environment")
            }
            Self::NoSuchEnvironment { known } => {
                let known: Vec<&str> = known.iter().map(EnvironmentName::as_str).collect();
                write!(out, "the policy names no such environment, only {}", known.join(", "))
            }
        }
    }
}
