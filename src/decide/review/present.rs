//! What people read of a review: the check run's title, summary and annotations, and the review's text.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::model::{Annotation, Conclusion, Finding, Severity};

/// GitHub takes 50 annotations in one request (<https://docs.github.com/en/rest/checks/runs#update-a-check-run>).
const PAGE: usize = 50;
/// More annotations than these cost requests and are read by nobody.
const MOST_PAGES: usize = 10;
/// How many findings the summary names.
const NAMED: usize = 20;
/// How much of a message is shown; some come with matched code in them.
const MESSAGE_CHARS: usize = 600;

/// A review as a check run shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Presented {
    /// One line: what came of it.
    pub title: String,
    /// Markdown: counts by rule, the first findings, and how one is allowed.
    pub summary: String,
    /// `success`, also with warnings, since those are shown and stop nothing; `failure` when a finding blocks.
    pub conclusion: Conclusion,
    /// Annotations, at most 50 to a page, those that block first.
    pub pages: Vec<Vec<Annotation>>,
}

/// Presents findings, in any order.
#[must_use]
pub fn present(findings: &[Finding]) -> Presented {
    let sorted = by_weight(findings);
    let in_files: Vec<Annotation> = sorted
        .iter()
        .filter(|finding| !finding.path.is_empty())
        .take(PAGE * MOST_PAGES)
        .map(|finding| annotation(finding))
        .collect();
    let conclusion = if findings.iter().any(Finding::blocks) { Conclusion::Failure } else { Conclusion::Success };
    Presented {
        title: title(findings),
        summary: summary(&sorted),
        conclusion,
        pages: in_files.chunks(PAGE).map(<[Annotation]>::to_vec).collect(),
    }
}

/// The text of the review on the pull.
#[must_use]
pub fn review_body(findings: &[Finding]) -> String {
    if findings.is_empty() {
        return "Automated review: nothing found.".to_owned();
    }
    let sorted = by_weight(findings);
    let mut text = format!("Automated review: {}.\n\n", title(findings));
    list(&mut text, &sorted);
    text
}

fn by_weight(findings: &[Finding]) -> Vec<&Finding> {
    let mut sorted: Vec<&Finding> = findings.iter().collect();
    sorted.sort_by(|a, b| b.severity.cmp(&a.severity).then_with(|| (&a.path, a.line).cmp(&(&b.path, b.line))));
    sorted
}

fn title(findings: &[Finding]) -> String {
    let blocking = findings.iter().filter(|finding| finding.blocks()).count();
    let warnings = findings.len() - blocking;
    let counted = |count: usize| format!("{count} {}", if count == 1 { "warning" } else { "warnings" });
    let stop =
        |count: usize| format!("{count} {} the merge", if count == 1 { "finding blocks" } else { "findings block" });
    match (blocking, warnings) {
        (0, 0) => "Nothing found".to_owned(),
        (0, warnings) => counted(warnings),
        (blocking, 0) => stop(blocking),
        (blocking, warnings) => format!("{}, {}", stop(blocking), counted(warnings)),
    }
}

fn summary(sorted: &[&Finding]) -> String {
    if sorted.is_empty() {
        return "The rules found nothing in what this pull adds.".to_owned();
    }
    let mut counts: BTreeMap<(std::cmp::Reverse<Severity>, &str), usize> = BTreeMap::new();
    for finding in sorted {
        *counts.entry((std::cmp::Reverse(finding.severity), finding.rule.as_str())).or_default() += 1;
    }
    let mut text = "| rule | severity | findings |\n| --- | --- | ---: |\n".to_owned();
    // Writing to a String cannot fail.
    for ((severity, rule), count) in counts {
        let _ = writeln!(text, "| {} | {} | {count} |", code(rule), severity.0);
    }
    text.push('\n');
    list(&mut text, sorted);
    if sorted.len() > PAGE * MOST_PAGES {
        let _ = writeln!(text, "\nThe first {} are shown on their lines.", PAGE * MOST_PAGES);
    }
    text.push_str(
        "\nA finding of the code rules that is right as it is: write `stationmaster:allow rule-id reason` in a comment on its line or the line before. Secrets cannot be allowed so.\n",
    );
    text
}

fn list(text: &mut String, sorted: &[&Finding]) {
    for finding in sorted.iter().take(NAMED) {
        let place = if finding.path.is_empty() {
            String::new()
        } else {
            format!(" {}", code(&format!("{}:{}", finding.path, finding.line)))
        };
        let _ =
            writeln!(text, "- **{}** {}{place}: {}", finding.severity, code(&finding.rule), prose(&finding.message));
    }
    if sorted.len() > NAMED {
        let _ = writeln!(text, "- and {} more", sorted.len() - NAMED);
    }
}

/// Text as code: paths come from whoever opened the pull, and must not end the code or the table's cell.
fn code(text: &str) -> String {
    let harmless: String =
        text.chars().map(|c| if c == '`' || c == '|' || c.is_control() { '\u{fffd}' } else { c }).take(200).collect();
    format!("`{harmless}`")
}

/// A message on one line that calls nobody.
fn prose(text: &str) -> String {
    let line: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(MESSAGE_CHARS).collect();
    line.replace('@', "@\u{200b}").replace('<', "&lt;")
}

fn annotation(finding: &Finding) -> Annotation {
    let level = match finding.severity {
        Severity::Block => "failure",
        Severity::Warn => "warning",
    };
    Annotation {
        path: finding.path.clone(),
        line: finding.line,
        level: level.to_owned(),
        title: Some(finding.rule.clone()),
        message: finding.message.chars().take(MESSAGE_CHARS).collect(),
    }
}
