//! A check of a commit: a check run of an App, or a commit status.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{CheckRunId, Login, Timestamp};

/// Who reported a check.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(tag = "origin", rename_all = "snake_case")]
pub enum CheckOrigin {
    /// A check run, by a GitHub App.
    App {
        /// The App's id.
        id: i64,
        /// Its short name, such as `github-actions`.
        slug: String,
    },
    /// A commit status, which anybody with write access can set under any name.
    Status {
        /// The account that set it; `None` when it is gone.
        creator: Option<Login>,
    },
}

/// How a check ended (<https://docs.github.com/en/rest/checks/runs#get-a-check-run>).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Conclusion {
    /// Well.
    Success,
    /// Badly; a status in error counts as this.
    Failure,
    /// Neither.
    Neutral,
    /// It was not run.
    Skipped,
    /// Somebody stopped it.
    Cancelled,
    /// It took too long.
    TimedOut,
    /// It waits for a person.
    ActionRequired,
    /// GitHub gave up on it after 14 days.
    Stale,
    /// It could not be started.
    StartupFailure,
    /// A word that GitHub has added since; never counts as good.
    Unknown,
}

impl Conclusion {
    /// Every conclusion.
    pub const ALL: [Self; 10] = [
        Self::Success,
        Self::Failure,
        Self::Neutral,
        Self::Skipped,
        Self::Cancelled,
        Self::TimedOut,
        Self::ActionRequired,
        Self::Stale,
        Self::StartupFailure,
        Self::Unknown,
    ];

    /// GitHub's word for it in the REST API.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::Failure => "failure",
            Self::Neutral => "neutral",
            Self::Skipped => "skipped",
            Self::Cancelled => "cancelled",
            Self::TimedOut => "timed_out",
            Self::ActionRequired => "action_required",
            Self::Stale => "stale",
            Self::StartupFailure => "startup_failure",
            Self::Unknown => "unknown",
        }
    }

    /// Whether something went wrong, as opposed to nothing having been tested.
    #[must_use]
    pub const fn is_bad(self) -> bool {
        match self {
            Self::Success | Self::Neutral | Self::Skipped => false,
            Self::Failure
            | Self::Cancelled
            | Self::TimedOut
            | Self::ActionRequired
            | Self::Stale
            | Self::StartupFailure
            | Self::Unknown => true,
        }
    }

    /// The conclusion of GitHub's word, in either API's case.
    #[must_use]
    pub fn named(word: &str) -> Self {
        Self::ALL.into_iter().find(|known| known.as_str().eq_ignore_ascii_case(word)).unwrap_or(Self::Unknown)
    }
}

impl fmt::Display for Conclusion {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.as_str())
    }
}

/// How far a check has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", content = "conclusion", rename_all = "snake_case")]
pub enum CheckState {
    /// Not begun, or waiting for something else.
    Queued,
    /// Under way.
    Running,
    /// Over.
    Completed(Conclusion),
}

/// One check of a commit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Check {
    /// Its name; a status's context.
    pub name: String,
    /// Who reported it.
    pub origin: CheckOrigin,
    /// How far it has come.
    pub state: CheckState,
    /// When it began, or the status was set.
    pub started: Option<Timestamp>,
    /// When it ended.
    pub completed: Option<Timestamp>,
    /// Where people read about it.
    pub url: Option<String>,
    /// The check run's id; `None` for a status.
    pub run: Option<CheckRunId>,
    /// Its check suite's id, by which it is run again; `None` for a status.
    pub suite: Option<i64>,
}

impl Check {
    /// Whether this App reported it.
    #[must_use]
    pub fn is_by(&self, app: i64) -> bool {
        match &self.origin {
            CheckOrigin::App { id, .. } => *id == app,
            CheckOrigin::Status { .. } => false,
        }
    }
}

/// A remark of a check on lines of a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Annotation {
    /// The file.
    pub path: String,
    /// The first line.
    pub line: u32,
    /// `notice`, `warning` or `failure`.
    pub level: String,
    /// The headline, where there is one.
    pub title: Option<String>,
    /// What is said.
    pub message: String,
}
