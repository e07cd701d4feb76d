//! Issues: read one, list what changed, open, edit.

use std::collections::BTreeSet;

use http::Method;
use serde::{Deserialize, Serialize};

use super::account::AccountBody;
use super::{GithubError, InstallationClient, Path};
use crate::model::{Issue, IssueState, LabelName, Login, Number, RepositoryName, Timestamp};

/// Entries a page, GitHub's most.
const PER_PAGE: &str = "100";
const PER_PAGE_COUNT: usize = 100;
/// Whoever wants the newest issues reads no more pages than these.
const NEWEST_PAGES: u32 = 30;

/// An issue as GitHub tells it (<https://docs.github.com/en/rest/issues/issues#get-an-issue>).
#[derive(Deserialize)]
pub(super) struct IssueBody {
    #[serde(default)]
    id: i64,
    number: i64,
    title: String,
    body: Option<String>,
    state: IssueState,
    user: Option<AccountBody>,
    #[serde(default)]
    labels: Vec<LabelBody>,
    #[serde(default)]
    assignees: Option<Vec<AccountBody>>,
    #[serde(default)]
    html_url: String,
    created_at: String,
    #[serde(default)]
    updated_at: Option<String>,
    #[serde(default)]
    pull_request: Option<serde::de::IgnoredAny>,
    #[serde(default)]
    parent_issue_url: Option<String>,
    #[serde(default)]
    issue_dependencies_summary: Option<DependenciesBody>,
}

/// Counts of open ones, and of all.
#[derive(Clone, Copy, Default, Deserialize)]
#[serde(default)]
struct DependenciesBody {
    blocked_by: i64,
    total_blocked_by: i64,
    blocking: i64,
    total_blocking: i64,
}

/// GitHub's schema allows a bare name beside the usual object.
#[derive(Deserialize)]
#[serde(untagged)]
enum LabelBody {
    Name(String),
    Object { name: Option<String> },
}

/// An entry of a list of issues, which on GitHub holds pull requests as well.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedIssue {
    /// The issue.
    pub issue: Issue,
    /// Whether it is a pull request.
    pub is_pull: bool,
    /// When anything about it last changed.
    pub updated: Timestamp,
}

/// An issue with what GitHub tells of its links, which have to be asked for by themselves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IssueSeen {
    /// The issue.
    pub issue: Issue,
    /// GitHub's id for it, which links are made by.
    pub id: i64,
    /// The address of the issue that it is part of, where GitHub tells it.
    pub parent_url: Option<String>,
    /// Whether it waits for others, or has.
    pub is_blocked: bool,
    /// Whether others wait for it, or have.
    pub is_blocking: bool,
}

/// Which issues to list.
#[derive(Debug, Clone, Copy, Default)]
pub struct IssueFilter {
    /// Only those changed at or after this point.
    pub since: Option<Timestamp>,
    /// Only those that are open.
    pub open_only: bool,
}

/// An issue to open.
#[derive(Debug, Clone, Default, Serialize)]
pub struct NewIssue {
    /// Its title.
    pub title: String,
    /// Its text.
    pub body: String,
    /// Its labels; GitHub creates those that it lacks, in grey.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub labels: Vec<LabelName>,
    /// Who is assigned.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub assignees: Vec<Login>,
}

/// What to change of an issue; `None` leaves it as it is.
#[derive(Debug, Clone, Default, Serialize)]
pub struct IssuePatch {
    /// The new title.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// The new text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub body: Option<String>,
    /// Opens or closes it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state: Option<IssueState>,
    /// Why it is closed: `completed`, `not_planned` or `duplicate`; `reopened` when it is opened.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state_reason: Option<&'static str>,
}

impl IssueBody {
    pub(super) fn into_listed(self) -> ListedIssue {
        let (author, author_kind) = AccountBody::author(self.user);
        let names = self.labels.into_iter().filter_map(|label| match label {
            LabelBody::Name(name) => Some(name),
            LabelBody::Object { name } => name,
        });
        let created = Timestamp::parse_rfc3339(&self.created_at).unwrap_or(Timestamp(0));
        let issue = Issue {
            number: Number(self.number),
            title: self.title,
            body: self.body.unwrap_or_default(),
            state: self.state,
            author,
            author_kind,
            labels: names.map(LabelName::new).collect(),
            assignees: AccountBody::logins(self.assignees.unwrap_or_default()),
            url: self.html_url,
            created,
        };
        let updated = self.updated_at.as_deref().and_then(Timestamp::parse_rfc3339).unwrap_or(created);
        ListedIssue { issue, is_pull: self.pull_request.is_some(), updated }
    }
}

/// The path of an issue, with `parts` below it.
pub(super) fn issue_path(repository: &RepositoryName, number: Number, parts: &[&str]) -> Result<Path, GithubError> {
    let number = number.to_string();
    Path::repository(repository, ["issues", &number].into_iter().chain(parts.iter().copied()))
}

