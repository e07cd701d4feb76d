//! How people and workers are told what was decided about a task.

use super::{handoff, message};
use crate::model::{
    Action, IssueSnapshot, Level, MessageButton, PeopleMessage, Planned, RoleName, Subject, Task, Telling, Timestamp,
    Urgency5, Worker,
};

/// The message for the people's topic, once for each assignment and for each state in which somebody must act.
#[must_use]
pub fn people(snapshot: &IssueSnapshot, task: &Task, topic: Option<&str>, now: Timestamp) -> Planned {
    let subject = Subject::Issue(task.repository, task.number);
    let item = format!("{}#{}", snapshot.repository.name, task.number);
    let by_rule = task.rule.as_ref().map(|rule| format!(" by rule {rule}")).unwrap_or_default();
    let (what, text, key) = match (&task.worker, &task.role) {
        (Some(worker), _) => (
            format!("{item} → {worker}"),
            format!("{} is {}{by_rule}, priority {}.", quoted(snapshot), task.task_type, task.priority),
            format!("told/{subject}/assignment-{}", task.fence),
        ),
        (None, Some(role)) => (
            format!("{item} is ready for {role}"),
            format!("{} is {}{by_rule}; nobody has it yet.", quoted(snapshot), task.task_type),
            format!("told/{subject}/ready-{}-{}", RoleName::as_str(role), task.fence),
        ),
        (None, None) => (
            format!("{item} needs triage"),
            format!("No rule matches {}. Set a type/… label to say what it is.", quoted(snapshot)),
            format!("told/{subject}/triage"),
        ),
    };
    Planned {
        key,
        slot: None,
        action: Action::Notify(PeopleMessage {
            topic: topic.map(str::to_owned),
            channels: None,
            title: what,
            text,
            priority: urgency(task.priority),
            tags: tags(task),
            click: Some(snapshot.issue.url.clone()),
            buttons: vec![MessageButton { label: "Open issue".to_owned(), url: snapshot.issue.url.clone() }],
            happened: now,
        }),
    }
}

/// ntfy's priority for ours (design §7): critical and high 5, medium 3, low 2.
#[must_use]
pub const fn urgency(priority: Level) -> Urgency5 {
    match priority {
        Level::Critical | Level::High => Urgency5::Max,
        Level::Medium => Urgency5::Default,
        Level::Low => Urgency5::Low,
    }
}

fn tags(task: &Task) -> Vec<String> {
    let mut tags = vec!["station".to_owned(), task.task_type.to_string()];
    if task.priority == Level::Critical {
        tags.insert(0, "rotating_light".to_owned());
    }
    tags
}

fn quoted(snapshot: &IssueSnapshot) -> String {
    format!("“{}”", snapshot.issue.title)
}

/// What is done so that the new holder of a task learns of it, in the order of the worker's settings.
#[must_use]
pub fn worker(snapshot: &IssueSnapshot, task: &Task, worker: &Worker, now: Timestamp) -> Vec<Planned> {
    let subject = Subject::Issue(task.repository, task.number);
    let package = handoff::pack(snapshot, task, &worker.id);
    // The package is made of texts and numbers, which always have a JSON form.
    let package = serde_json::to_string(&package).unwrap_or_default();
    worker
        .tell
        .iter()
        .enumerate()
        .filter_map(|(position, telling)| {
            let action = telling_action(telling, snapshot, (task, worker), &package, now)?;
            let key = format!("tell/{subject}/assignment-{}/{position}", task.fence);
            Some(Planned { key, slot: None, action })
        })
        .chain(message::given(snapshot, task, worker, now))
        .collect()
}

/// `None` where the telling is done elsewhere: assignees with the projection, the people's topic once for all.
fn telling_action(
    telling: &Telling,
    snapshot: &IssueSnapshot,
    (task, worker): (&Task, &Worker),
    package: &str,
    now: Timestamp,
) -> Option<Action> {
    let repository = snapshot.repository.clone();
    match telling {
        Telling::Assignee | Telling::Ntfy { topic: None } => None,
        Telling::Ntfy { topic: Some(topic) } => {
            let Planned { mut action, .. } = people(snapshot, task, Some(topic), now);
            if let Action::Notify(message) = &mut action {
                // It is for this worker alone.
                message.channels = Some(Vec::new());
            }
            Some(action)
        }
        Telling::Hook { url, secret_env } => {
            Some(Action::CallHook { url: url.clone(), secret_env: secret_env.clone(), body: package.to_owned() })
        }
        Telling::WorkflowDispatch { workflow, git_ref } => Some(Action::DispatchWorkflow {
            git_ref: git_ref.clone().unwrap_or_else(|| repository.default_branch.clone()),
            repository,
            workflow: workflow.clone(),
            handoff: package.to_owned(),
        }),
        Telling::Mention => worker.login.as_ref().map(|login| Action::Comment {
            repository,
            number: task.number,
            text: format!("@{login} this task is yours: **{}**, priority {}.", task.task_type, task.priority),
        }),
    }
}

/// Has what people are told in these actions, and in what follows a merge among them, go over these channels alone;
/// what has channels of its own keeps them. `None` leaves it to the channels.
pub fn tell_over(actions: &mut [Planned], channels: Option<&[String]>) {
    let Some(channels) = channels else { return };
    for planned in actions {
        if let Action::Notify(message) = &mut planned.action {
            message.channels.get_or_insert_with(|| channels.to_vec());
        } else if let Action::Merge(order) = &mut planned.action {
            tell_over(&mut order.afterwards, Some(channels));
        }
    }
}
