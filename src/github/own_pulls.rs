//! Pull requests of our own: find the one of a branch, open it, bring it up to date.

use http::Method;
use serde::{Deserialize, Serialize};

use super::pulls::pull_path;
use super::{GithubError, InstallationClient, Path};
use crate::model::{BranchName, Number, RepositoryName};

/// An open pull request of a branch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BranchPull {
    /// Its number.
    pub number: Number,
    /// Its title.
    pub title: String,
    /// Its text.
    pub body: String,
}

/// A pull request to open (<https://docs.github.com/en/rest/pulls/pulls#create-a-pull-request>).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NewPull {
    /// Its title.
    pub title: String,
    /// Its text.
    pub body: String,
    /// The branch it comes from, in the same repository.
    pub head: BranchName,
    /// The branch to merge into.
    pub base: BranchName,
}

/// What came of opening a pull request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PullCreation {
    /// It is open now.
    Created(Number),
    /// The branch has an open one already.
    Exists,
}

#[derive(Deserialize)]
struct PullBody {
    number: i64,
    title: String,
    #[serde(default)]
    body: Option<String>,
    head: HeadBody,
}

#[derive(Deserialize)]
struct HeadBody {
    #[serde(rename = "ref")]
    branch: BranchName,
}

#[derive(Deserialize)]
struct NumberBody {
    number: i64,
}

#[derive(Serialize)]
struct PullPatch<'a> {
    title: &'a str,
    body: &'a str,
}

impl InstallationClient {
    /// The open pull request from a branch of this repository into another
    /// (<https://docs.github.com/en/rest/pulls/pulls#list-pull-requests>).
    pub async fn pull_of_branch(
        &self,
        repository: &RepositoryName,
        head: &BranchName,
        base: &BranchName,
    ) -> Result<Option<BranchPull>, GithubError> {
        let path = Path::repository(repository, ["pulls"])?
            .query("state", "open")
            .query("head", &format!("{}:{head}", repository.owner))
            .query("base", base.as_str());
        let bodies: Vec<PullBody> = self.caller.read(path).await?;
        // GitHub ignores a filter that it cannot read, and lists everything.
        let found = bodies.into_iter().find(|body| body.head.branch == *head);
        Ok(found.map(|body| BranchPull {
            number: Number(body.number),
            title: body.title,
            body: body.body.unwrap_or_default(),
        }))
    }

    /// Opens a pull request.
    pub async fn create_pull(&self, repository: &RepositoryName, new: &NewPull) -> Result<PullCreation, GithubError> {
        match self.caller.write(Method::POST, Path::repository(repository, ["pulls"])?, new).await {
            Ok(answer) => Ok(PullCreation::Created(Number(answer.decode::<NumberBody>()?.number))),
            Err(GithubError::Validation { errors, .. })
                if errors.iter().any(|fault| fault.contains("already exists")) =>
            {
                Ok(PullCreation::Exists)
            }
            Err(error) => Err(error),
        }
    }

    /// Changes a pull request's title and text (<https://docs.github.com/en/rest/pulls/pulls#update-a-pull-request>).
    pub async fn update_pull(
        &self,
        repository: &RepositoryName,
        number: Number,
        title: &str,
        body: &str,
    ) -> Result<(), GithubError> {
        let path = pull_path(repository, number, &[])?;
        self.caller.write(Method::PATCH, path, &PullPatch { title, body }).await.map(drop)
    }
}
