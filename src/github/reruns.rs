//! Running checks again: workflow runs of a commit, their failed jobs, and check runs of other Apps.

use http::Method;
use serde::Deserialize;

use super::{Call, GithubError, InstallationClient, Path};
use crate::model::{CheckRunId, RepositoryName, Sha, Timestamp};

/// A workflow run of a commit, in its latest attempt
/// (<https://docs.github.com/en/rest/actions/workflow-runs#list-workflow-runs-for-a-repository>).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommitRun {
    /// Its id, the same for all its attempts.
    pub id: i64,
    /// The workflow's name.
    pub name: String,
    /// The check suite that its jobs report to.
    pub suite: Option<i64>,
    /// `queued`, `in_progress`, `completed` and others, of its latest attempt.
    pub status: String,
    /// `success`, `failure` and others, once it is completed.
    pub conclusion: Option<String>,
    /// When its latest attempt began.
    pub started: Timestamp,
}

#[derive(Deserialize)]
struct RunPage {
    workflow_runs: Vec<RunBody>,
}

#[derive(Deserialize)]
struct RunBody {
    id: i64,
    name: Option<String>,
    check_suite_id: Option<i64>,
    status: Option<String>,
    conclusion: Option<String>,
    run_started_at: Option<String>,
    created_at: Option<String>,
}

#[derive(Deserialize)]
struct SuiteBody {
    status: Option<String>,
}

/// GitHub's word for a run or suite that is over.
const OVER: &str = "completed";

impl CommitRun {
    /// Whether its latest attempt is over.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.status == OVER
    }
}

impl From<RunBody> for CommitRun {
    fn from(body: RunBody) -> Self {
        let began = body.run_started_at.or(body.created_at);
        Self {
            id: body.id,
            name: body.name.unwrap_or_default(),
            suite: body.check_suite_id,
            status: body.status.unwrap_or_else(|| "unknown".to_owned()),
            conclusion: body.conclusion,
            started: began.as_deref().and_then(Timestamp::parse_rfc3339).unwrap_or(Timestamp(0)),
        }
    }
}

impl InstallationClient {
    /// The workflow runs of a commit, newest first.
    pub async fn workflow_runs_of(
        &self,
        repository: &RepositoryName,
        head: &Sha,
    ) -> Result<Vec<CommitRun>, GithubError> {
        let path = Path::repository(repository, ["actions", "runs"])?.query("head_sha", head.as_str());
        let bodies = self.caller.list_within(path, |page: RunPage| page.workflow_runs).await?;
        Ok(bodies.into_iter().map(CommitRun::from).collect())
    }

    /// Runs the failed jobs of a workflow run again, and those that depend on them
    /// (<https://docs.github.com/en/rest/actions/workflow-runs#re-run-failed-jobs-from-a-workflow-run>).
    ///
    /// # Errors
    /// [`GithubError::Forbidden`] when the run is not over, or older than the 30 days that GitHub allows.
    pub async fn rerun_failed_jobs(&self, repository: &RepositoryName, run: i64) -> Result<(), GithubError> {
        self.ask_again(Path::repository(repository, ["actions", "runs", &run.to_string(), "rerun-failed-jobs"])?).await
    }

    /// Asks the App of a check run to run it again
    /// (<https://docs.github.com/en/rest/checks/runs#rerequest-a-check-run>).
    pub async fn rerequest_check_run(&self, repository: &RepositoryName, run: CheckRunId) -> Result<(), GithubError> {
        self.ask_again(Path::repository(repository, ["check-runs", &run.to_string(), "rerequest"])?).await
    }

    /// Asks the App of a check suite to run all of it again
    /// (<https://docs.github.com/en/rest/checks/suites#rerequest-a-check-suite>).
    pub async fn rerequest_suite(&self, repository: &RepositoryName, suite: i64) -> Result<(), GithubError> {
        self.ask_again(Path::repository(repository, ["check-suites", &suite.to_string(), "rerequest"])?).await
    }

    async fn ask_again(&self, path: Path) -> Result<(), GithubError> {
        self.caller.call(Call::new(Method::POST, path)).await.map(drop)
    }

    /// Whether every check run of a suite is over; rerequesting one of them makes it begin anew.
    pub async fn check_suite_is_over(&self, repository: &RepositoryName, suite: i64) -> Result<bool, GithubError> {
        let path = Path::repository(repository, ["check-suites", &suite.to_string()])?;
        let body: SuiteBody = self.caller.read(path).await?;
        Ok(body.status.as_deref() == Some(OVER))
    }
}
