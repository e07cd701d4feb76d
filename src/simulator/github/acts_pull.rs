//! What people do to pull requests besides opening and merging them.

use super::GithubSimulator;
use super::changes::NewPull;
use super::error::SimulatorError;
use crate::model::Number;

impl GithubSimulator {
    /// Opens a pull request from a branch of `fork` (its `owner/name`) to a branch of the repository that it was
    /// forked from, and returns its number there.
    pub fn open_fork_pull(
        &self,
        repository: &str,
        fork: &str,
        who: &str,
        pull: NewPull,
    ) -> Result<Number, SimulatorError> {
        let owner = fork.split('/').next().unwrap_or_default();
        let head = format!("{owner}:{}", pull.head);
        self.open_pull(repository, who, NewPull { head, ..pull })
    }

    /// Closes a pull request without merging it.
    pub fn close_pull(&self, repository: &str, who: &str, number: Number) -> Result<(), SimulatorError> {
        self.close_issue(repository, who, number)
    }

    /// Reopens a pull request at wherever its branch is by now; `false` when that branch is gone.
    pub fn reopen_pull(&self, repository: &str, who: &str, number: Number) -> Result<bool, SimulatorError> {
        self.act(repository, who, |state, id, actor| state.reopen_pull((id, number.0), actor))
    }

    /// Points a pull request at another base branch.
    pub fn retarget_pull(&self, repository: &str, who: &str, number: Number, base: &str) -> Result<(), SimulatorError> {
        self.act(repository, who, |state, id, actor| state.change_base((id, number.0), base, actor))
    }

    /// Puts a label on a pull request, creating it in grey where the repository has none of that name.
    pub fn label_pull(&self, repository: &str, who: &str, number: Number, label: &str) -> Result<(), SimulatorError> {
        self.add_label(repository, who, number, label)
    }

    /// Takes a label off a pull request.
    pub fn unlabel_pull(&self, repository: &str, who: &str, number: Number, label: &str) -> Result<(), SimulatorError> {
        self.remove_label(repository, who, number, label)
    }
}
