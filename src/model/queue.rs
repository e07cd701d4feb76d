//! The merge queue of one branch: what waits, what is being tested, and all that a decision about it may see.

use serde::{Deserialize, Serialize};

use super::{
    BranchName, Check, Explanation, Login, MergeBlocker, Number, Planned, Repository, RequiredCheck, Sha, Timestamp,
};

/// A pull request's place in the queue, as it was when it entered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct QueueEntry {
    /// Its number.
    pub number: Number,
    /// The head that was found ready; another head has to enter anew.
    pub head: Sha,
    /// The greater, the sooner.
    pub priority: i64,
    /// Since when it waits; the longer, the sooner among equals.
    pub entered: Timestamp,
    /// Its title, for lists.
    pub title: String,
    /// Who opened it.
    pub author: Login,
}

/// A queued pull request as it is at present.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct QueuedPull {
    /// Its place.
    pub entry: QueueEntry,
    /// Its head now; `None` when the pull is gone.
    pub head: Option<Sha>,
    /// What the gate has against merging it now.
    pub blockers: Vec<MergeBlocker>,
    /// Whether it was looked at: what stands far behind is not, and is as good as unknown.
    pub observed: bool,
}

/// A pull request in a batch.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Member {
    /// Its number.
    pub number: Number,
    /// The head that is merged; no other one lands.
    pub head: Sha,
}

/// How far a batch has come. Each state is recorded before the action that it stands for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum BatchState {
    /// Its members are being merged on the staging branch.
    Building {
        /// Since when.
        since: Timestamp,
    },
    /// The checks of the staging commit are waited for.
    Testing {
        /// That commit.
        staging: Sha,
        /// Since when.
        since: Timestamp,
    },
    /// The base is being moved to the tested commit.
    Landing {
        /// That commit.
        staging: Sha,
        /// Since when.
        since: Timestamp,
    },
}

/// Pull requests that are tested as one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Batch {
    /// Counts the batches of a branch, for ever: what is reported of an older one means nothing.
    pub id: i64,
    /// The base's commit that it stands on.
    pub base_sha: Sha,
    /// What is in it, in the order of merging.
    pub members: Vec<Member>,
    /// How far it has come.
    pub state: BatchState,
    /// It is a part of a batch that failed.
    pub suspected: bool,
}

/// A pause after GitHub refused something that only people can change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stall {
    /// When it is tried again.
    pub until: Timestamp,
    /// What GitHub said.
    pub why: String,
}

/// What the database knows of one branch's queue, apart from its entries.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct QueueRecord {
    /// The number of the newest batch.
    pub last_batch: i64,
    /// The batch that is under way.
    pub batch: Option<Batch>,
    /// Parts of failed batches, each to be tested alone, the next one last.
    pub suspects: Vec<Vec<Member>>,
    /// Why nothing is begun at present.
    pub stalled: Option<Stall>,
}

/// What came of building or landing a batch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "report", rename_all = "snake_case")]
pub enum StagingReport {
    /// The staging branch holds the batch.
    Built {
        /// Its newest commit.
        staging: Sha,
        /// Members that conflicted with what was there before them, and are not in it.
        conflicts: Vec<Number>,
    },
    /// The base is at the tested commit.
    Landed {
        /// That commit.
        sha: Sha,
    },
    /// The base was no longer where the batch stands on; nothing was done.
    BaseMoved,
    /// A member had another head, or was not open any more; nothing was done.
    MemberMoved {
        /// Which one.
        number: Number,
    },
    /// The staging branch no longer was at the tested commit; nothing was done.
    StagingMoved,
    /// GitHub refused for a reason that only people can change.
    Refused {
        /// What it said.
        why: String,
    },
}

/// All that a decision about a branch's queue may see, apart from settings and time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct QueueSnapshot {
    /// Where it is.
    pub repository: Repository,
    /// The branch that is merged into.
    pub base: BranchName,
    /// Its newest commit; `None` when there is no such branch.
    pub base_sha: Option<Sha>,
    /// The newest commit of the staging branch, if there is one.
    pub staging_sha: Option<Sha>,
    /// Every check of the batch's staging commit, as GitHub lists them; several of one name are possible.
    pub checks: Vec<Check>,
    /// Checks that the base demands, by protection, rulesets and policy.
    pub required: Vec<RequiredCheck>,
    /// Our own App's id: its checks are of pulls, not of staging commits.
    pub own_app: i64,
    /// Everything that is queued.
    pub pulls: Vec<QueuedPull>,
    /// What the database knows.
    pub record: QueueRecord,
    /// What is reported of the batch under way.
    pub reports: Vec<StagingReport>,
    /// How often it was tried in vain to perform what the batch waits for, before the base was looked at.
    #[serde(default)]
    pub attempts: i64,
}

/// A pull request that leaves the queue without having been merged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PutOut {
    /// Which one.
    pub number: Number,
    /// At which head.
    pub head: Sha,
    /// Why, as a sentence part.
    pub why: String,
}

/// How a pull request's time in the queue ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct QueueEnd {
    /// At which head.
    pub head: Sha,
    /// Why it was taken out; `None` when it landed.
    pub put_out: Option<String>,
}

/// What is to be shown on a queued pull request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct QueuePlace {
    /// Which one.
    pub number: Number,
    /// The head that it entered with.
    pub head: Sha,
    /// Its place, beginning with 1.
    pub place: u32,
    /// What is going on, as a sentence part.
    pub state: String,
}

/// An action that must not be performed any more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Withdrawal {
    /// Its key.
    pub key: String,
    /// How many attempts are known to have changed nothing. One of which nobody knows that may have done it.
    pub harmless_attempts: i64,
}

/// What was decided about a branch's queue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct QueueDecision {
    /// One sentence for people.
    pub summary: String,
    /// Why.
    pub explanation: Explanation,
    /// The record as it is to be stored.
    pub record: QueueRecord,
    /// Pulls that reached the base.
    pub landed: Vec<Member>,
    /// Pulls that are taken out.
    pub put_out: Vec<PutOut>,
    /// What to show on those that stay.
    pub places: Vec<QueuePlace>,
    /// What is to be done.
    pub actions: Vec<Planned>,
    /// The action that must not be performed any more. The decision holds only if it can be kept from it.
    pub withdraws: Option<Withdrawal>,
    /// When to look again though nothing happens.
    pub look_again: Option<Timestamp>,
}

/// What a pull's own decision does about its place in the queue.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "step", rename_all = "snake_case")]
pub enum QueueStep {
    /// It stays as it is.
    #[default]
    Stay,
    /// It enters, or keeps its place.
    Enter {
        /// The branch that it is queued for.
        base: BranchName,
        /// What enters.
        entry: QueueEntry,
    },
    /// It leaves, if it is in one.
    Leave,
}
