//! What an optional model is asked, and how what it said is shown: as advice, which no other decision reads.

mod plain;
mod prompt;

use sha2::{Digest as _, Sha256};
use std::fmt::Write as _;

pub use plain::{plain, type_said};
pub use prompt::{Prompt, PullPrompt, about_type};

use super::quote::{cell, code};
use super::show_review;
use super::task::{TRIAGE, Turn};
use crate::model::{
    Action, Advice, AdviceOrder, AdviceQuestion, AdviceSaid, AskedType, CheckReport, IssueSnapshot, IssueState,
    Planned, PullSnapshot, PullState, Subject, Task, TaskState,
};
use crate::policy::Policy;

/// What stands over everything that a model wrote, so that nobody takes it for anybody else's word.
const HEADING: &str = "wrote this. It can be wrong, and it decides nothing.";
/// So much of an issue's text is enough to tell its type.
const BODY_CHARS: usize = 4_000;
/// A newer head's question takes the place of one that still waits.
const SLOT: &str = "advice";

/// Asks about a new head, or shows in our check run what was said of it, also where it has been merged since.
#[must_use]
pub fn of_pull(snapshot: &PullSnapshot, policy: &Policy, advice: Option<&Advice>) -> Option<Planned> {
    let review = snapshot.review.as_ref().filter(|review| review.faults.is_empty())?;
    if !policy.advice.asks_about_pulls() || (advice.is_none() && snapshot.pull.state != PullState::Open) {
        return None;
    }
    let (subject, head) = (Subject::Pull(snapshot.repository.id, snapshot.pull.number), &review.head);
    let (repository, number) = (snapshot.repository.clone(), snapshot.pull.number);
    let Some(advice) = advice else {
        let question = AdviceQuestion::Review { head: head.clone() };
        let action = Action::AskModel(Box::new(AdviceOrder { repository, number, question }));
        return Some(Planned { key: format!("advice/{subject}/{head}"), slot: Some(SLOT.to_owned()), action });
    };
    let report = with_advice(&show_review(review).report, advice)?;
    let rules = review.rules.get(..16).unwrap_or(&review.rules);
    let action = Action::AmendCheck { repository, head: head.clone(), report };
    Some(Planned { key: format!("check/{subject}/{head}/{rules}/advice"), slot: None, action })
}

/// The same report with what the model said below everything of ours.
fn with_advice(report: &CheckReport, advice: &Advice) -> Option<CheckReport> {
    let AdviceSaid::Review { text, left_out } = &advice.said else { return None };
    let mut summary = report.summary.clone();
    // Writing to a String cannot fail.
    let _ = write!(summary, "\n\n---\n\n**A model (`{}`) {HEADING}**\n\n", code(&advice.name));
    for line in text.lines() {
        let _ = writeln!(summary, "> {line}");
    }
    if !left_out.is_empty() {
        summary.push_str("\nIt did not get to see:\n\n");
        for line in left_out {
            let _ = writeln!(summary, "- {}", cell(line));
        }
    }
    Some(CheckReport { summary, pages: Vec::new(), ..report.clone() })
}

/// What the text of an issue is known by.
fn about(snapshot: &IssueSnapshot) -> String {
    let text = format!("{}\n{}", snapshot.issue.title, snapshot.issue.body);
    Sha256::digest(text.as_bytes()).iter().take(16).fold(String::with_capacity(32), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

/// Asks which type an issue has that no rule knows, once for each text of it.
pub(super) fn of_issue(turn: &mut Turn<'_>) {
    let (snapshot, task) = (turn.snapshot, &mut turn.task);
    let waits = task.state == TaskState::Triage && task.task_type.as_str() == TRIAGE;
    if !turn.policy.advice.asks_for_types() || !waits || snapshot.issue.state != IssueState::Open {
        task.work.asked_type = None;
        return;
    }
    let about = about(snapshot);
    if task.work.asked_type.as_ref().is_some_and(|asked| asked.about == about) {
        return;
    }
    task.work.asked_type = Some(AskedType { about: about.clone(), advice: None });
    let mut types: Vec<String> = turn.policy.routing.rules().iter().map(|rule| rule.task_type.to_string()).collect();
    types.sort();
    types.dedup();
    let question = AdviceQuestion::Type {
        about: about.clone(),
        title: snapshot.issue.title.clone(),
        body: snapshot.issue.body.chars().take(BODY_CHARS).collect(),
        types,
    };
    let order = AdviceOrder { repository: snapshot.repository.clone(), number: task.number, question };
    let key = format!("advice/{}/{about}", turn.subject());
    turn.plan(key, Some(SLOT), Action::AskModel(Box::new(order)));
}

/// The sentence on the card of an issue that no rule knows; empty where no model suggested anything.
pub(super) fn sentence(task: &Task) -> String {
    let advice = task.work.asked_type.as_ref().and_then(|asked| asked.advice.as_ref());
    let Some(Advice { name, said: AdviceSaid::Type { task_type, reason } }) = advice else { return String::new() };
    let (name, task_type) = (code(name), code(task_type.as_str()));
    let reason = cell(reason.trim_end_matches('.'));
    format!(
        "\n\nA model suggests `type/{task_type}` (`{name}`): {reason}. It can be wrong, and it decides nothing; \
         `/route {task_type}` takes it."
    )
}
