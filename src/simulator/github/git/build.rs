//! Trees and commits made from their parts, as the Git database API does, and the history of a commit.

use git2::build::TreeUpdateBuilder;
use git2::{Commit, Error, ErrorCode, FileMode, Oid, Signature, Sort, Time};

use super::{Author, CommitView, Git};
use crate::model::Timestamp;

/// One line of a tree to be made; without an object it is removed.
pub struct TreeEdit {
    pub path: String,
    pub mode: FileMode,
    pub object: Option<String>,
}

/// A commit to be made of a tree that is there.
pub struct NewCommit<'a> {
    pub message: &'a str,
    pub tree: &'a str,
    pub parents: &'a [String],
    pub author: Author<'a>,
    pub committer: Author<'a>,
    pub at: Timestamp,
}

impl Git {
    /// Stores bytes as a blob.
    pub fn make_blob(&self, bytes: &[u8]) -> Result<String, Error> {
        Ok(self.repository.blob(bytes)?.to_string())
    }

    /// The tree that a tree or a commit of this SHA is or has.
    pub fn tree_of(&self, sha: &str) -> Option<String> {
        let oid = Oid::from_str(sha).ok().filter(|_| sha.len() == 40)?;
        Some(self.repository.find_object(oid, None).ok()?.peel_to_tree().ok()?.id().to_string())
    }

    /// Makes a tree of another one (of none: an empty one) and these edits; `None` when one removes what is not there.
    pub fn make_tree(&self, base: Option<&str>, edits: &[TreeEdit]) -> Result<Option<String>, Error> {
        let empty = self.repository.treebuilder(None)?.write()?;
        let base = base.map(Oid::from_str).transpose()?.unwrap_or(empty);
        let base = self.repository.find_tree(base)?;
        let mut update = TreeUpdateBuilder::new();
        for edit in edits {
            match &edit.object {
                Some(sha) => update.upsert(edit.path.as_str(), Oid::from_str(sha)?, edit.mode),
                None => update.remove(edit.path.as_str()),
            };
        }
        match update.create_updated(&self.repository, &base) {
            Ok(oid) => Ok(Some(oid.to_string())),
            Err(error) if error.code() == ErrorCode::NotFound || error.class() == git2::ErrorClass::Tree => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Makes a commit that no ref points at yet.
    pub fn make_commit(&self, new: &NewCommit<'_>) -> Result<String, Error> {
        let time = Time::new(new.at.seconds(), 0);
        let author = Signature::new(new.author.name, new.author.email, &time)?;
        let committer = Signature::new(new.committer.name, new.committer.email, &time)?;
        let tree = self.repository.find_tree(Oid::from_str(new.tree)?)?;
        let parents = new.parents.iter().map(|sha| self.find(sha)).collect::<Result<Vec<_>, _>>()?;
        let parents: Vec<&Commit<'_>> = parents.iter().collect();
        Ok(self.repository.commit(None, &author, &committer, new.message, &tree, &parents)?.to_string())
    }

    /// What a branch went through from one commit to another, oldest first: what its merges brought in is left out.
    pub fn mainline(&self, from: &str, to: &str) -> Result<Vec<String>, Error> {
        let mut walk = self.repository.revwalk()?;
        walk.set_sorting(Sort::TOPOLOGICAL | Sort::REVERSE)?;
        walk.simplify_first_parent()?;
        walk.push(Oid::from_str(to)?)?;
        walk.hide(Oid::from_str(from)?)?;
        walk.map(|oid| Ok(oid?.to_string())).collect()
    }

    /// A commit and all its ancestors, newest first.
    pub fn history(&self, sha: &str) -> Result<Vec<CommitView>, Error> {
        let mut walk = self.repository.revwalk()?;
        walk.set_sorting(Sort::TOPOLOGICAL | Sort::TIME)?;
        walk.push(Oid::from_str(sha)?)?;
        let mut commits = Vec::new();
        for oid in walk {
            commits.extend(self.view(&oid?.to_string()));
        }
        Ok(commits)
    }
}
