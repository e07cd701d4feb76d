//! Branches as refs and the commits they point to: create, move, delete, merge, compare.

use http::{Method, StatusCode};
use serde::{Deserialize, Serialize};

use super::request::Call;
use super::{GithubError, InstallationClient, Path};
use crate::model::{BranchName, RepositoryName, Sha};

/// What came of creating a branch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BranchCreation {
    /// It is there now.
    Created,
    /// There was one of this name already, wherever it points; it was not touched.
    Exists,
}

/// What came of moving a branch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BranchMove {
    /// It points to the commit now.
    Moved,
    /// It was left where it is: the commit does not descend from it.
    NotFastForward,
}

/// What came of a merge of a commit into a branch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MergeInto {
    /// The merge commit, to which the branch points now.
    Merged(Sha),
    /// The branch had it already.
    Nothing,
    /// They conflict.
    Conflict,
}

/// What a commit is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommitObject {
    /// Its parents, in order.
    pub parents: Vec<Sha>,
    /// Its tree.
    pub tree: Sha,
}

/// How two commits lie to each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ComparisonStatus {
    /// The head has commits that the base lacks, and none the other way.
    Ahead,
    /// The base has commits that the head lacks, and none the other way.
    Behind,
    /// They are the same.
    Identical,
    /// Each has commits that the other lacks.
    Diverged,
}

/// A comparison of two commits (<https://docs.github.com/en/rest/commits/commits#compare-two-commits>).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comparison {
    /// How they lie to each other.
    pub status: ComparisonStatus,
    /// Commits that only the head has.
    pub ahead_by: u64,
    /// Commits that only the base has.
    pub behind_by: u64,
    /// The newest commit that both have.
    pub merge_base: Sha,
}

#[derive(Deserialize)]
struct RefBody {
    object: ObjectBody,
}

#[derive(Deserialize)]
struct ObjectBody {
    sha: Sha,
}

#[derive(Deserialize)]
struct CommitBody {
    tree: ObjectBody,
    #[serde(default)]
    parents: Vec<ObjectBody>,
}

#[derive(Deserialize)]
struct ComparisonBody {
    status: ComparisonStatus,
    ahead_by: u64,
    behind_by: u64,
    merge_base_commit: ObjectBody,
}

#[derive(Serialize)]
struct NewRef<'a> {
    #[serde(rename = "ref")]
    name: String,
    sha: &'a Sha,
}

#[derive(Serialize)]
struct MovedRef<'a> {
    sha: &'a Sha,
    force: bool,
}

#[derive(Serialize)]
struct MergeBody<'a> {
    base: &'a BranchName,
    head: &'a Sha,
    commit_message: &'a str,
}

/// `…/git/{ref|refs}/heads/{branch}`; the slashes of the branch are those of the ref.
fn heads(repository: &RepositoryName, word: &str, branch: &BranchName) -> Result<Path, GithubError> {
    Path::repository(repository, ["git", word, "heads"].into_iter().chain(branch.as_str().split('/')))
}

fn says(error: &GithubError, words: &str) -> bool {
    matches!(error, GithubError::Validation { message, .. } if message.to_ascii_lowercase().contains(words))
}

impl InstallationClient {
    /// The commit that a branch points to; `None` when there is no such branch
    /// (<https://docs.github.com/en/rest/git/refs#get-a-reference>).
    pub async fn ref_sha(&self, repository: &RepositoryName, branch: &BranchName) -> Result<Option<Sha>, GithubError> {
        match self.caller.read::<RefBody>(heads(repository, "ref", branch)?).await {
            Ok(body) => Ok(Some(body.object.sha)),
            Err(GithubError::NotFound { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Creates a branch (<https://docs.github.com/en/rest/git/refs#create-a-reference>).
    pub async fn create_branch(
        &self,
        repository: &RepositoryName,
        branch: &BranchName,
        sha: &Sha,
    ) -> Result<BranchCreation, GithubError> {
        let path = Path::repository(repository, ["git", "refs"])?;
        let new = NewRef { name: format!("refs/heads/{branch}"), sha };
        match self.caller.write(Method::POST, path, &new).await {
            Ok(_) => Ok(BranchCreation::Created),
            Err(error) if says(&error, "already exists") => Ok(BranchCreation::Exists),
            Err(error) => Err(error),
        }
    }

    /// Moves a branch to a commit (<https://docs.github.com/en/rest/git/refs#update-a-reference>).
    ///
    /// # Errors
    /// [`GithubError::Validation`] with GitHub's sentence where protection refuses it or the branch is not there.
    pub async fn move_branch(
        &self,
        repository: &RepositoryName,
        branch: &BranchName,
        sha: &Sha,
        force: bool,
    ) -> Result<BranchMove, GithubError> {
        let path = heads(repository, "refs", branch)?;
        match self.caller.write(Method::PATCH, path, &MovedRef { sha, force }).await {
            Ok(_) => Ok(BranchMove::Moved),
            Err(error) if says(&error, "not a fast forward") => Ok(BranchMove::NotFastForward),
            Err(error) => Err(error),
        }
    }

    /// Deletes a branch; true if it was there (<https://docs.github.com/en/rest/git/refs#delete-a-reference>).
    pub async fn delete_branch(&self, repository: &RepositoryName, branch: &BranchName) -> Result<bool, GithubError> {
        match self.caller.call(Call::new(Method::DELETE, heads(repository, "refs", branch)?)).await {
            Ok(_) => Ok(true),
            Err(GithubError::NotFound { .. }) => Ok(false),
            Err(error) if says(&error, "does not exist") => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Merges a commit into a branch without a pull request
    /// (<https://docs.github.com/en/rest/branches/branches#merge-a-branch>).
    pub async fn merge_into(
        &self,
        repository: &RepositoryName,
        base: &BranchName,
        head: &Sha,
        message: &str,
    ) -> Result<MergeInto, GithubError> {
        let body = MergeBody { base, head, commit_message: message };
        let call = Call::new(Method::POST, Path::repository(repository, ["merges"])?).json(&body)?;
        match self.caller.call(call.clone()).await {
            Ok(response) if response.status == StatusCode::NO_CONTENT => Ok(MergeInto::Nothing),
            Ok(response) => Ok(MergeInto::Merged(response.decode::<ObjectBody>(&call)?.sha)),
            Err(GithubError::Conflict { message, .. }) if message.to_ascii_lowercase().contains("merge conflict") => {
                Ok(MergeInto::Conflict)
            }
            Err(error) => Err(error),
        }
    }

    /// A commit (<https://docs.github.com/en/rest/git/commits#get-a-commit-object>).
    pub async fn commit(&self, repository: &RepositoryName, sha: &Sha) -> Result<CommitObject, GithubError> {
        let body: CommitBody =
            self.caller.read(Path::repository(repository, ["git", "commits", sha.as_str()])?).await?;
        Ok(CommitObject { parents: body.parents.into_iter().map(|parent| parent.sha).collect(), tree: body.tree.sha })
    }

    /// How `head` lies to `base`; each is a commit or a branch.
    pub async fn compare(
        &self,
        repository: &RepositoryName,
        base: &str,
        head: &str,
    ) -> Result<Comparison, GithubError> {
        let path = Path::repository(repository, ["compare", &format!("{base}...{head}")])?;
        let body: ComparisonBody = self.caller.read(path.query("per_page", "1")).await?;
        Ok(Comparison {
            status: body.status,
            ahead_by: body.ahead_by,
            behind_by: body.behind_by,
            merge_base: body.merge_base_commit.sha,
        })
    }
}