impl InstallationClient {
    /// One issue; `None` when the number is a pull request's.
    ///
    /// # Errors
    /// [`GithubError::Gone`] when it was deleted, or moved to another repository, where it has another number.
    pub async fn issue(&self, repository: &RepositoryName, number: Number) -> Result<Option<Issue>, GithubError> {
        Ok(self.issue_seen(repository, number).await?.map(|seen| seen.issue))
    }

    /// One issue with what GitHub tells of its links; `None` when the number is a pull request's.
    ///
    /// # Errors
    /// As [`InstallationClient::issue`].
    pub async fn issue_seen(
        &self,
        repository: &RepositoryName,
        number: Number,
    ) -> Result<Option<IssueSeen>, GithubError> {
        let path = issue_path(repository, number, &[])?;
        let body: IssueBody = self.caller.read(path.clone()).await?;
        let (id, parent_url) = (body.id, body.parent_issue_url.clone());
        let DependenciesBody { blocked_by, total_blocked_by, blocking, total_blocking } =
            body.issue_dependencies_summary.unwrap_or_default();
        let ListedIssue { issue, is_pull, .. } = body.into_listed();
        if issue.number != number {
            return Err(GithubError::Gone { call: format!("GET {path}"), message: format!("moved to {}", issue.url) });
        }
        Ok((!is_pull).then_some(IssueSeen {
            issue,
            id,
            parent_url,
            is_blocked: blocked_by + total_blocked_by > 0,
            is_blocking: blocking + total_blocking > 0,
        }))
    }

    /// The issues, open and closed, that changed at or after `since`, without pull requests.
    pub async fn issues_updated_since(
        &self,
        repository: &RepositoryName,
        since: Timestamp,
    ) -> Result<Vec<Issue>, GithubError> {
        let filter = IssueFilter { since: Some(since), open_only: false };
        let listed = self.issues(repository, filter).await?;
        Ok(listed.into_iter().filter(|entry| !entry.is_pull).map(|entry| entry.issue).collect())
    }

    /// The newest issues, open and closed, without pull requests: at most so many, looked for among at most
    /// [`NEWEST_PAGES`] pages of the list, which holds pull requests as well.
    pub async fn newest_issues(&self, repository: &RepositoryName, most: usize) -> Result<Vec<Issue>, GithubError> {
        let mut found = Vec::new();
        for page in 1..=NEWEST_PAGES {
            let path = Path::repository(repository, ["issues"])?.query("state", "all");
            let path = path.query("sort", "created").query("direction", "desc").query("per_page", PER_PAGE);
            let bodies: Vec<IssueBody> = self.caller.read(path.query("page", &page.to_string())).await?;
            let is_last = bodies.len() < PER_PAGE_COUNT;
            let listed = bodies.into_iter().map(IssueBody::into_listed);
            found.extend(listed.filter(|entry| !entry.is_pull).map(|entry| entry.issue));
            if is_last || found.len() >= most {
                break;
            }
        }
        found.truncate(most);
        Ok(found)
    }

    /// The issues and pull requests of a repository, each once, oldest first
    /// (<https://docs.github.com/en/rest/issues/issues#list-repository-issues>).
    ///
    /// They are read in the order of creation: an issue that changes while the pages are read then moves no other
    /// one from a page still unread to one already read.
    pub async fn issues(
        &self,
        repository: &RepositoryName,
        filter: IssueFilter,
    ) -> Result<Vec<ListedIssue>, GithubError> {
        let state = if filter.open_only { "open" } else { "all" };
        let path = Path::repository(repository, ["issues"])?.query("state", state);
        let mut path = path.query("sort", "created").query("direction", "asc");
        if let Some(since) = filter.since {
            path = path.query("since", &since.to_rfc3339());
        }
        let bodies: Vec<IssueBody> = self.caller.list(path).await?;
        let mut seen = BTreeSet::new();
        let listed = bodies.into_iter().map(IssueBody::into_listed);
        Ok(listed.filter(|entry| seen.insert(entry.issue.number)).collect())
    }

    /// Opens an issue.
    pub async fn create_issue(&self, repository: &RepositoryName, new: &NewIssue) -> Result<Issue, GithubError> {
        let path = Path::repository(repository, ["issues"])?;
        let body: IssueBody = self.caller.write(Method::POST, path, new).await?.decode()?;
        Ok(body.into_listed().issue)
    }

    /// Changes an issue.
    pub async fn edit_issue(
        &self,
        repository: &RepositoryName,
        number: Number,
        changes: &IssuePatch,
    ) -> Result<Issue, GithubError> {
        let path = issue_path(repository, number, &[])?;
        let body: IssueBody = self.caller.write(Method::PATCH, path, changes).await?.decode()?;
        Ok(body.into_listed().issue)
    }

    /// Closes an issue for this reason (`completed`, `not_planned`); what is closed stays so.
    pub async fn close_issue(
        &self,
        repository: &RepositoryName,
        number: Number,
        reason: &'static str,
    ) -> Result<(), GithubError> {
        let closed =
            IssuePatch { state: Some(IssueState::Closed), state_reason: Some(reason), ..IssuePatch::default() };
        self.edit_issue(repository, number, &closed).await.map(drop)
    }
}
