//! What people do to branches and forks, and a look at what Git then holds.

use std::collections::BTreeMap;

use super::GithubSimulator;
use super::entities::MergeMethods;
use super::error::SimulatorError;
use super::git::{Author, Changes, email};
use super::state::State;
use crate::model::RepositoryId;

/// A commit by somebody whom GitHub may not know, with everyone who had a hand in it.
#[derive(Debug, Clone, Copy)]
pub struct AuthoredCommit<'a> {
    /// The login of who pushes it.
    pub pusher: &'a str,
    /// The branch; a new one starts at the default branch.
    pub branch: &'a str,
    /// The author's name and address.
    pub author: (&'a str, &'a str),
    /// Names and addresses for `Co-authored-by` trailers.
    pub co_authors: &'a [(&'a str, &'a str)],
    /// Paths with their whole content; `None` deletes the file.
    pub files: &'a [(&'a str, Option<Vec<u8>>)],
    /// The message, without the trailers.
    pub message: &'a str,
}

impl GithubSimulator {
    /// Commits several files at once as `who` and returns the commit's SHA. `None` as content deletes a file; one
    /// deleted and another written with like content show as a renaming.
    #[expect(clippy::too_many_arguments, reason = "a scenario reads best with all of it on one line")]
    pub fn commit_files(
        &self,
        repository: &str,
        who: &str,
        branch: &str,
        files: &[(&str, Option<Vec<u8>>)],
        message: &str,
    ) -> Result<String, SimulatorError> {
        let address = email(who);
        let author = (who, address.as_str());
        self.push_commit_by(repository, AuthoredCommit { pusher: who, branch, author, co_authors: &[], files, message })
    }

    /// Commits several files under any author and returns the commit's SHA.
    pub fn push_commit_by(&self, repository: &str, commit: AuthoredCommit<'_>) -> Result<String, SimulatorError> {
        let mut message = commit.message.to_owned();
        for (index, (name, email)) in commit.co_authors.iter().enumerate() {
            let gap = if index == 0 { "\n\n" } else { "\n" };
            message.extend([gap, "Co-authored-by: ", name, " <", email, ">"]);
        }
        let files: Vec<_> = commit.files.iter().map(|(path, content)| (*path, content.as_deref())).collect();
        let (name, email) = commit.author;
        self.act(repository, commit.pusher, |state, id, actor| {
            let (author, at) = (Author { name, email }, state.now());
            let changes = Changes { branch: commit.branch, files: &files, message: &message, author, at };
            state.push_files(id, actor, &changes)
        })
    }

    /// Points a branch at any commit that the repository has, as a forced push does; a new branch is created.
    pub fn force_push(&self, repository: &str, who: &str, branch: &str, sha: &str) -> Result<(), SimulatorError> {
        self.act(repository, who, |state, id, actor| state.move_branch(id, branch, sha, actor))
    }

    /// Copies a repository to another account, where the App is not installed; its name there is `owner/name`.
    pub fn fork(&self, repository: &str, owner: &str) -> Result<RepositoryId, SimulatorError> {
        self.act(repository, owner, |state, id, _| state.fork(id, owner)).map(RepositoryId)
    }

    /// Deletes a repository; pulls that came from it stay, without a head repository.
    pub fn delete_repository(&self, repository: &str) -> Result<(), SimulatorError> {
        let owner = repository.split('/').next().unwrap_or_default();
        self.act(repository, owner, State::delete_repository)
    }

    /// Sets which ways of merging the repository allows.
    pub fn set_merge_methods(&self, repository: &str, methods: MergeMethods) -> Result<(), SimulatorError> {
        self.shared.change(|state| {
            let id = state.repository_id(repository)?;
            state.repository_mut(id)?.merge_methods = methods;
            Ok(())
        })
    }

    /// Sets how many reads of a pull find its mergeability unknown after a push to either end; 1 from the start.
    pub fn set_unknown_mergeability_reads(&self, reads: u32) {
        self.shared.change(|state| state.unknown_mergeability_reads = reads);
    }

    /// The SHA at the tip of a branch.
    #[must_use]
    pub fn head_of(&self, repository: &str, branch: &str) -> Option<String> {
        let state = self.shared.lock();
        state.repository(state.repository_id(repository).ok()?).ok()?.git.head(branch)
    }

    /// The SHAs of a commit's parents; none for a root, or for what is not there.
    #[must_use]
    pub fn parents_of(&self, repository: &str, sha: &str) -> Vec<String> {
        self.commit(repository, sha).map(|commit| commit.parents).unwrap_or_default()
    }

    /// A commit's whole message; empty for what is not there.
    #[must_use]
    pub fn message_of(&self, repository: &str, sha: &str) -> String {
        self.commit(repository, sha).map(|commit| commit.message).unwrap_or_default()
    }

    /// The author of a commit, as (name, address).
    #[must_use]
    pub fn author_of(&self, repository: &str, sha: &str) -> Option<(String, String)> {
        self.commit(repository, sha).map(|commit| (commit.author, commit.email))
    }

    /// Every file at a branch, a full ref or a commit, by path.
    #[must_use]
    pub fn files_at(&self, repository: &str, revision: &str) -> BTreeMap<String, Vec<u8>> {
        let state = self.shared.lock();
        let home = state.repository_id(repository).and_then(|id| state.repository(id));
        home.map(|home| home.git.files(revision)).unwrap_or_default()
    }

    fn commit(&self, repository: &str, sha: &str) -> Option<super::git::CommitView> {
        let state = self.shared.lock();
        state.repository(state.repository_id(repository).ok()?).ok()?.git.view(sha)
    }
}
