//! Links between issues: what waits for what, and what is part of what.

use http::Method;
use serde::{Deserialize, Serialize};

use super::issues::issue_path;
use super::{GithubError, InstallationClient};
use crate::model::{Dependency, IssueState, Item, Number, RepositoryName};

/// An issue at the other end of a link.
#[derive(Deserialize)]
struct LinkedBody {
    id: i64,
    number: i64,
    state: IssueState,
    /// Below the API's base, which may itself have a path.
    repository_url: String,
}

#[derive(Serialize)]
struct Blocking {
    issue_id: i64,
}

#[derive(Serialize)]
struct Part {
    sub_issue_id: i64,
}

/// Why an issue did not become part of another, in GitHub's words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SubIssueRefusal(pub String);

impl LinkedBody {
    fn item(&self) -> Option<Item> {
        let (_, name) = self.repository_url.rsplit_once("/repos/")?;
        Some(Item { repository: name.parse().ok()?, number: Number(self.number) })
    }
}

impl InstallationClient {
    /// The issues that an issue waits for
    /// (<https://docs.github.com/en/rest/issues/issue-dependencies#list-dependencies-an-issue-is-blocked-by>); none
    /// where GitHub knows of no such thing, as an older Enterprise.
    pub async fn blocked_by(
        &self,
        repository: &RepositoryName,
        number: Number,
    ) -> Result<Vec<Dependency>, GithubError> {
        let linked = self.linked(repository, number, &["dependencies", "blocked_by"]).await?;
        let shown = linked.into_iter().filter_map(|body| {
            let Item { repository, number } = body.item()?;
            let (met, state) = match body.state {
                IssueState::Open => (false, "open"),
                IssueState::Closed => (true, "closed"),
            };
            Some(Dependency { repository, number, met, state: state.to_owned() })
        });
        Ok(shown.collect())
    }

    /// The issues that wait for an issue; none where GitHub knows of no such thing.
    pub async fn blocking(&self, repository: &RepositoryName, number: Number) -> Result<Vec<Item>, GithubError> {
        let linked = self.linked(repository, number, &["dependencies", "blocking"]).await?;
        Ok(linked.iter().filter_map(LinkedBody::item).collect())
    }

    /// Has an issue wait for the one with this id; `false` when it did already
    /// (<https://docs.github.com/en/rest/issues/issue-dependencies#add-a-dependency-an-issue-is-blocked-by>).
    ///
    /// # Errors
    /// [`GithubError::Validation`] where it would wait for itself in the end.
    pub async fn add_blocked_by(
        &self,
        repository: &RepositoryName,
        number: Number,
        blocking_id: i64,
    ) -> Result<bool, GithubError> {
        let parts = ["dependencies", "blocked_by"];
        let known = self.linked(repository, number, &parts).await?;
        if known.iter().any(|body| body.id == blocking_id) {
            return Ok(false);
        }
        let path = issue_path(repository, number, &parts)?;
        self.caller.write(Method::POST, path, &Blocking { issue_id: blocking_id }).await?;
        Ok(true)
    }

    /// Makes the issue of this id part of an issue
    /// (<https://docs.github.com/en/rest/issues/sub-issues#add-sub-issue>).
    ///
    /// # Errors
    /// Those that may pass. A refusal is an answer: the issue itself is there all the same.
    pub async fn add_sub_issue(
        &self,
        repository: &RepositoryName,
        parent: Number,
        part_id: i64,
    ) -> Result<Result<(), SubIssueRefusal>, GithubError> {
        let path = issue_path(repository, parent, &["sub_issues"])?;
        match self.caller.write(Method::POST, path, &Part { sub_issue_id: part_id }).await {
            Ok(_) => Ok(Ok(())),
            Err(
                GithubError::Validation { message, .. }
                | GithubError::NotFound { message, .. }
                | GithubError::Gone { message, .. }
                | GithubError::Forbidden { message, .. },
            ) => Ok(Err(SubIssueRefusal(message))),
            Err(error) => Err(error),
        }
    }

    async fn linked(
        &self,
        repository: &RepositoryName,
        number: Number,
        parts: &[&str],
    ) -> Result<Vec<LinkedBody>, GithubError> {
        match self.caller.list(issue_path(repository, number, parts)?).await {
            Ok(bodies) => Ok(bodies),
            Err(GithubError::NotFound { .. } | GithubError::Gone { .. }) => Ok(Vec::new()),
            Err(error) => Err(error),
        }
    }
}
