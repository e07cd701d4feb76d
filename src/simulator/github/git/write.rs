//! Commits made, refs set, and objects brought over from a fork.

use git2::build::TreeUpdateBuilder;
use git2::{AutotagOption, Commit, Error, FetchOptions, FileMode, Oid, Signature, Time};

use super::{Git, email};
use crate::model::Timestamp;

/// A file to be written with one commit; `None` as content removes it.
pub struct FileChange<'a> {
    pub branch: &'a str,
    pub path: &'a str,
    pub content: Option<&'a [u8]>,
    pub message: &'a str,
    pub author: &'a str,
    pub at: Timestamp,
}

/// Files to be written with one commit; those without content are removed.
pub struct Changes<'a> {
    pub branch: &'a str,
    pub files: &'a [(&'a str, Option<&'a [u8]>)],
    pub message: &'a str,
    pub author: Author<'a>,
    pub at: Timestamp,
}

/// Who wrote a commit, in Git's own terms.
#[derive(Debug, Clone, Copy)]
pub struct Author<'a> {
    pub name: &'a str,
    pub email: &'a str,
}

impl Git {
    /// Commits one change on top of the branch (or as the first commit of a new root) and returns the new SHA.
    pub fn commit(&self, change: &FileChange<'_>) -> Result<String, Error> {
        self.commit_all(&Changes {
            branch: change.branch,
            files: &[(change.path, change.content)],
            message: change.message,
            author: Author { name: change.author, email: &email(change.author) },
            at: change.at,
        })
    }

    /// Commits all these files at once on top of the branch and returns the new SHA.
    pub fn commit_all(&self, changes: &Changes<'_>) -> Result<String, Error> {
        let parent = self.head(changes.branch).map(|sha| self.find(&sha)).transpose()?;
        let empty = self.repository.find_tree(self.repository.treebuilder(None)?.write()?)?;
        let base = parent.as_ref().map(Commit::tree).transpose()?.unwrap_or(empty);
        let mut update = TreeUpdateBuilder::new();
        for (path, content) in changes.files {
            match content {
                Some(content) => update.upsert(*path, self.repository.blob(content)?, FileMode::Blob),
                None => update.remove(*path),
            };
        }
        let tree = self.repository.find_tree(update.create_updated(&self.repository, &base)?)?;
        let signature = Signature::new(changes.author.name, changes.author.email, &Time::new(changes.at.seconds(), 0))?;
        let parents: Vec<&Commit<'_>> = parent.iter().collect();
        let reference = format!("refs/heads/{}", changes.branch);
        let oid = self.repository.commit(Some(&reference), &signature, &signature, changes.message, &tree, &parents)?;
        Ok(oid.to_string())
    }

    /// Creates or moves a ref, named in full, to a commit.
    pub fn set_reference(&self, name: &str, sha: &str) -> Result<(), Error> {
        self.repository.reference(name, Oid::from_str(sha)?, true, "simulator").map(drop)
    }

    /// Creates or moves a branch to a commit.
    pub fn set_branch(&self, branch: &str, sha: &str) -> Result<(), Error> {
        self.set_reference(&format!("refs/heads/{branch}"), sha)
    }

    /// Brings refs and all that they reach over from another repository; both may end in `*`.
    pub fn import(&self, from: &Self, source: &str, target: &str) -> Result<(), Error> {
        let path = from.repository.path();
        let path = path.to_str().ok_or_else(|| Error::from_str("the repository's path is not text"))?;
        let mut remote = self.repository.remote_anonymous(path)?;
        let mut options = FetchOptions::new();
        options.download_tags(AutotagOption::None);
        remote.fetch(&[format!("+{source}:{target}")], Some(&mut options), None)
    }
}
