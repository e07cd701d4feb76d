//! Effects to perform on the world, and what came of them.

use serde::{Deserialize, Serialize};

use super::{
    Annotation, BranchName, CommentId, Conclusion, FailedCheck, LabelName, LabelSpec, Login, Member, Number, Reaction,
    Repository, Sha, StagingReport, Timestamp,
};

/// How loud a message is, on ntfy's scale (<https://docs.ntfy.sh/publish/#message-priority>).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Urgency5 {
    /// 1: no sound, folded away.
    Min,
    /// 2: no sound.
    Low,
    /// 3: the default.
    Default,
    /// 4: long vibration.
    High,
    /// 5: longest vibration, pops over.
    Max,
}

impl Urgency5 {
    /// The number on the wire.
    #[must_use]
    pub const fn number(self) -> u8 {
        match self {
            Self::Min => 1,
            Self::Low => 2,
            Self::Default => 3,
            Self::High => 4,
            Self::Max => 5,
        }
    }
}

/// A button under a message that opens a page (<https://docs.ntfy.sh/publish/#open-websiteapp>).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MessageButton {
    /// What it says.
    pub label: String,
    /// What it opens.
    pub url: String,
}

/// A message for people, before it is fitted to ntfy's limits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PeopleMessage {
    /// The topic; `None` is the people's topic of the configuration.
    pub topic: Option<String>,
    /// The headline.
    pub title: String,
    /// The text, as long as it is; it is cut when it is sent.
    pub text: String,
    /// How loud.
    pub priority: Urgency5,
    /// Tags, of which ntfy shows those that name an emoji as one.
    pub tags: Vec<String>,
    /// What a tap opens.
    pub click: Option<String>,
    /// At most three are sent (ntfy's limit).
    pub buttons: Vec<MessageButton>,
    /// When the thing happened that it tells of.
    pub happened: Timestamp,
}

