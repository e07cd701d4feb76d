//! What is asked of a task, by whichever door, and whose word it is.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{
    DeliveryGuid, EnvironmentReport, Impact, Item, Level, Login, PullReport, RepositoryReport, TaskType, Timestamp,
    WorkerId,
};

/// Whom a task is to be given to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "to", content = "name", rename_all = "snake_case")]
pub enum Assignee {
    /// Whoever has this GitHub account.
    Login(Login),
    /// The worker of this id, else whoever fills the role of this name.
    Named(String),
    /// Whoever the policy chooses.
    Auto,
}

/// What is asked of a task (design §4.4).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "ask", rename_all = "snake_case")]
pub enum TaskAsk {
    /// Take it.
    Claim,
    /// Say that it was seen.
    Acknowledge,
    /// Let go of it.
    Release {
        /// Why.
        why: Option<String>,
    },
    /// Give it to somebody.
    Assign {
        /// To whom.
        to: Assignee,
    },
    /// Say how far it is.
    Progress {
        /// From 0 to 100.
        percent: Option<u8>,
        /// In a sentence.
        text: String,
    },
    /// Tell of something found by the way.
    Discover {
        /// What.
        text: String,
        /// What it may mean.
        impact: Option<String>,
    },
    /// Keep something for others.
    Learn {
        /// What.
        text: String,
        /// Where it belongs.
        category: Option<String>,
        /// How much it matters.
        impact: Impact,
        /// Words to find it by.
        tags: Vec<String>,
    },
    /// Say what is in its way.
    Block {
        /// What.
        text: String,
        /// What it takes.
        needs: Option<String>,
        /// The issue that has to be closed first.
        by: Option<Item>,
    },
    /// Say that nothing is in its way any more.
    Unblock,
    /// Ask for somebody's consent.
    RequestApproval {
        /// Why.
        why: String,
    },
    /// Hand in evidence.
    Complete {
        /// In the words of whoever hands it in.
        evidence: String,
        /// Done without evidence, by a maintainer's word.
        overrides: bool,
    },
    /// Give up.
    Fail {
        /// Why.
        why: String,
    },
    /// Consent.
    Approve,
    /// Do not consent.
    Reject {
        /// Why.
        why: String,
    },
    /// What was handed in is not enough.
    RequestChanges {
        /// Why.
        why: String,
    },
    /// Make a task of a discovery.
    AcceptDiscovery {
        /// Its number.
        discovery: u32,
    },
    /// Make a task that is part of this one.
    Subtask {
        /// Its title.
        title: String,
        /// What is required of it.
        requirements: Vec<String>,
        /// Its text.
        description: String,
    },
    /// Wait for another issue.
    Depend {
        /// Which.
        on: Item,
    },
    /// Say what it is.
    Route {
        /// What.
        task_type: TaskType,
    },
    /// Say how soon.
    Priority {
        /// How soon.
        priority: Level,
    },
    /// Have it acknowledged within 15 minutes.
    Urgent,
    /// Tell whoever comes next in the chain.
    Escalate {
        /// Why.
        why: Option<String>,
    },
    /// Try it again.
    Retry,
    /// Put it off.
    Defer {
        /// Until when; `None` until somebody writes `/retry`.
        until: Option<Timestamp>,
    },
    /// Do not do it.
    Cancel {
        /// Why.
        why: Option<String>,
    },
    /// Say how dangerous it is.
    Risk {
        /// How dangerous.
        risk: Level,
    },
}

impl TaskAsk {
    /// The command's name without its slash, also in audits.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Claim => "claim",
            Self::Acknowledge => "ack",
            Self::Release { .. } => "release",
            Self::Assign { .. } => "assign",
            Self::Progress { .. } => "progress",
            Self::Discover { .. } => "discover",
            Self::Learn { .. } => "learn",
            Self::Block { .. } => "blocker",
            Self::Unblock => "unblock",
            Self::RequestApproval { .. } => "request-approval",
            Self::Complete { .. } => "complete",
            Self::Fail { .. } => "fail",
            Self::Approve => "approve",
            Self::Reject { .. } => "reject",
            Self::RequestChanges { .. } => "request-changes",
            Self::AcceptDiscovery { .. } => "accept-discovery",
            Self::Subtask { .. } => "subtask",
            Self::Depend { .. } => "depends",
            Self::Route { .. } => "route",
            Self::Priority { .. } => "priority",
            Self::Urgent => "urgent",
            Self::Escalate { .. } => "escalate",
            Self::Retry => "retry",
            Self::Defer { .. } => "defer",
            Self::Cancel { .. } => "cancel",
            Self::Risk { .. } => "risk",
        }
    }
}

/// Whose word something has that is asked of a task.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "authority", rename_all = "snake_case")]
pub enum TaskAuthority {
    /// A person, or a listed bot, on GitHub; what they may do is read afresh.
    Person {
        /// Who.
        login: Login,
        /// Whether the account is a bot's.
        bot: bool,
    },
    /// A worker with its token, or in a signed message.
    Worker {
        /// Which.
        id: WorkerId,
        /// The fence of its lease, where it names one.
        fence: Option<i64>,
    },
    /// An orchestrator with its token, or in a signed message.
    Orchestrator {
        /// The token's name.
        name: String,
        /// The person whose token it is.
        person: Option<Login>,
    },
    /// Whoever runs the server.
    Operator {
        /// What they call themselves.
        name: String,
    },
    /// Time itself.
    Clock,
}

impl fmt::Display for TaskAuthority {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Person { login, .. } => write!(out, "@{login}"),
            Self::Worker { id, .. } => write!(out, "worker {id}"),
            Self::Orchestrator { name, person: Some(person) } => write!(out, "@{person} by the orchestrator {name}"),
            Self::Orchestrator { name, person: None } => write!(out, "orchestrator {name}"),
            Self::Operator { name } => write!(out, "operator {name}"),
            Self::Clock => out.write_str("the clock"),
        }
    }
}

/// The door through which something was asked, for the audit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Door {
    /// A comment, an issue's text or a label.
    Github,
    /// The HTTP API.
    Api,
    /// A page of the dashboard.
    Page,
    /// A message.
    Ntfy,
    /// The server's own command line.
    Cli,
    /// Nobody asked.
    Clock,
}

impl Door {
    /// The word for it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Github => "github",
            Self::Api => "api",
            Self::Page => "page",
            Self::Ntfy => "ntfy",
            Self::Cli => "cli",
            Self::Clock => "clock",
        }
    }
}

/// What a subject is told by a delivery, until its next decision has read it; stored as what it holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Report {
    /// To a task.
    Task(TaskReport),
    /// To a pull request.
    Pull(PullReport),
    /// To an environment.
    Environment(EnvironmentReport),
    /// To a repository.
    Repository(RepositoryReport),
}

/// What a task is told, until its next decision has read it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "report", rename_all = "snake_case")]
pub enum TaskReport {
    /// Somebody asks for something.
    Asked {
        /// What.
        ask: TaskAsk,
        /// Whose word it is.
        authority: TaskAuthority,
        /// By which door.
        door: Door,
        /// The id of the message that is to be answered; only messages are.
        answer_to: Option<String>,
        /// The delivery that brought it, where somebody may ask what became of it.
        #[serde(default)]
        request: Option<DeliveryGuid>,
        /// When.
        at: Timestamp,
    },
}
