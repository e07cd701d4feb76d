//! Stage 2, observing: reads of GitHub that a decision is made from, afresh each time.
//!
//! Every read is conditional (the client keeps ETags), so looking again at what has not changed costs nothing of the
//! rate limit.

mod changes;
mod pull;
mod rule_files;

pub use changes::{Changes, ChangesFault, FILES_LIMIT, changes};
pub use pull::{dependency, permissions, protection, pull};
pub use rule_files::{GITLEAKS_PATH, RuleFiles, is_structural, rule_files};

use crate::github::{Github, GithubError};
use crate::model::{InstallationId, Issue, Number, Repository, RepositoryId};

/// Where a repository's own policy stands, on its default branch; the organisation's `.github` repository has the
/// same path for all of its repositories.
pub const POLICY_PATH: &str = ".github/stationmaster.toml";

/// What GitHub shows of an issue.
#[derive(Debug, Clone)]
pub struct ObservedIssue {
    /// Where it lives, under its present name.
    pub repository: Repository,
    /// The issue.
    pub issue: Issue,
}

/// A repository's policy as it was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObservedPolicy {
    /// Which file it is, for messages: `owner/name:.github/stationmaster.toml`.
    pub file: String,
    /// Its text.
    pub text: String,
}

/// Looks at an issue; `None` when it is gone, or has become something else than an issue.
pub async fn issue(
    github: &Github,
    repository: Repository,
    number: Number,
) -> Result<Option<ObservedIssue>, GithubError> {
    let issue = github.installation(repository.installation).issue(&repository.name, number).await;
    match issue {
        // A transferred issue is answered from its new place, which its address names.
        Ok(issue) => Ok(issue
            .filter(|issue| is_at(&issue.url, &repository, number))
            .map(|issue| ObservedIssue { repository, issue })),
        Err(GithubError::NotFound { .. } | GithubError::Gone { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

fn is_at(url: &str, repository: &Repository, number: Number) -> bool {
    url.to_ascii_lowercase().ends_with(&format!("/{}/issues/{number}", repository.name).to_ascii_lowercase())
}

/// Looks at a repository under its id, so that a rename or transfer is noticed; `None` when it is gone for us.
pub async fn repository(
    github: &Github,
    installation: InstallationId,
    id: RepositoryId,
) -> Result<Option<Repository>, GithubError> {
    match github.installation(installation).repository_by_id(id).await {
        Ok(repository) => Ok(Some(repository)),
        Err(GithubError::NotFound { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Reads a repository's policy from its default branch, else from its organisation's `.github` repository; `None`
/// when neither has one. Every failure other than "not there" is an error: a policy that cannot be read must not
/// pass for one that does not exist.
pub async fn policy(github: &Github, repository: &Repository) -> Result<Option<ObservedPolicy>, GithubError> {
    let client = github.installation(repository.installation);
    let shared = crate::model::RepositoryName::new(repository.name.owner.clone(), ".github");
    for name in [&repository.name, &shared] {
        if let Some(text) = client.file(name, POLICY_PATH).await? {
            return Ok(Some(ObservedPolicy { file: format!("{name}:{POLICY_PATH}"), text }));
        }
    }
    Ok(None)
}
