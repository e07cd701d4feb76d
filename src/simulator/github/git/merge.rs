//! Real merges: with a merge commit, squashed into one, or rebased one by one.

use git2::{Commit, Error, Index, Oid, Signature, Time};

use super::{Git, signature};
use crate::model::Timestamp;

/// How GitHub merges a pull request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MergeMethod {
    Merge,
    Squash,
    Rebase,
}

impl MergeMethod {
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "merge" => Some(Self::Merge),
            "squash" => Some(Self::Squash),
            "rebase" => Some(Self::Rebase),
            _ => None,
        }
    }
}

/// A merge to be made; the branch itself is not moved by it.
pub struct Merge<'a> {
    pub base: &'a str,
    pub head: &'a str,
    pub method: MergeMethod,
    pub message: &'a str,
    /// The login of the author; the committer is GitHub itself, as of all that it commits.
    pub author: &'a str,
    pub at: Timestamp,
}

impl Git {
    /// Merges and returns the new tip; `None` when there is a conflict, or a merge among what is to be rebased.
    pub fn merge(&self, merge: &Merge<'_>) -> Result<Option<String>, Error> {
        let (base, head) = (self.find(merge.base)?, self.find(merge.head)?);
        match merge.method {
            MergeMethod::Merge => self.merged(merge, &[&base, &head]),
            MergeMethod::Squash => self.merged(merge, &[&base]),
            MergeMethod::Rebase => self.rebased(merge, &base),
        }
    }

    fn merged(&self, merge: &Merge<'_>, parents: &[&Commit<'_>]) -> Result<Option<String>, Error> {
        let index = self.repository.merge_commits(&self.find(merge.base)?, &self.find(merge.head)?, None)?;
        let author = signature(merge.author, merge.at)?;
        let made = self.commit_index(index, merge.at, (&author, merge.message), parents)?;
        Ok(made.map(|oid| oid.to_string()))
    }

    fn rebased(&self, merge: &Merge<'_>, base: &Commit<'_>) -> Result<Option<String>, Error> {
        let mut tip = base.id();
        for commit in self.between(merge.base, merge.head)? {
            let (picked, onto) = (self.find(&commit.sha)?, self.repository.find_commit(tip)?);
            if picked.parent_count() > 1 {
                return Ok(None);
            }
            let index = self.repository.cherrypick_commit(&picked, &onto, 0, None)?;
            match self.commit_index(index, merge.at, (&picked.author(), &commit.message), &[&onto])? {
                Some(oid) => tip = oid,
                None => return Ok(None),
            }
        }
        Ok(Some(tip.to_string()))
    }

    fn commit_index(
        &self,
        mut index: Index,
        at: Timestamp,
        (author, message): (&Signature<'_>, &str),
        parents: &[&Commit<'_>],
    ) -> Result<Option<Oid>, Error> {
        if index.has_conflicts() {
            return Ok(None);
        }
        let tree = self.repository.find_tree(index.write_tree_to(&self.repository)?)?;
        let committer = Signature::new("GitHub", "noreply@github.com", &Time::new(at.seconds(), 0))?;
        self.repository.commit(None, author, &committer, message, &tree, parents).map(Some)
    }

    /// Whether `ancestor` is `of` itself or one of its ancestors.
    pub fn contains(&self, of: &str, ancestor: &str) -> bool {
        self.merge_base(of, ancestor).is_some_and(|base| base == ancestor)
    }

    /// Removes a branch; `false` when there is none.
    pub fn delete_branch(&self, branch: &str) -> Result<bool, Error> {
        match self.repository.find_reference(&format!("refs/heads/{branch}")) {
            Ok(mut reference) => reference.delete().map(|()| true),
            Err(_) => Ok(false),
        }
    }
}
