//! `deploy`: what is asked of environments by hand, what was deployed, and a run of the test workflow alone.

mod asking;
mod lists;
mod outcome;
mod testing;

pub(in crate::cli) use lists::status_text;

use std::io::Write;
use std::process::ExitCode;

use anyhow::Result;
use clap::{Args, Subcommand};

use crate::config::{Config, Flags};
use crate::model::RepositoryName;

/// What to do with deployments.
#[derive(Debug, Subcommand)]
pub enum DeployCommand {
    /// Deploy a version now, or as soon as nothing stands in the way.
    Run(RunArgs),
    /// Count deployments, and list the newest.
    Status(InRepository),
    /// Run the test workflow alone and wait for its end; exit status 1 unless it succeeds.
    Test(TestArgs),
    /// Go back to the version that was verified before.
    Rollback(RollbackArgs),
    /// List deployments, newest first.
    History(HistoryArgs),
    /// Let the version that waits for approval pass.
    Approve(ApproveArgs),
    /// Do not let the version that waits for approval pass.
    Reject(RejectArgs),
    /// Deploy nothing for a while.
    Freeze(FreezeArgs),
    /// End the freezes that people asked for.
    Unfreeze(UnfreezeArgs),
}

/// Which repository.
#[derive(Debug, Args)]
pub struct InRepository {
    /// The repository [default: the only one that the App is installed on]
    #[arg(long, value_name = "OWNER/NAME")]
    pub repo: Option<RepositoryName>,
}

/// What `deploy run` takes.
#[derive(Debug, Args)]
pub struct RunArgs {
    #[command(flatten)]
    place: InRepository,
    /// The environment [default: the first that does not serve the public]
    #[arg(long)]
    env: Option<String>,
    /// The version: a tag, or at least seven digits of its commit [default: the newest]
    #[arg(long)]
    tag: Option<String>,
    /// Deploy in spite of a freeze or of an earlier failure, and say why
    #[arg(long, value_name = "WHY")]
    r#override: Option<String>,
    /// Wait for its end; exit status 1 unless the version runs there then
    #[arg(long)]
    wait: bool,
}

/// What `deploy rollback` takes.
#[derive(Debug, Args)]
pub struct RollbackArgs {
    #[command(flatten)]
    place: InRepository,
    /// The environment
    #[arg(long)]
    env: String,
    /// Why
    #[arg(long, default_value = "")]
    why: String,
    /// Wait for its end; exit status 1 unless the version before runs there then
    #[arg(long)]
    wait: bool,
}

/// What `deploy approve` takes.
#[derive(Debug, Args)]
pub struct ApproveArgs {
    #[command(flatten)]
    place: InRepository,
    /// The environment [default: the one that waits]
    #[arg(long)]
    env: Option<String>,
    /// The version that is meant [default: the one that waits]
    #[arg(long)]
    tag: Option<String>,
    /// Wait for the end of the deployment; exit status 1 unless the version runs there then
    #[arg(long)]
    wait: bool,
}

/// What `deploy reject` takes.
#[derive(Debug, Args)]
pub struct RejectArgs {
    #[command(flatten)]
    place: InRepository,
    /// The environment [default: the one that waits]
    #[arg(long)]
    env: Option<String>,
    /// Why
    #[arg(long)]
    why: String,
}

/// What `deploy freeze` takes.
#[derive(Debug, Args)]
pub struct FreezeArgs {
    #[command(flatten)]
    place: InRepository,
    /// The environment
    #[arg(long)]
    env: String,
    /// Until when: 2h, 3d, 2026-12-24, 2026-12-24T18:00 (in UTC) or forever
    #[arg(long)]
    until: String,
    /// Why
    #[arg(long)]
    why: String,
}

/// What `deploy unfreeze` takes.
#[derive(Debug, Args)]
pub struct UnfreezeArgs {
    #[command(flatten)]
    place: InRepository,
    /// The environment
    #[arg(long)]
    env: String,
}

/// What `deploy history` takes.
#[derive(Debug, Args)]
pub struct HistoryArgs {
    #[command(flatten)]
    place: InRepository,
    /// Only of this environment
    #[arg(long)]
    env: Option<String>,
    /// At most so many
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(i64).range(1..))]
    limit: i64,
    /// Print JSON, one object a line
    #[arg(long)]
    json: bool,
}

/// What `deploy test` takes.
#[derive(Debug, Args)]
pub struct TestArgs {
    #[command(flatten)]
    place: InRepository,
    /// The workflow's file; it needs `on: workflow_dispatch`
    #[arg(long, default_value = "ci.yml")]
    workflow: String,
    /// The branch or tag that it runs on [default: the release branch]
    #[arg(long, value_name = "REF")]
    r#ref: Option<String>,
    /// How long its end is waited for, in minutes
    #[arg(long, default_value_t = 30, value_parser = clap::value_parser!(u64).range(1..=360))]
    timeout_min: u64,
}

/// Runs one `deploy` command.
pub async fn run(command: DeployCommand, flags: &Flags, out: &mut dyn Write) -> Result<ExitCode> {
    let command = match asking::of(command) {
        Ok(asked) => return asking::run(asked, Config::read(flags)?, out).await,
        Err(command) => command,
    };
    match command {
        asking::Other::Status(place) => lists::status(&super::store(flags).await?, &place, out).await,
        asking::Other::History(args) => lists::history(&super::store(flags).await?, &args, out).await,
        asking::Other::Test(args) => testing::run(args, Config::read(flags)?, out).await,
    }
}
