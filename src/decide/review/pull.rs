//! The limits of a pull as a whole.

use super::rule;
use super::sight::Findings;
use crate::model::{Finding, Severity};
use crate::policy::{ReviewRules, ReviewSettings};

/// How much a pull changes in all, without files that the repository ignores.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PullTotals {
    /// Files changed.
    pub files: u64,
    /// Lines added and taken out.
    pub lines: u64,
}

/// Findings about the pull as a whole; they are at the first line of no file, so their path is empty.
#[must_use]
pub fn finish(rules: &ReviewRules, settings: &ReviewSettings, totals: PullTotals) -> Vec<Finding> {
    let limits = [
        (totals.files, rules.max_pull_files(settings), "changes", "files", "max_pull_files"),
        (totals.lines, rules.max_pull_lines(settings), "adds and takes out", "lines", "max_pull_lines"),
    ];
    let mut found = Vec::new();
    for (count, most, verb, unit, key) in limits {
        if count > most {
            let mut findings = Findings::new(settings, "");
            let message = format!(
                "This pull {verb} {count} {unit}, which is more than {most} (`{key}`). Smaller ones are read better."
            );
            findings.add(rule::LARGE_PULL, Severity::Warn, (1, 1), message);
            found.extend(findings.into_sorted());
        }
    }
    found
}
