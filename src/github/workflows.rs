//! Workflows that are started by hand: dispatch them and find their runs.

use std::collections::BTreeMap;

use http::Method;
use serde::{Deserialize, Serialize};

use super::{GithubError, InstallationClient, Path};
use crate::model::{BranchName, RepositoryName, Timestamp};

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
}
