//! Effects to perform on the world, and what came of them.

use serde::{Deserialize, Serialize};

use super::{
    Advice, AdviceOrder, Annotation, BranchName, CommentId, Conclusion, DeliveryGuid, DeploymentId, DeploymentOrder,
    DeploymentState, Envelope, EnvironmentName, EnvironmentReport, FailedCheck, Item, LabelName, LabelSpec, Login,
    Member, MergeOrder, Number, ProbeOrder, Reaction, Refusal, ReleaseOrder, ReleasePullOrder, ReleaseReport,
    Repository, RepositoryReport, RulesPullOrder, Sha, StagingReport, Timestamp, TriggerOrder,
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
    /// The channels beside ntfy that get it, by name; `None` is every channel that wants it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channels: Option<Vec<String>>,
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
        /// Labels that it carries from the beginning.
        #[serde(default)]
        labels: Vec<LabelName>,
        /// The issue that it becomes part of.
        #[serde(default)]
        parent: Option<Number>,
    },
    /// Has GitHub know that an issue waits for another.
    AddDependency {
        /// The repository.
        repository: Repository,
        /// The issue that waits.
        number: Number,
        /// The issue that it waits for.
        on: Item,
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
    /// Makes a release: the tag, unless it is there, and the GitHub release on it, unless it is there.
    Release(Box<ReleaseOrder>),
    /// Writes the pull request that prepares the next release: creates it, or brings it up to date.
    WriteReleasePull(Box<ReleasePullOrder>),
    /// Writes the pull request that proposes rules: creates it, or brings it up to date.
    ProposeRules(Box<RulesPullOrder>),
    /// Removes a comment of ours that should not be there.
    RemoveComment {
        /// The repository.
        repository: Repository,
        /// The issue or pull request, for people who read the list.
        number: Number,
        /// The comment.
        comment: CommentId,
    },
    /// Closes an issue.
    CloseIssue {
        /// The repository.
        repository: Repository,
        /// The issue.
        number: Number,
        /// It is closed as something that will not be done.
        #[serde(default)]
        not_planned: bool,
    },
    /// Tells machines over ntfy.
    Publish {
        /// The topic; `None` is the machines' topic of the configuration.
        topic: Option<String>,
        /// What; it is signed when it is sent.
        message: Box<Envelope>,
    },
    /// Creates a GitHub Deployment, unless it is there.
    CreateDeployment(Box<DeploymentOrder>),
    /// Says how far a GitHub Deployment has come, unless that is what was said last.
    SetDeploymentStatus {
        /// The repository.
        repository: Repository,
        /// The deployment.
        deployment: DeploymentId,
        /// How far.
        state: DeploymentState,
        /// In at most 140 characters.
        description: String,
        /// Where people read what was done.
        log_url: Option<String>,
        /// Where it runs.
        environment_url: Option<String>,
    },
    /// Marks the older successful deployments of an environment as inactive; GitHub spares production by itself.
    RetireDeployments {
        /// The repository.
        repository: Repository,
        /// The environment.
        environment: EnvironmentName,
        /// The deployment that stays.
        keep: DeploymentId,
    },
    /// Tells a deploy target.
    TriggerDeploy(Box<TriggerOrder>),
    /// Looks whether what was deployed is healthy.
    ProbeHealth(ProbeOrder),
    /// Has GitHub send a webhook again that did not come.
    Redeliver {
        /// The sender's id of it, which stays the same.
        guid: DeliveryGuid,
        /// GitHub's id of the attempt that is repeated.
        attempt: i64,
    },
    /// Tells people over ntfy.
    Notify(PeopleMessage),
    /// Tells people over a channel beside ntfy.
    NotifyChannel {
        /// The channel's name; what it is today is read when the message is sent.
        channel: String,
        /// What they are told.
        message: PeopleMessage,
    },
    /// Asks an optional model, whose answer is advice and decides nothing.
    AskModel(Box<AdviceOrder>),
    /// Writes title and text of our check run on a head anew; its verdict and its remarks on lines stay.
    AmendCheck {
        /// The repository.
        repository: Repository,
        /// The commit.
        head: Sha,
        /// What it says now.
        report: CheckReport,
    },
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

impl Action {
    /// The word for this kind of effect in lists and metrics.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::SetLabels { .. } => "set_labels",
            Self::WriteCard { .. } => "write_card",
            Self::RemoveComment { .. } => "remove_comment",
            Self::Comment { .. } => "comment",
            Self::React { .. } => "react",
            Self::Retest { .. } => "retest",
            Self::Assign { .. } => "assign",
            Self::OpenIssue { .. } => "open_issue",
            Self::AddDependency { .. } => "add_dependency",
            Self::Publish { .. } => "publish",
            Self::DispatchWorkflow { .. } => "dispatch_workflow",
            Self::CallHook { .. } => "call_hook",
            Self::PublishCheck { .. } => "publish_check",
            Self::SubmitReview { .. } => "submit_review",
            Self::Merge(_) => "merge",
            Self::DeleteBranch { .. } => "delete_branch",
            Self::BuildStaging { .. } => "build_staging",
            Self::LandStaging { .. } => "land_staging",
            Self::Release(_) => "release",
            Self::WriteReleasePull(_) => "write_release_pull",
            Self::ProposeRules(_) => "propose_rules",
            Self::CloseIssue { .. } => "close_issue",
            Self::CreateDeployment(_) => "create_deployment",
            Self::SetDeploymentStatus { .. } => "set_deployment_status",
            Self::RetireDeployments { .. } => "retire_deployments",
            Self::TriggerDeploy(_) => "trigger_deploy",
            Self::ProbeHealth(_) => "probe_health",
            Self::Redeliver { .. } => "redeliver",
            Self::Notify(_) => "notify",
            Self::NotifyChannel { .. } => "notify_channel",
            Self::AskModel(_) => "ask_model",
            Self::AmendCheck { .. } => "amend_check",
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
    /// Something that the decision on releases waits for.
    Release {
        /// What.
        report: ReleaseReport,
    },
    /// Something that the next look at a repository waits for.
    Repository {
        /// What.
        report: RepositoryReport,
    },
    /// Something that the decision on an environment waits for.
    Environment {
        /// What.
        report: EnvironmentReport,
    },
    /// A model has answered.
    Advised {
        /// The head or the text that it was asked about.
        about: String,
        /// What it said.
        advice: Advice,
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
