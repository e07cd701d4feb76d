//! Workflow runs.

use serde_json::{Value, json};

use super::check::simple_commit;
use super::{Views, node_id};
use crate::simulator::github::entities::{Repository, WorkflowRun};
use crate::simulator::github::judging::CheckSuite;

impl Views<'_> {
    pub fn workflow_run(self, repository: &Repository, run: &WorkflowRun) -> Value {
        let url = format!("{}/actions/runs/{}", self.repository_url(repository), run.id);
        let mut view = json!({
            "id": run.id,
            "node_id": node_id("WFR_", run.id),
            "name": run.file,
            "head_branch": run.git_ref,
            "head_sha": run.head_sha,
            "path": format!(".github/workflows/{}", run.file),
            "display_title": run.file,
            "run_number": 1 + repository.runs.iter().filter(|other| other.id < run.id).count(),
            "run_attempt": 1,
            "event": "workflow_dispatch",
            "status": "queued",
            "conclusion": null,
            "workflow_id": workflow_id(&run.file),
            "url": url,
            "html_url": format!("{}/actions/runs/{}", self.page_url(repository), run.id),
            "pull_requests": [],
            "created_at": run.created_at.to_rfc3339(),
            "updated_at": run.created_at.to_rfc3339(),
            "run_started_at": run.created_at.to_rfc3339(),
            "check_suite_url": format!("{}/check-suites/{}", self.repository_url(repository), run.id),
            "workflow_url": format!("{}/actions/workflows/{}", self.repository_url(repository), workflow_id(&run.file)),
            "head_commit": simple_commit(repository, &run.head_sha),
            "repository": self.repository(repository),
            "head_repository": self.repository(repository),
        });
        for part in ["jobs", "logs", "artifacts", "cancel", "rerun"] {
            view[format!("{part}_url")] = format!("{url}/{part}").into();
        }
        view
    }
}

impl Views<'_> {
    /// The workflow run behind a suite of Actions' checks.
    pub fn checking_run(self, repository: &Repository, suite: &CheckSuite) -> Value {
        let (id, attempt) = suite.workflow_run.unwrap_or_default();
        let run = WorkflowRun {
            id,
            file: "ci.yml".to_owned(),
            git_ref: suite.head_branch.clone().unwrap_or_default(),
            head_sha: suite.head_sha.clone(),
            inputs: Value::Null,
            created_at: suite.created_at,
        };
        let (status, conclusion) = repository.judging.suite_state(suite);
        let mut view = self.workflow_run(repository, &run);
        view["event"] = "pull_request".into();
        view["head_branch"] = suite.head_branch.clone().into();
        view["status"] = status.into();
        view["conclusion"] = conclusion.into();
        view["run_attempt"] = attempt.into();
        view["check_suite_id"] = suite.id.into();
        view["check_suite_url"] = format!("{}/check-suites/{}", self.repository_url(repository), suite.id).into();
        view["updated_at"] = suite.updated_at.to_rfc3339().into();
        view
    }
}

/// A stable number for a workflow file, as GitHub gives each one.
fn workflow_id(file: &str) -> i64 {
    file.bytes().fold(7, |sum, byte| (sum * 31 + i64::from(byte)) % 1_000_000_007)
}
