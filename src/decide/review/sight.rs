//! What a review sees of one file: its text, which of its lines are new, and the findings so far.

use std::borrow::Cow;

use crate::model::{AddedLine, ChangeKind, FileChange, Finding, FindingKind, Severity};
use crate::policy::ReviewSettings;

/// More findings than this in one file tell nobody more; those that block are kept first.
const MOST_FINDINGS: usize = 200;
/// What git looks at to tell binary files from text
/// (<https://github.com/git/git/blob/master/xdiff-interface.c>, `buffer_is_binary`).
const BINARY_LOOK_BYTES: usize = 8000;

/// Findings of one file, weighed as the repository says.
#[derive(Debug)]
pub(super) struct Findings<'f> {
    settings: &'f ReviewSettings,
    path: &'f str,
    found: Vec<Finding>,
}

impl<'f> Findings<'f> {
    pub(super) const fn new(settings: &'f ReviewSettings, path: &'f str) -> Self {
        Self { settings, path, found: Vec::new() }
    }

    /// Notes a finding, unless its rule is disabled here.
    pub(super) fn add(&mut self, rule: &str, severity: Severity, lines: (u32, u32), message: impl Into<String>) {
        let Some(severity) = self.settings.weight(rule, severity) else { return };
        let (line, end_line) = lines;
        let fingerprint = format!("{}:{rule}:{line}", self.path);
        // Two places of one line are one thing to mend.
        if self.found.iter().rev().take(8).any(|known| known.fingerprint == fingerprint) {
            return;
        }
        self.found.push(Finding {
            kind: FindingKind::Code,
            rule: rule.to_owned(),
            severity,
            path: self.path.to_owned(),
            line,
            end_line,
            message: message.into(),
            fingerprint,
        });
    }

    /// Drops findings that `allowed` says are allowed.
    pub(super) fn drop_allowed(&mut self, allowed: impl Fn(&Finding) -> bool) {
        self.found.retain(|finding| !allowed(finding));
    }

    /// The findings by line.
    pub(super) fn into_sorted(mut self) -> Vec<Finding> {
        if self.found.len() > MOST_FINDINGS {
            self.found.sort_by(|a, b| b.severity.cmp(&a.severity).then(a.line.cmp(&b.line)));
            self.found.truncate(MOST_FINDINGS);
        }
        self.found.sort_by(|a, b| (a.line, &a.rule).cmp(&(b.line, &b.rule)));
        self.found
    }
}

/// The text of a file, and which of its lines are new.
#[derive(Debug)]
pub(super) struct Sight<'s> {
    change: &'s FileChange,
    /// The whole text, where it is known.
    pub(super) text: Option<Cow<'s, str>>,
    /// The numbers of new lines in order; `None` when every line counts as new.
    new_lines: Option<Vec<u32>>,
}

impl<'s> Sight<'s> {
    /// `None` for a binary file.
    pub(super) fn new(change: &'s FileChange, content: Option<&'s [u8]>) -> Option<Self> {
        let text = match content {
            Some(bytes) if bytes.iter().take(BINARY_LOOK_BYTES).any(|byte| *byte == 0) => return None,
            Some(bytes) => Some(String::from_utf8_lossy(bytes)),
            None => change.whole_content().map(Cow::Owned),
        };
        // Where GitHub leaves out a diff, nobody can tell old lines from new ones. They all count, or else a change
        // would only have to be large to pass.
        let all_new = change.kind == ChangeKind::Added || change.lacks_patch();
        let new_lines = (!all_new).then(|| change.added_lines().map(|added| added.line).collect());
        Some(Self { change, text, new_lines })
    }

    /// The new lines with their text.
    pub(super) fn added(&self) -> Box<dyn Iterator<Item = AddedLine<'_>> + '_> {
        match (&self.text, self.change.lacks_patch()) {
            (Some(text), true) => Box::new(numbered(text)),
            (Some(_), false) | (None, _) => Box::new(self.change.added_lines()),
        }
    }

    /// Every line that is known, new or old.
    pub(super) fn known(&self) -> Box<dyn Iterator<Item = AddedLine<'_>> + '_> {
        match &self.text {
            Some(text) => Box::new(numbered(text)),
            None => Box::new(self.change.head_lines().map(|(line, _)| line)),
        }
    }

    /// Whether any line of a range is new.
    pub(super) fn touches(&self, line: u32, end_line: u32) -> bool {
        self.new_lines.as_ref().is_none_or(|lines| {
            let first = lines.partition_point(|new| *new < line);
            lines.get(first).is_some_and(|new| *new <= end_line)
        })
    }
}

fn numbered(text: &str) -> impl Iterator<Item = AddedLine<'_>> {
    text.lines().zip(1_u32..).map(|(text, line)| AddedLine { line, text })
}
