//! A pull request, what its base demands, and what those whose word counts may do.

use std::collections::BTreeMap;

use futures::StreamExt;

use crate::github::{Github, GithubError, InstallationClient, ObservedPull};
use crate::model::{
    BranchName, BranchProtection, InstallationId, IssueState, Login, Number, Permission, PullState, Repository,
    RepositoryId, RepositoryName,
};

/// Questions about permissions that are asked at the same time.
const PERMISSIONS_AT_ONCE: usize = 8;

/// Looks at a pull request; `None` when it is gone, or is in another repository by now.
pub async fn pull(
    github: &Github,
    installation: InstallationId,
    (id, name): (RepositoryId, &RepositoryName),
    (number, known_head_branch): (Number, Option<&BranchName>),
) -> Result<Option<ObservedPull>, GithubError> {
    let found = github.installation(installation).pull(name, number, known_head_branch).await?;
    // A new repository may have taken the old name.
    Ok(found.filter(|found| found.repository_id == id))
}

/// What is known of a pull request or issue that another one depends on: whether it is met, and how it stands as a
/// sentence part. `None` when it is not to be found.
pub async fn dependency(
    github: &Github,
    installation: InstallationId,
    repository: &RepositoryName,
    number: Number,
) -> Result<Option<(bool, String)>, GithubError> {
    let client = github.installation(installation);
    let standing = match client.pull_state(repository, number).await {
        Ok(standing) => standing.state,
        // Not a pull request, or not there, or not for us to see.
        Err(GithubError::NotFound { .. }) => return issue_dependency(&client, repository, number).await,
        Err(GithubError::Forbidden { .. } | GithubError::Gone { .. }) => return Ok(None),
        Err(error) => return Err(error),
    };
    Ok(Some(match standing {
        PullState::Merged => (true, "merged".to_owned()),
        PullState::Open => (false, "open".to_owned()),
        PullState::Closed => (false, "closed without a merge".to_owned()),
    }))
}

async fn issue_dependency(
    client: &InstallationClient,
    repository: &RepositoryName,
    number: Number,
) -> Result<Option<(bool, String)>, GithubError> {
    match client.issue(repository, number).await {
        Ok(issue) => Ok(issue.map(|issue| match issue.state {
            IssueState::Closed => (true, "closed".to_owned()),
            IssueState::Open => (false, "open".to_owned()),
        })),
        Err(GithubError::NotFound { .. } | GithubError::Gone { .. } | GithubError::Forbidden { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Reads what a branch demands. Every failure is an error: what cannot be read must not pass for no demand.
pub async fn protection(
    github: &Github,
    repository: &Repository,
    branch: &BranchName,
) -> Result<BranchProtection, GithubError> {
    github.installation(repository.installation).branch_protection(&repository.name, branch).await
}

/// Reads what each of `logins` may do in a repository; the answer has an entry for every one of them.
pub async fn permissions(
    github: &Github,
    repository: &Repository,
    logins: impl IntoIterator<Item = Login>,
) -> Result<BTreeMap<Login, Permission>, GithubError> {
    let client = github.installation(repository.installation);
    let client = &client;
    let asked = logins.into_iter().map(|login| async move {
        let permission = client.permission(&repository.name, &login).await?;
        Ok::<_, GithubError>((login, permission))
    });
    let mut answers = futures::stream::iter(asked).buffer_unordered(PERMISSIONS_AT_ONCE);
    let mut found = BTreeMap::new();
    while let Some(answer) = answers.next().await {
        let (login, permission) = answer?;
        found.insert(login, permission);
    }
    Ok(found)
}
