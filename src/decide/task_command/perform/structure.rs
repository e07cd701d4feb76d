//! How tasks hang together: parts of a task, what it waits for, and discoveries that become tasks.

use std::fmt::Write as _;

use super::already;
use crate::decide::quote::code;
use crate::decide::task::Turn;
use crate::decide::task_command::texts;
use crate::model::{Action, Item, TaskAuthority, TaskBlocker};

/// The most characters of a title that is made from a text.
const TITLE_CHARS: usize = 120;

pub(super) fn subtask(
    turn: &mut Turn<'_>,
    authority: &TaskAuthority,
    (title, requirements, description): (&str, &[String], &str),
) -> String {
    let mut body = description.trim_end().to_owned();
    if !requirements.is_empty() {
        body.push_str("\n\n## Requirements\n\n");
        for requirement in requirements {
            // Writing to a String cannot fail.
            let _ = writeln!(body, "- {}", requirement.split_whitespace().collect::<Vec<_>>().join(" "));
        }
    }
    open(turn, authority, (title, body.trim()));
    format!("asked for a subtask: {}", texts::line(title))
}

pub(super) fn accept_discovery(
    turn: &mut Turn<'_>,
    authority: &TaskAuthority,
    number: u32,
) -> Result<String, TaskBlocker> {
    let work = &mut turn.task.work;
    let Some(discovery) = work.discoveries.iter_mut().find(|discovery| discovery.number == number) else {
        let known = work.open_discoveries().map(|discovery| format!("D{}", discovery.number)).collect();
        return Err(TaskBlocker::NoSuchDiscovery { asked: format!("D{number}"), known });
    };
    if discovery.accepted {
        return Err(already(format!("D{number} is a task already")));
    }
    discovery.accepted = true;
    let title = texts::headline(&discovery.text, TITLE_CHARS);
    let mut body = discovery.text.clone();
    if let Some(impact) = &discovery.impact {
        // Writing to a String cannot fail.
        let _ = write!(body, "\n\nImpact: {impact}");
    }
    let _ = write!(body, "\n\nDiscovered as D{number} by `{}`.", code(&discovery.by));
    open(turn, authority, (&title, &body));
    Ok(format!("made a task of D{number}: {}", texts::line(&title)))
}

/// What is part of this one is opened without labels: the rules say what it is.
fn open(turn: &mut Turn<'_>, authority: &TaskAuthority, (title, text): (&str, &str)) {
    let beginning = format!("subtask/{}/{}/", turn.subject(), turn.snapshot.decision);
    let before = turn.actions.iter().filter(|planned| planned.key.starts_with(&beginning)).count();
    let mut body = format!("{text}\n\n");
    // Writing to a String cannot fail.
    let _ = write!(body, "Part of #{}, asked for by `{}`.", turn.task.number, code(&authority.to_string()));
    let action = Action::OpenIssue {
        repository: turn.snapshot.repository.clone(),
        title: title.split_whitespace().collect::<Vec<_>>().join(" "),
        body: body.trim_start().to_owned(),
        labels: Vec::new(),
        parent: Some(turn.task.number),
    };
    turn.plan(format!("{beginning}{before}"), None, action);
}

pub(super) fn depend(turn: &mut Turn<'_>, on: &Item) -> Result<String, TaskBlocker> {
    can_wait_for(turn, on)?;
    if waits_for(turn, on) {
        return Err(already(format!("it waits for {on} already")));
    }
    add_dependency(turn, on);
    Ok(format!("has it wait for {on}"))
}

/// Nothing waits for itself, nor for what waits for it.
pub(super) fn can_wait_for(turn: &Turn<'_>, on: &Item) -> Result<(), TaskBlocker> {
    if turn.item().is(on) {
        return Err(already("nothing can wait for itself"));
    }
    let waits_for_this = turn.snapshot.dependents.iter().any(|item| item.is(on));
    if waits_for_this {
        return Err(TaskBlocker::Cyclic { on: on.clone() });
    }
    Ok(())
}

/// Has GitHub know of it, where it does not.
pub(super) fn add_dependency(turn: &mut Turn<'_>, on: &Item) {
    if waits_for(turn, on) {
        return;
    }
    let action = Action::AddDependency {
        repository: turn.snapshot.repository.clone(),
        number: turn.task.number,
        on: on.clone(),
    };
    turn.plan(key(turn, on), None, action);
}

fn waits_for(turn: &Turn<'_>, on: &Item) -> bool {
    let known = turn
        .snapshot
        .dependencies
        .iter()
        .any(|dependency| dependency.number == on.number && dependency.repository.is(&on.repository));
    known || turn.actions.iter().any(|planned| planned.key == key(turn, on))
}

fn key(turn: &Turn<'_>, on: &Item) -> String {
    format!("depends/{}/{}/{}", turn.subject(), on.to_string().to_lowercase(), turn.snapshot.decision)
}
