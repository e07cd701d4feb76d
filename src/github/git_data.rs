//! Git objects made by hand: a tree with changed files, and a commit of it.

use http::Method;
use serde::{Deserialize, Serialize};

use super::{GithubError, InstallationClient, Path};
use crate::model::{RepositoryName, Sha};

#[derive(Deserialize)]
struct ShaBody {
    sha: Sha,
}

#[derive(Serialize)]
struct NewTree<'a> {
    base_tree: &'a Sha,
    tree: Vec<NewEntry<'a>>,
}

#[derive(Serialize)]
struct NewEntry<'a> {
    path: &'a str,
    mode: &'static str,
    #[serde(rename = "type")]
    kind: &'static str,
    content: &'a str,
}

#[derive(Serialize)]
struct NewCommit<'a> {
    message: &'a str,
    tree: &'a Sha,
    parents: &'a [Sha],
}

impl InstallationClient {
    /// The tree that has these files with their whole text, and everything else as `base_tree` has it
    /// (<https://docs.github.com/en/rest/git/trees#create-a-tree>).
    pub async fn create_tree(
        &self,
        repository: &RepositoryName,
        base_tree: &Sha,
        files: &[(String, String)],
    ) -> Result<Sha, GithubError> {
        let tree = files.iter().map(|(path, content)| NewEntry { path, mode: "100644", kind: "blob", content });
        let new = NewTree { base_tree, tree: tree.collect() };
        let path = Path::repository(repository, ["git", "trees"])?;
        Ok(self.caller.write(Method::POST, path, &new).await?.decode::<ShaBody>()?.sha)
    }

    /// A commit of a tree, on no branch yet; its author is the App
    /// (<https://docs.github.com/en/rest/git/commits#create-a-commit>).
    pub async fn create_commit(
        &self,
        repository: &RepositoryName,
        message: &str,
        tree: &Sha,
        parents: &[Sha],
    ) -> Result<Sha, GithubError> {
        let path = Path::repository(repository, ["git", "commits"])?;
        let new = NewCommit { message, tree, parents };
        Ok(self.caller.write(Method::POST, path, &new).await?.decode::<ShaBody>()?.sha)
    }
}
