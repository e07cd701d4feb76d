//! Environments: what is asked of them, what runs there, and all that a decision about one may see.

use serde::{Deserialize, Serialize};

use super::{
    Check, DeliveryGuid, Deploy, DeploymentId, DeploymentRow, EnvironmentName, Explanation, Login, Number,
    OutsideStatus, Permission, Planned, ReleaseReport, Released, Repository, RequiredCheck, RunSeen, Sha, Subject,
    TagName, Timestamp, TriggerAnswer, Version,
};

/// Whose word something has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "authority", rename_all = "snake_case")]
pub enum Authority {
    /// A person on GitHub with this permission in the repository.
    Person {
        /// Who.
        login: Login,
        /// What they may do there.
        permission: Permission,
    },
    /// Whoever runs the server, by its command line or with its API token.
    Operator {
        /// What they call themselves, for the audit.
        name: String,
    },
}

/// What somebody asks of an environment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "ask", rename_all = "snake_case")]
pub enum EnvironmentAsk {
    /// Deploy a version.
    Deploy {
        /// Which; it was released before.
        version: Version,
        /// Why a freeze or a hold does not count for it; `None` when they do.
        overrides: Option<String>,
    },
    /// Go back to the version that was verified before.
    Rollback {
        /// Why.
        why: String,
    },
    /// Deploy nothing for a while.
    Freeze {
        /// Its end; `None` when somebody must end it.
        until: Option<Timestamp>,
        /// Why.
        why: String,
    },
    /// End the freezes that people asked for.
    Unfreeze,
    /// Let the version that waits for approval pass.
    Approve {
        /// The version meant; `None` for the one that waits.
        tag: Option<TagName>,
    },
    /// Do not let the version that waits for approval pass.
    Reject {
        /// Why.
        why: String,
    },
}

/// What is reported to an environment, by other decisions, by people, and by actions that ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "report", rename_all = "snake_case")]
pub enum EnvironmentReport {
    /// A version is ready to be deployed here: it was released, or verified in the environment before this one.
    Offered {
        /// Which.
        version: Version,
    },
    /// Somebody asks for something.
    Asked {
        /// What.
        ask: EnvironmentAsk,
        /// Whose word it is.
        authority: Authority,
        /// When.
        at: Timestamp,
        /// The delivery that brought it; `None` for what was asked on an issue.
        #[serde(default)]
        request: Option<DeliveryGuid>,
    },
    /// The GitHub Deployment is there.
    Created {
        /// The number of ours.
        number: i64,
        /// GitHub's id.
        id: DeploymentId,
    },
    /// GitHub refused to create it for a reason that only people can change.
    NotCreated {
        /// The number of ours.
        number: i64,
        /// Why, as a sentence that says what to do.
        why: String,
    },
    /// The deploy target was told, and answered.
    Triggered {
        /// The number of ours.
        number: i64,
        /// Which attempt this was, beginning with 1.
        attempt: u32,
        /// What it answered.
        answer: TriggerAnswer,
    },
    /// A health check was made.
    Probed {
        /// The number of ours.
        number: i64,
        /// Counts the probes of this deployment, beginning with 1.
        probe: u32,
        /// Whether it was as expected.
        healthy: bool,
        /// What was found, as a sentence part.
        detail: String,
    },
}

/// What runs in an environment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Running {
    /// Which version.
    pub version: Version,
    /// Since when.
    pub since: Timestamp,
    /// It was found healthy.
    pub verified: bool,
    /// Its GitHub Deployment.
    pub id: Option<DeploymentId>,
}

/// A version that is not deployed here again by itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Held {
    /// Its commit.
    pub sha: Sha,
    /// Its tag.
    pub tag: TagName,
    /// Why, as a sentence part.
    pub why: String,
    /// Since when.
    pub at: Timestamp,
}

/// The version that is to be deployed next; a later one takes its place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wanted {
    /// Which.
    pub version: Version,
    /// Who asked for it; `None` when the policy did.
    pub by: Option<Authority>,
    /// Why a freeze or a hold does not count for it.
    pub overrides: Option<String>,
    /// Since when.
    pub since: Timestamp,
}

