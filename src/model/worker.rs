//! Workers: whoever a task can be given to, a person, a script, an Action or an AI agent.

use serde::{Deserialize, Serialize};

use super::{BranchName, Calendar, Login, Presence, RoleName, Timestamp, WorkerId};

/// How a worker is told that a task is now theirs. The label `worker/<id>` is always set as well.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "by", rename_all = "snake_case", deny_unknown_fields)]
pub enum Telling {
    /// Assigned on GitHub, which notifies the account; needs the worker's `login`.
    Assignee,
    /// A message on an ntfy topic; without a topic, on the people's topic.
    Ntfy {
        /// The worker's own topic.
        topic: Option<String>,
    },
    /// A signed POST of the handoff package (HMAC-SHA256, `X-Stationmaster-Signature-256`).
    Hook {
        /// Where it is posted.
        url: String,
        /// The environment variable that holds the key; the key itself never stands in a file.
        secret_env: String,
    },
    /// A `workflow_dispatch` of a workflow in the task's repository.
    WorkflowDispatch {
        /// The workflow's file name, such as `agent.yml`.
        workflow: String,
        /// The ref it runs on; without it, the default branch.
        #[serde(rename = "ref")]
        git_ref: Option<BranchName>,
    },
    /// A new comment that mentions the worker's `login`.
    Mention,
}

/// The role of people who are given single tasks without being in the roster: no rule routes to it.
pub const GUEST_ROLE: &str = "guest";

/// Whoever a task can be given to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Worker {
    /// Its id, unique in the roster.
    pub id: WorkerId,
    /// The role it fills.
    pub role: RoleName,
    /// What it can do, such as `python`; free words.
    pub capabilities: Vec<String>,
    /// Its GitHub account, if it has one.
    pub login: Option<Login>,
    /// How many tasks it takes at once.
    pub capacity: u32,
    /// When it can be expected to answer.
    pub calendar: Calendar,
    /// A script or an AI agent: it approves nothing.
    pub agent: bool,
    /// How it is told, in this order.
    pub tell: Vec<Telling>,
}

/// A worker and what it holds at the moment of a snapshot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WorkerLoad {
    /// The worker.
    pub worker: Worker,
    /// Whether it can be reached.
    pub presence: Presence,
    /// How many tasks it holds that are not finished.
    pub open_tasks: u32,
    /// When it was last given one; `None` if never.
    pub last_assigned: Option<Timestamp>,
    /// Counts changes of what it holds, so that two decisions cannot fill the same place.
    pub version: i64,
}
