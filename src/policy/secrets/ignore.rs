//! `.gitleaksignore`: findings that somebody has looked at and does not want to see again.

use std::collections::BTreeSet;

/// Fingerprints of findings, a line each: `path:rule:line` or `commit:path:rule:line`
/// (<https://github.com/gitleaks/gitleaks#gitleaksignore>).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct IgnoredLeaks(BTreeSet<String>);

impl IgnoredLeaks {
    /// Reads the file's text. Blank lines and those that begin with `#` say nothing; what is no fingerprint matches
    /// nothing.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        let lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
        // Windows' separators are understood, as gitleaks does.
        Self(lines.map(|line| line.replace('\\', "/")).collect())
    }

    /// Whether a finding is among them, by its fingerprint alone or with its commit.
    #[must_use]
    pub fn has(&self, fingerprint: &str, commit: Option<&str>) -> bool {
        if self.0.is_empty() {
            return false;
        }
        self.0.contains(fingerprint) || commit.is_some_and(|commit| self.0.contains(&format!("{commit}:{fingerprint}")))
    }
}
