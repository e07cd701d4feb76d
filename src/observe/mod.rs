//! Stage 2, observing: reads of GitHub that a decision is made from, afresh each time.
//!
//! Every read is conditional (the client keeps ETags), so looking again at what has not changed costs nothing of the
//! rate limit.

mod changes;
mod evidence;
mod page;
mod pull;
mod rule_files;

pub use changes::{Changes, ChangesFault, FILES_LIMIT, changes};
pub use evidence::{evidence, linked_pull};
pub use pull::{dependency, permissions, protection, pull};
pub use rule_files::{GITLEAKS_PATH, RuleFiles, is_structural, rule_files};

use crate::github::{Github, GithubError, IssueThread, PullComment};
use crate::model::{
    ActorKind, Dependency, InstallationId, Issue, Item, LabelEvent, LinkedPull, Login, Number, Repository,
    RepositoryId, SubIssue, Timestamp,
};

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
    /// Who edited its text last, and when; `None` where nobody did.
    pub edited: Option<(Option<(Login, ActorKind)>, Timestamp)>,
    /// Its newest comments, oldest first.
    pub comments: Vec<PullComment>,
    /// The newest changes of its labels, oldest first.
    pub label_events: Vec<LabelEvent>,
    /// Issues that it waits for.
    pub dependencies: Vec<Dependency>,
    /// Issues that wait for it.
    pub dependents: Vec<Item>,
    /// The issue that it is part of, with its title.
    pub parent: Option<(Item, String)>,
    /// Issues that are part of it.
    pub sub_issues: Vec<SubIssue>,
    /// Pull requests of which GitHub says that they close it.
    pub pulls: Vec<LinkedPull>,
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
    let client = github.installation(repository.installation);
    let seen = match client.issue_seen(&repository.name, number).await {
        Ok(seen) => seen,
        Err(GithubError::NotFound { .. } | GithubError::Gone { .. }) => return Ok(None),
        Err(error) => return Err(error),
    };
    // A transferred issue is answered from its new place, which its address names.
    let Some(seen) = seen.filter(|seen| is_at(&seen.issue.url, &repository, number)) else { return Ok(None) };
    let name = &repository.name;
    let dependencies = async { if seen.is_blocked { client.blocked_by(name, number).await } else { Ok(Vec::new()) } };
    let dependents = async { if seen.is_blocking { client.blocking(name, number).await } else { Ok(Vec::new()) } };
    let thread = client.issue_thread(name, number);
    let (thread, dependencies, dependents) = futures::try_join!(thread, dependencies, dependents)?;
    // It may have gone in the meantime.
    let Some(IssueThread { edited, comments, label_events, parent, sub_issues, pulls }) = thread else {
        return Ok(None);
    };
    let issue = seen.issue;
    Ok(Some(ObservedIssue {
        repository,
        issue,
        edited,
        comments,
        label_events,
        dependencies,
        dependents,
        parent,
        sub_issues,
        pulls,
    }))
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
