//! `deploy test`: starts the test workflow and nothing else, and waits for its end.

use std::io::Write;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use serde::Serialize;

use super::TestArgs;
use super::asking::home;
use crate::app::App;
use crate::config::Config;
use crate::engine::Engine;
use crate::model::{BranchName, SystemClock};

/// What `deploy test` prints.
#[derive(Serialize)]
struct Tested<'a> {
    workflow: &'a str,
    r#ref: &'a str,
    run: i64,
    conclusion: &'a str,
    url: &'a str,
}

/// Runs the workflow; exit status 1 unless it succeeds.
pub(super) async fn run(args: TestArgs, config: Config, out: &mut dyn Write) -> Result<ExitCode> {
    let app = App::connect(config, Arc::new(SystemClock)).await?;
    let engine = Engine::new(app.clone());
    let (repository, policy) = home(&engine, args.place.repo.as_ref()).await?;
    let named = match args.r#ref {
        Some(named) => Some(BranchName::new(named)),
        None => match policy.release.as_ref().and_then(|release| release.branch.clone()) {
            Some(branch) => Some(branch),
            None => app.store.release_branch(repository.id).await?,
        },
    };
    let git_ref = named.unwrap_or_else(|| repository.default_branch.clone());
    let patience = Duration::from_mins(args.timeout_min);
    let run = tokio::time::timeout(patience, engine.run_workflow(&repository, &args.workflow, &git_ref)).await;
    let run = run.with_context(|| format!("{} has not ended after {} min", args.workflow, args.timeout_min))??;
    let conclusion = run.conclusion.as_deref().unwrap_or("unknown");
    let tested = Tested { workflow: &args.workflow, r#ref: git_ref.as_str(), run: run.id, conclusion, url: &run.url };
    writeln!(out, "{}", serde_json::to_string(&tested)?)?;
    app.store.database().close().await;
    Ok(if conclusion == "success" { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
