//! Check runs, their annotations and their suites.

use serde_json::{Value, json};

use super::{Views, node_id};
use crate::simulator::github::entities::{Issue, Pull, Repository};
use crate::simulator::github::judging::{Annotation, CheckApp, CheckRun, CheckSuite};

impl Views<'_> {
    /// GitHub's `check-run`.
    pub fn check_run(self, repository: &Repository, run: &CheckRun) -> Value {
        let url = format!("{}/check-runs/{}", self.repository_url(repository), run.id);
        let page = format!("{}/runs/{}", self.page_url(repository), run.id);
        json!({
            "id": run.id,
            "node_id": node_id("CR_", run.id),
            "name": run.name,
            "head_sha": run.head_sha,
            "external_id": run.external_id,
            "url": url,
            "html_url": page,
            "details_url": run.details_url.clone().unwrap_or(page),
            "status": run.status,
            "conclusion": run.conclusion,
            "started_at": run.started_at.map(crate::model::Timestamp::to_rfc3339),
            "completed_at": run.completed_at.map(crate::model::Timestamp::to_rfc3339),
            "output": {
                "title": run.output.title,
                "summary": run.output.summary,
                "text": run.output.text,
                "annotations_count": run.output.annotations.len(),
                "annotations_url": format!("{url}/annotations"),
            },
            "check_suite": {"id": run.suite},
            "app": self.check_app(&run.app),
            "pull_requests": self.pulls_at(repository, &run.head_sha),
        })
    }

    /// A check run as webhooks carry it: with its suite.
    pub fn told_check_run(self, repository: &Repository, run: &CheckRun) -> Value {
        let mut view = self.check_run(repository, run);
        if let Some(suite) = repository.judging.suite(run.suite) {
            view["check_suite"] = self.check_suite_lite(repository, suite);
        }
        view
    }

    fn check_suite_lite(self, repository: &Repository, suite: &CheckSuite) -> Value {
        let (status, conclusion) = repository.judging.suite_state(suite);
        let commit = repository.git.view(&suite.head_sha);
        json!({
            "id": suite.id,
            "node_id": node_id("CS_", suite.id),
            "head_branch": suite.head_branch,
            "head_sha": suite.head_sha,
            "status": status,
            "conclusion": conclusion,
            "url": format!("{}/check-suites/{}", self.repository_url(repository), suite.id),
            "before": commit.and_then(|commit| commit.parents.first().cloned()),
            "after": suite.head_sha,
            "pull_requests": self.pulls_at(repository, &suite.head_sha),
            "app": self.check_app(&suite.app),
            "created_at": suite.created_at.to_rfc3339(),
            "updated_at": suite.updated_at.to_rfc3339(),
        })
    }

    /// GitHub's `check-suite`, but for the repository, which only answers have.
    pub fn check_suite(self, repository: &Repository, suite: &CheckSuite) -> Value {
        let mut view = self.check_suite_lite(repository, suite);
        view["head_commit"] = simple_commit(repository, &suite.head_sha);
        view["latest_check_runs_count"] = repository.judging.latest_of_suite(suite.id).len().into();
        view["check_runs_url"] =
            format!("{}/check-suites/{}/check-runs", self.repository_url(repository), suite.id).into();
        view["rerequestable"] = true.into();
        view["runs_rerequestable"] = true.into();
        view
    }

    /// The App of a check; of ours everything is known.
    pub fn check_app(self, app: &CheckApp) -> Value {
        if app.id == self.state.app.id {
            return self.via_app(true);
        }
        let at = self.state.app.created_at.to_rfc3339();
        json!({
            "id": app.id,
            "slug": app.slug,
            "client_id": format!("Iv1.{:016x}", app.id),
            "node_id": node_id("A_", app.id),
            "owner": self.user(&self.state.app.owner),
            "name": app.name,
            "description": "",
            "external_url": "https://example.com",
            "html_url": format!("{}/apps/{}", self.state.base, app.slug),
            "created_at": at,
            "updated_at": at,
            "permissions": {"checks": "write", "metadata": "read"},
            "events": [],
        })
    }

    /// The open pulls of branches of this repository that stand at a commit: pulls from forks are left out.
    ///
    /// <https://docs.github.com/en/rest/checks/runs#get-a-check-run>
    fn pulls_at(self, repository: &Repository, sha: &str) -> Vec<Value> {
        let repo = json!({
            "id": repository.id, "url": self.repository_url(repository), "name": repository.name,
        });
        let open = repository.issues.values().filter(|issue| issue.closed.is_none());
        let pulls = open.filter_map(|issue| Some((issue, issue.pull.as_ref()?)));
        let here = pulls.filter(|(_, pull)| pull.head_sha == sha && pull.head_repository == Some(repository.id));
        let show = |(issue, pull): (&Issue, &Pull)| {
            json!({
                "url": format!("{}/pulls/{}", self.repository_url(repository), issue.number),
                "id": issue.id,
                "number": issue.number,
                "head": {"ref": pull.head, "sha": pull.head_sha, "repo": repo},
                "base": {"ref": pull.base, "sha": pull.base_sha, "repo": repo},
            })
        };
        here.map(show).collect()
    }
}

/// GitHub's `check-annotation`.
pub fn annotation(annotation: &Annotation, blob: &str) -> Value {
    json!({
        "path": annotation.path,
        "start_line": annotation.start_line,
        "end_line": annotation.end_line,
        "start_column": null,
        "end_column": null,
        "annotation_level": annotation.level,
        "title": annotation.title,
        "message": annotation.message,
        "raw_details": annotation.raw_details,
        "blob_href": format!("{blob}/{}", super::encode_path(&annotation.path)),
    })
}

/// GitHub's `simple-commit`.
pub fn simple_commit(repository: &Repository, sha: &str) -> Value {
    repository.git.view(sha).map_or(Value::Null, |commit| {
        let who = json!({"name": commit.author, "email": commit.email});
        json!({
            "id": commit.sha, "tree_id": commit.tree, "message": commit.message,
            "timestamp": commit.at.to_rfc3339(), "author": who, "committer": who,
        })
    })
}
