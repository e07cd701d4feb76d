//! Looks whether what was handed in for a task is so.

use crate::github::{Github, GithubError, InstallationClient};
use crate::model::{
    Check, CheckState, Conclusion, Evidence, EvidenceSeen, LinkedPull, Number, Repository, RepositoryName, Sha,
};
use crate::reach::Reach;

/// So much of a file is read to find out that it is there.
const FILE_LIMIT_BYTES: usize = 64 * 1024;

/// Looks at evidence. Pages are fetched from the `hosts` alone, which the policy lists by name and port.
pub async fn evidence(
    (github, reach): (&Github, &Reach),
    repository: &Repository,
    evidence: &Evidence,
    hosts: &[String],
) -> Result<EvidenceSeen, GithubError> {
    let client = github.installation(repository.installation);
    match evidence {
        Evidence::Code { pull } => {
            let seen = found(client.linked_pull(&pull.repository, pull.number).await)?;
            let missing = || EvidenceSeen::Missing { why: format!("{pull} is not found: {NOT_FOUND}") };
            Ok(seen.map_or_else(missing, |pull| EvidenceSeen::Pull(Box::new(pull))))
        }
        Evidence::Verification { checks, commit: Some(commit) } => {
            let names: Vec<&str> = checks.iter().map(|(name, _)| name.as_str()).collect();
            look_at_checks(&client, &repository.name, commit, &names).await
        }
        Evidence::File { path } => look_for_file(&client, repository, path).await,
        Evidence::Page { url } => Ok(super::page::look(reach, url, hosts).await),
        // What was said is all that there is.
        Evidence::Verification { commit: None, .. } | Evidence::Test { .. } | Evidence::Research { .. } => {
            Ok(EvidenceSeen::Exists)
        }
    }
}

/// What GitHub's "not found" may mean.
const NOT_FOUND: &str = "there is no such pull request, or the App may not see it";

/// Looks at a pull request of the task's own repository; `None` when it is not there.
pub async fn linked_pull(
    github: &Github,
    repository: &Repository,
    number: Number,
) -> Result<Option<LinkedPull>, GithubError> {
    found(github.installation(repository.installation).linked_pull(&repository.name, number).await)
}

/// What is not there, or not for us to see, is an answer.
fn found<T>(answer: Result<T, GithubError>) -> Result<Option<T>, GithubError> {
    match answer {
        Ok(found) => Ok(Some(found)),
        Err(
            GithubError::NotFound { .. }
            | GithubError::Gone { .. }
            | GithubError::Forbidden { .. }
            | GithubError::Path { .. },
        ) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Every check of these names, by whichever App, and every status.
async fn look_at_checks(
    client: &InstallationClient,
    repository: &RepositoryName,
    commit: &Sha,
    names: &[&str],
) -> Result<EvidenceSeen, GithubError> {
    let missing = || EvidenceSeen::Missing { why: format!("`{}` has no commit {commit}", repository.name) };
    let runs = match client.check_runs(repository, commit).await {
        // So GitHub answers to what is no commit of the repository.
        Err(GithubError::Validation { .. }) => return Ok(missing()),
        answer => found(answer)?,
    };
    let Some(mut all) = runs else { return Ok(missing()) };
    all.extend(client.statuses(repository, commit).await?);
    let mut seen = Vec::with_capacity(names.len());
    for name in names {
        let of_name: Vec<&Check> = all.iter().filter(|check| check.name == *name).collect();
        if of_name.iter().any(|check| matches!(check.state, CheckState::Queued | CheckState::Running)) {
            return Ok(EvidenceSeen::Unknown { why: format!("the check `{name}` to end") });
        }
        let green = |check: &&Check| check.state == CheckState::Completed(Conclusion::Success);
        seen.push(((*name).to_owned(), !of_name.is_empty() && of_name.iter().all(green)));
    }
    Ok(EvidenceSeen::Checks { checks: seen })
}

async fn look_for_file(
    client: &InstallationClient,
    repository: &Repository,
    path: &str,
) -> Result<EvidenceSeen, GithubError> {
    let branch = &repository.default_branch;
    match client.bytes_at(&repository.name, path, branch.as_str(), FILE_LIMIT_BYTES).await {
        // One that is larger than what is read is there as well.
        Ok(Some(_)) | Err(GithubError::TooLarge { .. }) => Ok(EvidenceSeen::Exists),
        Ok(None) | Err(GithubError::Path { .. }) => {
            Ok(EvidenceSeen::Missing { why: format!("`{path}` is not on the branch `{branch}`") })
        }
        Err(error) => Err(error),
    }
}