/// An effect to perform. Each is safe to perform twice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "action", rename_all = "snake_case")]
pub enum Action {
    /// Adds and removes labels of an issue, creating those that the repository lacks.
    SetLabels {
        /// The repository.
        repository: Repository,
        /// The issue.
        number: Number,
        /// Labels to add, with how to create each.
        add: Vec<LabelSpec>,
        /// Labels to take off.
        remove: Vec<LabelName>,
        /// The labels of ours that the issue carries afterwards.
        projection: Vec<LabelName>,
    },
    /// Writes the one card comment of an issue: edits it, or creates it when there is none.
    WriteCard {
        /// The repository.
        repository: Repository,
        /// The issue.
        number: Number,
        /// The comment that was the card when this was decided.
        comment: Option<CommentId>,
        /// The whole text without the hidden marker.
        text: String,
    },
    /// A new comment, because somebody must act; found again by a hidden marker made of the action's key.
    Comment {
        /// The repository.
        repository: Repository,
        /// The issue.
        number: Number,
        /// The whole text without the hidden marker.
        text: String,
    },
    /// Puts a reaction of ours under a comment; GitHub keeps one of a kind from each account.
    React {
        /// The repository.
        repository: Repository,
        /// The issue or pull request.
        number: Number,
        /// The comment; `None` for the text of the issue or pull request itself.
        comment: Option<CommentId>,
        /// Which.
        content: Reaction,
    },
    /// Runs failed checks of a commit again, those that have not been run again meanwhile.
    Retest {
        /// The repository.
        repository: Repository,
        /// The commit.
        head: Sha,
        /// The checks that failed there.
        checks: Vec<FailedCheck>,
    },
    /// Sets who is assigned on GitHub, leaving alone assignees that we did not set.
    Assign {
        /// The repository.
        repository: Repository,
        /// The issue.
        number: Number,
        /// Accounts to add.
        add: Vec<Login>,
        /// Accounts to take off.
        remove: Vec<Login>,
    },
    /// Opens an issue; found again by a hidden marker made of the action's key.
    OpenIssue {
        /// The repository.
        repository: Repository,
        /// Its title.
        title: String,
        /// Its text without the hidden marker.
        body: String,
    },
    /// Dispatches a workflow with the handoff package as its input.
    DispatchWorkflow {
        /// The repository.
        repository: Repository,
        /// The workflow's file name.
        workflow: String,
        /// The ref it runs on.
        git_ref: BranchName,
        /// The handoff package as JSON text.
        handoff: String,
    },
    /// Posts the handoff package, signed.
    CallHook {
        /// Where to.
        url: String,
        /// The environment variable that holds the key.
        secret_env: String,
        /// The handoff package as JSON text.
        body: String,
    },
    /// Publishes our check run on a head, its annotations in pages.
    PublishCheck {
        /// The repository.
        repository: Repository,
        /// The commit.
        head: Sha,
        /// What it says.
        report: CheckReport,
    },
    /// Submits our review of a head, unless our newest one says the same of it.
    SubmitReview {
        /// The repository.
        repository: Repository,
        /// The pull request.
        number: Number,
        /// The commit that it is pinned to.
        head: Sha,
        /// Approve it, or request changes.
        approve: bool,
        /// The whole text without the hidden marker.
        text: String,
    },
    /// Merges a pull request, if its head is still this one.
    Merge(MergeOrder),
    /// Deletes a branch, if it still points at this commit.
    DeleteBranch {
        /// The repository.
        repository: Repository,
        /// The branch.
        branch: BranchName,
        /// What it must point at.
        head: Sha,
    },
    /// Resets the staging branch to the base and merges a batch's members there, one after the other.
    BuildStaging {
        /// The repository.
        repository: Repository,
        /// The branch that is merged into.
        base: BranchName,
        /// Where that branch is meant to be.
        base_sha: Sha,
        /// What is merged, in this order.
        members: Vec<Member>,
        /// The batch's number.
        batch: i64,
    },
    /// Moves the base to the tested commit of the staging branch, if that is a fast-forward.
    LandStaging {
        /// The repository.
        repository: Repository,
        /// The branch that is moved.
        base: BranchName,
        /// Where it is meant to be before.
        base_sha: Sha,
        /// The commit that was tested.
        staging: Sha,
        /// What is in it.
        members: Vec<Member>,
        /// The batch's number.
        batch: i64,
    },
    /// Tells people over ntfy.
    Notify(PeopleMessage),
}

/// What a check run of ours says (<https://docs.github.com/en/rest/checks/runs#create-a-check-run>).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckReport {
    /// Its name, such as `stationmaster/review`.
    pub name: String,
    /// How it ended.
    pub conclusion: Conclusion,
    /// Its headline.
    pub title: String,
    /// Its text, in Markdown.
    pub summary: String,
    /// Remarks on lines, in pages of at most 50, which is what GitHub takes at once.
    pub pages: Vec<Vec<Annotation>>,
}

/// How a pull request is merged (<https://docs.github.com/en/rest/pulls/pulls#merge-a-pull-request>).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum MergeMethod {
    /// By a merge commit.
    Merge,
    /// As one commit.
    #[default]
    Squash,
    /// Commit by commit.
    Rebase,
}

impl MergeMethod {
    /// Every method.
    pub const ALL: [Self; 3] = [Self::Squash, Self::Merge, Self::Rebase];

    /// GitHub's word for it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Merge => "merge",
            Self::Squash => "squash",
            Self::Rebase => "rebase",
        }
    }
}

/// A merge to be made, and what follows once it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MergeOrder {
    /// The repository.
    pub repository: Repository,
    /// The pull request.
    pub number: Number,
    /// The head that was judged; GitHub refuses any other.
    pub head: Sha,
    /// How.
    pub method: MergeMethod,
    /// The commit's title; `None` leaves it to GitHub.
    pub title: Option<String>,
    /// The commit's text.
    pub message: Option<String>,
    /// Refusals of this head in a row before this attempt.
    pub refusals: u32,
    /// Queued in the same transaction that records the merge, and only then.
    pub afterwards: Vec<Planned>,
}

