//! What belongs to a task: its subtasks, its pull requests, and what was found by the way.

use std::fmt::Write as _;

use crate::decide::quote::{cell, linked_code};
use crate::model::{IssueSnapshot, IssueState, PullState, Task};

/// More rows than this say no more.
const ROWS_MAX: usize = 50;

pub(super) fn subtasks(text: &mut String, snapshot: &IssueSnapshot) {
    if snapshot.sub_issues.is_empty() {
        return;
    }
    text.push_str("\n**Subtasks**\n\n");
    for issue in snapshot.sub_issues.iter().take(ROWS_MAX) {
        let done = if issue.state == IssueState::Closed { 'x' } else { ' ' };
        let status = if issue.status.is_empty() { String::new() } else { format!(" · {}", cell(&issue.status)) };
        // Writing to a String cannot fail.
        let _ = writeln!(text, "- [{done}] {} {}{status}", issue.item, cell(&issue.title));
    }
    more(text, snapshot.sub_issues.len());
}

pub(super) fn pulls(text: &mut String, snapshot: &IssueSnapshot) {
    if snapshot.pulls.is_empty() {
        return;
    }
    text.push_str("\n**Pull requests**\n\n");
    for pull in snapshot.pulls.iter().take(ROWS_MAX) {
        let state = match pull.state {
            PullState::Open if pull.changes_requested => "open, changes are requested",
            PullState::Open => "open",
            PullState::Closed => "closed without a merge",
            PullState::Merged => "merged",
        };
        let name = linked_code(&format!("{}#{}", pull.repository, pull.number), Some(&pull.url));
        let _ = writeln!(text, "- {name} {}: {state}", cell(&pull.title));
    }
    more(text, snapshot.pulls.len());
}

pub(super) fn discoveries(text: &mut String, task: &Task) {
    let found = &task.work.discoveries;
    if found.is_empty() {
        return;
    }
    text.push_str("\n**Found by the way** (`/accept-discovery D1` makes a task of one)\n\n");
    for one in found.iter().rev().take(ROWS_MAX) {
        let impact = one.impact.as_deref().map(|impact| format!(" (impact: {})", cell(impact))).unwrap_or_default();
        let accepted = if one.accepted { " · accepted" } else { "" };
        let _ = writeln!(text, "- **D{}** {}{impact}, by {}{accepted}", one.number, cell(&one.text), cell(&one.by));
    }
    more(text, found.len());
}

fn more(text: &mut String, all: usize) {
    if all > ROWS_MAX {
        let _ = writeln!(text, "\n… and {} more.", all - ROWS_MAX);
    }
}
