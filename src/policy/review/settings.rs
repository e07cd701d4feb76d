//! What `review.toml` says as a whole, and what a repository's `[review]` says of it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::super::fault::Complaint;
use super::super::pattern::Wildcard;
use super::super::reader::Section;
use super::super::rule::read_glob;
use super::line_rule::{ForbiddenFile, LineRule, read_forbidden, read_line_rule, read_severity};
use crate::model::Severity;

/// The sizes from which on something is found; `None` where nothing is said.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Limits {
    pub(super) file_lines: Option<u64>,
    pub(super) file_bytes: Option<u64>,
    pub(super) pull_lines: Option<u64>,
    pub(super) pull_files: Option<u64>,
}

/// What a repository says of the review.
#[derive(Debug, Clone, Default)]
pub struct ReviewSettings {
    /// Rules that do not count here.
    pub disable: BTreeSet<String>,
    /// What findings weigh here, by rule.
    pub severity: BTreeMap<String, Severity>,
    /// Files that are not reviewed.
    pub ignore: Vec<Wildcard>,
    /// Rules of its own.
    pub rules: Vec<Arc<LineRule>>,
    pub(super) limits: Limits,
}

impl ReviewSettings {
    /// Whether a file is not reviewed at all.
    #[must_use]
    pub fn ignores(&self, path: &str) -> bool {
        self.ignore.iter().any(|glob| glob.is_match(path))
    }

    /// What a finding of a rule weighs here; `None` when the rule does not count.
    #[must_use]
    pub fn weight(&self, rule: &str, severity: Severity) -> Option<Severity> {
        (!self.disable.contains(rule)).then(|| self.severity.get(rule).copied().unwrap_or(severity))
    }
}

/// What `review.toml` says.
#[derive(Debug)]
pub(super) struct ServerReview {
    pub(super) lines: Vec<Arc<LineRule>>,
    pub(super) forbidden: Vec<Arc<ForbiddenFile>>,
    pub(super) limits: Limits,
}

/// Reads the top level of `review.toml`.
pub(super) fn read_server(top: &mut Section<'_>) -> ServerReview {
    let limits = top.table("limits").map(|mut section| {
        let limits = read_limits(&mut section);
        section.finish();
        limits
    });
    ServerReview {
        lines: top.tables("rule").into_iter().filter_map(|one| read_line_rule(one, true)).map(Arc::new).collect(),
        forbidden: top.tables("forbidden").into_iter().filter_map(read_forbidden).map(Arc::new).collect(),
        limits: limits.unwrap_or_default(),
    }
}

/// Reads the table `[review]` of a repository's policy.
pub(in super::super) fn read_review(top: &mut Section<'_>) -> ReviewSettings {
    let Some(mut section) = top.table("review") else { return ReviewSettings::default() };
    let document = section.document;
    let owned = |text: &toml::Spanned<&str>| (*text.get_ref()).to_owned();
    let disable = section.texts("disable").unwrap_or_default().iter().map(owned).collect();
    let ignore = section.texts("ignore").unwrap_or_default();
    let mut severity = BTreeMap::new();
    for (rule, word) in section.table("severity").map(Section::entries).unwrap_or_default() {
        if let Some(weight) = word.and_then(|word| read_severity(document, &word)) {
            severity.insert(owned(&rule), weight);
        }
    }
    let limits = read_limits(&mut section);
    let rules = section.tables("rule").into_iter().filter_map(|one| read_line_rule(one, false)).map(Arc::new).collect();
    section.finish();
    let ignore = ignore.iter().filter_map(|text| read_glob(document, text)).collect();
    ReviewSettings { disable, severity, ignore, rules, limits }
}

fn read_limits(section: &mut Section<'_>) -> Limits {
    Limits {
        file_lines: read_limit(section, "max_file_lines"),
        file_bytes: read_limit(section, "max_file_bytes"),
        pull_lines: read_limit(section, "max_pull_lines"),
        pull_files: read_limit(section, "max_pull_files"),
    }
}

fn read_limit(section: &mut Section<'_>, key: &'static str) -> Option<u64> {
    let number = section.integer(key)?;
    let limit = u64::try_from(*number.get_ref()).ok().filter(|limit| *limit > 0);
    if limit.is_none() {
        let message = format!("`{key}` must be above zero");
        let help = "write a large number where nothing is to be limited";
        section.document.fault(number.span(), Complaint::new(message, "a whole number from 1", help));
    }
    limit
}
