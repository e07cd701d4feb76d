//! `replay`: makes the decisions of a while again and counts those that come out otherwise. Performs nothing.

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Result;
use clap::Args;

use super::backtest::given;
use super::progress;
use crate::app::App;
use crate::config::Config;
use crate::engine::{Engine, ReplaySpan};
use crate::model::SystemClock;

/// What `replay` takes.
#[derive(Debug, Args)]
pub struct ReplayArgs {
    /// How far it looks back: 30m, 24h or 7d
    #[arg(long, default_value = "24h", value_name = "TIME", value_parser = span_ms)]
    since: i64,
    /// At most so many decisions, of the newest
    #[arg(long, default_value_t = 10_000, value_parser = clap::value_parser!(u64).range(1..=1_000_000))]
    limit: u64,
    /// The folder of rules to decide by [default: the server's]
    #[arg(long, value_name = "DIR")]
    rules: Option<PathBuf>,
    /// The .github/stationmaster.toml to decide by [default: each repository's own, as it is now]
    #[arg(long, value_name = "FILE")]
    policy: Option<PathBuf>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// Makes decisions again and prints the counts; exit status 1 where one differs that should not.
pub async fn run(args: &ReplayArgs, config: Config, out: &mut dyn Write) -> Result<ExitCode> {
    let given = given(args.rules.as_deref(), args.policy.as_deref())?;
    let app = App::connect(config, Arc::new(SystemClock)).await?;
    let waiting = progress::waiting("deciding again");
    let span = ReplaySpan { from: app.clock.now().plus_ms(-args.since), most: args.limit };
    let tally = Engine::new(app.clone()).replay_since(span, &given).await?;
    app.store.database().close().await;
    waiting.finish_and_clear();
    if args.json {
        writeln!(out, "{}", serde_json::to_string(&tally)?)?;
    } else {
        writeln!(out, "{}", tally.sentence())?;
        for differing in &tally.differing {
            writeln!(out, "- {}", differing.line())?;
        }
    }
    Ok(if tally.unexplained == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// A span such as `24h`, in milliseconds.
fn span_ms(given: &str) -> Result<i64, String> {
    let wrong = || format!("{given:?} is no span of time such as 30m, 24h or 7d");
    let unit = given.chars().next_back().ok_or_else(wrong)?;
    let minutes = match unit {
        'm' => 1,
        'h' => 60,
        'd' => 1_440,
        _ => return Err(wrong()),
    };
    let count: i64 = given.trim_end_matches(unit).parse().map_err(|_| wrong())?;
    let ms = count.checked_mul(minutes * 60_000).filter(|ms| *ms > 0 && *ms <= 3_650 * 86_400_000);
    ms.ok_or_else(|| format!("{given:?} is not between 1m and 3650d"))
}
