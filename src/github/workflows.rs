//! Workflows that are started by hand or by an event of ours: start them, and find and follow their runs.

use std::collections::BTreeMap;

use http::Method;
use serde::{Deserialize, Serialize};

use super::{GithubError, InstallationClient, Path};
use crate::model::{BranchName, RepositoryName, RunSeen, Timestamp};

/// A workflow to start (<https://docs.github.com/en/rest/actions/workflows#create-a-workflow-dispatch-event>).
#[derive(Debug, Clone, Serialize)]
pub struct WorkflowDispatch {
    /// The workflow's file name, such as `agent.yml`.
    #[serde(skip)]
    pub workflow: String,
    /// The branch or tag it runs on.
    #[serde(rename = "ref")]
    pub git_ref: BranchName,
    /// Its inputs; GitHub refuses those that the workflow does not declare.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub inputs: BTreeMap<String, String>,
}

/// A run of a workflow (<https://docs.github.com/en/rest/actions/workflow-runs#list-workflow-runs-for-a-workflow>).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorkflowRun {
    /// Its id.
    pub id: i64,
    /// Its title, which the workflow's `run-name` may form of its inputs.
    pub title: String,
    /// `queued`, `in_progress`, `completed` and others.
    pub status: String,
    /// `success`, `failure` and others, once it is completed.
    pub conclusion: Option<String>,
    /// The commit it runs on.
    pub head_sha: String,
    /// Where people read it.
    pub url: String,
    /// When it was created.
    pub created: Timestamp,
}

/// A `repository_dispatch` event (<https://docs.github.com/en/rest/repos/repos#create-a-repository-dispatch-event>).
#[derive(Serialize)]
struct EventRequest<'a, P: ?Sized> {
    event_type: &'a str,
    client_payload: &'a P,
}

#[derive(Serialize)]
struct DispatchWithRun<'a> {
    #[serde(flatten)]
    dispatch: &'a WorkflowDispatch,
    return_run_details: bool,
}

#[derive(Deserialize)]
struct DispatchedBody {
    workflow_run_id: i64,
}

#[derive(Deserialize)]
struct RunPage {
    workflow_runs: Vec<RunBody>,
}

#[derive(Deserialize)]
struct RunBody {
    id: i64,
    #[serde(default)]
    display_title: String,
    status: Option<String>,
    conclusion: Option<String>,
    #[serde(default)]
    head_sha: String,
    #[serde(default)]
    html_url: String,
    created_at: String,
}

impl From<RunBody> for WorkflowRun {
    fn from(body: RunBody) -> Self {
        Self {
            id: body.id,
            title: body.display_title,
            status: body.status.unwrap_or_else(|| "unknown".to_owned()),
            conclusion: body.conclusion,
            head_sha: body.head_sha,
            url: body.html_url,
            created: Timestamp::parse_rfc3339(&body.created_at).unwrap_or(Timestamp(0)),
        }
    }
}

impl InstallationClient {
    /// Starts a workflow. The answer does not always name the run: find it with [`Self::dispatched_runs_since`].
    pub async fn dispatch_workflow(
        &self,
        repository: &RepositoryName,
        dispatch: &WorkflowDispatch,
    ) -> Result<(), GithubError> {
        let path = Path::repository(repository, ["actions", "workflows", &dispatch.workflow, "dispatches"])?;
        self.caller.write(Method::POST, path, dispatch).await.map(drop)
    }

    /// Starts a workflow and returns its run's id. An older Enterprise names none: find it with
    /// [`Self::dispatched_runs_since`].
    pub async fn start_workflow(
        &self,
        repository: &RepositoryName,
        dispatch: &WorkflowDispatch,
    ) -> Result<Option<i64>, GithubError> {
        let path = Path::repository(repository, ["actions", "workflows", &dispatch.workflow, "dispatches"])?;
        match self.caller.write(Method::POST, path, &DispatchWithRun { dispatch, return_run_details: true }).await {
            // An answer without a body is what servers give that do not know the wish.
            Ok(answer) => Ok(answer.decode::<DispatchedBody>().ok().map(|body| body.workflow_run_id)),
            Err(GithubError::Validation { message, .. }) if message.contains("return_run_details") => {
                self.dispatch_workflow(repository, dispatch).await.map(|()| None)
            }
            Err(error) => Err(error),
        }
    }

    /// The runs of a workflow that a dispatch started at or after `since`, newest first.
    pub async fn dispatched_runs_since(
        &self,
        repository: &RepositoryName,
        workflow: &str,
        since: Timestamp,
    ) -> Result<Vec<WorkflowRun>, GithubError> {
        let path = Path::repository(repository, ["actions", "workflows", workflow, "runs"])?
            .query("event", "workflow_dispatch")
            .query("created", &format!(">={}", since.to_rfc3339()));
        let bodies = self.caller.list_within(path, |page: RunPage| page.workflow_runs).await?;
        Ok(bodies.into_iter().map(WorkflowRun::from).collect())
    }

    /// One run (<https://docs.github.com/en/rest/actions/workflow-runs#get-a-workflow-run>); `None` when it is gone.
    pub async fn workflow_run(&self, repository: &RepositoryName, run: i64) -> Result<Option<RunSeen>, GithubError> {
        let path = Path::repository(repository, ["actions", "runs", &run.to_string()])?;
        let body: RunBody = match self.caller.read(path).await {
            Ok(body) => body,
            Err(GithubError::NotFound { .. }) => return Ok(None),
            Err(error) => return Err(error),
        };
        let over = body.status.as_deref() == Some("completed");
        let conclusion = over.then(|| body.conclusion.unwrap_or_else(|| "unknown".to_owned()));
        Ok(Some(RunSeen { id: body.id, conclusion, url: body.html_url }))
    }

    /// Sends a `repository_dispatch` event, by which workflows and other Apps begin; GitHub takes at most ten entries
    /// at the top of the payload, and names no run that follows.
    pub async fn repository_dispatch(
        &self,
        repository: &RepositoryName,
        event: &str,
        payload: &(impl Serialize + ?Sized + Sync),
    ) -> Result<(), GithubError> {
        let request = EventRequest { event_type: event, client_payload: payload };
        self.caller.write(Method::POST, Path::repository(repository, ["dispatches"])?, &request).await.map(drop)
    }
}
