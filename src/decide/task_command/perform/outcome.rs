//! How a task comes to an end, and how it begins again: completed, failed, retried, put off, cancelled.

use super::begin::{may_begin, stop_clocks};
use crate::decide::evidence;
use crate::decide::task::Turn;
use crate::decide::task_command::may::is_project;
use crate::decide::task_command::texts;
use crate::model::{Evidence, IssueState, Submission, TaskAuthority, TaskBlocker, TaskState, TaskStep, Timestamp};

pub(super) fn complete(
    turn: &mut Turn<'_>,
    authority: &TaskAuthority,
    (text, overrides): (&str, bool),
) -> Result<String, TaskBlocker> {
    if overrides {
        turn.take(TaskStep::Finish)?;
        turn.task.work.overridden = Some(text.to_owned());
        turn.task.work.submission = None;
        return Ok(format!("completed it without evidence{}", texts::because(Some(text))));
    }
    if is_project(turn) {
        return complete_project(turn);
    }
    let evidence = understood(turn, text)?;
    if matches!(turn.task.state, TaskState::Ready | TaskState::Assigned) {
        may_begin(turn)?;
    }
    turn.take(TaskStep::Submit)?;
    stop_clocks(turn);
    turn.task.work.submission = Some(Submission {
        evidence,
        text: text.to_owned(),
        by: authority.to_string(),
        at: turn.now,
        waits_for: None,
        look_again: None,
    });
    Ok(format!("handed in: {}", texts::line(text)))
}

/// A project is finished with its last part.
fn complete_project(turn: &mut Turn<'_>) -> Result<String, TaskBlocker> {
    let open = turn.snapshot.sub_issues.iter().find(|part| part.state == IssueState::Open);
    if let Some(part) = open {
        let state = if part.status.is_empty() { "open".to_owned() } else { part.status.clone() };
        return Err(TaskBlocker::DependencyOpen { item: part.item.clone(), state });
    }
    turn.take(TaskStep::Finish)?;
    Ok("completed the project".to_owned())
}

fn understood(turn: &Turn<'_>, text: &str) -> Result<Evidence, TaskBlocker> {
    let kind = turn.policy.evidence.kind_of(&turn.task.task_type);
    let issue = &turn.snapshot.issue;
    evidence::parse(kind, text, (&turn.snapshot.repository.name, &evidence::web_host(&issue.url)))
}

pub(super) fn fail(turn: &mut Turn<'_>, why: &str) -> Result<String, TaskBlocker> {
    turn.take(TaskStep::Fail)?;
    turn.changes.gave_up.clone_from(&turn.task.worker);
    turn.let_go();
    let work = &mut turn.task.work;
    work.failures += 1;
    work.failure = Some(why.to_owned());
    work.submission = None;
    Ok(format!("gave it up{}", texts::because(Some(why))))
}

pub(super) fn retry(turn: &mut Turn<'_>) -> Result<String, TaskBlocker> {
    let step = if turn.task.state == TaskState::Deferred { TaskStep::Resume } else { TaskStep::Retry };
    turn.take(step)?;
    let work = &mut turn.task.work;
    work.failure = None;
    work.percent = None;
    work.deferred_until = None;
    work.let_go_by.clear();
    Ok("has it tried again".to_owned())
}

/// A lease does not outlast this; somebody without one gets it back when it is due.
pub(super) fn defer(turn: &mut Turn<'_>, until: Option<Timestamp>) -> Result<String, TaskBlocker> {
    if let Some(at) = until.filter(|at| *at <= turn.now) {
        let works = "/defer 3d".to_owned();
        return Err(TaskBlocker::Unclear { what: format!("{at} has passed"), works });
    }
    turn.take(TaskStep::Defer)?;
    if turn.task.lease.is_some() {
        turn.let_go();
    }
    turn.task.work.deferred_until = until;
    turn.task.work.submission = None;
    Ok(match until {
        Some(at) => format!("put it off until {at}"),
        None => "put it off until somebody writes `/retry`".to_owned(),
    })
}

pub(super) fn cancel(turn: &mut Turn<'_>, why: Option<&str>) -> Result<String, TaskBlocker> {
    turn.take(TaskStep::Cancel)?;
    turn.task.work.submission = None;
    Ok(format!("cancelled it{}", texts::because(why)))
}