/// GitHub's refusal to merge a head.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refusal {
    /// The head.
    pub head: Sha,
    /// What GitHub said.
    pub message: String,
    /// How often in a row.
    pub times: u32,
    /// When it is tried again; `None` when something must change first.
    pub again: Option<Timestamp>,
}

impl Refusal {
    /// After so many refusals of one head in a row GitHub is not asked again until something changes.
    pub const TIMES_MAX: u32 = 6;
    /// How long the first refusal keeps a head from being tried again, in milliseconds; each further one doubles it.
    const PAUSE_MS: i64 = 2_000;

    /// The refusal that follows `times` earlier ones. It is tried again after a pause where it `may_pass`.
    #[must_use]
    pub fn after(times: u32, head: Sha, message: String, (may_pass, now): (bool, Timestamp)) -> Self {
        let times = times.saturating_add(1);
        let again =
            (may_pass && times < Self::TIMES_MAX).then(|| now.plus_ms(Self::PAUSE_MS << (2 * times.min(8) - 2)));
        Self { head, message, times, again }
    }
}

impl Action {
    /// The word for this kind of effect in lists and metrics.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::SetLabels { .. } => "set_labels",
            Self::WriteCard { .. } => "write_card",
            Self::Comment { .. } => "comment",
            Self::React { .. } => "react",
            Self::Retest { .. } => "retest",
            Self::Assign { .. } => "assign",
            Self::OpenIssue { .. } => "open_issue",
            Self::DispatchWorkflow { .. } => "dispatch_workflow",
            Self::CallHook { .. } => "call_hook",
            Self::PublishCheck { .. } => "publish_check",
            Self::SubmitReview { .. } => "submit_review",
            Self::Merge(_) => "merge",
            Self::DeleteBranch { .. } => "delete_branch",
            Self::BuildStaging { .. } => "build_staging",
            Self::LandStaging { .. } => "land_staging",
            Self::Notify(_) => "notify",
        }
    }
}

/// An action together with the names under which the outbox keeps it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Planned {
    /// Unique for ever: the same key is performed once.
    pub key: String,
    /// Where set, a newer action in the same slot replaces one that still waits.
    pub slot: Option<String>,
    /// The effect.
    pub action: Action,
}

/// Something that performing an action taught us about the world.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "fact", rename_all = "snake_case")]
pub enum Fact {
    /// This comment is the card of the issue.
    CardIs {
        /// The comment.
        comment: CommentId,
    },
    /// GitHub shows this projection on the issue.
    LabelsShown {
        /// Labels of ours.
        projection: Vec<LabelName>,
    },
    /// An issue was opened, or found to have been.
    IssueOpened {
        /// Its number.
        number: Number,
        /// Where people read it.
        url: String,
    },
    /// The pull request is merged, by us or by whomever.
    Merged {
        /// The commit that it became.
        commit: Option<Sha>,
    },
    /// GitHub did not merge it.
    MergeRefused(Refusal),
    /// A batch of the merge queue was built or landed, or could not be.
    Staging {
        /// The batch's number.
        batch: i64,
        /// What came of it.
        report: StagingReport,
    },
}

/// What came of performing an action.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum Outcome {
    /// The world is now as wanted; `note` says what was done or found.
    Performed {
        /// A sentence for the audit.
        note: String,
        /// What was learned by the way and is to be remembered.
        learned: Option<Fact>,
    },
    /// Not now: a limit or a pause of the other side. Does not count as an attempt.
    Later {
        /// When to try again.
        until: Timestamp,
        /// Why.
        reason: String,
    },
    /// It failed in a way that may pass.
    Failed {
        /// Why.
        reason: String,
    },
    /// It failed in a way that will not pass by itself.
    Refused {
        /// Why.
        reason: String,
    },
}
