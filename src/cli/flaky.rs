//! `pr flaky`: checks that failed and then passed on one commit, more than once.

use std::io::Write;
use std::sync::Arc;

use anyhow::{Context, Result};
use clap::Args;
use serde::Serialize;

use super::{drive, table};
use crate::engine::Engine;
use crate::model::{FlakyNamed, RepositoryName};

/// What `pr flaky` takes.
#[derive(Debug, Args)]
pub struct FlakyArgs {
    /// The repository
    #[arg(long, value_name = "OWNER/NAME")]
    pub repo: RepositoryName,
    /// Print JSON, one object a line
    #[arg(long)]
    pub json: bool,
}

/// A check as JSON.
#[derive(Serialize)]
struct Shown<'c> {
    name: &'c str,
    app: &'c str,
    flaky_commits: i64,
    commits: i64,
    runs: i64,
    last: String,
    commit: Option<&'c str>,
    example: Option<&'c str>,
}

impl<'c> Shown<'c> {
    fn new(check: &'c FlakyNamed) -> Self {
        Self {
            name: &check.name,
            app: &check.app,
            flaky_commits: check.flaky,
            commits: check.commits,
            runs: check.runs,
            last: check.last.to_rfc3339(),
            commit: check.sha.as_ref().map(crate::model::Sha::as_str),
            example: check.example.as_deref(),
        }
    }
}

/// Prints them, the worst first, unless the policy says that none is to be named.
pub async fn run(engine: &Arc<Engine>, args: &FlakyArgs, out: &mut dyn Write) -> Result<()> {
    let known = drive::repository(engine, &args.repo).await?;
    let found = engine.policy_of(&known.name).await?;
    let (repository, policy) = found.with_context(|| format!("{} is not usable for the App", args.repo))?;
    if !policy.learn.flaky {
        writeln!(
            std::io::stderr(),
            "The policy of {} says [learn] flaky = false, so no check is named.",
            repository.name
        )?;
        return Ok(());
    }
    let checks = engine.app().store.flaky_named(repository.id).await?;
    if args.json {
        for check in &checks {
            writeln!(out, "{}", serde_json::to_string(&Shown::new(check))?)?;
        }
        return Ok(());
    }
    if checks.is_empty() {
        writeln!(out, "No check of {} failed and then passed on more than one commit.", repository.name)?;
        return Ok(());
    }
    let mut shown = table(&["check", "by", "flaky commits", "runs", "last", "example"]);
    for check in &checks {
        let last = check.last.to_utc().format("%Y-%m-%d %H:%M UTC").to_string();
        let example = check.example.clone().unwrap_or_default();
        let commits = format!("{} of {}", check.flaky, check.commits);
        shown.add_row([check.name.clone(), check.app.clone(), commits, check.runs.to_string(), last, example]);
    }
    writeln!(out, "{shown}")?;
    Ok(())
}
