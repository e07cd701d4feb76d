//! What is remembered of the checks of a commit: every run that ended, why it failed, and how much the tests cover.

use serde::{Deserialize, Serialize};

use super::{Annotation, Check, CheckOrigin, CheckRunId, CheckState, Conclusion, Sha, Timestamp};

/// One run of a check, over and done with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckAttempt {
    /// The check's name; a status's context.
    pub name: String,
    /// The short name of the App that reported it; [`CheckAttempt::STATUS`] for a commit status.
    pub app: String,
    /// The check run; `None` for a status.
    pub run: Option<CheckRunId>,
    /// How it ended.
    pub conclusion: Conclusion,
    /// When it began.
    pub started: Option<Timestamp>,
    /// When it ended.
    pub completed: Option<Timestamp>,
    /// Where people read about it.
    pub url: Option<String>,
    /// What it remarked when it failed, at most [`CheckAttempt::ANNOTATIONS_MAX`].
    pub annotations: Vec<Annotation>,
}

impl CheckAttempt {
    /// Stands for the App where a commit status was set.
    pub const STATUS: &'static str = "status";
    /// So many annotations of a run are kept.
    pub const ANNOTATIONS_MAX: usize = 20;

    /// The run that a check of GitHub's list stands for, once it is over.
    #[must_use]
    pub fn of(check: &Check) -> Option<Self> {
        let CheckState::Completed(conclusion) = check.state else { return None };
        Some(Self {
            name: check.name.clone(),
            app: app_of(&check.origin).to_owned(),
            run: check.run,
            conclusion,
            started: check.started,
            completed: check.completed,
            url: check.url.clone(),
            annotations: Vec::new(),
        })
    }

    /// What orders the runs of one name on one commit, and tells two runs under one id apart.
    #[must_use]
    pub fn ended(&self) -> Timestamp {
        self.completed.or(self.started).unwrap_or(Timestamp(0))
    }

    /// How long it took, in milliseconds; `None` where GitHub did not say.
    #[must_use]
    pub fn took_ms(&self) -> Option<i64> {
        Some(self.completed?.since_ms(self.started?)).filter(|took_ms| *took_ms >= 0)
    }

    /// Whether it is the same run of the same check.
    #[must_use]
    pub fn is(&self, other: &Self) -> bool {
        self.name == other.name && self.app == other.app && self.run == other.run && self.ended() == other.ended()
    }
}

/// The App's short name, or what stands for it.
fn app_of(origin: &CheckOrigin) -> &str {
    match origin {
        CheckOrigin::App { slug, .. } => slug,
        CheckOrigin::Status { .. } => CheckAttempt::STATUS,
    }
}

/// How much of the code the tests of a commit reach, as a check told it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Coverage {
    /// The check that told it.
    pub check: String,
    /// Hundredths of a percent, 0 to 10,000.
    pub hundredths: i64,
}

/// Everything that is remembered of the checks of one commit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CommitTests {
    /// The commit.
    pub commit: Sha,
    /// Every run that was seen to end, the oldest first.
    pub attempts: Vec<CheckAttempt>,
    /// What its checks told of coverage, by name of the check.
    pub coverage: Vec<Coverage>,
}

impl CommitTests {
    /// A commit of which nothing is known.
    #[must_use]
    pub const fn none(commit: Sha) -> Self {
        Self { commit, attempts: Vec::new(), coverage: Vec::new() }
    }

    /// Adds what GitHub lists now to what was known. `own_app` is ourselves, whose checks test nothing.
    pub fn learn(&mut self, checks: &[Check], own_app: i64) {
        let others = checks.iter().filter(|check| !check.is_of_app(own_app));
        for attempt in others.filter_map(CheckAttempt::of) {
            match self.attempts.iter_mut().find(|known| known.is(&attempt)) {
                Some(known) => {
                    let annotations = std::mem::take(&mut known.annotations);
                    *known = CheckAttempt { annotations, ..attempt };
                }
                None => self.attempts.push(attempt),
            }
        }
        self.attempts.sort_by_key(|attempt| (attempt.ended(), attempt.run));
    }
}

/// A check run that failed and is to be run again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FailedCheck {
    /// Its name.
    pub name: String,
    /// The short name of the App that runs it.
    pub app: String,
    /// The run that failed.
    pub run: CheckRunId,
    /// Its check suite.
    pub suite: Option<i64>,
}

impl Check {
    /// Whether the App of this id reported it.
    #[must_use]
    pub const fn is_of_app(&self, app: i64) -> bool {
        matches!(self.origin, CheckOrigin::App { id, .. } if id == app)
    }

    /// Whoever reported it, in a word: the App's short name, or [`CheckAttempt::STATUS`].
    #[must_use]
    pub fn app(&self) -> &str {
        app_of(&self.origin)
    }
}
