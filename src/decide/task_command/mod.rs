//! What people, workers and orchestrators ask of a task: who may ask what, what follows, and how they are answered.

mod guests;
mod heard;
mod help;
mod limits;
mod may;
mod offered;
mod perform;
mod table;
mod texts;
mod words;

use std::collections::BTreeSet;

use super::comment_commands::{self, Place, Talk, news, remembered};
use super::request::key_of;
use super::task::Turn;
use super::{label_change, message};
use crate::model::{
    Action, Assignee, COMMANDS_MAX, DeliveryGuid, Door, IssueSnapshot, Login, Planned, TaskAsk, TaskAuthority,
    TaskBlocker, TaskReport, Timestamp,
};
use crate::policy::Policy;

pub use guests::guests;
pub use offered::{Offered, is_about_who, offered};
pub(super) use perform::perform;
pub use table::commands_markdown;
pub(super) use table::{is_any_command, is_command};

/// Since when what is said here counts, as long as nothing was looked at: since its repository is known, and for a task
/// that was known before anybody looked, since its last decision.
pub(super) fn first_look(snapshot: &IssueSnapshot) -> Timestamp {
    let known = snapshot.task.as_ref().map_or(snapshot.known_since, |task| task.updated);
    known.max(snapshot.known_since)
}

fn talk<'a>(snapshot: &'a IssueSnapshot, policy: &'a Policy) -> Talk<'a> {
    let commands_seen = snapshot.task.as_ref().and_then(|task| task.work.commands_seen.as_ref());
    let known_since = if commands_seen.is_some() { snapshot.known_since } else { first_look(snapshot) };
    Talk { comments: &snapshot.comments, commands_seen, own: &snapshot.own.0, known_since, bots: &policy.tasks.bots }
}

/// Whose permission has to be known before commands can be run: whoever wrote a new one or is named in it, whoever asks
/// by another door, and whoever changed a label.
#[must_use]
pub fn askers(snapshot: &IssueSnapshot, policy: &Policy) -> BTreeSet<Login> {
    let mut askers = BTreeSet::new();
    for news in news(&talk(snapshot, policy)) {
        askers.extend(news.actor.cloned());
        // Nobody can have us look up more people than commands are run.
        let run = news.commands.iter().filter(|(place, _)| *place < COMMANDS_MAX);
        let assigns = run.filter(|(_, command)| command.name == "assign");
        let named = assigns.filter_map(|(_, command)| command.words().next()?.strip_prefix('@'));
        askers.extend(named.map(Login::new));
    }
    for TaskReport::Asked { ask, authority, .. } in &snapshot.reports {
        match authority {
            TaskAuthority::Person { login, .. } | TaskAuthority::Orchestrator { person: Some(login), .. } => {
                askers.insert(login.clone());
            }
            TaskAuthority::Orchestrator { person: None, .. }
            | TaskAuthority::Worker { .. }
            | TaskAuthority::Operator { .. }
            | TaskAuthority::Clock => {}
        }
        if let TaskAsk::Assign { to: Assignee::Login(login) } = ask {
            askers.insert(login.clone());
        }
    }
    askers.extend(label_change::people(snapshot, policy));
    askers.retain(|login| words::is_name(login.as_str()));
    askers
}

/// Runs the commands in comments and in the issue's text that are new.
pub(super) fn comments(turn: &mut Turn<'_>) {
    let talk = talk(turn.snapshot, turn.policy);
    for news in news(&talk) {
        comment_commands::comment(turn, &news);
    }
    turn.task.work.commands_seen = Some(remembered(&talk));
}

/// Does what was asked by other doors, in the order in which it was asked.
pub(super) fn reports(turn: &mut Turn<'_>) {
    for TaskReport::Asked { ask, authority, door, answer_to, request, .. } in &turn.snapshot.reports {
        let before = turn.actions.len();
        let done = perform(turn, (authority, *door), ask);
        if let Some(deed) = turn.changes.deeds.last_mut() {
            deed.request.clone_from(request);
        }
        name_opened(&mut turn.actions[before..], request.as_ref());
        if let Some(id) = answer_to {
            let answer = message::asked(turn, id, &done);
            turn.actions.push(answer);
        }
    }
}

/// An issue that is opened because of a request is found again by whoever made it.
fn name_opened(actions: &mut [Planned], request: Option<&DeliveryGuid>) {
    let Some(request) = request else { return };
    for planned in actions {
        if matches!(planned.action, Action::OpenIssue { .. }) {
            planned.key = key_of(request);
        }
    }
}

/// What would come of asking, as far as it can be told from what is known without looking at GitHub.
///
/// # Errors
/// Why it would not be done.
pub fn rehearse(
    snapshot: &IssueSnapshot,
    policy: &Policy,
    (authority, door, ask): (&TaskAuthority, Door, &TaskAsk),
    now: Timestamp,
) -> Result<String, TaskBlocker> {
    let task = super::task::drafted(snapshot, now);
    let mut turn = Turn::new(snapshot, policy, now, task);
    perform(&mut turn, (authority, door), ask)
}

fn place<'t>(turn: &'t Turn<'_>) -> Place<'t> {
    Place {
        repository: &turn.snapshot.repository,
        number: turn.task.number,
        subject: turn.subject(),
        decision: turn.snapshot.decision,
        permissions: &turn.snapshot.permissions,
        now: turn.now,
    }
}

/// 👀 for whoever wrote a command, before anything else is done.
pub(super) fn seen(turn: &Turn<'_>) -> Vec<Planned> {
    turn.answers.eyes(&place(turn))
}

/// What is said once everything else is done: help, refusals, 🚀 and 😕.
pub(super) fn answered(turn: &Turn<'_>) -> Vec<Planned> {
    turn.answers.results(&place(turn), |asker, _| help::help(turn, asker))
}
