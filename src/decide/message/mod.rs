//! What a message of another machine comes to: a task that is opened, something that is asked of one, or an answer.

mod answer;
mod machine;
mod open;

use super::tell;
use crate::model::{
    Action, Door, Envelope, Inbound, Item, Level, PeopleMessage, Planned, Report, Repository, RepositoryId, Subject,
    TaskAsk, TaskAuthority, TaskReport, Timestamp, WorkerId,
};

pub(in crate::decide) use answer::asked;
pub use answer::{answer_key, opened, refused};
pub use machine::{done, given};

/// Every type that is understood, for whoever sends another.
const KINDS: &str = "task, status_request, message, task_complete and ack";
/// What belongs to no repository belongs to the server itself; GitHub numbers repositories from 1.
const SERVER: Subject = Subject::Repository(RepositoryId(0));

/// What has to be looked up before a message can be understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum About {
    /// The repository of this name, or the usual one.
    Repository(Option<String>),
    /// The task of this name: ours, or the sender's.
    Task(String),
    /// How all tasks stand.
    Overview,
    /// Nothing.
    Nothing,
}

/// What a message is about.
#[must_use]
pub fn about(envelope: &Envelope) -> About {
    let named = envelope.task.as_ref().or(envelope.task_id.as_ref());
    match envelope.kind.as_str() {
        "task" => About::Repository(envelope.task.clone()),
        "status_request" => About::Overview,
        "message" => blocked(envelope).map_or(About::Nothing, |blocked| About::Task(blocked.task)),
        "task_complete" | "ack" => named.map_or(About::Nothing, |named| About::Task(named.clone())),
        _ => About::Nothing,
    }
}

/// What follows from a message.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Meaning {
    /// What is done at once.
    pub actions: Vec<(Subject, Planned)>,
    /// What tasks are told.
    pub reports: Vec<(Subject, Report)>,
    /// What there is to say where nothing follows.
    pub note: Option<String>,
}

impl Meaning {
    fn act(subject: Subject, planned: Planned) -> Self {
        Self { actions: vec![(subject, planned)], ..Self::default() }
    }

    fn nothing(note: &str) -> Self {
        Self { note: Some(note.to_owned()), ..Self::default() }
    }

    fn refuse(envelope: &Envelope, why: &str, now: Timestamp) -> Self {
        Self::act(SERVER, answer::refused(&envelope.id, envelope.from.as_deref(), why, now))
    }
}

/// Understands a message. What it brings about is named by its id, so that it does so once.
#[must_use]
pub fn meaning(inbound: &Inbound, received: Timestamp) -> Meaning {
    let envelope = &inbound.envelope;
    let understood = match envelope.kind.as_str() {
        "task" => open::task(inbound),
        "status_request" => Ok(status(inbound, received)),
        "message" => said(inbound, received),
        "task_complete" => complete(inbound, received),
        // Whoever answers an answer starts a quarrel without an end, so neither of these is answered.
        "ack" => return acknowledged(inbound, received),
        "status" => return Meaning::nothing("somebody else's status"),
        other => Err(format!("the type `{}` is not known; known are {KINDS}", super::quote::short_code(other, 60))),
    };
    understood.unwrap_or_else(|why| Meaning::refuse(envelope, &why, received))
}

fn status(inbound: &Inbound, received: Timestamp) -> Meaning {
    let overview = inbound.overview.clone().unwrap_or_default();
    Meaning::act(SERVER, answer::status(&inbound.envelope, &overview, received))
}

