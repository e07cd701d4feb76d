//! `policy backtest`: closed pull requests, and when this policy would have merged each.

use std::io::Write;
use std::process::ExitCode;

use anyhow::{Result, bail};

use super::source::Online;
use super::{BacktestArgs, files, source};
use crate::cli::{progress, table};
use crate::config::Flags;
use crate::decide::backtest::{self, Happened, NOT_KNOWN, PullBacktest, PullRow};
use crate::model::PastPulls;

/// Judges the newest closed pull requests by the policy and prints what came of each.
pub async fn run(args: &BacktestArgs, flags: &Flags, out: &mut dyn Write) -> Result<ExitCode> {
    if args.from.is_some() && args.policy.is_none() {
        bail!("say which policy is tried: --policy .github/stationmaster.toml (a file of pulls holds none)");
    }
    let waiting = progress::waiting("reading the newest pull requests");
    let online = source::online(args, flags).await?;
    let policy = source::policy(args, online.as_ref()).await?;
    let mut past = read(args, online.as_ref()).await?;
    args.cut(&mut past.pulls);
    if let Some(online) = &online {
        online.engine.app().store.database().close().await;
    }
    waiting.finish_and_clear();
    if let Some(path) = &args.export {
        files::write_pulls(path, &past)?;
    }
    let found = backtest::pulls(&policy, &past);
    if args.json {
        for row in &found.rows {
            writeln!(out, "{}", serde_json::to_string(row)?)?;
        }
        return Ok(ExitCode::SUCCESS);
    }
    print(&found, out)?;
    Ok(ExitCode::SUCCESS)
}

async fn read(args: &BacktestArgs, online: Option<&Online>) -> Result<PastPulls> {
    match (online, &args.from) {
        (Some(Online { engine, repository }), _) => engine.past_pulls(repository, args.most()).await,
        (None, Some(path)) => files::read_pulls(path),
        (None, None) => bail!("say which repository: --repo owner/name"),
    }
}

fn print(found: &PullBacktest, out: &mut dyn Write) -> Result<()> {
    if found.rows.is_empty() {
        writeln!(out, "There are no closed pull requests.")?;
        return Ok(());
    }
    let mut shown = table(&["pull", "title", "what happened", "this policy would merge it", "compared"]);
    for row in &found.rows {
        shown.add_row(cells(row));
    }
    writeln!(out, "{shown}\n\n{}\n{NOT_KNOWN}", found.sentence())?;
    Ok(())
}

fn cells(row: &PullRow) -> [String; 5] {
    let happened = match &row.happened {
        Happened::Merged { at, by: Some(by) } => format!("merged {at} by {by}"),
        Happened::Merged { at, by: None } => format!("merged {at}"),
        Happened::Closed { at } => format!("closed {at}"),
    };
    let would = row.would_merge.map_or_else(|| "no".to_owned(), |at| at.to_string());
    [format!("#{}", row.number), row.title.clone(), happened, would, row.sentence()]
}
