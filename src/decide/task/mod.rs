//! Decides what a task is, who does it, how far it is, and what GitHub and people are to see of it.
//!
//! The order matters. What people said by labels comes first, then what the rules say, then commands in the order in
//! which they were written, then what was asked by other doors, then evidence, consent and time; whoever is to have the
//! task is chosen last, by what has become of it until then.

mod holder;
mod project;
mod routing;
mod turn;

pub(in crate::decide) use turn::Turn;

use super::explain::because;
use super::route::{self, Route};
use super::{advice, approval, clocks, evidence, intent, label_change, task_command};
use crate::model::{
    Blocker, Decision, Explanation, IssueSnapshot, IssueState, LabelName, Level, Task, TaskState, TaskType, TaskWork,
    Timestamp,
};
use crate::policy::{Policy, RouteInput};

/// The type of a task that no rule knows.
pub(in crate::decide) const TRIAGE: &str = "triage";
/// The type of an issue that only holds others together.
pub(in crate::decide) const PROJECT: &str = "project";

/// Decides about an issue.
#[must_use]
pub fn decide(snapshot: &IssueSnapshot, policy: &Policy, now: Timestamp) -> Decision {
    if !policy.tasks.manage {
        return nothing("the repository's policy says that its issues are not tasks");
    }
    if snapshot.task.is_none() && snapshot.issue.state == IssueState::Closed {
        return nothing("the issue was closed before it came under management");
    }
    let route = routed(snapshot, policy);
    let mut turn = Turn::new(snapshot, policy, now, drafted(snapshot, now));
    policy.fingerprint().clone_into(&mut turn.task.policy_fingerprint);
    turn.task.work.parent = snapshot.parent.as_ref().map(|(item, _)| item.clone());
    turn.explanation.blockers.extend(policy.unreadable.clone().map(|fault| Blocker::PolicyUnreadable { fault }));
    let not_counted = label_change::judge(&mut turn, route.risk);
    let intent = intent::read(&snapshot.issue, snapshot.task.as_ref(), &not_counted);
    turn.explanation.blockers.extend(intent.status.clone().map(|status| Blocker::StatusSetByHand { status }));
    routing::follow_issue(&mut turn);
    let of_type = routing::apply(&mut turn, &intent, &route);
    holder::choose_by_label(&mut turn, &intent);
    routing::settle(&mut turn);
    task_command::comments(&mut turn);
    task_command::reports(&mut turn);
    evidence::judge(&mut turn);
    routing::cancel_if_closed(&mut turn);
    approval::require(&mut turn);
    clocks::run(&mut turn);
    holder::choose(&mut turn);
    clocks::wind(&mut turn);
    routing::explain(&mut turn, of_type);
    advice::of_issue(&mut turn);
    project::project(turn, &route)
}

/// Decides about a task whose issue is gone from GitHub: nobody can do it any more, and nothing shows it.
#[must_use]
pub fn gone(task: &Task, now: Timestamp) -> Decision {
    let mut task = task.clone();
    let why = "its issue is gone from GitHub: deleted, or transferred to another repository";
    if task.state.is_open() {
        task.state = TaskState::Cancelled;
        task.lease = None;
        task.work.finished = Some(now);
        task.updated = now;
    }
    Decision {
        summary: format!("Task {} is {}: {why}.", task.number, task.state),
        explanation: because(why),
        task: Some(task),
        ..Decision::default()
    }
}

fn nothing(why: &str) -> Decision {
    Decision { summary: format!("Nothing to do: {why}."), explanation: because(why), ..Decision::default() }
}

/// Routes by what people wrote: labels that we put there ourselves must not feed back into the rules.
fn routed(snapshot: &IssueSnapshot, policy: &Policy) -> Route {
    let ours = snapshot.task.as_ref().map(|task| (&task.ours, &task.projected));
    let foreign: Vec<LabelName> = snapshot
        .issue
        .labels
        .iter()
        .filter(|label| ours.is_none_or(|(ours, projected)| !ours.contains(label) && !projected.contains(label)))
        .cloned()
        .collect();
    let input = RouteInput {
        title: &snapshot.issue.title,
        body: &snapshot.issue.body,
        labels: &foreign,
        author: Some(&snapshot.issue.author),
        repository: Some(&snapshot.repository.name),
    };
    route::route(&policy.routing, &input)
}

/// The task as it is known, or a new one.
pub(in crate::decide) fn drafted(snapshot: &IssueSnapshot, now: Timestamp) -> Task {
    snapshot.task.clone().unwrap_or_else(|| Task {
        repository: snapshot.repository.id,
        number: snapshot.issue.number,
        state: TaskState::Triage,
        task_type: TaskType::new(TRIAGE),
        role: None,
        worker: None,
        priority: Level::Medium,
        risk: None,
        type_pinned: false,
        priority_pinned: false,
        worker_pinned: false,
        rule: None,
        assignment: Explanation::default(),
        fence: 0,
        lease: None,
        version: 0,
        work: TaskWork::default(),
        projected: Vec::new(),
        ours: Vec::new(),
        assignees: Vec::new(),
        card: None,
        card_digest: None,
        policy_fingerprint: String::new(),
        created: now,
        updated: now,
    })
}
