//! What an edited policy would have done otherwise than the one in force, as Markdown for the check run of its pull.

use std::fmt::Write as _;

use super::NOT_KNOWN;
use super::issues::routed;
use super::pulls::{PullRow, PullVerdict, Wrong, pulls, span};
use crate::decide::quote::{cell, short_code};
use crate::decide::route::Route;
use crate::model::{PastIssue, PastPulls, RepositoryName};
use crate::policy::Policy;

/// So many of each kind are named.
const NAMED: usize = 25;
/// So much of a title is shown.
const TITLE_CHARS: usize = 80;

/// Compares two policies over the past; what was not read is not spoken of.
#[must_use]
pub fn change(
    (old, new): (&Policy, &Policy),
    repository: &RepositoryName,
    (issues, past): (Option<&[PastIssue]>, Option<&PastPulls>),
) -> String {
    let mut text = String::new();
    if let Some(issues) = issues {
        of_issues((old, new), repository, issues, &mut text);
    }
    if let Some(past) = past {
        if !text.is_empty() {
            text.push('\n');
        }
        of_pulls((old, new), past, &mut text);
    }
    text
}

fn of_issues((old, new): (&Policy, &Policy), repository: &RepositoryName, issues: &[PastIssue], text: &mut String) {
    let mut lines = Vec::new();
    for issue in issues {
        let (was, is) = (routed(old, Some(repository), issue), routed(new, Some(repository), issue));
        if (&was.task_type, &was.role) != (&is.task_type, &is.role) {
            let number = issue.number.map(|number| format!("#{number} ")).unwrap_or_default();
            let title = short_code(&issue.title, TITLE_CHARS);
            lines.push(format!("{number}`{title}`: {} → {}", said(&was), said(&is)));
        }
    }
    let of = match issues.len() {
        1 => "the newest issue".to_owned(),
        many => format!("the newest {many} issues"),
    };
    let would = if lines.len() == 1 { "1 would be" } else { &format!("{} would be", lines.len()) };
    let head = match (issues.is_empty(), lines.is_empty()) {
        (true, _) => "There are no issues of the past to try the rules on.".to_owned(),
        (false, true) => format!("Of {of}, none would be routed otherwise."),
        (false, false) => format!("Of {of}, {would} routed otherwise:"),
    };
    list(text, &head, &lines);
}

fn said(route: &Route) -> String {
    let rule = match &route.winner {
        Some(winner) => format!("rule `{}`", short_code(&winner.rule, TITLE_CHARS)),
        None => "no rule".to_owned(),
    };
    format!("`{}` ({rule})", short_code(route.task_type.as_str(), TITLE_CHARS))
}

fn of_pulls((old, new): (&Policy, &Policy), past: &PastPulls, text: &mut String) {
    let (was, is) = (pulls(old, past), pulls(new, past));
    let before = |row: &PullRow| was.rows.iter().find(|old| old.number == row.number);
    let mut lines = Vec::new();
    for row in &is.rows {
        if let Some(old) = before(row).filter(|old| old.would_merge != row.would_merge) {
            let title = short_code(&row.title, TITLE_CHARS);
            lines.push(format!("#{} `{title}`: {}", row.number, otherwise(old, row)));
        }
    }
    let of = match past.pulls.len() {
        1 => "the newest closed pull".to_owned(),
        many => format!("the newest {many} closed pulls"),
    };
    let wrong = is.count(|verdict| matches!(verdict, PullVerdict::Wrong(_)));
    let wrong_before = was.count(|verdict| matches!(verdict, PullVerdict::Wrong(_)));
    let head = match (past.pulls.is_empty(), lines.is_empty()) {
        (true, _) => "There are no closed pulls to try the policy on.".to_owned(),
        (false, true) => format!("Of {of}, none would be merged otherwise."),
        (false, false) => {
            let count = lines.len();
            format!(
                "Of {of}, {count} would be merged otherwise; {wrong} wrongly, against {wrong_before} by the policy in \
                 force:"
            )
        }
    };
    list(text, &head, &lines);
    if !past.pulls.is_empty() {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "\n{NOT_KNOWN}");
    }
}

fn otherwise(old: &PullRow, new: &PullRow) -> String {
    let when = match (old.would_merge, new.would_merge) {
        (Some(_), None) => format!("would not be merged any more: {}", cell(&new.blockers.join("; "))),
        (None, Some(_)) => "would be merged now".to_owned(),
        (Some(was), Some(is)) if is < was => format!("would be merged {} earlier", span(was.since_ms(is))),
        (Some(was), Some(is)) => format!("would be merged {} later", span(is.since_ms(was))),
        (None, None) => "would not be merged by either".to_owned(),
    };
    let right = match &new.verdict {
        PullVerdict::Wrong(Wrong::ClosedUnmerged) => ", **wrongly**: people closed it without a merge".to_owned(),
        PullVerdict::Wrong(Wrong::Reverted { by_pull }) => format!(", **wrongly**: #{by_pull} reverted it"),
        PullVerdict::Wrong(Wrong::ChangesRequested { by, .. }) => {
            format!(", **wrongly**: {} wanted changes afterwards", cell(by.as_str()))
        }
        PullVerdict::Never
        | PullVerdict::Earlier { .. }
        | PullVerdict::Same
        | PullVerdict::LeftAlone
        | PullVerdict::Unknown => String::new(),
    };
    format!("{when}{right}")
}

fn list(text: &mut String, head: &str, lines: &[String]) {
    // Writing to a String cannot fail.
    let _ = writeln!(text, "{head}");
    if lines.is_empty() {
        return;
    }
    text.push('\n');
    for line in lines.iter().take(NAMED) {
        let _ = writeln!(text, "- {line}");
    }
    if lines.len() > NAMED {
        let _ = writeln!(text, "- and {} more", lines.len() - NAMED);
    }
}
