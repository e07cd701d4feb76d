//! The steps that a task takes from state to state (design §4.3).

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{TaskBlocker, TaskState};

/// A step of a task.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TaskStep {
    /// A rule or a person has said what it is.
    Route,
    /// Nobody knows any more what it is.
    Unroute,
    /// A worker is given it, or another one.
    Give,
    /// Its worker begins.
    Claim,
    /// Its worker lets go of it, or its lease ran out.
    Release,
    /// Somebody has to consent.
    AskApproval,
    /// Somebody consented before it began.
    ApproveStart,
    /// Somebody consented while it was under way.
    ApproveGoing,
    /// Something else is in its way.
    Block,
    /// Nothing is in its way any more.
    Unblock,
    /// Its worker says that it is done.
    Submit,
    /// What was handed in is not enough.
    SendBack,
    /// The evidence was verified.
    Finish,
    /// Its worker gives up.
    Fail,
    /// It is tried again.
    Retry,
    /// It is put off.
    Defer,
    /// What was put off is due again.
    Resume,
    /// It will not be done.
    Cancel,
    /// A closed issue was opened again.
    Reopen,
}

impl TaskStep {
    /// The state after it.
    #[must_use]
    pub const fn leads_to(self) -> TaskState {
        match self {
            Self::Unroute | Self::Reopen => TaskState::Triage,
            Self::Route | Self::Release | Self::Retry | Self::Resume | Self::ApproveStart => TaskState::Ready,
            Self::Give => TaskState::Assigned,
            Self::Claim | Self::ApproveGoing | Self::Unblock | Self::SendBack => TaskState::InProgress,
            Self::AskApproval => TaskState::WaitingApproval,
            Self::Block => TaskState::Blocked,
            Self::Submit => TaskState::Review,
            Self::Finish => TaskState::Done,
            Self::Fail => TaskState::Failed,
            Self::Defer => TaskState::Deferred,
            Self::Cancel => TaskState::Cancelled,
        }
    }

    /// Whether it can be taken from this state.
    #[must_use]
    pub const fn is_allowed_from(self, state: TaskState) -> bool {
        use TaskState::{
            Assigned, Blocked, Cancelled, Deferred, Done, Failed, InProgress, Ready, Review, Triage, WaitingApproval,
        };
        match self {
            Self::Route => matches!(state, Triage | Ready | Assigned),
            Self::Unroute => matches!(state, Triage | Ready | Assigned | WaitingApproval),
            Self::Give => {
                matches!(state, Triage | Ready | Assigned | InProgress | Blocked | Review | Failed | Deferred)
            }
            Self::Claim => matches!(state, Ready | Assigned),
            Self::Release => matches!(state, Assigned | InProgress | Blocked | Review),
            Self::AskApproval => matches!(state, Ready | Assigned | InProgress),
            Self::ApproveStart | Self::ApproveGoing => matches!(state, WaitingApproval),
            Self::Block => matches!(state, InProgress | Assigned),
            Self::Unblock => matches!(state, Blocked),
            Self::Submit => matches!(state, Ready | Assigned | InProgress | Blocked | Review),
            Self::SendBack => matches!(state, Review),
            // A linked pull that is merged finishes a task wherever it stands.
            Self::Finish => !matches!(state, Done | Cancelled),
            Self::Fail => matches!(state, Assigned | InProgress | Blocked | Review),
            Self::Retry => matches!(state, Failed),
            Self::Defer => !matches!(state, Done | Cancelled | Deferred),
            Self::Resume => matches!(state, Deferred),
            Self::Cancel => !matches!(state, Done | Cancelled),
            Self::Reopen => matches!(state, Done | Cancelled),
        }
    }

    /// Every state from which it can be taken.
    #[must_use]
    pub fn allowed_from(self) -> Vec<TaskState> {
        TaskState::ALL.into_iter().filter(|state| self.is_allowed_from(*state)).collect()
    }
}

impl fmt::Display for TaskStep {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::Route => "routing",
            Self::Unroute => "taking the type off",
            Self::Give => "assigning",
            Self::Claim => "claiming",
            Self::Release => "letting go",
            Self::AskApproval => "asking for approval",
            Self::ApproveStart | Self::ApproveGoing => "approving",
            Self::Block => "blocking",
            Self::Unblock => "unblocking",
            Self::Submit => "completing",
            Self::SendBack => "requesting changes",
            Self::Finish => "finishing",
            Self::Fail => "failing",
            Self::Retry => "retrying",
            Self::Defer => "deferring",
            Self::Resume => "resuming",
            Self::Cancel => "cancelling",
            Self::Reopen => "reopening",
        })
    }
}

impl TaskState {
    /// The state after a step.
    ///
    /// # Errors
    /// The step cannot be taken from this state.
    pub fn after(self, step: TaskStep) -> Result<Self, TaskBlocker> {
        if step.is_allowed_from(self) {
            Ok(step.leads_to())
        } else {
            Err(TaskBlocker::NotFromHere { step, state: self })
        }
    }
}
