//! Workflow runs.

use serde_json::{Value, json};

use super::check::simple_commit;
use super::{Views, node_id};
use crate::simulator::github::entities::{Repository, WorkflowRun};
use crate::simulator::github::git::Entry;
use crate::simulator::github::judging::CheckSuite;

impl Views<'_> {
    pub fn workflow_run(self, repository: &Repository, run: &WorkflowRun) -> Value {
        let url = format!("{}/actions/runs/{}", self.repository_url(repository), run.id);
        let mut view = json!({
            "id": run.id,
            "node_id": node_id("WFR_", run.id),
            "name": workflow_name(repository, &run.file),
            "head_branch": run.git_ref,
            "head_sha": run.head_sha,
            "path": format!(".github/workflows/{}", run.file),
            "display_title": run.title,
            "run_number": 1 + repository.runs.iter().filter(|other| other.id < run.id).count(),
            "run_attempt": 1,
            "event": "workflow_dispatch",
            "status": run.status,
            "conclusion": run.conclusion,
            "actor": self.user(&run.actor),
            "triggering_actor": self.user(&run.actor),
            "check_suite_id": run.id,
            "check_suite_node_id": node_id("CS_", run.id),
            "previous_attempt_url": null,
            "workflow_id": workflow_id(&run.file),
            "url": url,
            "html_url": format!("{}/actions/runs/{}", self.page_url(repository), run.id),
            "pull_requests": [],
            "created_at": run.created_at.to_rfc3339(),
            "updated_at": run.updated_at.to_rfc3339(),
            "run_started_at": run.created_at.to_rfc3339(),
            "check_suite_url": format!("{}/check-suites/{}", self.repository_url(repository), run.id),
            "workflow_url": format!("{}/actions/workflows/{}", self.repository_url(repository), workflow_id(&run.file)),
            "head_commit": simple_commit(repository, &run.head_sha),
            "repository": self.minimal_repository(repository),
            "head_repository": self.minimal_repository(repository),
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
        let (status, conclusion) = repository.judging.suite_state(suite);
        let run = WorkflowRun {
            id,
            file: "ci.yml".to_owned(),
            git_ref: suite.head_branch.clone().unwrap_or_default(),
            head_sha: suite.head_sha.clone(),
            inputs: Value::Null,
            title: "ci.yml".to_owned(),
            actor: repository.owner.clone(),
            status: status.to_owned(),
            conclusion,
            created_at: suite.created_at,
            updated_at: suite.updated_at,
        };
        let mut view = self.workflow_run(repository, &run);
        view["event"] = "pull_request".into();
        view["head_branch"] = suite.head_branch.clone().into();
        view["run_attempt"] = attempt.into();
        view["check_suite_id"] = suite.id.into();
        view["check_suite_url"] = format!("{}/check-suites/{}", self.repository_url(repository), suite.id).into();
        view
    }
}

impl Views<'_> {
    /// GitHub's `workflow`, as webhooks of its runs carry it.
    pub fn workflow(self, repository: &Repository, file: &str) -> Value {
        let (id, page) = (workflow_id(file), self.page_url(repository));
        let born = repository.created_at.to_rfc3339();
        json!({
            "id": id,
            "node_id": node_id("W_", id),
            "name": workflow_name(repository, file),
            "path": format!(".github/workflows/{file}"),
            "state": "active",
            "created_at": born,
            "updated_at": born,
            "url": format!("{}/actions/workflows/{id}", self.repository_url(repository)),
            "html_url": format!("{page}/blob/{}/.github/workflows/{file}", repository.default_branch),
            "badge_url": format!("{page}/workflows/{file}/badge.svg"),
        })
    }
}

/// The `name` of a workflow as the default branch has it, else its path.
fn workflow_name(repository: &Repository, file: &str) -> String {
    let path = format!(".github/workflows/{file}");
    let tip = repository.git.head(&repository.default_branch);
    match tip.and_then(|tip| repository.git.entry(&tip, &path)) {
        Some(Entry::File { content, .. }) => top_level(&content, "name").unwrap_or(path),
        Some(Entry::Directory(_)) | None => path,
    }
}

/// A plain value at the top level of a workflow file.
pub fn top_level(content: &[u8], key: &str) -> Option<String> {
    let text = String::from_utf8_lossy(content);
    let value = text.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix(':').map(str::to_owned))?;
    let value = value.trim().trim_matches(['"', '\'']);
    (!value.is_empty()).then(|| value.to_owned())
}

/// A stable number for a workflow file, as GitHub gives each one.
fn workflow_id(file: &str) -> i64 {
    file.bytes().fold(7, |sum, byte| (sum * 31 + i64::from(byte)) % 1_000_000_007)
}
