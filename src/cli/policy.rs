//! `policy`: what a repository's policy would have done.

use std::io::Write;
use std::process::ExitCode;

use anyhow::Result;
use clap::Subcommand;

use super::backtest::{self, BacktestArgs};
use crate::config::Flags;

/// Commands about a repository's policy.
#[derive(Debug, Subcommand)]
pub enum PolicyCommand {
    /// Show when a policy would have merged the pull requests of the past, and where that would have been wrong
    Backtest(BacktestArgs),
}

/// Runs one `policy` command.
pub async fn run(command: &PolicyCommand, flags: &Flags, out: &mut dyn Write) -> Result<ExitCode> {
    match command {
        PolicyCommand::Backtest(args) => backtest::of_policy(args, flags, out).await,
    }
}
