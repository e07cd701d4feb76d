//! Deployments: how far one has come, what is said of it, and how it ended.

use serde::{Deserialize, Serialize};

use super::{Authority, DeploymentId, Login, Sha, TagName, Timestamp, Version};

/// What a deploy target answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "answer", rename_all = "snake_case")]
pub enum TriggerAnswer {
    /// It has begun, and how it ends is learned otherwise.
    Accepted {
        /// The workflow run that does it, where there is one.
        run: Option<i64>,
        /// What it said.
        detail: String,
    },
    /// It is done.
    Finished {
        /// What it said.
        detail: String,
    },
    /// It says that the deploy failed.
    Failed {
        /// What it said.
        detail: String,
    },
    /// It could not be asked or did not answer: a timeout, a lost connection, a 5xx.
    Error {
        /// What went wrong.
        detail: String,
    },
}

/// A GitHub Deployment's state (<https://docs.github.com/en/rest/deployments/statuses#create-a-deployment-status>).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeploymentState {
    /// It waits.
    Queued,
    /// GitHub's own word for a deployment that nobody has spoken of yet.
    Pending,
    /// It is under way.
    InProgress,
    /// It runs.
    Success,
    /// What was deployed is sick.
    Failure,
    /// It could not be deployed.
    Error,
    /// Another one runs in its place.
    Inactive,
}

impl DeploymentState {
    /// Every state.
    pub const ALL: [Self; 7] =
        [Self::Queued, Self::Pending, Self::InProgress, Self::Success, Self::Failure, Self::Error, Self::Inactive];

    /// GitHub's word for it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Pending => "pending",
            Self::InProgress => "in_progress",
            Self::Success => "success",
            Self::Failure => "failure",
            Self::Error => "error",
            Self::Inactive => "inactive",
        }
    }

    /// The state of GitHub's word.
    #[must_use]
    pub fn named(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == word)
    }
}

/// What somebody other than us said of a GitHub Deployment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutsideStatus {
    /// The state that they gave it.
    pub state: DeploymentState,
    /// What they wrote with it.
    pub description: String,
    /// Who.
    pub by: Login,
}

/// How far a workflow run has come.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunSeen {
    /// Its id.
    pub id: i64,
    /// `None` while it runs; else its conclusion in GitHub's word, such as `success`.
    pub conclusion: Option<String>,
    /// Where people read it.
    pub url: String,
}

/// Why a deployment is made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum DeployKind {
    /// To bring a version there.
    Deploy,
    /// To leave a version that is sick or unwanted.
    Rollback {
        /// The version that is left.
        from: Version,
        /// Why, as a sentence part.
        why: String,
    },
}

/// How far a deployment has come. Each state is recorded before the action that it stands for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum DeployState {
    /// The GitHub Deployment is being created.
    Creating,
    /// The deploy target is being told.
    Triggering,
    /// The deploy target has begun; its end is waited for.
    Running {
        /// The workflow run that does it, where there is one.
        run: Option<i64>,
        /// When it is taken for an error that nothing was heard.
        until: Timestamp,
    },
    /// The deploy target is told again at this time, because it could not be reached.
    Retrying {
        /// When.
        at: Timestamp,
        /// What went wrong.
        because: String,
    },
    /// Its health is being looked at.
    Checking {
        /// Probes made or being made.
        probes: u32,
        /// How many in a row were good.
        good: u32,
        /// How many in a row were bad.
        bad: u32,
        /// When the next one is made; `None` while one is under way.
        next: Option<Timestamp>,
        /// What the last one found.
        last: Option<String>,
    },
    /// It is healthy, and is watched for a while before it counts as verified.
    Soaking {
        /// Until when.
        until: Timestamp,
        /// Probes made or being made.
        probes: u32,
        /// How many in a row were bad.
        bad: u32,
        /// When the next one is made; `None` while one is under way, or where no health is looked at.
        next: Option<Timestamp>,
    },
}

/// A deployment under way in an environment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deploy {
    /// Counts the deployments of an environment, for ever.
    pub number: i64,
    /// What is deployed.
    pub version: Version,
    /// Why.
    pub kind: DeployKind,
    /// Who asked for it; `None` when the policy did.
    pub by: Option<Authority>,
    /// Who approved it.
    pub approved_by: Option<Authority>,
    /// Why a freeze or a hold did not count for it.
    pub overrides: Option<String>,
    /// GitHub's id, once it is created.
    pub id: Option<DeploymentId>,
    /// How far it has come.
    pub state: DeployState,
    /// Attempts to tell the deploy target, beginning with 1.
    pub attempt: u32,
    /// When it began.
    pub began: Timestamp,
}

/// How a deployment ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeployEnd {
    /// It runs and is healthy.
    Succeeded,
    /// It is sick, or its target said that it failed.
    Failed,
    /// Its target could not be reached, often enough.
    Error,
}

impl DeployEnd {
    /// The word for it in lists.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
            Self::Error => "error",
        }
    }

    /// The end of a word.
    #[must_use]
    pub fn named(word: &str) -> Option<Self> {
        [Self::Succeeded, Self::Failed, Self::Error].into_iter().find(|end| end.as_str() == word)
    }
}

/// A deployment as it is listed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeploymentRow {
    /// The number of ours.
    pub number: i64,
    /// What was deployed.
    pub tag: TagName,
    /// Its commit.
    pub sha: Sha,
    /// It was a way back: from which version.
    pub rollback_from: Option<TagName>,
    /// Who asked for it, in words; `None` when the policy did.
    pub by: Option<String>,
    /// Who approved it, in words.
    pub approved_by: Option<String>,
    /// GitHub's id.
    pub id: Option<DeploymentId>,
    /// When it began.
    pub began: Timestamp,
    /// When it ended; `None` while it is under way.
    pub ended: Option<Timestamp>,
    /// How it ended; `None` while it is under way.
    pub end: Option<DeployEnd>,
    /// How, or how far, in one sentence.
    pub note: String,
    /// Errors of the target on the way.
    pub errors: u32,
}
