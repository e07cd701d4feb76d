//! Who is assigned to an issue on GitHub.

use http::Method;
use serde::Serialize;

use super::issues::{IssueBody, issue_path};
use super::{GithubError, InstallationClient};
use crate::model::{Login, Number, RepositoryName};

#[derive(Serialize)]
struct Assignees<'a> {
    assignees: &'a [Login],
}

impl InstallationClient {
    /// Assigns accounts, beside those assigned already, and returns who is assigned then: GitHub passes over
    /// accounts that cannot be assigned without a word (<https://docs.github.com/en/rest/issues/assignees>).
    pub async fn add_assignees(
        &self,
        repository: &RepositoryName,
        number: Number,
        logins: &[Login],
    ) -> Result<Vec<Login>, GithubError> {
        self.change_assignees(Method::POST, repository, number, logins).await
    }

    /// Takes accounts off an issue, and returns who is assigned then.
    pub async fn remove_assignees(
        &self,
        repository: &RepositoryName,
        number: Number,
        logins: &[Login],
    ) -> Result<Vec<Login>, GithubError> {
        self.change_assignees(Method::DELETE, repository, number, logins).await
    }

    async fn change_assignees(
        &self,
        method: Method,
        repository: &RepositoryName,
        number: Number,
        logins: &[Login],
    ) -> Result<Vec<Login>, GithubError> {
        let path = issue_path(repository, number, &["assignees"])?;
        let body: IssueBody = self.caller.write(method, path, &Assignees { assignees: logins }).await?.decode()?;
        Ok(body.into_listed().issue.assignees)
    }
}
