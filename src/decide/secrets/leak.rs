//! A secret that was found: where, and by which rule, but never what it says.

use serde::Serialize;

use crate::model::{Finding, FindingKind, Severity};

/// A secret in a file. Nothing of its text is kept, so nothing of it can be printed.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Leak {
    /// The rule's id.
    pub rule: String,
    /// What the rule finds.
    pub description: String,
    /// The file's path.
    pub path: String,
    /// The line on which the match begins, from 1; 1 where the path alone is the finding.
    pub line: u32,
    /// The line on which it ends.
    pub end_line: u32,
    /// The column at which it begins, from 1, in bytes.
    pub column: u32,
    /// gitleaks' name for it, `path:rule:line`, as `.gitleaksignore` has it. The line is 0 where the path alone is the
    /// finding.
    pub fingerprint: String,
    /// Bits of entropy for each character of the secret.
    pub entropy: f64,
}

impl Leak {
    /// The leak as a finding of a review, which blocks the merge.
    #[must_use]
    pub fn finding(&self) -> Finding {
        let what = if self.description.is_empty() { &self.rule } else { &self.description };
        let what = what.trim_end_matches('.');
        Finding {
            kind: FindingKind::Secret,
            rule: self.rule.clone(),
            severity: Severity::Block,
            path: self.path.clone(),
            line: self.line,
            end_line: self.end_line,
            message: format!(
                "{what}: take it out of the branch's history, and replace it with a new one where it is used, since \
                 whoever can read the repository has seen it"
            ),
            fingerprint: self.fingerprint.clone(),
        }
    }
}
