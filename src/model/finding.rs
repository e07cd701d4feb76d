//! What a review finds in a change: a rule, a place and a sentence, never the secret itself.

use std::fmt;

use serde::{Deserialize, Serialize};

/// How much a finding weighs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Shown.
    Warn,
    /// Shown, and the pull is not merged.
    Block,
}

impl Severity {
    /// The word in rules and outputs.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Warn => "warn",
            Self::Block => "block",
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.as_str())
    }
}

/// Which part of the review found it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FindingKind {
    /// A rule of `review.toml` or a structural rule.
    Code,
    /// A rule of `secrets.toml` or `.gitleaks.toml`.
    Secret,
}

/// One thing that a review found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// Which part of the review found it.
    pub kind: FindingKind,
    /// The rule's id.
    pub rule: String,
    /// How much it weighs.
    pub severity: Severity,
    /// The file's path in the head.
    pub path: String,
    /// The first line, beginning with 1.
    pub line: u32,
    /// The last line.
    pub end_line: u32,
    /// What is wrong and what to do, for people. Never quotes a secret.
    pub message: String,
    /// Names this finding from run to run; for a secret in gitleaks' form `path:rule:line`.
    pub fingerprint: String,
}

impl Finding {
    /// Whether the pull must not be merged because of it.
    #[must_use]
    pub fn blocks(&self) -> bool {
        self.severity == Severity::Block
    }
}
