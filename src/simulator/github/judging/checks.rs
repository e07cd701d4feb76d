//! Check suites, their runs, and the older commit statuses.

use serde_json::Value;

use super::Judging;
use crate::model::Timestamp;

/// The App that makes a check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckApp {
    /// The App's id, as in `app.id` and `integration_id`.
    pub id: i64,
    /// The App's name in URLs.
    pub slug: String,
    /// The name that people see.
    pub name: String,
}

impl CheckApp {
    /// GitHub's own App, under which every job of a workflow is a check run.
    #[must_use]
    pub fn actions() -> Self {
        Self { id: 15_368, slug: "github-actions".to_owned(), name: "GitHub Actions".to_owned() }
    }

    /// Another App, whose id follows from its slug.
    #[must_use]
    pub fn named(slug: &str) -> Self {
        let id = slug.bytes().fold(17, |sum, byte| (sum * 31 + i64::from(byte)) % 600_000);
        Self { id: 20_000 + id, slug: slug.to_owned(), name: slug.to_owned() }
    }

    /// Whether its checks are jobs of a workflow, which can be run again.
    #[must_use]
    pub fn is_actions(&self) -> bool {
        self.id == Self::actions().id
    }
}

/// The runs of one App on one commit.
#[derive(Debug, Clone)]
pub struct CheckSuite {
    pub id: i64,
    pub app: CheckApp,
    pub head_sha: String,
    /// The branch that the commit was the tip of; none for commits of a fork.
    pub head_branch: Option<String>,
    /// The workflow run behind it, where the App is Actions, and how often that was started.
    pub workflow_run: Option<(i64, u32)>,
    /// Whether somebody asked for it again and no run has answered yet.
    pub rerequested: bool,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

/// A check run as it stands.
#[derive(Debug, Clone)]
pub struct CheckRun {
    /// Its id, which is also the id of its job where the App is Actions.
    pub id: i64,
    /// The suite that it belongs to.
    pub suite: i64,
    /// Its name, the context that protection requires.
    pub name: String,
    /// The commit that it judges.
    pub head_sha: String,
    /// The App that made it.
    pub app: CheckApp,
    /// `queued`, `in_progress` or `completed`, and GitHub's rarer words.
    pub status: String,
    /// `success`, `failure`, `neutral`…, once it is completed.
    pub conclusion: Option<String>,
    /// The App's own name for it.
    pub external_id: String,
    /// Where the details are.
    pub details_url: Option<String>,
    /// When it was started.
    pub started_at: Option<Timestamp>,
    /// When it was completed.
    pub completed_at: Option<Timestamp>,
    /// What it says.
    pub output: CheckOutput,
    /// The buttons that it offers.
    pub actions: Vec<Value>,
}

impl CheckRun {
    /// Whether a requirement is content with it.
    #[must_use]
    pub fn passed(&self) -> bool {
        self.conclusion.as_deref().is_some_and(|word| matches!(word, "success" | "neutral" | "skipped"))
    }
}

/// What a check run says.
#[derive(Debug, Clone, Default)]
pub struct CheckOutput {
    /// The headline.
    pub title: Option<String>,
    /// Markdown shown first.
    pub summary: Option<String>,
    /// Markdown shown below.
    pub text: Option<String>,
    /// Remarks on lines, in the order they were sent.
    pub annotations: Vec<Annotation>,
}

/// A remark on lines of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Annotation {
    /// The file.
    pub path: String,
    /// The first line.
    pub start_line: i64,
    /// The last line.
    pub end_line: i64,
    /// `notice`, `warning` or `failure`.
    pub level: String,
    /// What is to be said.
    pub message: String,
    /// The headline, if any.
    pub title: Option<String>,
    /// What is behind the fold, if anything.
    pub raw_details: Option<String>,
}

/// One commit status as it was set.
#[derive(Debug, Clone)]
pub struct CommitStatus {
    pub id: i64,
    pub sha: String,
    pub context: String,
    /// `error`, `failure`, `pending` or `success`.
    pub state: String,
    pub description: Option<String>,
    pub target_url: Option<String>,
    pub creator: String,
    /// Whether the App under test set it.
    pub via_app: bool,
    pub created_at: Timestamp,
}

impl Judging {
    pub fn suite(&self, id: i64) -> Option<&CheckSuite> {
        self.suites.iter().find(|suite| suite.id == id)
    }

    pub fn run(&self, id: i64) -> Option<&CheckRun> {
        self.runs.iter().find(|run| run.id == id)
    }

    pub fn run_mut(&mut self, id: i64) -> Option<&mut CheckRun> {
        self.runs.iter_mut().find(|run| run.id == id)
    }

    /// The runs of a suite, of each name only the newest.
    pub fn latest_of_suite(&self, suite: i64) -> Vec<&CheckRun> {
        let own: Vec<&CheckRun> = self.runs.iter().filter(|run| run.suite == suite).collect();
        own.iter().copied().filter(|run| !own.iter().any(|other| other.name == run.name && other.id > run.id)).collect()
    }

    /// The newest run of each App and name on a commit.
    pub fn latest_runs(&self, sha: &str) -> Vec<&CheckRun> {
        let suites = self.suites.iter().filter(|suite| suite.head_sha == sha);
        suites.flat_map(|suite| self.latest_of_suite(suite.id)).collect()
    }

    /// The newest status of each context on a commit.
    pub fn latest_statuses(&self, sha: &str) -> Vec<&CommitStatus> {
        let all: Vec<&CommitStatus> = self.statuses.iter().filter(|status| status.sha == sha).collect();
        let newer = |one: &CommitStatus, other: &CommitStatus| {
            other.context.eq_ignore_ascii_case(&one.context) && other.id > one.id
        };
        all.iter().copied().filter(|one| !all.iter().any(|other| newer(one, other))).collect()
    }

    /// A suite's status and conclusion, which follow from its newest runs: the worst conclusion wins.
    ///
    /// <https://docs.github.com/en/rest/guides/using-the-rest-api-to-interact-with-checks#about-check-suites>
    pub fn suite_state(&self, suite: &CheckSuite) -> (&'static str, Option<String>) {
        let runs = self.latest_of_suite(suite.id);
        if suite.rerequested || runs.is_empty() || runs.iter().all(|run| run.status == "queued") {
            return ("queued", None);
        }
        if runs.iter().any(|run| run.status != "completed") {
            return ("in_progress", None);
        }
        let worst = ["action_required", "failure", "timed_out", "cancelled", "stale", "success", "skipped", "neutral"];
        let has = |word: &&&str| runs.iter().any(|run| run.conclusion.as_deref() == Some(**word));
        ("completed", worst.iter().find(has).map(|word| (*word).to_owned()))
    }
}
