//! Decides what a task is, who does it, and what GitHub and people are to see of it.

use super::assign::{self, Assignment};
use super::explain::because;
use super::intent::{self, Intent};
use super::route::{self, Route};
use super::{card, labels, tell};
use crate::model::{
    Action, Blocker, Decision, Explanation, IssueSnapshot, IssueState, LabelName, Login, Planned, Subject, Task,
    TaskState, Telling, Timestamp, Worker, WorkerId,
};
use crate::policy::{Policy, RouteInput};

/// Decides about an issue.
#[must_use]
pub fn decide(snapshot: &IssueSnapshot, policy: &Policy, now: Timestamp) -> Decision {
    if !policy.manage_tasks {
        return nothing("the repository's policy says that its issues are not tasks");
    }
    if snapshot.task.is_none() && snapshot.issue.state == IssueState::Closed {
        return nothing("the issue was closed before it came under management");
    }
    let intent = intent::read(&snapshot.issue, snapshot.task.as_ref());
    let route = routed(snapshot, policy);
    let mut explanation = Explanation::default();
    explanation.blockers.extend(policy.unreadable.clone().map(|fault| Blocker::PolicyUnreadable { fault }));
    explanation.blockers.extend(intent.status.clone().map(|status| Blocker::StatusSetByHand { status }));
    let mut task = drafted(snapshot, &route, now);
    policy.fingerprint().clone_into(&mut task.policy_fingerprint);
    set_type(&mut task, &intent, (&route, policy), &mut explanation);
    set_levels(&mut task, &intent, &route);
    let scene = Scene { snapshot, policy, now };
    set_state_and_worker(&mut task, &scene, &intent, &mut explanation);
    project(&scene, &route, task, explanation)
}

/// What a decision is made in front of.
struct Scene<'a> {
    snapshot: &'a IssueSnapshot,
    policy: &'a Policy,
    now: Timestamp,
}

