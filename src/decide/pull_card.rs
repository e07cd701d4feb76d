//! The one card of a pull request, the comment that tells of its merge, and the same sentences as plain text.

use std::fmt::Write as _;

pub use super::card::digest;
use super::gate::{Gate, blocking, counted};
use super::quote::{cell, one_line};
use crate::model::{Check, HeadReview, MergeBlocker, PullSnapshot, PullState, Sha};
use crate::policy::Policy;

/// The first line of the comment on a pull that was merged. People and scripts look for it: it never changes.
pub const MERGED: &str = "Automated review passed. PR merged automatically.";

/// The most blockers that a card lists.
const ROWS_MAX: usize = 50;

/// The whole text of a pull's card, without the hidden marker. `tests` is Markdown about its checks.
#[must_use]
pub fn text(snapshot: &PullSnapshot, gate: &Gate, tests: Option<&str>) -> String {
    let mut text = headline(snapshot, gate);
    if snapshot.pull.state == PullState::Open && !gate.is_open() {
        text.push_str("\n\n| Why not | Waits on |\n| --- | --- |\n");
        for blocker in gate.blockers.iter().take(ROWS_MAX) {
            let waits_on = cell(&blocker.waits_on(&snapshot.pull.author).to_string());
            push(&mut text, format_args!("| {} | {waits_on} |\n", linked(blocker)));
        }
        if gate.blockers.len() > ROWS_MAX {
            push(&mut text, format_args!("| … and {} more | |\n", gate.blockers.len() - ROWS_MAX));
        }
    }
    if let Some(tests) = tests {
        push(&mut text, format_args!("\n\n{}", tests.trim()));
    }
    let review = snapshot.review.as_ref().filter(|_| snapshot.pull.state == PullState::Open);
    if let Some(change) = review.and_then(|review| review.policy_change.as_ref()) {
        let summary = "What this pull would change of the policy, once it is merged";
        push(&mut text, format_args!("\n\n<details><summary>{summary}</summary>\n\n{change}\n\n</details>"));
    }
    if !gate.reasons.is_empty() {
        text.push_str("\n\n<details><summary>Why</summary>\n\n");
        for reason in &gate.reasons {
            push(&mut text, format_args!("- {}\n", cell(reason)));
        }
        text.push_str("\n</details>");
    }
    while text.contains("\n\n\n") {
        text = text.replace("\n\n\n", "\n\n");
    }
    text
}

fn headline(snapshot: &PullSnapshot, gate: &Gate) -> String {
    let pull = &snapshot.pull;
    let head = pull.head.short();
    match (pull.state, &pull.merge_commit, gate.blockers.len()) {
        (PullState::Merged, Some(commit), _) => format!("**Merged** as {commit}."),
        (PullState::Merged, None, _) => "**Merged.**".to_owned(),
        (PullState::Closed, ..) => "**Closed without a merge.**".to_owned(),
        (PullState::Open, _, 0) => format!("**Ready.** Nothing stands in the way of merging {head}."),
        (PullState::Open, _, 1) => format!("**Not merged yet.** One thing stands in the way of {head}:"),
        (PullState::Open, _, many) => format!("**Not merged yet.** {many} things stand in the way of {head}:"),
    }
}

/// The comment on a pull that was merged, as `commit` where that is known by now. `tested` stands in the row of the tests
/// where they were not those of the head, as in the queue.
#[must_use]
pub fn merged_text(snapshot: &PullSnapshot, policy: &Policy, commit: Option<&Sha>, tested: Option<&str>) -> String {
    let tests = tested.map_or_else(|| tests(&counted(snapshot, policy), policy), cell);
    let review = snapshot.review.as_ref().filter(|review| review.head == snapshot.pull.head);
    let mut text = format!("{MERGED}\n\n| | |\n| --- | --- |\n");
    push(&mut text, format_args!("| Tests | {tests} |\n"));
    push(&mut text, format_args!("| Code review | {} |\n", review.map_or_else(not_made, code_review)));
    push(&mut text, format_args!("| Merge conflicts | None with `{}` |\n", cell(snapshot.pull.base.as_str())));
    push(&mut text, format_args!("| Secrets | {} |\n", review.map_or_else(not_made, secrets)));
    if let Some(commit) = commit {
        push(&mut text, format_args!("| Merge commit | {commit} |"));
    }
    text.trim_end().to_owned()
}

