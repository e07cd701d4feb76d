//! What tests and the demo may look at: issues and comments as they stand, requests as they came, and waiting for either.

use std::time::Duration;

use bytes::Bytes;
use serde_json::Value;

use super::GithubSimulator;
use super::entities::{Issue, Repository, WorkflowRun};
use super::error::SimulatorError;
use super::judging::{CheckRun, Review};
use super::payloads::Views;
use super::state::State;
use super::webhooks::{DeliveryRecord, Webhook};
use crate::model::{Number, Timestamp};

/// By what a request was let in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AuthKind {
    /// By the App's JSON web token.
    App,
    /// By a token of this installation.
    Installation(i64),
    /// By nothing: the credentials were missing or bad.
    Refused,
    /// A fault or an earlier check answered before anybody looked.
    Unchecked,
}

/// A request that the simulator received.
#[derive(Debug, Clone)]
pub struct LoggedRequest {
    /// When it came.
    pub began: Timestamp,
    /// When it was answered.
    pub at: Timestamp,
    /// Its method, in capitals.
    pub method: String,
    /// Its path and query, without `/api/v3`.
    pub path: String,
    /// Its body.
    pub request_body: Bytes,
    /// The status answered; `None` when the connection was cut or stalled.
    pub status: Option<u16>,
    /// The JSON answered, if there was any.
    pub response_body: Option<Value>,
    /// Who was let in.
    pub auth: AuthKind,
    /// The fault that struck, if one did.
    pub fault: Option<String>,
}

/// An issue or pull request as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IssueView {
    /// Its number.
    pub number: i64,
    /// Its title.
    pub title: String,
    /// Its body; empty when it has none.
    pub body: String,
    /// `open` or `closed`.
    pub state: String,
    /// `completed`, `not_planned`, `reopened`…
    pub state_reason: Option<String>,
    /// Who opened it.
    pub author: String,
    /// The names of its labels, in the order they were put on.
    pub labels: Vec<String>,
    /// The logins of its assignees.
    pub assignees: Vec<String>,
    /// Its comments, oldest first.
    pub comments: Vec<CommentView>,
    /// Reactions to the issue itself, as (login, content).
    pub reactions: Vec<(String, String)>,
    /// Whether it is a pull request.
    pub is_pull: bool,
}

/// A comment as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommentView {
    /// Its id.
    pub id: i64,
    /// Who wrote it.
    pub author: String,
    /// Its text now.
    pub body: String,
    /// How often its text was changed.
    pub edits: u32,
    /// Reactions to it, as (login, content).
    pub reactions: Vec<(String, String)>,
}

impl IssueView {
    fn of(repository: &Repository, issue: &Issue) -> Self {
        let pairs = |reactions: &[super::entities::Reaction]| {
            reactions.iter().map(|one| (one.user.clone(), one.content.clone())).collect()
        };
        let worn = issue.labels.iter().filter_map(|id| repository.label_by_id(*id));
        let comment = |comment: &super::entities::Comment| CommentView {
            id: comment.id,
            author: comment.author.clone(),
            body: comment.body.clone(),
            edits: comment.edits,
            reactions: pairs(&comment.reactions),
        };
        Self {
            number: issue.number,
            title: issue.title.clone(),
            body: issue.body.clone().unwrap_or_default(),
            state: issue.state().to_owned(),
            state_reason: issue.state_reason.clone(),
            author: issue.author.clone(),
            labels: worn.map(|label| label.name.clone()).collect(),
            assignees: issue.assignees.clone(),
            comments: issue.comments.iter().map(comment).collect(),
            reactions: pairs(&issue.reactions),
            is_pull: issue.pull.is_some(),
        }
    }
}

/// The state to look at, for as long as a look takes.
#[derive(Debug)]
pub struct View<'a>(&'a State);

