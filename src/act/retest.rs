//! Runs failed checks again: the failed jobs of workflow runs, and check runs of other Apps.

use std::collections::BTreeSet;

use super::{Deed, Hands, performed};
use crate::github::{GithubError, InstallationClient};
use crate::model::{FailedCheck, Outcome, Repository, Sha};

/// The App whose check runs are jobs of workflow runs, and are run again as those.
const ACTIONS_APP: &str = "github-actions";
/// A first attempt begins at once; one that begins later follows on a server that died.
const AT_ONCE_MS: i64 = 5_000;

/// What came of one thing to run again.
enum Rerun {
    Begun(String),
    Already(String),
    Refused(String),
}

/// What is run again already is left alone, so that doing this twice does not run it twice.
pub(super) async fn retest(
    hands: &Hands,
    repository: &Repository,
    deed: &Deed<'_>,
    (head, checks): (&Sha, &[FailedCheck]),
) -> Result<Outcome, GithubError> {
    let client = hands.github.installation(repository.installation);
    let (jobs, others): (Vec<_>, Vec<_>) = checks.iter().partition(|check| check.app == ACTIONS_APP);
    let mut reruns = Vec::new();
    if !jobs.is_empty() {
        let suites: BTreeSet<i64> = jobs.iter().filter_map(|check| check.suite).collect();
        reruns.extend(rerun_workflows(&client, repository, deed, (head, &suites)).await?);
    }
    let again = deed.attempts > 0 || hands.clock.now().since_ms(deed.first_attempt) > AT_ONCE_MS;
    for check in others {
        reruns.push(rerequest(&client, repository, check, again).await?);
    }
    Ok(outcome(&reruns))
}

async fn rerun_workflows(
    client: &InstallationClient,
    repository: &Repository,
    deed: &Deed<'_>,
    (head, suites): (&Sha, &BTreeSet<i64>),
) -> Result<Vec<Rerun>, GithubError> {
    let runs = client.workflow_runs_of(&repository.name, head).await?;
    let mut reruns = Vec::new();
    for run in runs.into_iter().filter(|run| run.suite.is_some_and(|suite| suites.contains(&suite))) {
        if !run.is_over() || run.started > deed.first_attempt {
            reruns.push(Rerun::Already(run.name));
            continue;
        }
        let done = client.rerun_failed_jobs(&repository.name, run.id).await;
        reruns.push(rerun(done, &run.name)?);
    }
    Ok(reruns)
}

async fn rerequest(
    client: &InstallationClient,
    repository: &Repository,
    check: &FailedCheck,
    again: bool,
) -> Result<Rerun, GithubError> {
    if let Some(suite) = check.suite.filter(|_| again)
        && !client.check_suite_is_over(&repository.name, suite).await?
    {
        return Ok(Rerun::Already(check.name.clone()));
    }
    rerun(client.rerequest_check_run(&repository.name, check.run).await, &check.name)
}

/// What GitHub refuses for one of them says nothing about the next; anything else ends the attempt.
fn rerun(done: Result<(), GithubError>, name: &str) -> Result<Rerun, GithubError> {
    match done {
        Ok(()) => Ok(Rerun::Begun(name.to_owned())),
        Err(
            error @ (GithubError::Forbidden { .. }
            | GithubError::NotFound { .. }
            | GithubError::Gone { .. }
            | GithubError::Conflict { .. }
            | GithubError::Validation { .. }),
        ) => Ok(Rerun::Refused(format!("{name}: {error}"))),
        Err(error) => Err(error),
    }
}

fn outcome(reruns: &[Rerun]) -> Outcome {
    let (mut begun, mut already, mut refused) = (Vec::new(), Vec::new(), Vec::new());
    for rerun in reruns {
        match rerun {
            Rerun::Begun(name) => begun.push(name.as_str()),
            Rerun::Already(name) => already.push(name.as_str()),
            Rerun::Refused(name) => refused.push(name.as_str()),
        }
    }
    let parts = [("run again", &begun), ("running already", &already), ("refused", &refused)];
    let said: Vec<String> = parts
        .iter()
        .filter(|(_, names)| !names.is_empty())
        .map(|(what, names)| format!("{what}: {}", names.join(", ")))
        .collect();
    match (begun.is_empty() && already.is_empty(), refused.is_empty()) {
        (false, _) => performed(said.join("; ")),
        (true, false) => Outcome::Refused { reason: said.join("; ") },
        (true, true) => Outcome::Refused { reason: "GitHub knows no run of the failed checks any more".to_owned() },
    }
}