/// A blocker, or something that people should read.
fn said(inbound: &Inbound, received: Timestamp) -> Result<Meaning, String> {
    let envelope = &inbound.envelope;
    if let Some(blocked) = blocked(envelope) {
        let (repository, item) = place(inbound)?;
        let by = Item::near(&blocked.by, &repository.name).ok();
        let wish = TaskAsk::Block { text: format!("blocked by {}", blocked.by), needs: None, by };
        return Ok(ask(envelope, (repository, item), (wish, authority(envelope)?), received));
    }
    let text = envelope.text.clone().filter(|text| !text.trim().is_empty()).ok_or("it has no `text`")?;
    let from = envelope.from.as_deref().unwrap_or("a machine");
    let level: Option<Level> = envelope.priority.as_deref().and_then(|priority| priority.parse().ok());
    let message = PeopleMessage {
        topic: None,
        channels: None,
        title: format!("Message from {from}"),
        text,
        priority: tell::urgency(level.unwrap_or(Level::Medium)),
        tags: vec!["station".to_owned(), "message".to_owned()],
        click: envelope.url.clone(),
        buttons: Vec::new(),
        happened: received,
    };
    let key = format!("message/{}", envelope.id);
    let mut meaning = Meaning::act(SERVER, Planned { key, slot: None, action: Action::Notify(message) });
    meaning.actions.push((SERVER, answer::acknowledged(envelope, "people are told", received)));
    Ok(meaning)
}

fn complete(inbound: &Inbound, received: Timestamp) -> Result<Meaning, String> {
    let envelope = &inbound.envelope;
    let evidence = envelope.result.clone().filter(|result| !result.trim().is_empty());
    let evidence = evidence.ok_or("it has no `result`, which is the evidence that the task is done")?;
    let wish = TaskAsk::Complete { evidence, overrides: false };
    Ok(ask(envelope, place(inbound)?, (wish, authority(envelope)?), received))
}

/// An acknowledgement of a task stops its response clock; one of anything else is only read.
fn acknowledged(inbound: &Inbound, received: Timestamp) -> Meaning {
    let envelope = &inbound.envelope;
    match (place(inbound), authority(envelope)) {
        (Ok(place), Ok(authority)) => {
            let mut meaning = ask(envelope, place, (TaskAsk::Acknowledge, authority), received);
            for (_, report) in &mut meaning.reports {
                if let Report::Task(TaskReport::Asked { answer_to, .. }) = report {
                    *answer_to = None;
                }
            }
            meaning
        }
        (Err(_), _) | (_, Err(_)) => Meaning::nothing("an acknowledgement of no task of ours"),
    }
}

fn ask(
    envelope: &Envelope,
    (repository, item): (&Repository, &Item),
    (wish, authority): (TaskAsk, TaskAuthority),
    received: Timestamp,
) -> Meaning {
    let report = TaskReport::Asked {
        ask: wish,
        authority,
        door: Door::Ntfy,
        answer_to: Some(envelope.id.clone()),
        request: None,
        at: received,
    };
    let subject = Subject::Issue(repository.id, item.number);
    Meaning { reports: vec![(subject, Report::Task(report))], ..Meaning::default() }
}

fn place(inbound: &Inbound) -> Result<(&Repository, &Item), String> {
    match (&inbound.fault, &inbound.repository, &inbound.item) {
        (Some(fault), _, _) => Err(fault.clone()),
        (None, Some(repository), Some(item)) => Ok((repository, item)),
        (None, _, _) => Err("it does not say which task it is about".to_owned()),
    }
}

/// Who knows the secret speaks for the worker that they say they are.
fn authority(envelope: &Envelope) -> Result<TaskAuthority, String> {
    let from = envelope.from.as_deref().map(str::trim).filter(|from| !from.is_empty());
    let from = from.ok_or("it does not say which worker sends it, in `from`")?;
    Ok(TaskAuthority::Worker { id: WorkerId::new(from), fence: None })
}

/// `BLOCKED: Task X blocked by Y`.
struct Blocked {
    task: String,
    by: String,
}

fn blocked(envelope: &Envelope) -> Option<Blocked> {
    let text = envelope.text.as_deref()?.trim();
    let rest = without(text, "BLOCKED:")?;
    let rest = without(rest, "Task ").unwrap_or(rest);
    let at = rest.to_ascii_lowercase().find(" blocked by ")?;
    let (task, by) = (rest[..at].trim(), rest[at + " blocked by ".len()..].trim());
    (!task.is_empty() && !by.is_empty()).then(|| Blocked { task: task.to_owned(), by: by.to_owned() })
}

/// What follows a beginning, in whatever case that is written.
fn without<'a>(text: &'a str, beginning: &str) -> Option<&'a str> {
    let head = text.get(..beginning.len())?;
    head.eq_ignore_ascii_case(beginning).then(|| text[beginning.len()..].trim_start())
}