impl View<'_> {
    /// An issue or pull request by `owner/name` and number.
    #[must_use]
    pub fn issue(&self, repository: &str, number: i64) -> Option<IssueView> {
        let repository = self.repository(repository)?;
        repository.issues.get(&number).map(|issue| IssueView::of(repository, issue))
    }

    /// A pull request by `owner/name` and number.
    #[must_use]
    pub fn pull(&self, repository: &str, number: i64) -> Option<super::PullView> {
        super::PullView::of(self.repository(repository)?.issues.get(&number)?)
    }

    /// Every issue and pull request of a repository, by number.
    #[must_use]
    pub fn issues(&self, repository: &str) -> Vec<IssueView> {
        let Some(repository) = self.repository(repository) else { return Vec::new() };
        repository.issues.values().map(|issue| IssueView::of(repository, issue)).collect()
    }

    /// The names of a repository's labels with colour and description.
    #[must_use]
    pub fn labels(&self, repository: &str) -> Vec<(String, String, Option<String>)> {
        let Some(repository) = self.repository(repository) else { return Vec::new() };
        let show =
            |label: &super::entities::Label| (label.name.clone(), label.color.clone(), label.description.clone());
        repository.labels.iter().map(show).collect()
    }

    /// The workflow runs of a repository, oldest first.
    #[must_use]
    pub fn workflow_runs(&self, repository: &str) -> Vec<WorkflowRun> {
        self.repository(repository).map(|repository| repository.runs.clone()).unwrap_or_default()
    }

    /// Every check run on a commit, oldest first.
    #[must_use]
    pub fn check_runs(&self, repository: &str, sha: &str) -> Vec<CheckRun> {
        let runs = self.repository(repository).map_or(&[][..], |home| home.judging.runs.as_slice());
        runs.iter().filter(|run| run.head_sha == sha).cloned().collect()
    }

    /// The reviews of a pull request, oldest first.
    #[must_use]
    pub fn reviews(&self, repository: &str, number: Number) -> Vec<Review> {
        self.repository(repository).map(|home| home.judging.reviews_of(number.0).to_vec()).unwrap_or_default()
    }

    /// The requests received, oldest first.
    pub fn requests(&self) -> impl Iterator<Item = &LoggedRequest> {
        self.0.requests.iter()
    }

    /// The webhooks that wait for delivery, next first.
    pub fn pending_webhooks(&self) -> impl Iterator<Item = &Webhook> {
        self.0.webhooks.queue.iter()
    }

    /// The deliveries made, oldest first.
    #[must_use]
    pub fn deliveries(&self) -> &[DeliveryRecord] {
        &self.0.webhooks.log
    }

    pub(super) const fn views(&self) -> Views<'_> {
        self.0.views()
    }

    pub(super) fn repository(&self, name: &str) -> Option<&Repository> {
        self.0.repository_id(name).ok().and_then(|id| self.0.repositories.get(&id))
    }
}

impl GithubSimulator {
    /// Takes one look at the state, during which nothing else can touch it.
    pub fn look<T>(&self, look: impl FnOnce(&View<'_>) -> T) -> T {
        look(&View(&self.shared.lock()))
    }

    /// An issue or pull request as it stands.
    #[must_use]
    pub fn issue(&self, repository: &str, number: i64) -> Option<IssueView> {
        self.look(|view| view.issue(repository, number))
    }

    /// Every issue and pull request of a repository, by number.
    #[must_use]
    pub fn issues(&self, repository: &str) -> Vec<IssueView> {
        self.look(|view| view.issues(repository))
    }

    /// Every request received so far, oldest first.
    #[must_use]
    pub fn requests(&self) -> Vec<LoggedRequest> {
        self.look(|view| view.requests().cloned().collect())
    }

    /// The requests since this was asked last; they are forgotten.
    #[must_use]
    pub fn take_requests(&self) -> Vec<LoggedRequest> {
        self.shared.change(|state| std::mem::take(&mut state.requests)).into()
    }

    /// The workflow runs that were dispatched, oldest first.
    #[must_use]
    pub fn workflow_runs(&self, repository: &str) -> Vec<WorkflowRun> {
        self.look(|view| view.workflow_runs(repository))
    }

    /// Waits until `condition` holds, looking again after every change; at most `timeout` of real time.
    /// The condition sees the state through the view alone: asking the simulator from within it would wait for itself.
    pub async fn wait_until(
        &self,
        what: &str,
        timeout: Duration,
        condition: impl Fn(&View<'_>) -> bool,
    ) -> Result<(), SimulatorError> {
        let wait = async {
            loop {
                let changed = self.shared.changed.notified();
                tokio::pin!(changed);
                changed.as_mut().enable();
                if self.look(&condition) {
                    return;
                }
                changed.await;
            }
        };
        tokio::time::timeout(timeout, wait).await.map_err(|_| SimulatorError::TimedOut(what.to_owned()))
    }
}