/// Decides about a task whose issue is gone from GitHub: nobody can do it any more, and nothing shows it.
#[must_use]
pub fn gone(task: &Task, now: Timestamp) -> Decision {
    let mut task = task.clone();
    let why = "its issue is gone from GitHub: deleted, or transferred to another repository";
    if task.state.is_open() {
        task.state = TaskState::Cancelled;
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

fn drafted(snapshot: &IssueSnapshot, route: &Route, now: Timestamp) -> Task {
    snapshot.task.clone().unwrap_or_else(|| Task {
        repository: snapshot.repository.id,
        number: snapshot.issue.number,
        state: TaskState::Triage,
        task_type: route.task_type.clone(),
        role: None,
        worker: None,
        priority: route.priority,
        risk: None,
        type_pinned: false,
        priority_pinned: false,
        worker_pinned: false,
        rule: None,
        assignment: Explanation::default(),
        fence: 0,
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

/// A person's choice of type wins over the rules; work that has begun keeps its type unless a person changes it.
fn set_type(task: &mut Task, intent: &Intent, (route, policy): (&Route, &Policy), explanation: &mut Explanation) {
    task.type_pinned = intent.task_type.is_some();
    if let Some(chosen) = &intent.task_type {
        explanation.reasons.push(format!("a person set the type `{chosen}` by its label, so rules do not change it"));
        if task.task_type != *chosen || task.role.is_none() {
            task.role = policy.role_of_type(chosen);
        }
        task.task_type = chosen.clone();
        task.rule = None;
        return;
    }
    if task.state.has_begun() && task.state.is_open() {
        explanation.reasons.push(format!("work has begun, so the type stays `{}`", task.task_type));
        return;
    }
    task.task_type = route.task_type.clone();
    task.role.clone_from(&route.role);
    task.rule = route.winner.as_ref().map(|winner| winner.rule.clone());
    match &route.winner {
        Some(winner) => explanation.reasons.push(winner.reason.clone()),
        None => explanation.blockers.push(Blocker::NoRuleMatched),
    }
    explanation.blockers.extend(route.losers.iter().cloned());
}

fn set_levels(task: &mut Task, intent: &Intent, route: &Route) {
    task.priority_pinned = intent.priority.is_some();
    task.priority = intent.priority.unwrap_or(route.priority);
    task.risk = intent.risk.or(route.risk);
}

fn set_state_and_worker(task: &mut Task, scene: &Scene<'_>, intent: &Intent, explanation: &mut Explanation) {
    match scene.snapshot.issue.state {
        IssueState::Closed => {
            if task.state.is_open() {
                explanation.reasons.push("the issue was closed by hand, without evidence".to_owned());
                task.state = TaskState::Cancelled;
            }
            return;
        }
        IssueState::Open => {
            if task.state == TaskState::Cancelled {
                explanation.reasons.push("the issue was reopened".to_owned());
                task.state = TaskState::Triage;
                task.worker = None;
            }
        }
    }
    choose_worker(task, scene, intent);
    explanation.reasons.extend(task.assignment.reasons.iter().cloned());
    explanation.blockers.extend(task.assignment.blockers.iter().cloned());
    if !task.state.has_begun() {
        task.state = match (&task.worker, task.task_type.as_str()) {
            (Some(_), _) => TaskState::Assigned,
            (None, "triage") => TaskState::Triage,
            (None, _) => TaskState::Ready,
        };
    }
}

/// Why the holder holds is remembered with the task, so that a later look tells the same.
fn choose_worker(task: &mut Task, scene: &Scene<'_>, intent: &Intent) {
    let Scene { snapshot, policy, now } = *scene;
    let known = |id: &WorkerId| snapshot.workers.iter().find(|load| load.worker.id == *id);
    let mut unknown = None;
    if let Some(chosen) = &intent.worker {
        if let Some(load) = known(chosen) {
            task.worker_pinned = true;
            task.assignment = because(format!("a person gave it to `{chosen}` by its label"));
            if task.role.is_none() {
                task.role = Some(load.worker.role.clone());
            }
            hand_over(task, &load.worker);
            return;
        }
        unknown = Some(Blocker::UnknownWorker { worker: chosen.clone() });
    }
    task.worker_pinned = false;
    if task.state.has_begun() {
        return;
    }
    let Some(role) = task.role.clone() else {
        task.worker = None;
        task.assignment = Explanation { reasons: Vec::new(), blockers: unknown.into_iter().collect() };
        return;
    };
    let keeps = task.worker.as_ref().and_then(known).is_some_and(|load| load.worker.role == role);
    if keeps {
        task.assignment.blockers.extend(unknown);
        return;
    }
    let Assignment { worker, reasons, blockers } =
        assign::choose(policy.strategy(&role), &role, &snapshot.workers, now);
    task.assignment = Explanation { reasons, blockers: unknown.into_iter().chain(blockers).collect() };
    match worker.as_ref().and_then(known) {
        Some(load) => hand_over(task, &load.worker),
        None => task.worker = None,
    }
}

fn hand_over(task: &mut Task, worker: &Worker) {
    if task.worker.as_ref() != Some(&worker.id) {
        task.worker = Some(worker.id.clone());
        task.fence += 1;
        if task.state.has_begun() {
            task.state = TaskState::Assigned;
        }
    }
}

/// What GitHub and people are to see of the task.
fn project(scene: &Scene<'_>, route: &Route, mut task: Task, explanation: Explanation) -> Decision {
    let Scene { snapshot, policy, now } = *scene;
    let mut actions = Vec::new();
    project_labels(snapshot, &mut task, route, &mut actions);
    project_assignees(snapshot, &mut task, &mut actions);
    project_card(snapshot, &mut task, &explanation, &mut actions);
    tell_all(snapshot, policy, &task, now, &mut actions);
    if snapshot.task.as_ref() != Some(&task) {
        task.updated = now;
    }
    let summary = summary(snapshot, &task);
    Decision { summary, explanation, task: Some(task), actions, ..Decision::default() }
}

fn project_labels(snapshot: &IssueSnapshot, task: &mut Task, route: &Route, actions: &mut Vec<Planned>) {
    let urgent = snapshot.issue.title.trim_start().to_ascii_uppercase().starts_with("URGENT:");
    let extra = if task.type_pinned { &[][..] } else { &route.labels };
    let projection = labels::projection(task, extra, urgent);
    let change = labels::change(&snapshot.issue, snapshot.task.as_ref(), &projection);
    if change.add.is_empty() && change.remove.is_empty() {
        task.ours.clone_from(&projection);
    } else {
        task.ours.extend(projection.iter().cloned());
        task.ours.sort();
        task.ours.dedup();
        actions.push(projected(
            snapshot,
            "labels",
            Action::SetLabels {
                repository: snapshot.repository.clone(),
                number: task.number,
                add: change.add,
                remove: change.remove,
                projection: projection.clone(),
            },
        ));
    }
    task.projected = projection;
}

fn project_assignees(snapshot: &IssueSnapshot, task: &mut Task, actions: &mut Vec<Planned>) {
    let wanted: Vec<Login> = holder(snapshot, task)
        .filter(|worker| task.state.is_open() && worker.tell.contains(&Telling::Assignee))
        .and_then(|worker| worker.login.clone())
        .into_iter()
        .collect();
    if wanted != task.assignees {
        let add = wanted.clone();
        let remove = task.assignees.iter().filter(|login| !wanted.contains(login)).cloned().collect();
        task.assignees = wanted;
        let mut planned = projected(
            snapshot,
            "assignees",
            Action::Assign { repository: snapshot.repository.clone(), number: task.number, add, remove },
        );
        // What it takes off counts, so a later one must not replace it.
        planned.slot = None;
        actions.push(planned);
    }
}

fn project_card(snapshot: &IssueSnapshot, task: &mut Task, explanation: &Explanation, actions: &mut Vec<Planned>) {
    let text = card::text(task, explanation);
    let digest = card::digest(&text);
    if task.card_digest.as_ref() != Some(&digest) {
        task.card_digest = Some(digest);
        let action = Action::WriteCard {
            repository: snapshot.repository.clone(),
            number: task.number,
            comment: task.card,
            text,
        };
        actions.push(projected(snapshot, "card", action));
    }
}

fn projected(snapshot: &IssueSnapshot, slot: &str, action: Action) -> Planned {
    let subject = Subject::Issue(snapshot.repository.id, snapshot.issue.number);
    Planned { key: format!("{slot}/{subject}/{}", snapshot.decision), slot: Some(slot.to_owned()), action }
}

fn holder<'a>(snapshot: &'a IssueSnapshot, task: &Task) -> Option<&'a Worker> {
    let id = task.worker.as_ref()?;
    snapshot.workers.iter().map(|load| &load.worker).find(|worker| worker.id == *id)
}

/// Tells of a new assignment, of a task that waits for a worker, and of one that no rule knows: once each.
fn tell_all(snapshot: &IssueSnapshot, policy: &Policy, task: &Task, now: Timestamp, actions: &mut Vec<Planned>) {
    if !task.state.is_open() {
        return;
    }
    let before = snapshot.task.as_ref();
    let told = |task: &Task| (task.worker.clone(), task.fence, task.role.clone(), task.state);
    if before.map(told) == Some(told(task)) {
        return;
    }
    actions.push(tell::people(snapshot, task, policy.notify_topic.as_deref(), now));
    let newly_assigned = before.is_none_or(|before| before.fence != task.fence);
    if newly_assigned && let Some(worker) = holder(snapshot, task) {
        actions.extend(tell::worker(snapshot, task, worker, now));
    }
}

fn summary(snapshot: &IssueSnapshot, task: &Task) -> String {
    let item = format!("{}#{}", snapshot.repository.name, task.number);
    let by = task.rule.as_ref().map(|rule| format!(" by rule `{rule}`")).unwrap_or_default();
    let to = task.worker.as_ref().map(|worker| format!(", given to `{worker}`")).unwrap_or_default();
    format!("{item} is {} `{}`{by}{to}.", task.state, task.task_type)
}
