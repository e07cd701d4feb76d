//! What was decided about a subject, why, and what is to be done about it.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{
    DeliveryGuid, DeployBlocker, Door, Learning, ManagedPull, MergeBlocker, Number, Planned, QueueEnd, QueueStep,
    ReleaseBlocker, RoleName, Subject, Task, TaskBlocker, Timestamp, Worker, WorkerId,
};

/// A reason why something is not so, in a form that can be counted, stored and printed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "blocker", rename_all = "snake_case")]
pub enum Blocker {
    /// No routing rule matched.
    NoRuleMatched,
    /// Another rule won.
    Outranked {
        /// The rule that lost.
        rule: String,
        /// The rule that won.
        winner: String,
        /// By what: priority, prefix length or order, as a sentence part.
        by: String,
    },
    /// No worker is registered for the role.
    NoWorkerForRole {
        /// The role.
        role: RoleName,
    },
    /// A worker of the role has no room.
    WorkerFull {
        /// The worker.
        worker: WorkerId,
        /// What it holds.
        open_tasks: u32,
        /// What it could hold.
        capacity: u32,
    },
    /// Another worker was the better choice.
    WorkerPassedOver {
        /// The worker.
        worker: WorkerId,
        /// Why, as a sentence part.
        because: String,
    },
    /// A label names a worker that nobody registered.
    UnknownWorker {
        /// The worker.
        worker: WorkerId,
    },
    /// A status was set by hand; it follows from what happens, so it is put back.
    StatusSetByHand {
        /// The status.
        status: String,
    },
    /// The policy says that people assign.
    ManualAssignment {
        /// The role.
        role: RoleName,
    },
    /// The repository's policy could not be read, so the rules of the server alone were used.
    PolicyUnreadable {
        /// The file, line and fault in one sentence.
        fault: String,
    },
    /// A pull request is not merged now.
    Merge {
        /// Why not.
        because: MergeBlocker,
    },
    /// Nothing is released now.
    Release {
        /// Why not.
        reason: ReleaseBlocker,
    },
    /// A label was changed by somebody who may not, and is put back.
    LabelPutBack {
        /// The label.
        label: String,
        /// Why they may not, as a sentence part.
        because: String,
    },
    /// Something that was asked of a task is not done, or not yet.
    Task {
        /// Why not.
        because: TaskBlocker,
    },
    /// Something is not deployed now.
    Deploy {
        /// Why not.
        reason: DeployBlocker,
    },
}

impl fmt::Display for Blocker {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoRuleMatched => write!(out, "no rule matches the title, text, labels, author and repository"),
            Self::Outranked { rule, winner, by } => write!(out, "rule `{rule}` lost to `{winner}`: {by}"),
            Self::NoWorkerForRole { role } => write!(out, "no worker is registered for the role `{role}`"),
            Self::WorkerFull { worker, open_tasks, capacity } => {
                write!(out, "`{worker}` is full: it holds {open_tasks} of {capacity}")
            }
            Self::WorkerPassedOver { worker, because } => write!(out, "`{worker}` was passed over: {because}"),
            Self::UnknownWorker { worker } => {
                write!(out, "the label `worker/{worker}` names a worker that is not in the roster")
            }
            Self::StatusSetByHand { status } => {
                write!(out, "`status/{status}` was set by hand and is taken off: the status follows from what happens")
            }
            Self::ManualAssignment { role } => {
                write!(out, "tasks for `{role}` are assigned by hand: `manual` is its strategy")
            }
            Self::PolicyUnreadable { fault } => {
                write!(out, "the repository's policy cannot be read, so it does not count: {fault}")
            }
            Self::Merge { because } => because.fmt(out),
            Self::LabelPutBack { label, because } => write!(out, "`{label}` is put back as it was: {because}"),
            Self::Task { because } => because.fmt(out),
            Self::Release { reason } => reason.fmt(out),
            Self::Deploy { reason } => reason.fmt(out),
        }
    }
}

/// Why a decision is as it is: what `/why`, the pages and the command line print.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Explanation {
    /// What spoke for it, a sentence each.
    pub reasons: Vec<String>,
    /// Every "no" on the way.
    pub blockers: Vec<Blocker>,
}

/// Something that somebody did or was refused, for the audit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deed {
    /// Who.
    pub who: String,
    /// What, as one sentence.
    pub what: String,
    /// By which door.
    pub door: Door,
    /// When.
    pub at: Timestamp,
    /// It was not done.
    #[serde(default)]
    pub refused: bool,
    /// The delivery that asked for it, where that is known.
    #[serde(default)]
    pub request: Option<DeliveryGuid>,
}

/// A moment at which a task is looked at though nothing happens.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Timer {
    /// Which of its clocks: `response`, `urgent`, `stuck`, `offline`, `lease`, `deferred`, `escalation`, `evidence`.
    pub clock: String,
    /// When.
    pub due: Timestamp,
}

/// What a decision about a task changes beside the task itself.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaskChanges {
    /// What was done and what was refused, by whom.
    pub deeds: Vec<Deed>,
    /// What was learned.
    pub learnings: Vec<Learning>,
    /// People who were given a task and are not known as workers yet.
    pub people: Vec<Worker>,
    /// Its clocks; they replace those from before.
    pub timers: Vec<Timer>,
    /// Subjects that have something new to see.
    pub marks: Vec<Subject>,
    /// The handoff package as JSON, without lease; empty where there is none.
    pub handoff: String,
    /// It may be claimed now.
    pub claimable: bool,
    /// Its holder was found to be offline, since then.
    pub downtime: Option<(WorkerId, Timestamp)>,
    /// Whoever had it gave it up, so that the task itself no longer names them.
    pub gave_up: Option<WorkerId>,
}

/// What was decided about a subject.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decision {
    /// One sentence for people.
    pub summary: String,
    /// Why.
    pub explanation: Explanation,
    /// The task as it is to be stored; `None` when the subject is not a task.
    pub task: Option<Task>,
    /// What else a decision about a task changes.
    pub changes: TaskChanges,
    /// The pull request as it is to be remembered; `None` when the subject is not one.
    pub pull: Option<ManagedPull>,
    /// The tasks of its repository to which the pull request says that it belongs.
    pub links: Vec<Number>,
    /// The end of its time in the queue that is taken note of with this.
    pub queue_end: Option<QueueEnd>,
    /// What becomes of the pull's place in the queue.
    pub queue: QueueStep,
    /// What is to be done.
    pub actions: Vec<Planned>,
    /// Slots whose waiting actions are taken back.
    pub withdrawn: Vec<String>,
    /// When to look again even if nothing tells us to.
    pub look_again: Option<Timestamp>,
}
