//! Which labels an issue should carry, and what has to change so that it does.

use std::collections::BTreeSet;

use super::intent;
use crate::model::{Issue, LabelFamily, LabelName, LabelSpec, Level, ResponseClock, RoleName, Task, WorkerId};

/// The flag of a task that was called urgent.
pub const URGENT: &str = "urgent";
/// The flag of a task to which nobody responded in time.
pub const SLA_BREACHED: &str = "sla-breached";
/// The flag of a task of which nobody has heard for long.
pub const STUCK: &str = "stuck";
/// The flag of a task that was told up the chain.
pub const ESCALATED: &str = "escalated";

/// What has to change on GitHub.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LabelChange {
    /// Labels to add, sorted.
    pub add: Vec<LabelSpec>,
    /// Labels to take off, sorted.
    pub remove: Vec<LabelName>,
}

/// Every label of ours that the issue should carry, sorted: one of each family that has a value, and `extra`.
#[must_use]
pub fn projection(task: &Task, extra: &[LabelName]) -> Vec<LabelName> {
    let mut labels = BTreeSet::new();
    labels.insert(LabelFamily::Status.label(task.state.as_str()));
    labels.insert(LabelFamily::Type.label(task.task_type.as_str()));
    labels.insert(LabelFamily::Priority.label(task.priority.as_str()));
    labels.extend(task.risk.map(|risk| LabelFamily::Risk.label(risk.as_str())));
    labels.extend(task.role.as_ref().map(|role| LabelFamily::Role.label(RoleName::as_str(role))));
    labels.extend(task.worker.as_ref().map(|worker| LabelFamily::Worker.label(WorkerId::as_str(worker))));
    labels.extend(extra.iter().cloned());
    let clocks = &task.work.clocks;
    let breached = |clock: &Option<ResponseClock>| clock.as_ref().is_some_and(|clock| clock.breached.is_some());
    let flags = [
        (URGENT, task.work.urgent),
        (SLA_BREACHED, breached(&clocks.response) || breached(&clocks.urgent)),
        (STUCK, clocks.stuck.is_some()),
        (ESCALATED, clocks.escalated.is_some()),
    ];
    labels.extend(flags.into_iter().filter(|(_, is_so)| *is_so).map(|(flag, _)| LabelName::from(flag)));
    labels.into_iter().collect()
}

/// What has to change so that the issue carries `projection`, given what was wanted and may be in flight before.
#[must_use]
pub fn change(issue: &Issue, before: Option<&Task>, projection: &[LabelName]) -> LabelChange {
    let shown: BTreeSet<&LabelName> = issue.labels.iter().collect();
    let wanted: BTreeSet<&LabelName> = projection.iter().collect();
    // A label outside the families that we had put there and a person took off stays off.
    let taken_off = |label: &LabelName| {
        LabelFamily::of(label).is_none()
            && before.is_some_and(|task| intent::is_settled(task) && task.projected.contains(label))
    };
    let add = projection.iter().filter(|label| !shown.contains(label) && !taken_off(label)).map(spec).collect();
    let mut remove: BTreeSet<&LabelName> =
        issue.labels.iter().filter(|label| LabelFamily::of(label).is_some()).collect();
    if let Some(before) = before {
        // What is still in flight is taken off too, although GitHub does not show it yet.
        remove.extend(before.ours.iter().filter(|label| shown.contains(label) || !intent::is_settled(before)));
    }
    let remove = remove.into_iter().filter(|label| !wanted.contains(label)).cloned().collect();
    LabelChange { add, remove }
}

/// How a label looks when it has to be created: a colour for each family, so that a list can be read at a glance.
#[must_use]
pub fn spec(label: &LabelName) -> LabelSpec {
    let (colour, description) = match LabelFamily::of(label) {
        Some((LabelFamily::Status, value)) => (status_colour(value), format!("The task is {value}")),
        Some((LabelFamily::Type, value)) => ("5319e7", format!("A task of the type {value}")),
        Some((LabelFamily::Priority, value)) => (level_colour(value), format!("Priority: {value}")),
        Some((LabelFamily::Risk, value)) => (level_colour(value), format!("Risk: {value}")),
        Some((LabelFamily::Role, value)) => ("bfd4f2", format!("For whoever fills the role {value}")),
        Some((LabelFamily::Worker, value)) => ("1d76db", format!("Given to {value}")),
        None if label.as_str() == URGENT => ("b60205", "To be acknowledged within 15 minutes".to_owned()),
        None if label.as_str() == SLA_BREACHED => ("b60205", "Nobody responded in time".to_owned()),
        None if label.as_str() == STUCK => ("d93f0b", "Nobody has heard of it for long".to_owned()),
        None if label.as_str() == ESCALATED => ("b60205", "Told up the chain".to_owned()),
        None => ("ededed", "Set by a routing rule".to_owned()),
    };
    // GitHub refuses descriptions of more than 100 characters.
    LabelSpec { name: label.clone(), colour: colour.to_owned(), description: description.chars().take(100).collect() }
}

fn status_colour(value: &str) -> &'static str {
    match value {
        "triage" | "waiting-approval" => "fbca04",
        "ready" => "c2e0c6",
        "assigned" | "in-progress" | "review" => "0e8a16",
        "blocked" | "failed" => "d93f0b",
        _ => "cfd3d7",
    }
}

fn level_colour(value: &str) -> &'static str {
    match value.parse::<Level>() {
        Ok(Level::Critical) => "b60205",
        Ok(Level::High) => "d93f0b",
        Ok(Level::Medium) => "fbca04",
        Ok(Level::Low) | Err(_) => "c2e0c6",
    }
}
