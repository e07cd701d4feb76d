//! What is asked of us by other doors than webhooks: the command line, the API, messages.

use serde::{Deserialize, Serialize};

use super::{
    Authority, Door, EnvironmentAsk, EnvironmentName, LabelName, Number, PullAsk, Repository, RepositoryId, Sha,
    TaskAsk, TaskAuthority,
};

/// Something that was asked for; stored as the body of a delivery.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "ask", rename_all = "snake_case", deny_unknown_fields)]
pub enum Request {
    /// Open an issue, which is then routed like any other.
    OpenIssue {
        /// Where.
        repository: Repository,
        /// Its title.
        title: String,
        /// Its text.
        body: String,
        /// Labels that it carries from the beginning.
        #[serde(default)]
        labels: Vec<LabelName>,
        /// The issue that it becomes part of.
        #[serde(default)]
        parent: Option<Number>,
    },
    /// Ask something of a task.
    Task {
        /// Its repository.
        repository: RepositoryId,
        /// Its number.
        number: Number,
        /// What.
        wish: TaskAsk,
        /// Whose word it is.
        authority: TaskAuthority,
        /// By which door.
        door: Door,
        /// The id of the message that is to be answered; only messages are.
        #[serde(default)]
        answer_to: Option<String>,
    },
    /// Ask something of a pull request.
    Pull {
        /// Its repository.
        repository: RepositoryId,
        /// Its number.
        number: Number,
        /// What.
        wish: PullAsk,
        /// The head that whoever asks has seen.
        head: Sha,
        /// Whose word it is.
        authority: TaskAuthority,
        /// By which door.
        door: Door,
    },
    /// Ask something of an environment.
    Environment {
        /// Where.
        repository: Repository,
        /// Which; the policy names it.
        environment: EnvironmentName,
        /// What.
        wish: EnvironmentAsk,
        /// Whose word it is.
        authority: Authority,
    },
    /// Have the rules that history suggests proposed by a pull request.
    ProposeRules {
        /// Where.
        repository: RepositoryId,
        /// Whose word it is.
        authority: Authority,
        /// By which door.
        door: Door,
    },
}

impl Request {
    /// The name under which the delivery is stored.
    #[must_use]
    pub const fn event_name(&self) -> &'static str {
        match self {
            Self::OpenIssue { .. } => "open_issue",
            Self::Task { .. } => "task",
            Self::Pull { .. } => "pull",
            Self::Environment { .. } => "environment",
            Self::ProposeRules { .. } => "propose_rules",
        }
    }
}
