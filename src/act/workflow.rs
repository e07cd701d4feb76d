//! Dispatches a workflow of the task's repository, with the handoff package as its input.

use super::{Deed, performed};
use crate::github::{Github, GithubError, WorkflowDispatch};
use crate::model::{BranchName, Outcome, Repository};

/// The input that carries the handoff package.
const INPUT: &str = "handoff";
/// GitHub's clock and ours may differ by so much.
const CLOCKS_APART_MS: i64 = 5_000;

/// GitHub gives a dispatch no id by which it could be found again. So a repeated attempt looks for a run that was
/// dispatched since the first one; a person who dispatches the same workflow in those seconds is taken for us.
pub(super) async fn dispatch(
    github: &Github,
    repository: &Repository,
    deed: &Deed<'_>,
    (workflow, git_ref, handoff): (&str, &BranchName, &str),
) -> Result<Outcome, GithubError> {
    let client = github.installation(repository.installation);
    if deed.attempts > 0 {
        let since = deed.first_attempt.plus_ms(-CLOCKS_APART_MS);
        let runs = client.dispatched_runs_since(&repository.name, workflow, since).await?;
        if !runs.is_empty() {
            return Ok(performed("the workflow had been dispatched already"));
        }
    }
    let wanted = WorkflowDispatch {
        workflow: workflow.to_owned(),
        git_ref: git_ref.clone(),
        inputs: [(INPUT.to_owned(), handoff.to_owned())].into(),
    };
    client.dispatch_workflow(&repository.name, &wanted).await?;
    Ok(performed(format!("dispatched {workflow} on {git_ref}")))
}
