//! The first sentence of a card: where the task stands, and who has to do what now.

use crate::decide::advice;
use crate::decide::quote::{cell, code, moment};
use crate::decide::task::PROJECT;
use crate::model::{IssueSnapshot, Task, TaskState, WorkerId};

pub(super) fn headline(snapshot: &IssueSnapshot, task: &Task) -> String {
    let worker = code(task.worker.as_ref().map_or("nobody", WorkerId::as_str));
    match task.state {
        TaskState::Triage => format!(
            "**Needs triage.** No routing rule matched. Set a `type/…` label to say what this is, or begin the title \
             with a word that a rule knows, such as “fix” or “deploy”.{}",
            advice::sentence(task)
        ),
        TaskState::Ready => ready(snapshot, task),
        TaskState::Assigned => format!("**Assigned** to `{worker}`."),
        TaskState::InProgress => in_progress(task, &worker),
        TaskState::Blocked => blocked(task, &worker),
        TaskState::WaitingApproval => waiting(task),
        TaskState::Review => match task.work.submission.as_ref().and_then(|submission| submission.waits_for.as_ref()) {
            Some(waits_for) => format!("**In review.** What was handed in does not hold yet: {}.", said(waits_for)),
            None => "**In review:** what was handed in is being verified.".to_owned(),
        },
        TaskState::Done => done(task),
        TaskState::Failed => {
            let why = task.work.failure.as_deref().map(|why| format!(": {}", said(why))).unwrap_or_default();
            format!("**Failed**{why}. `/retry` makes it ready again.")
        }
        TaskState::Deferred => {
            let until = task.work.deferred_until.map_or_else(
                || "until somebody writes `/retry`".to_owned(),
                |until| format!("until {}", moment(until)),
            );
            format!("**Deferred** {until}.")
        }
        TaskState::Cancelled => {
            "**Cancelled:** it will not be done. Reopening the issue makes it a task again.".to_owned()
        }
    }
}

fn ready(snapshot: &IssueSnapshot, task: &Task) -> String {
    if task.task_type.as_str() == PROJECT {
        let closed = snapshot.sub_issues.iter().filter(|issue| issue.state == crate::model::IssueState::Closed).count();
        return match snapshot.sub_issues.len() {
            0 => "**A project** without tasks yet; `/subtask \"title\"` adds one.".to_owned(),
            all => format!("**A project:** {closed} of {all} tasks are closed."),
        };
    }
    let open = snapshot.dependencies.iter().filter(|dependency| !dependency.met).count();
    if open > 0 {
        let what = if open == 1 { "another issue".to_owned() } else { format!("{open} other issues") };
        return format!("**Ready**, but it waits for {what}.");
    }
    match &task.role {
        Some(role) => format!("**Ready** for whoever fills the role `{}`; nobody has it yet.", code(role.as_str())),
        None => {
            "**Ready**, but no role is known for this type; set a `worker/…` label to give it to somebody.".to_owned()
        }
    }
}

fn in_progress(task: &Task, worker: &str) -> String {
    let said = task.work.progress.last().map(|note| format!(" “{}”", cell(&note.text))).unwrap_or_default();
    format!("**In progress** with `{worker}`.{said}")
}

fn blocked(task: &Task, worker: &str) -> String {
    let Some(obstacle) = &task.work.obstacle else { return format!("**Blocked**; `{worker}` has it.") };
    let by = obstacle.by.as_ref().map(|item| format!(" by {item}")).unwrap_or_default();
    let needs = obstacle.needs.as_deref().map(|needs| format!(" It takes: {}.", said(needs))).unwrap_or_default();
    format!("**Blocked**{by}: {}.{needs} `{worker}` has it; `/unblock` resumes.", said(&obstacle.text))
}

fn waiting(task: &Task) -> String {
    let Some(approval) = &task.work.approval else { return "**Waiting for approval.**".to_owned() };
    format!(
        "**Waiting for approval:** {}. Somebody with write permission, who neither holds the task nor opened it, writes \
         `/approve` or `/reject why` here.",
        said(&approval.why)
    )
}

fn done(task: &Task) -> String {
    if let Some(why) = &task.work.overridden {
        return format!("**Done** without evidence, by a maintainer’s word: {}.", said(why));
    }
    "**Done.**".to_owned()
}

/// What somebody said, where a sentence of ours ends behind it.
fn said(text: &str) -> String {
    cell(text.trim_end().trim_end_matches('.'))
}
