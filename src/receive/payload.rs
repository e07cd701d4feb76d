//! The few fields of GitHub's webhook payloads that we read (<https://docs.github.com/en/webhooks/webhook-events-and-payloads>).

use serde::Deserialize;

use super::lenient::{Object, Objects, Present, Text, Whole};

/// The fields of all events that we know: one event has some of them, and any may be missing.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Payload {
    pub(super) action: Text,
    pub(super) sender: Object<Sender>,
    pub(super) installation: Object<Installation>,
    pub(super) repository: Object<Repository>,
    /// `issues`, `issue_comment`
    pub(super) issue: Object<Issue>,
    /// `pull_request` and `pull_request_review*`
    pub(super) pull_request: Object<Numbered>,
    /// `sub_issues`
    pub(super) parent_issue: Object<Numbered>,
    pub(super) parent_issue_repo: Object<Repository>,
    pub(super) sub_issue: Object<Numbered>,
    pub(super) sub_issue_repo: Object<Repository>,
    /// `issue_dependencies`
    pub(super) blocked_issue: Object<Numbered>,
    pub(super) blocked_issue_repo: Object<Repository>,
    pub(super) blocking_issue: Object<Numbered>,
    pub(super) blocking_issue_repo: Object<Repository>,
    pub(super) check_run: Object<Checked>,
    pub(super) check_suite: Object<Checked>,
    pub(super) workflow_run: Object<Checked>,
    /// `status`
    pub(super) sha: Text,
    pub(super) state: Text,
    pub(super) branches: Objects<Branch>,
    /// `push`, `create`, `delete`
    #[serde(rename = "ref")]
    pub(super) git_ref: Text,
    pub(super) ref_type: Text,
    /// `installation`
    pub(super) repositories: Objects<Repository>,
    /// `installation_repositories`
    pub(super) repositories_added: Objects<Repository>,
    pub(super) repositories_removed: Objects<Repository>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Sender {
    pub(super) login: Text,
    #[serde(rename = "type")]
    pub(super) kind: Text,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Installation {
    pub(super) id: Whole,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Repository {
    pub(super) id: Whole,
    pub(super) full_name: Text,
    pub(super) default_branch: Text,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Issue {
    pub(super) number: Whole,
    /// Present exactly when the issue is a pull request.
    pub(super) pull_request: Present,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Numbered {
    pub(super) number: Whole,
}

/// A check run, a check suite or a workflow run.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Checked {
    pub(super) head_sha: Text,
    /// A check run has it in its suite.
    pub(super) head_branch: Text,
    pub(super) check_suite: Object<Suite>,
    /// Empty when the head is in a fork.
    pub(super) pull_requests: Objects<CheckedPull>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Suite {
    pub(super) head_branch: Text,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct CheckedPull {
    pub(super) number: Whole,
    pub(super) base: Object<Base>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Base {
    pub(super) repo: Object<Repository>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Branch {
    pub(super) name: Text,
}

/// Any object at all, of which nothing is read.
#[derive(Debug, Default, Deserialize)]
pub(super) struct AnyObject {}
