//! What somebody may ask of a task at this moment, for whoever shows buttons: each ask is tried, and nothing is done.

use super::rehearse;
use crate::model::{Assignee, Door, IssueSnapshot, Level, TaskAsk, TaskAuthority, TaskBlocker, Timestamp, WorkerId};
use crate::policy::Policy;

/// What may be asked of a task now, with what can be chosen.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Offered {
    /// The names of asks in which nothing has to be chosen, such as `claim`, `approve` or `cancel`.
    pub asks: Vec<&'static str>,
    /// To whom it may be given.
    pub assignees: Vec<WorkerId>,
    /// Whether the policy may choose who has it.
    pub auto: bool,
    /// To which priorities it may be set.
    pub priorities: Vec<Level>,
    /// To which risks.
    pub risks: Vec<Level>,
    /// Of which discoveries a task may be made.
    pub discoveries: Vec<u32>,
}

impl Offered {
    /// Whether an ask in which nothing has to be chosen is among them.
    #[must_use]
    pub fn has(&self, ask: &str) -> bool {
        self.asks.contains(&ask)
    }
}

/// What somebody may ask, who asks by this door. As everywhere, the decision judges again.
#[must_use]
pub fn offered(
    snapshot: &IssueSnapshot,
    policy: &Policy,
    (authority, door): (&TaskAuthority, Door),
    now: Timestamp,
) -> Offered {
    let may = |ask: &TaskAsk| rehearse(snapshot, policy, (authority, door, ask), now).is_ok();
    // A reason that is certain to be given: only what is asked counts here, not the words.
    let why = || "why".to_owned();
    let plain = [
        TaskAsk::Claim,
        TaskAsk::Acknowledge,
        TaskAsk::Release { why: None },
        TaskAsk::Approve,
        TaskAsk::Reject { why: why() },
        TaskAsk::RequestChanges { why: why() },
        TaskAsk::Unblock,
        TaskAsk::Urgent,
        TaskAsk::Escalate { why: None },
        TaskAsk::Retry,
        TaskAsk::Defer { until: None },
        TaskAsk::Cancel { why: None },
    ];
    let task = snapshot.task.as_ref();
    let discoveries = task.into_iter().flat_map(|task| task.work.open_discoveries()).map(|found| found.number);
    let to = |id: &WorkerId| TaskAsk::Assign { to: Assignee::Named(id.as_str().to_owned()) };
    let workers = snapshot.workers.iter().map(|load| load.worker.id.clone());
    Offered {
        asks: plain.iter().filter(|ask| may(ask)).map(TaskAsk::name).collect(),
        assignees: workers.filter(|id| may(&to(id))).collect(),
        auto: may(&TaskAsk::Assign { to: Assignee::Auto }),
        priorities: Level::ALL.into_iter().filter(|level| may(&TaskAsk::Priority { priority: *level })).collect(),
        risks: Level::ALL.into_iter().filter(|level| may(&TaskAsk::Risk { risk: *level })).collect(),
        discoveries: discoveries.filter(|number| may(&TaskAsk::AcceptDiscovery { discovery: *number })).collect(),
    }
}

/// Why an ask is refused because of who asks, whatever becomes of the task meanwhile.
#[must_use]
pub const fn is_about_who(blocker: &TaskBlocker) -> bool {
    match blocker {
        TaskBlocker::NotPermitted { .. }
        | TaskBlocker::OwnWork { .. }
        | TaskBlocker::OnlyPeopleApprove { .. }
        | TaskBlocker::NotHolder { .. }
        | TaskBlocker::NotEligible { .. }
        | TaskBlocker::WrongDoor { .. } => true,
        TaskBlocker::NotFromHere { .. }
        | TaskBlocker::StaleFence { .. }
        | TaskBlocker::NoSuchWorker { .. }
        | TaskBlocker::Full { .. }
        | TaskBlocker::Absent { .. }
        | TaskBlocker::DependencyOpen { .. }
        | TaskBlocker::NeedsApproval { .. }
        | TaskBlocker::NothingToApprove
        | TaskBlocker::EvidenceMissing { .. }
        | TaskBlocker::EvidenceRefused { .. }
        | TaskBlocker::EvidencePending { .. }
        | TaskBlocker::NoSuchDiscovery { .. }
        | TaskBlocker::Cyclic { .. }
        | TaskBlocker::PolicyUnreadable
        | TaskBlocker::Unclear { .. }
        | TaskBlocker::TooLong { .. }
        | TaskBlocker::AlreadySo { .. } => false,
    }
}
