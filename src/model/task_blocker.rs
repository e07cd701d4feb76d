//! Every reason why something that was asked of a task is not done; each is a sentence without its end.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{Item, Level, Login, Permission, RoleName, TaskState, TaskStep, TaskType, WorkerId};

/// Why something that was asked of a task is not done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "task_blocker", rename_all = "snake_case")]
pub enum TaskBlocker {
    /// A task in this state cannot take that step.
    NotFromHere {
        /// The step.
        step: TaskStep,
        /// Where the task stands.
        state: TaskState,
    },
    /// Only the holder may do this.
    NotHolder {
        /// Who holds it; `None` when nobody does.
        holder: Option<WorkerId>,
    },
    /// The lease was given to somebody else meanwhile, or has run out.
    StaleFence {
        /// What was named.
        given: i64,
        /// What counts now.
        current: i64,
    },
    /// The worker is not for tasks of this kind.
    NotEligible {
        /// The worker.
        worker: WorkerId,
        /// What the task asks for: its role, and its type.
        needs: (Option<RoleName>, TaskType),
    },
    /// No worker has this name or login.
    NoSuchWorker {
        /// What was written.
        asked: String,
        /// Workers and roles that are known.
        known: Vec<String>,
    },
    /// The worker has no room.
    Full {
        /// The worker.
        worker: WorkerId,
        /// What it holds.
        open_tasks: u32,
        /// What it could hold.
        capacity: u32,
    },
    /// The worker does not answer.
    Absent {
        /// The worker.
        worker: WorkerId,
        /// `stale` or `offline`.
        presence: String,
    },
    /// Another task has to be finished before.
    DependencyOpen {
        /// Which.
        item: Item,
        /// What is known of it, as a sentence part.
        state: String,
    },
    /// It waits for somebody's consent before it can begin.
    NeedsApproval {
        /// How dangerous it is.
        risk: Level,
    },
    /// There is nothing to approve.
    NothingToApprove,
    /// Nobody approves their own work.
    OwnWork {
        /// Who.
        who: String,
        /// `holds the task` or `opened the issue`.
        because: String,
    },
    /// Only a person may approve this.
    OnlyPeopleApprove {
        /// Who asked.
        who: String,
    },
    /// GitHub does not give them enough.
    NotPermitted {
        /// Who.
        login: Login,
        /// What it takes.
        needs: Permission,
        /// What they have; `None` where it could not be found out.
        has: Option<Permission>,
    },
    /// This door is not for that.
    WrongDoor {
        /// What was asked, and who may ask it, as a sentence.
        why: String,
    },
    /// The evidence lacks something.
    EvidenceMissing {
        /// What the type of task asks for.
        wanted: String,
        /// What is missing, a sentence part each.
        missing: Vec<String>,
    },
    /// The evidence was checked and does not hold.
    EvidenceRefused {
        /// Why, a sentence part each.
        why: Vec<String>,
    },
    /// The evidence may come to hold.
    EvidencePending {
        /// What it waits for, as a sentence part.
        waits_for: String,
    },
    /// There is no such discovery.
    NoSuchDiscovery {
        /// What was written.
        asked: String,
        /// Those that there are.
        known: Vec<String>,
    },
    /// It would have to wait for itself.
    Cyclic {
        /// What it was to depend on.
        on: Item,
    },
    /// A text is too long.
    TooLong {
        /// Which.
        what: String,
        /// Its length in characters.
        chars: usize,
        /// What fits.
        max_chars: usize,
    },
    /// It cannot be understood.
    Unclear {
        /// What is wrong.
        what: String,
        /// A line that works.
        works: String,
    },
    /// The repository's policy cannot be read, so nothing is allowed that depends on it.
    PolicyUnreadable,
    /// What was expected has happened already.
    AlreadySo {
        /// What, as a sentence part.
        what: String,
    },
}

