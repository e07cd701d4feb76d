//! Pull requests as tests and the demo look at them.

use super::GithubSimulator;
use super::entities::Issue;

/// A pull request as it stands; its title, labels and comments are those of the issue of its number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PullView {
    /// `open` or `closed`.
    pub state: String,
    /// Whether it is only a draft.
    pub draft: bool,
    /// The branch with the changes.
    pub head: String,
    /// The head's commit.
    pub head_sha: String,
    /// The branch to merge into.
    pub base: String,
    /// The commit on the base branch that it was merged as, if it was.
    pub merge_sha: Option<String>,
    /// Who merged it, if it was merged.
    pub merged_by: Option<String>,
}

impl PullView {
    pub(super) fn of(issue: &Issue) -> Option<Self> {
        let pull = issue.pull.as_ref()?;
        Some(Self {
            state: issue.state().to_owned(),
            draft: pull.draft,
            head: pull.head.clone(),
            head_sha: pull.head_sha.clone(),
            base: pull.base.clone(),
            merge_sha: pull.merged.as_ref().map(|merged| merged.sha.clone()),
            merged_by: pull.merged.as_ref().map(|merged| merged.by.clone()),
        })
    }
}

impl GithubSimulator {
    /// A pull request as it stands.
    #[must_use]
    pub fn pull(&self, repository: &str, number: i64) -> Option<PullView> {
        let state = self.shared.lock();
        PullView::of(state.issue(state.repository_id(repository).ok()?, number).ok()?)
    }
}