/// A question whether one version may be deployed. Another version never inherits the answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApprovalAsked {
    /// The very commit.
    pub sha: Sha,
    /// Its tag.
    pub tag: TagName,
    /// When it was asked.
    pub asked: Timestamp,
    /// When it is taken back.
    pub expires: Timestamp,
    /// Who said yes.
    pub by: Option<Authority>,
}

/// A freeze that somebody asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EnvironmentFreeze {
    /// Its end; `None` when somebody must end it.
    pub until: Option<Timestamp>,
    /// Why.
    pub why: String,
    /// Who asked for it.
    pub by: Authority,
}

/// What the database knows of an environment.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct EnvironmentRecord {
    /// The number of the newest deployment.
    pub last_number: i64,
    /// What runs there, as far as we know.
    pub running: Option<Running>,
    /// Versions that were verified there, newest last; at most ten.
    pub verified: Vec<Version>,
    /// Versions that are not deployed there again by themselves.
    pub held: Vec<Held>,
    /// What is to be deployed next.
    pub wanted: Option<Wanted>,
    /// Whether that may be deployed, where somebody must say so.
    pub approval: Option<ApprovalAsked>,
    /// The deployment under way.
    pub current: Option<Deploy>,
    /// Freezes that people asked for.
    pub freezes: Vec<EnvironmentFreeze>,
    /// How the last deployment ended, in one sentence.
    pub last_end: Option<String>,
    /// What was refused last, in one sentence: a request that could not be followed.
    pub last_refusal: Option<String>,
    /// What people were told that it waits for, so that each cause is told once.
    pub told: Option<String>,
    /// The version that was left for what runs; `None` where what runs did not come there as a way back.
    #[serde(default)]
    pub left: Option<Version>,
    /// Versions that nobody approved in time, or that somebody rejected, newest last; at most ten. Nobody is asked about
    /// them again unless somebody wants one of them.
    #[serde(default)]
    pub lapsed: Vec<TagName>,
    /// What was heard of the deployment under way and counts no more.
    #[serde(default)]
    pub heard: Heard,
}

/// What was heard of a deployment and counts no more, because its target was told again since.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Heard {
    /// So many of the oldest outside statuses.
    pub statuses: usize,
    /// The workflow run of the attempt before.
    pub run: Option<i64>,
}

/// All that a decision about an environment may see, apart from settings and time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EnvironmentSnapshot {
    /// Where it is.
    pub repository: Repository,
    /// Its name.
    pub name: EnvironmentName,
    /// What the database knows.
    pub record: EnvironmentRecord,
    /// What is reported since the last decision, oldest first.
    pub reports: Vec<EnvironmentReport>,
    /// What others said of the deployment under way, oldest first.
    pub statuses: Vec<OutsideStatus>,
    /// The workflow run of the deployment under way, where there is one.
    pub run: Option<RunSeen>,
    /// The checks of the commit that is wanted; empty where nothing is.
    pub checks: Vec<Check>,
    /// The commit that those checks are of; they say nothing of another.
    pub checked: Option<Sha>,
    /// The checks that must be green there.
    pub required: Vec<RequiredCheck>,
    /// Our own App's id: its checks are of pulls.
    pub own_app: i64,
    /// Versions that are verified in the environment which must come first; `None` where none must.
    pub verified_before: Option<Vec<Sha>>,
    /// Releases, newest first.
    pub releases: Vec<Released>,
}

/// What was decided about an environment.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct EnvironmentDecision {
    /// One sentence for people.
    pub summary: String,
    /// Why.
    pub explanation: Explanation,
    /// The record as it is to be stored.
    pub record: EnvironmentRecord,
    /// Deployments that began, went on or ended, as they are to be listed.
    pub listed: Vec<DeploymentRow>,
    /// What other environments are told.
    pub offers: Vec<(Subject, EnvironmentReport)>,
    /// What the repository's releases are told.
    pub verified: Option<ReleaseReport>,
    /// What is to be done.
    pub actions: Vec<Planned>,
    /// Issues whose cards show something new.
    pub tracking: Vec<Number>,
    /// When to look again though nothing happens.
    pub look_again: Option<Timestamp>,
}
