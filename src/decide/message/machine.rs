//! What machines are told by themselves: a task that one of them is given, and a task that is done.

use crate::model::{Action, Envelope, IssueSnapshot, OUR_NAME, Planned, Subject, Task, Timestamp, Worker};

/// A task is given to a worker that is a machine.
#[must_use]
pub fn given(snapshot: &IssueSnapshot, task: &Task, worker: &Worker, now: Timestamp) -> Option<Planned> {
    let (subject, fence) = (subject(task), task.fence);
    let envelope = Envelope {
        kind: "task".to_owned(),
        priority: Some(task.priority.to_string()),
        text: Some(snapshot.issue.title.clone()),
        to: Some(worker.id.to_string()),
        ..about(snapshot, task, (format!("{subject}/assignment-{fence}"), now))
    };
    worker.agent.then(|| publish(format!("machine/{subject}/assignment-{fence}"), envelope))
}

/// A task is done.
#[must_use]
pub fn done(snapshot: &IssueSnapshot, task: &Task, now: Timestamp) -> Planned {
    let subject = subject(task);
    let evidence = task.work.submission.as_ref().map(|submission| submission.text.clone());
    let result = evidence.or_else(|| task.work.overridden.clone()).unwrap_or_else(|| "done".to_owned());
    let envelope = Envelope {
        kind: "task_complete".to_owned(),
        result: Some(result),
        ..about(snapshot, task, (format!("{subject}/done-{}", snapshot.decision), now))
    };
    publish(format!("machine/{subject}/done-{}", snapshot.decision), envelope)
}

fn subject(task: &Task) -> Subject {
    Subject::Issue(task.repository, task.number)
}

fn about(snapshot: &IssueSnapshot, task: &Task, (id, now): (String, Timestamp)) -> Envelope {
    let item = format!("{}#{}", snapshot.repository.name, task.number);
    Envelope {
        id,
        timestamp: now.to_rfc3339(),
        task: Some(item.clone()),
        task_id: Some(item),
        url: Some(snapshot.issue.url.clone()),
        from: Some(OUR_NAME.to_owned()),
        ..Envelope::default()
    }
}

fn publish(key: String, envelope: Envelope) -> Planned {
    Planned { key, slot: None, action: Action::Publish { topic: None, message: Box::new(envelope) } }
}
