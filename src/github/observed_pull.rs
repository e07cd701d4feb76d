//! A pull request with its checks, reviews and comments, read by one query where one is enough.

use serde::Serialize;

use super::pull_answer::{ChecksData, PullData, PullParts};
use super::{GithubError, InstallationClient};
use crate::model::{
    ActorKind, BranchName, Check, CommentId, InstallationId, Login, Number, Pull, Repository, RepositoryId,
    RepositoryName, Review, Sha, Timestamp,
};

const PULL_QUERY: &str = concat!(include_str!("graphql/pull.graphql"), include_str!("graphql/check.graphql"));
const CHECKS_QUERY: &str = concat!(include_str!("graphql/checks_page.graphql"), include_str!("graphql/check.graphql"));
/// More pages of 100 checks than this are an error: GitHub itself allows 1,000 suites.
const PAGES_LIMIT: usize = 50;

/// All that GitHub shows of a pull request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObservedPull {
    /// The repository, by its id.
    pub repository_id: RepositoryId,
    /// The repository's present name, which differs from the one asked for after a rename.
    pub repository: RepositoryName,
    /// Whether strangers cannot read it.
    pub private: bool,
    /// Where policy is read from; the base where the repository names no default branch.
    pub default_branch: BranchName,
    /// The pull request.
    pub pull: Pull,
    /// Every check of its head.
    pub checks: Vec<Check>,
    /// All of its reviews, oldest first.
    pub reviews: Vec<Review>,
    /// Its 50 newest comments, oldest first.
    pub comments: Vec<PullComment>,
    /// Open pull requests that are to be merged into its head branch, where that was known beforehand.
    pub dependents: Vec<Number>,
}

impl ObservedPull {
    /// The repository under its present name, reached through this installation.
    #[must_use]
    pub fn place(&self, installation: InstallationId) -> Repository {
        Repository {
            id: self.repository_id,
            name: self.repository.clone(),
            installation,
            default_branch: self.default_branch.clone(),
            private: self.private,
        }
    }
}

/// A comment of a pull request, with whoever edited it last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PullComment {
    /// Its id.
    pub id: CommentId,
    /// Its text.
    pub body: String,
    /// Who wrote it; `ghost` when that account is gone.
    pub author: Login,
    /// What kind of account that is.
    pub author_kind: ActorKind,
    /// Who edited it last, and what kind of account that is.
    pub editor: Option<(Login, ActorKind)>,
    /// When it was written.
    pub created: Timestamp,
    /// When it was last edited.
    pub edited: Option<Timestamp>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PullVariables<'a> {
    owner: &'a str,
    name: &'a str,
    number: i64,
    head_branch: &'a str,
    known: bool,
}

#[derive(Serialize)]
struct ChecksVariables<'a> {
    owner: &'a str,
    name: &'a str,
    oid: &'a Sha,
    after: String,
}

impl InstallationClient {
    /// A pull request as a whole; `None` when it or its repository is not there. Knowing its head branch beforehand
    /// saves the request for what depends on it.
    ///
    /// # Errors
    /// Whatever keeps any part of it from being known.
    pub async fn pull(
        &self,
        repository: &RepositoryName,
        number: Number,
        known_head_branch: Option<&BranchName>,
    ) -> Result<Option<ObservedPull>, GithubError> {
        let variables = PullVariables {
            owner: &repository.owner,
            name: &repository.name,
            number: number.0,
            head_branch: known_head_branch.map_or("", BranchName::as_str),
            known: known_head_branch.is_some(),
        };
        let data: PullData = match self.caller.query(PULL_QUERY, variables).await {
            Ok(data) => data,
            Err(GithubError::NotFound { .. }) => return Ok(None),
            Err(error) => return Err(error),
        };
        let Some(mut node) = data.repository else { return Ok(None) };
        let Some(pull) = node.pull_request.take() else { return Ok(None) };
        let PullParts { pull, checks, reviews, comments } = pull.into_parts();
        let name = node.name_with_owner;
        let dependents = match node.dependents {
            Some(nodes) if known_head_branch == Some(&pull.head_branch) => {
                nodes.into_entries().map(|entry| Number(entry.number)).collect()
            }
            // Whoever deletes a branch looks for them once more, so an answer that is not there costs nothing.
            Some(_) | None => Vec::new(),
        };
        Ok(Some(ObservedPull {
            repository_id: RepositoryId(node.database_id),
            private: node.is_private,
            default_branch: node.default_branch_ref.map_or_else(|| pull.base.clone(), |branch| branch.name),
            checks: self.all_checks(&name, &pull.head, checks).await?,
            reviews: match reviews {
                Some(reviews) => reviews,
                None => self.reviews(&name, number).await?,
            },
            repository: name,
            pull,
            comments,
            dependents,
        }))
    }

    async fn all_checks(
        &self,
        repository: &RepositoryName,
        head: &Sha,
        first: Option<(Vec<Check>, Option<String>)>,
    ) -> Result<Vec<Check>, GithubError> {
        let Some((mut checks, mut next)) = first else {
            let mut checks = self.check_runs(repository, head).await?;
            checks.extend(self.statuses(repository, head).await?);
            return Ok(checks);
        };
        for _ in 0..PAGES_LIMIT {
            let Some(after) = next.take() else { return Ok(checks) };
            let (page, following) = self.checks_after(repository, head, after).await?;
            checks.extend(page);
            next = following;
        }
        Err(GithubError::TooManyPages { call: "POST /graphql".to_owned(), pages: PAGES_LIMIT })
    }

    async fn checks_after(
        &self,
        repository: &RepositoryName,
        oid: &Sha,
        after: String,
    ) -> Result<(Vec<Check>, Option<String>), GithubError> {
        let variables = ChecksVariables { owner: &repository.owner, name: &repository.name, oid, after };
        let data: ChecksData = self.caller.query(CHECKS_QUERY, variables).await?;
        let rollup = data.repository.and_then(|node| node.object).and_then(|object| object.status_check_rollup);
        // There were more a moment ago; that they are gone is no reason to go without them.
        let rollup = rollup.ok_or_else(|| GithubError::Decode {
            call: "POST /graphql".to_owned(),
            fault: format!("the further checks of {oid} are not there"),
            performed: false,
        })?;
        Ok(rollup.into_page())
    }
}
