//! What `router classify` prints: the rules' answer to a title, without writing anything.

use serde::Serialize;

use super::assign::choose;
use super::route::{Route, route};
use crate::model::{Blocker, Timestamp};
use crate::policy::{Policy, RouteInput};

/// The answer; its fields are printed in this order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Classified {
    /// Whether a rule matched.
    pub success: bool,
    /// What kind of task it is; `triage` when no rule matched.
    pub task_type: String,
    /// The worker that the role would choose if all were idle, or the role where nobody can be chosen.
    pub session: Option<String>,
    /// The winning rule's number; 0 when no rule matched.
    pub priority: i64,
    /// How that came to be.
    pub classification: Classification,
}

/// How an answer came to be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Classification {
    /// The winner's `like` alias if it has one, else its regex.
    pub matched_pattern: Option<String>,
    /// The winner's name.
    pub rule: Option<String>,
    /// The other rules that matched, best first.
    pub losers: Vec<LoserLine>,
}

/// A rule that matched and lost.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LoserLine {
    /// Its name.
    pub rule: String,
    /// By what it lost.
    pub by: String,
}

/// Asks the rules and, as if every worker of the files were idle, the roster.
#[must_use]
pub fn classify(policy: &Policy, input: &RouteInput<'_>) -> Classified {
    let route = route(&policy.routing, input);
    let session = route.role.as_ref().map(|role| {
        // Idle workers were never given anything, so the time does not matter.
        let chosen = choose(policy.strategy(role), role, &policy.roster.idle(), Timestamp(0)).worker;
        chosen.map_or_else(|| role.to_string(), |worker| worker.to_string())
    });
    let losers = loser_lines(&route);
    Classified {
        success: route.winner.is_some(),
        task_type: route.task_type.to_string(),
        session,
        priority: route.rule_priority,
        classification: Classification {
            matched_pattern: route.winner.as_ref().map(|winner| winner.matched_pattern.clone()),
            rule: route.winner.map(|winner| winner.rule),
            losers,
        },
    }
}

fn loser_lines(route: &Route) -> Vec<LoserLine> {
    let line = |blocker: &Blocker| match blocker {
        Blocker::Outranked { rule, by, .. } => Some(LoserLine { rule: rule.clone(), by: by.clone() }),
        Blocker::NoRuleMatched
        | Blocker::NoWorkerForRole { .. }
        | Blocker::WorkerFull { .. }
        | Blocker::WorkerPassedOver { .. }
        | Blocker::UnknownWorker { .. }
        | Blocker::LabelPutBack { .. }
        | Blocker::Task { .. }
        | Blocker::StatusSetByHand { .. }
        | Blocker::ManualAssignment { .. }
        | Blocker::PolicyUnreadable { .. }
        | Blocker::Merge { .. }
        | Blocker::Release { .. }
        | Blocker::Deploy { .. } => None,
    };
    route.losers.iter().filter_map(line).collect()
}
