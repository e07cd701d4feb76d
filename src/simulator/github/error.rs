//! What the owner of the simulator may have asked for that cannot be.

/// Why an act or a set-up step was not possible.
#[derive(Debug, thiserror::Error)]
pub enum SimulatorError {
    /// No repository has this `owner/name`.
    #[error("there is no repository {0}")]
    UnknownRepository(String),
    /// A repository's name must read `owner/name`, and be free.
    #[error("{0:?} cannot be a new repository's name")]
    BadRepositoryName(String),
    /// The repository has no issue or pull request of this number.
    #[error("{repository} has no issue or pull request {number}")]
    UnknownIssue {
        /// The repository that was searched.
        repository: String,
        /// The number that was not found.
        number: i64,
    },
    /// No comment has this id.
    #[error("there is no comment {0}")]
    UnknownComment(i64),
    /// No check run, suite or workflow run has this id.
    #[error("there is no check {0}")]
    UnknownCheck(i64),
    /// No release has this id or tag.
    #[error("there is no release {0}")]
    UnknownRelease(String),
    /// No deployment has this id.
    #[error("there is no deployment {0}")]
    UnknownDeployment(i64),
    /// No review has this id.
    #[error("there is no review {0}")]
    UnknownReview(i64),
    /// The repository has no such commit.
    #[error("No commit found for SHA: {0}")]
    UnknownCommit(String),
    /// GitHub's rules forbid it, in GitHub's words.
    #[error("{0}")]
    Forbidden(String),
    /// No installation belongs to this account.
    #[error("the App is not installed for {0}")]
    NotInstalled(String),
    /// The repository has no such branch.
    #[error("{repository} has no branch {branch}")]
    UnknownBranch {
        /// The repository that was searched.
        repository: String,
        /// The branch that was not found.
        branch: String,
    },
    /// Git itself refused.
    #[error("git: {0}")]
    Git(#[from] git2::Error),
    /// The temporary directory could not be used.
    #[error(transparent)]
    Io(#[from] std::io::Error),
    /// What was awaited did not happen.
    #[error("waited in vain until {0}")]
    TimedOut(String),
}
