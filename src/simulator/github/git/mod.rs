//! One real bare Git repository per simulated repository: commits, parents, diffs and trial merges.

mod merge;

use std::path::Path;

use git2::build::TreeUpdateBuilder;
use git2::{Commit, Error, FileMode, ObjectType, Oid, Patch, Signature, Sort, Time, Tree};

use crate::model::Timestamp;

pub use merge::{Merge, MergeMethod};

pub struct Git {
    repository: git2::Repository,
}

impl std::fmt::Debug for Git {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "Git({})", self.repository.path().display())
    }
}

/// A file to be written with one commit; `None` as content removes it.
pub struct FileChange<'a> {
    pub branch: &'a str,
    pub path: &'a str,
    pub content: Option<&'a [u8]>,
    pub message: &'a str,
    pub author: &'a str,
    pub at: Timestamp,
}

/// A commit as far as answers and payloads show it.
#[derive(Debug, Clone)]
pub struct CommitView {
    pub sha: String,
    pub tree: String,
    pub message: String,
    pub author: String,
    pub email: String,
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

/// What became of one file between two commits.
#[derive(Debug, Clone)]
pub struct FileDiff {
    pub path: String,
    pub sha: String,
    pub status: &'static str,
    pub additions: usize,
    pub deletions: usize,
    pub patch: String,
}

impl Git {
    pub fn create(directory: &Path) -> Result<Self, Error> {
        Ok(Self { repository: git2::Repository::init_bare(directory)? })
    }

    /// Commits one change on top of the branch (or as the first commit of a new root) and returns the new SHA.
    pub fn commit(&self, change: &FileChange<'_>) -> Result<String, Error> {
        let parent = self.head(change.branch).map(|sha| self.find(&sha)).transpose()?;
        let empty = self.repository.find_tree(self.repository.treebuilder(None)?.write()?)?;
        let base = parent.as_ref().map(Commit::tree).transpose()?.unwrap_or(empty);
        let mut update = TreeUpdateBuilder::new();
        match change.content {
            Some(content) => update.upsert(change.path, self.repository.blob(content)?, FileMode::Blob),
            None => update.remove(change.path),
        };
        let tree = self.repository.find_tree(update.create_updated(&self.repository, &base)?)?;
        let signature = signature(change.author, change.at)?;
        let parents: Vec<&Commit<'_>> = parent.iter().collect();
        let reference = format!("refs/heads/{}", change.branch);
        let oid = self.repository.commit(Some(&reference), &signature, &signature, change.message, &tree, &parents)?;
        Ok(oid.to_string())
    }

    /// Creates or moves a branch to a commit.
    pub fn set_branch(&self, branch: &str, sha: &str) -> Result<(), Error> {
        let oid = Oid::from_str(sha)?;
        self.repository.reference(&format!("refs/heads/{branch}"), oid, true, "simulator").map(drop)
    }

    /// The SHA at the tip of a branch.
    pub fn head(&self, branch: &str) -> Option<String> {
        self.repository.refname_to_id(&format!("refs/heads/{branch}")).ok().map(|oid| oid.to_string())
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
        let author = commit.author();
        Some(CommitView {
            sha: commit.id().to_string(),
            tree: commit.tree_id().to_string(),
            message: commit.message().unwrap_or_default().to_owned(),
            author: author.name().unwrap_or_default().to_owned(),
            email: author.email().unwrap_or_default().to_owned(),
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

    /// The files that differ between two commits; no `from` compares with nothing at all.
    pub fn diff(&self, from: Option<&str>, to: &str) -> Result<Vec<FileDiff>, Error> {
        let old = from.map(|sha| self.find(sha)?.tree()).transpose()?;
        let new = self.find(to)?.tree()?;
        let diff = self.repository.diff_tree_to_tree(old.as_ref(), Some(&new), None)?;
        let mut files = Vec::new();
        for (index, delta) in diff.deltas().enumerate() {
            let file = if delta.status() == git2::Delta::Deleted { delta.old_file() } else { delta.new_file() };
            let status = status(delta.status());
            let (mut additions, mut deletions, mut text) = (0, 0, String::new());
            if let Some(mut patch) = Patch::from_diff(&diff, index)? {
                (_, additions, deletions) = patch.line_stats()?;
                let whole = patch.to_buf()?;
                let whole = String::from_utf8_lossy(&whole);
                // GitHub's `patch` starts at the first hunk, without git's file header.
                text = whole.find("@@").map_or_else(String::new, |at| whole[at..].trim_end().to_owned());
            }
            let path = file.path().map(|path| path.to_string_lossy().into_owned()).unwrap_or_default();
            files.push(FileDiff { path, sha: file.id().to_string(), status, additions, deletions, patch: text });
        }
        Ok(files)
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

/// GitHub's word; without rename detection two trees differ in no other way.
fn status(delta: git2::Delta) -> &'static str {
    if delta == git2::Delta::Added {
        "added"
    } else if delta == git2::Delta::Deleted {
        "removed"
    } else {
        "modified"
    }
}

fn signature(author: &str, at: Timestamp) -> Result<Signature<'static>, Error> {
    Signature::new(author, &email(author), &Time::new(at.seconds(), 0))
}

/// The private address that GitHub writes into commits made on its pages.
pub fn email(login: &str) -> String {
    format!("{login}@users.noreply.github.com")
}
