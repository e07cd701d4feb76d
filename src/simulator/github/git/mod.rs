//! One real bare Git repository per simulated repository: commits, parents, diffs and trial merges.

mod build;
mod diff;
mod merge;
mod objects;
mod tags;
mod write;

use std::path::Path;

use git2::{Commit, Error, ObjectType, Oid, Signature, Sort, Time, Tree};

use crate::model::Timestamp;

pub use build::{NewCommit, TreeEdit};
pub use diff::{FileDiff, MOST_LINES};
pub use merge::{Merge, MergeMethod};
pub use objects::TreeLine;
pub use tags::NewTag;
pub use write::{Author, Changes, FileChange};

pub struct Git {
    repository: git2::Repository,
}

impl std::fmt::Debug for Git {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "Git({})", self.repository.path().display())
    }
}

/// A commit as far as answers and payloads show it.
#[derive(Debug, Clone)]
pub struct CommitView {
    pub sha: String,
    pub tree: String,
    pub message: String,
    pub author: String,
    pub email: String,
    pub committer: String,
    pub committer_email: String,
    pub at: Timestamp,
    pub parents: Vec<String>,
}

/// What stands at a path.
pub enum Entry {
    File { sha: String, content: Vec<u8> },
    Directory(Vec<Listed>),
}

/// One line of a directory.
pub struct Listed {
    pub name: String,
    pub sha: String,
    pub size: usize,
    pub directory: bool,
}

impl CommitView {
    /// The login behind the author's private address, if it is one.
    pub fn author_login(&self) -> Option<&str> {
        login(&self.email)
    }

    /// The login behind the committer's private address, if it is one.
    pub fn committer_login(&self) -> Option<&str> {
        login(&self.committer_email)
    }
}

impl Git {
    pub fn create(directory: &Path) -> Result<Self, Error> {
        Ok(Self { repository: git2::Repository::init_bare(directory)? })
    }

    /// The SHA at the tip of a branch.
    pub fn head(&self, branch: &str) -> Option<String> {
        self.repository.refname_to_id(&format!("refs/heads/{branch}")).ok().map(|oid| oid.to_string())
    }

    /// The SHA that a ref, named in full, points at; what forks brought along is hidden, as on GitHub.
    pub fn reference(&self, name: &str) -> Option<String> {
        let oid = self.repository.refname_to_id(name).ok()?;
        (!name.starts_with("refs/network/")).then(|| oid.to_string())
    }

    /// Every ref whose full name starts like this, with its SHA, by name.
    pub fn matching(&self, start: &str) -> Result<Vec<(String, String)>, Error> {
        let mut found = Vec::new();
        for name in self.repository.references()?.names() {
            let name = name?.to_owned();
            if let Some(sha) = self.reference(&name).filter(|_| name.starts_with(start)) {
                found.push((name, sha));
            }
        }
        found.sort();
        Ok(found)
    }

    /// Every branch with the SHA at its tip, by name.
    pub fn branches(&self) -> Result<Vec<(String, String)>, Error> {
        let mut branches = Vec::new();
        for reference in self.repository.references_glob("refs/heads/*")? {
            let reference = reference?;
            let sha = reference.target().map(|oid| oid.to_string()).unwrap_or_default();
            let name = reference.shorthand().unwrap_or_default().to_owned();
            branches.push((name, sha));
        }
        branches.sort();
        Ok(branches)
    }

    /// A branch, a tag, a full ref or a SHA as the commit that it means.
    pub fn resolve(&self, revision: &str) -> Option<String> {
        let object = self.repository.revparse_single(revision).ok()?;
        let commit = object.peel(ObjectType::Commit).ok()?;
        Some(commit.id().to_string())
    }

    /// What stands at `path` in a commit; an empty path is the root.
    pub fn entry(&self, sha: &str, path: &str) -> Option<Entry> {
        let tree = self.find(sha).ok()?.tree().ok()?;
        if path.is_empty() {
            return Some(Entry::Directory(self.list(&tree)));
        }
        let object = tree.get_path(Path::new(path)).ok()?.to_object(&self.repository).ok()?;
        match object.into_blob() {
            Ok(blob) => Some(Entry::File { sha: blob.id().to_string(), content: blob.content().to_vec() }),
            Err(object) => Some(Entry::Directory(self.list(object.as_tree()?))),
        }
    }

    fn list(&self, tree: &Tree<'_>) -> Vec<Listed> {
        tree.iter()
            .map(|entry| Listed {
                name: entry.name().unwrap_or_default().to_owned(),
                sha: entry.id().to_string(),
                size: self.repository.find_blob(entry.id()).map_or(0, |blob| blob.size()),
                directory: entry.kind() == Some(ObjectType::Tree),
            })
            .collect()
    }

    pub fn view(&self, sha: &str) -> Option<CommitView> {
        let commit = self.find(sha).ok()?;
        let (author, committer) = (commit.author(), commit.committer());
        Some(CommitView {
            sha: commit.id().to_string(),
            tree: commit.tree_id().to_string(),
            message: commit.message().unwrap_or_default().to_owned(),
            author: author.name().unwrap_or_default().to_owned(),
            email: author.email().unwrap_or_default().to_owned(),
            committer: committer.name().unwrap_or_default().to_owned(),
            committer_email: committer.email().unwrap_or_default().to_owned(),
            at: Timestamp::from_seconds(commit.time().seconds()),
            parents: commit.parent_ids().map(|oid| oid.to_string()).collect(),
        })
    }

    pub fn merge_base(&self, one: &str, other: &str) -> Option<String> {
        let base = self.repository.merge_base(Oid::from_str(one).ok()?, Oid::from_str(other).ok()?).ok()?;
        Some(base.to_string())
    }

    /// Commits that `to` has and `from` has not, oldest first.
    pub fn between(&self, from: &str, to: &str) -> Result<Vec<CommitView>, Error> {
        let mut walk = self.repository.revwalk()?;
        walk.set_sorting(Sort::TOPOLOGICAL | Sort::REVERSE)?;
        walk.push(Oid::from_str(to)?)?;
        walk.hide(Oid::from_str(from)?)?;
        let mut commits = Vec::new();
        for oid in walk {
            commits.extend(self.view(&oid?.to_string()));
        }
        Ok(commits)
    }

    /// Whether `head` can be merged into `base` without a conflict.
    pub fn merges_cleanly(&self, base: &str, head: &str) -> Result<bool, Error> {
        let index = self.repository.merge_commits(&self.find(base)?, &self.find(head)?, None)?;
        Ok(!index.has_conflicts())
    }

    fn find(&self, sha: &str) -> Result<Commit<'_>, Error> {
        self.repository.find_commit(Oid::from_str(sha)?)
    }
}

fn signature(author: &str, at: Timestamp) -> Result<Signature<'static>, Error> {
    Signature::new(author, &email(author), &Time::new(at.seconds(), 0))
}

/// The private address that GitHub writes into commits made on its pages.
pub fn email(login: &str) -> String {
    format!("{login}@users.noreply.github.com")
}

/// The login in a private address, which may have the account's number before it.
fn login(email: &str) -> Option<&str> {
    let name = email.strip_suffix("@users.noreply.github.com")?;
    Some(name.split_once('+').map_or(name, |(_, login)| login))
}