fn tests(checks: &[&Check], policy: &Policy) -> String {
    let names: Vec<String> = checks.iter().map(|check| format!("`{}`", cell(&check.name))).collect();
    let green = checks.iter().all(|check| policy.checks.passes(check.state));
    match names.as_slice() {
        [] => "No check was reported, which the policy allows".to_owned(),
        [one] if green => format!("1 check passed: {one}"),
        many if green => format!("{} checks passed: {}", many.len(), many.join(", ")),
        many => format!("Not all of {} checks have passed: {}", many.len(), many.join(", ")),
    }
}

fn code_review(review: &HeadReview) -> String {
    let (blocking, _) = blocking(review);
    let files = if review.files == 1 { "1 file".to_owned() } else { format!("{} files", review.files) };
    match (blocking, review.total) {
        (0, 0) => format!("{files} read, no findings"),
        (0, 1) => format!("{files} read, 1 remark, which does not block"),
        (0, remarks) => format!("{files} read, {remarks} remarks, none of which blocks"),
        (blocking, total) => format!("{files} read, {blocking} of {total} findings block"),
    }
}

fn secrets(review: &HeadReview) -> String {
    match blocking(review) {
        (_, 0) => "None found".to_owned(),
        (_, found) => format!("{found} found"),
    }
}

fn not_made() -> String {
    "Not reviewed".to_owned()
}

/// What stands between a pull and its merge and what speaks for it, as plain text for `why`.
#[must_use]
pub fn explain_pull(snapshot: &PullSnapshot, gate: &Gate) -> String {
    let pull = &snapshot.pull;
    let item = format!("{}#{} “{}”", snapshot.repository.name, pull.number, one_line(&pull.title));
    let mut text = match (pull.state, gate.blockers.len()) {
        (PullState::Merged, _) => format!("{item} is merged."),
        (PullState::Closed, _) => format!("{item} is closed without a merge."),
        (PullState::Open, 0) => format!("{item} is ready: nothing stands in the way of {}.", pull.head.short()),
        (PullState::Open, _) => format!("{item} is not merged, because"),
    };
    text.push('\n');
    if pull.state == PullState::Open {
        for blocker in &gate.blockers {
            let (sentence, url) = sentence(blocker);
            let url = url.map(|url| format!(" ({url})")).unwrap_or_default();
            let waits_on = blocker.waits_on(&pull.author);
            push(&mut text, format_args!("- {}{url}. It waits on {waits_on}.\n", one_line(&sentence)));
        }
    }
    if !gate.reasons.is_empty() {
        text.push_str("What else was seen:\n");
        for reason in &gate.reasons {
            push(&mut text, format_args!("- {}\n", one_line(reason)));
        }
    }
    text
}

/// A blocker's sentence, and the address where more can be read.
#[must_use]
pub fn sentence(blocker: &MergeBlocker) -> (String, Option<&str>) {
    if let MergeBlocker::CheckFailed { name, conclusion, url } = blocker {
        let bare = MergeBlocker::CheckFailed { name: name.clone(), conclusion: *conclusion, url: None };
        return (bare.to_string(), url.as_deref());
    }
    (blocker.to_string(), None)
}

/// The sentence for a table, with a link if the address can stand in one: it is whatever an App has sent.
fn linked(blocker: &MergeBlocker) -> String {
    let (sentence, url) = sentence(blocker);
    let plain = |c: char| c.is_ascii_graphic() && !matches!(c, '(' | ')' | '<' | '>' | '|' | '\\' | '"');
    match url.filter(|url| url.starts_with("https://") || url.starts_with("http://")) {
        Some(url) if url.chars().all(plain) => format!("{} ([details]({url}))", cell(&sentence)),
        Some(_) | None => cell(&sentence),
    }
}

fn push(text: &mut String, part: std::fmt::Arguments<'_>) {
    // Writing to a String cannot fail.
    let _ = text.write_fmt(part);
}
