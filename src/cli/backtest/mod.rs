//! `rules backtest` and `policy backtest`: what rules and a policy would have done with the past. Writes nothing to GitHub.

mod files;
mod issues;
mod pulls;
mod source;

use std::path::PathBuf;

use clap::Args;

use crate::model::RepositoryName;

pub use issues::run as of_rules;
pub use pulls::run as of_policy;
pub(in crate::cli) use source::given;

/// What both backtests take.
#[derive(Debug, Args)]
pub struct BacktestArgs {
    /// The repository
    #[arg(long, value_name = "OWNER/NAME", required_unless_present = "from")]
    pub repo: Option<RepositoryName>,
    /// How many of the newest ones, at most 1000 [default: 100, of a file all]
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub last: Option<u32>,
    /// The folder of rules that is tried [default: the server's]
    #[arg(long, value_name = "DIR")]
    pub rules: Option<PathBuf>,
    /// The repository's .github/stationmaster.toml that is tried [default: the one in force]
    #[arg(long, value_name = "FILE")]
    pub policy: Option<PathBuf>,
    /// Read the past from this file instead of GitHub
    #[arg(long, value_name = "FILE", conflicts_with = "export")]
    pub from: Option<PathBuf>,
    /// Also write what was read to this file, for --from
    #[arg(long, value_name = "FILE")]
    pub export: Option<PathBuf>,
    /// Print JSON, one object a line
    #[arg(long)]
    pub json: bool,
}

/// So many of the newest ones are asked of GitHub where nobody says how many.
const USUALLY: u32 = 100;

impl BacktestArgs {
    /// How many are asked of GitHub.
    fn most(&self) -> u32 {
        self.last.unwrap_or(USUALLY)
    }

    /// The newest of what was read, as many as are wanted.
    fn cut<T>(&self, past: &mut Vec<T>) {
        if let Some(last) = self.last {
            past.truncate(usize::try_from(last).unwrap_or(usize::MAX));
        }
    }
}
