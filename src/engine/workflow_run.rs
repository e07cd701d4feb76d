//! Starts a workflow by hand and waits for its end: for commands, which wait; decisions never do.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use anyhow::{Context, Result, bail};

use super::Engine;
use crate::github::WorkflowDispatch;
use crate::model::{BranchName, Repository, RunSeen};

/// The first pause between two looks at the run; each is twice the one before.
const PAUSE: Duration = Duration::from_millis(250);
/// The longest pause.
const PAUSE_MAX: Duration = Duration::from_secs(8);
/// GitHub's clock may be behind ours by so much.
const CLOCKS_APART_MS: i64 = 120_000;

impl Engine {
    /// Starts a workflow and waits until it is over, for as long as the caller has patience.
    pub async fn run_workflow(&self, repository: &Repository, file: &str, git_ref: &BranchName) -> Result<RunSeen> {
        let client = self.app.hands.github.installation(repository.installation);
        let name = &repository.name;
        let since = self.app.clock.now().plus_ms(-CLOCKS_APART_MS);
        let cannot = || format!("{name} has no workflow {file} that can be started by hand on {git_ref}");
        let before = client.dispatched_runs_since(name, file, since).await.with_context(cannot)?;
        let before: BTreeSet<i64> = before.into_iter().map(|run| run.id).collect();
        let dispatch =
            WorkflowDispatch { workflow: file.to_owned(), git_ref: git_ref.clone(), inputs: BTreeMap::new() };
        client.dispatch_workflow(name, &dispatch).await.with_context(cannot)?;
        let mut pause = PAUSE;
        let mut run: Option<i64> = None;
        loop {
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(PAUSE_MAX);
            let Some(id) = run else {
                // Newest first: of several that are new, ours is most likely the oldest.
                let runs = client.dispatched_runs_since(name, file, since).await?;
                run = runs.into_iter().rev().map(|run| run.id).find(|id| !before.contains(id));
                continue;
            };
            match client.workflow_run(name, id).await? {
                Some(run) if run.conclusion.is_some() => return Ok(run),
                Some(_) => {}
                None => bail!("the run {id} of {file} was deleted before its end"),
            }
        }
    }
}
