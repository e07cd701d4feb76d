//! What was found, line by line, and what it comes to.

use std::io::{self, Write};
use std::process::ExitCode;

use serde_json::json;

use crate::app::GithubError;

/// How well something is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Level {
    Ok,
    Warn,
    Fail,
    /// It could not be looked at.
    Unseen,
}

impl Level {
    /// The word at the beginning of its line.
    const fn word(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warn => "warn",
            Self::Fail | Self::Unseen => "fail",
        }
    }
}

/// One line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Finding {
    level: Level,
    what: &'static str,
    found: String,
    fix: Option<String>,
    is_bad_credential: bool,
}

impl Finding {
    fn new(level: Level, what: &'static str, found: impl Into<String>, fix: Option<String>) -> Self {
        Self { level, what, found: found.into(), fix, is_bad_credential: false }
    }

    pub(super) fn ok(what: &'static str, found: impl Into<String>) -> Self {
        Self::new(Level::Ok, what, found, None)
    }

    pub(super) fn warn(what: &'static str, found: impl Into<String>, fix: impl Into<String>) -> Self {
        Self::new(Level::Warn, what, found, Some(fix.into()))
    }

    pub(super) fn fail(what: &'static str, found: impl Into<String>, fix: impl Into<String>) -> Self {
        Self::new(Level::Fail, what, found, Some(fix.into()))
    }

    pub(super) fn unseen(what: &'static str, found: impl Into<String>, fix: impl Into<String>) -> Self {
        Self::new(Level::Unseen, what, found, Some(fix.into()))
    }

    /// The same, which makes further calls to GitHub vain.
    pub(super) fn bad_credential(self) -> Self {
        Self { is_bad_credential: true, ..self }
    }

    /// What came of a call to GitHub that did not succeed.
    pub(super) fn of_github(what: &'static str, error: &GithubError, fix: &str) -> Self {
        let passes = matches!(
            error,
            GithubError::Transport { .. } | GithubError::Server { .. } | GithubError::RateLimited { .. }
        );
        if passes {
            let fix = "see whether GITHUB_API_URL is right and this machine reaches it, and look again later";
            Self::unseen(what, format!("it could not be looked at: {error}"), fix)
        } else {
            Self::fail(what, error.to_string(), fix)
        }
    }

    /// Whether nothing has to be done about it before more is looked at.
    pub(super) const fn is_fine(&self) -> bool {
        matches!(self.level, Level::Ok | Level::Warn)
    }

    pub(super) const fn is_bad_credential(&self) -> bool {
        self.is_bad_credential
    }
}

/// All lines.
#[derive(Debug, Default)]
pub(super) struct Report(Vec<Finding>);

impl Report {
    pub(super) fn add(&mut self, findings: Vec<Finding>) {
        self.0.extend(findings);
    }

    fn count(&self, level: Level) -> usize {
        self.0.iter().filter(|finding| finding.level == level).count()
    }

    /// 1 with failures, else 2 where something could not be looked at, else 0.
    pub(super) fn status(&self) -> ExitCode {
        match (self.count(Level::Fail), self.count(Level::Unseen)) {
            (0, 0) => ExitCode::SUCCESS,
            (0, _) => ExitCode::from(2),
            (_, _) => ExitCode::FAILURE,
        }
    }

    pub(super) fn write_lines(&self, out: &mut dyn Write) -> io::Result<()> {
        for finding in &self.0 {
            writeln!(out, "{:<4}  {}: {}", finding.level.word(), finding.what, finding.found)?;
            if let Some(fix) = &finding.fix {
                writeln!(out, "      fix: {fix}")?;
            }
        }
        Ok(())
    }

    pub(super) fn write_json(&self, out: &mut dyn Write) -> io::Result<()> {
        let checks = self.0.iter().map(|finding| {
            json!({
                "level": finding.level.word(),
                "seen": finding.level != Level::Unseen,
                "what": finding.what,
                "found": finding.found,
                "fix": finding.fix,
            })
        });
        let failed = self.count(Level::Fail);
        let (warned, unseen) = (self.count(Level::Warn), self.count(Level::Unseen));
        let report = json!({
            "healthy": failed == 0 && unseen == 0,
            "failed": failed, "warned": warned, "unseen": unseen,
            "checks": checks.collect::<Vec<_>>(),
        });
        writeln!(out, "{report}")
    }
}

/// Things as a list within a sentence.
pub(super) fn listed(things: impl IntoIterator<Item = String>) -> String {
    things.into_iter().collect::<Vec<_>>().join(", ")
}