impl TaskBlocker {
    /// Whether waiting may bring it about without anybody asking again.
    #[must_use]
    pub const fn may_pass(&self) -> bool {
        matches!(self, Self::EvidencePending { .. } | Self::DependencyOpen { .. } | Self::NeedsApproval { .. })
    }
}

impl fmt::Display for TaskBlocker {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotFromHere { step, state } => {
                write!(out, "{step} is for tasks that are {}; this one is {state}", list(&step.allowed_from(), "or"))
            }
            Self::NotHolder { holder: Some(holder) } => write!(out, "only `{holder}`, who holds the task, may do this"),
            Self::NotHolder { holder: None } => write!(out, "nobody holds the task; `/claim` takes it"),
            Self::StaleFence { given, current } => {
                write!(out, "the lease with fence {given} is over; the task is at fence {current}")
            }
            Self::NotEligible { worker, needs: (role, task_type) } => {
                let role =
                    role.as_ref().map_or_else(|| "nobody's role".to_owned(), |role| format!("the role `{role}`"));
                write!(out, "`{worker}` is not for this task, which is `{task_type}` and asks for {role}")
            }
            Self::NoSuchWorker { asked, known } => {
                write!(out, "there is no worker {asked:?}; known are {}", list(known, "and"))
            }
            Self::Full { worker, open_tasks, capacity } => {
                write!(out, "`{worker}` is full: it holds {open_tasks} of {capacity}")
            }
            Self::Absent { worker, presence } => write!(out, "`{worker}` is {presence}"),
            Self::DependencyOpen { item, state } => write!(out, "it depends on {item}, which is {state}"),
            Self::NeedsApproval { risk } => {
                write!(out, "its risk is {risk}, so somebody has to `/approve` it before it begins")
            }
            Self::NothingToApprove => write!(out, "nothing waits for approval here"),
            Self::OwnWork { who, because } => write!(out, "nobody approves their own work, and {who} {because}"),
            Self::OnlyPeopleApprove { who } => write!(out, "only a person can approve this, and {who} is none"),
            Self::NotPermitted { login, needs, has: Some(has) } => {
                write!(out, "this takes {needs} permission, and {login} has {has}")
            }
            Self::NotPermitted { login, needs, has: None } => {
                write!(out, "this takes {needs} permission, and it could not be found out what {login} has")
            }
            Self::WrongDoor { why } => write!(out, "{why}"),
            Self::EvidenceMissing { wanted, missing } => {
                write!(out, "this is no evidence: {}; wanted is {wanted}", missing.join("; "))
            }
            Self::EvidenceRefused { why } => write!(out, "the evidence does not hold: {}", why.join("; ")),
            Self::EvidencePending { waits_for } => write!(out, "the evidence does not hold yet: {waits_for}"),
            Self::NoSuchDiscovery { asked, known } if known.is_empty() => {
                write!(out, "there is no discovery {asked}: nothing was discovered here")
            }
            Self::NoSuchDiscovery { asked, known } => {
                write!(out, "there is no discovery {asked}; open are {}", list(known, "and"))
            }
            Self::Cyclic { on } => write!(out, "{on} waits for this task already, so this one cannot wait for it"),
            Self::TooLong { what, chars, max_chars } => {
                write!(out, "{what} has {chars} characters; at most {max_chars} fit")
            }
            Self::Unclear { what, works } => write!(out, "{what}; this works: `{works}`"),
            Self::PolicyUnreadable => write!(out, "the repository's policy cannot be read"),
            Self::AlreadySo { what } => write!(out, "{what}"),
        }
    }
}

/// `a, b or c`.
fn list<T: fmt::Display>(parts: &[T], last: &str) -> String {
    let parts: Vec<String> = parts.iter().map(ToString::to_string).collect();
    match parts.as_slice() {
        [] => "none".to_owned(),
        [one] => one.clone(),
        [first @ .., end] => format!("{} {last} {end}", first.join(", ")),
    }
}
