//! The nouns of Stationmaster: ids, deliveries, events, snapshots, decisions and actions, with no logic beyond their own invariants.

mod action;
mod advice;
mod calendar;
mod change;
mod channel;
mod check;
mod command;
mod decision;
mod delivery;
mod deploy_order;
mod deployment;
mod environment;
mod event;
mod evidence;
mod finding;
mod foresight;
mod ids;
mod impact;
mod issue;
mod item;
mod label;
mod learning;
mod merge_blocker;
mod merge_order;
mod message;
mod past;
mod permission;
mod proposed_rules;
mod protection;
mod pull;
mod pull_ask;
mod pull_shown;
mod queue;
mod registry;
mod release;
mod release_blocker;
mod replay;
mod repository;
mod request;
mod subject;
mod task;
mod task_ask;
mod task_blocker;
mod task_end;
mod task_step;
mod task_work;
mod test_history;
mod time;
mod token;
mod tracking;
mod worker;

pub use action::{Action, CheckReport, Fact, MessageButton, Outcome, PeopleMessage, Planned, Urgency5};
pub use advice::{Advice, AdviceOrder, AdviceQuestion, AdviceSaid, AskedType, ModelDay};
pub use calendar::Calendar;
pub use change::{AddedLine, ChangeKind, FileChange};
pub use channel::{Channel, ChannelWay};
pub use check::{Annotation, Check, CheckOrigin, CheckState, Conclusion};
pub use command::{Argument, COMMANDS_MAX, Command, CommentSeen, Reaction};
pub use decision::{Blocker, Decision, Deed, Explanation, TaskChanges, Timer};
pub use delivery::{Delivery, DeliverySource, DeliveryState, EventName};
pub use deploy_order::{DeploymentOrder, ProbeOrder, Trigger, TriggerOrder};
pub use deployment::{
    Deploy, DeployEnd, DeployKind, DeployState, DeploymentRow, DeploymentState, OutsideStatus, RunSeen, TriggerAnswer,
};
pub use environment::{
    ApprovalAsked, Authority, EnvironmentAsk, EnvironmentDecision, EnvironmentFreeze, EnvironmentRecord,
    EnvironmentReport, EnvironmentSnapshot, Heard, Held, Running, Wanted,
};
pub use event::{Actor, ActorKind, Event, EventKind, InstallationChange, Parsed, RepositoryChange};
pub use evidence::{Evidence, EvidenceKind, EvidenceSeen, LinkedPull, Submission, listed_host};
pub use finding::{Finding, FindingKind, Severity};
pub use foresight::{AnsweredBefore, FlakyNamed, MergedBefore};
pub use ids::{
    BranchName, CheckRunId, CommentId, DeliveryGuid, DeploymentId, EnvironmentName, IdError, InstallationId, LabelName,
    Login, Number, RepositoryId, RepositoryName, RoleName, Sha, TagName, TaskType, WorkerId,
};
pub use impact::Impact;
pub use issue::{Issue, IssueSnapshot, IssueState, LabelEvent, SubIssue};
pub use item::Item;
pub use label::{LabelFamily, LabelSpec, Level};
pub use learning::Learning;
pub use merge_blocker::{MergeBlocker, WaitsOn};
pub use merge_order::{MergeMethod, MergeOrder, Refusal};
pub use message::{Envelope, HeardMessage, Inbound, OUR_NAME, Overview, OverviewLine, canonical_json};
pub use past::{PastCommit, PastIssue, PastPull, PastPulls};
pub use permission::Permission;
pub use proposed_rules::{
    PolicyHome, RULES_PULL_BRANCH, RepositoryReport, RuleKey, RulesPull, RulesPullOrder, RulesRecord, SeenTitle,
};
pub use protection::{BranchProtection, RequiredCheck};
pub use pull::{
    Commit, Dependency, Freeze, HeadReview, Hold, ManagedPull, Mergeability, Pull, PullRecord, PullSnapshot, PullState,
    Review, ReviewState,
};
pub use pull_ask::{PullAsk, PullReport};
pub use pull_shown::PullShown;
pub use queue::{
    Batch, BatchState, Member, PutOut, QueueDecision, QueueEnd, QueueEntry, QueuePlace, QueueRecord, QueueSnapshot,
    QueueStep, QueuedPull, StagingReport, Stall, Withdrawal,
};
pub use registry::{Presence, RegisteredWorker, SaidStatus};
pub use release::{
    Ancestry, Candidate, LandedCommit, LandedPull, RELEASE_ISSUE_OPENING, RELEASE_PULL_BRANCH, RefusedRelease,
    ReleaseDecision, ReleaseFiles, ReleaseOrder, ReleasePull, ReleasePullOrder, ReleaseRange, ReleaseRecord,
    ReleaseReport, ReleaseSnapshot, Released, Tag, Version,
};
pub use release_blocker::{DeployBlocker, ReleaseBlocker};
pub use replay::{Beside, PlannedMark, PullBeside, ReplayRecord, StoredDecision};
pub use repository::Repository;
pub use request::Request;
pub use subject::{Subject, SubjectKind, queue_base, queue_branch};
pub use task::{Task, TaskState};
pub use task_ask::{Assignee, Door, Report, TaskAsk, TaskAuthority, TaskReport};
pub use task_blocker::TaskBlocker;
pub use task_end::{Downtime, TaskEnd};
pub use task_step::TaskStep;
pub use task_work::{
    Approval, Discovery, Lease, Obstacle, ProgressNote, ResponseClock, TaskClocks, TaskWork, TimelineEntry,
};
pub use test_history::{CheckAttempt, CommitTests, Coverage, FailedCheck};
pub use time::{Clock, ManualClock, SystemClock, Timestamp};
pub use token::{ApiToken, Scope};
pub use tracking::{TrackingDecision, TrackingRecord, TrackingSnapshot};
pub use worker::{GUEST_ROLE, Telling, Worker, WorkerLoad};
