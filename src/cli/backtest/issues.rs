//! `rules backtest`: issues of the past, and where these rules would have routed them.

use std::io::Write;
use std::process::ExitCode;

use anyhow::Result;

use super::source::Online;
use super::{BacktestArgs, files, source};
use crate::cli::{progress, table};
use crate::config::Flags;
use crate::decide::backtest::{self, Confusion, IssueBacktest, IssueRow};
use crate::model::PastIssue;

/// Rules that win never and are named.
const NEVER_NAMED: usize = 30;

/// Routes the newest issues by the rules and prints what came of each.
pub async fn run(args: &BacktestArgs, flags: &Flags, out: &mut dyn Write) -> Result<ExitCode> {
    let waiting = progress::waiting("reading the newest issues");
    let online = source::online(args, flags).await?;
    let policy = source::policy(args, online.as_ref()).await?;
    let mut past = read(args, online.as_ref()).await?;
    args.cut(&mut past);
    if let Some(online) = &online {
        online.engine.app().store.database().close().await;
    }
    waiting.finish_and_clear();
    if let Some(path) = &args.export {
        files::write_issues(path, &past)?;
    }
    let name = online.map(|online| online.repository.name).or_else(|| args.repo.clone());
    let found = backtest::issues(&policy, name.as_ref(), &past);
    if args.json {
        for row in &found.rows {
            writeln!(out, "{}", serde_json::to_string(row)?)?;
        }
        return Ok(ExitCode::SUCCESS);
    }
    print(&found, out)?;
    Ok(ExitCode::SUCCESS)
}

async fn read(args: &BacktestArgs, online: Option<&Online>) -> Result<Vec<PastIssue>> {
    match (online, &args.from) {
        (Some(Online { engine, repository }), _) => engine.past_issues(repository, usize::try_from(args.most())?).await,
        (None, Some(path)) => files::read_issues(path),
        (None, None) => Ok(Vec::new()),
    }
}

fn print(found: &IssueBacktest, out: &mut dyn Write) -> Result<()> {
    if found.rows.is_empty() {
        writeln!(out, "There are no issues.")?;
        return Ok(());
    }
    let mut shown = table(&["issue", "title", "state", "people say", "rules say", "rule", "role"]);
    for row in &found.rows {
        shown.add_row(cells(row));
    }
    writeln!(out, "{shown}\n")?;
    confusion("type: people \\ rules", &found.types, out)?;
    confusion("role: people \\ rules", &found.roles, out)?;
    let mut winners = table(&["rule", "wins"]);
    for (rule, count) in &found.winners {
        winners.add_row([rule.clone(), count.to_string()]);
    }
    if !winners.is_empty() {
        writeln!(out, "{winners}\n")?;
    }
    if !found.never.is_empty() {
        let named: Vec<&str> = found.never.iter().take(NEVER_NAMED).map(String::as_str).collect();
        let more = match found.never.len().saturating_sub(NEVER_NAMED) {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        writeln!(out, "Never: {}{more}\n", named.join(", "))?;
    }
    let issues = if found.rows.len() == 1 { "issue" } else { "issues" };
    let share = found.triage * 100 / found.rows.len() as u64;
    writeln!(
        out,
        "{} {issues}, {} that no rule knows ({share} %), {} labelled otherwise",
        found.rows.len(),
        found.triage,
        found.differ
    )?;
    Ok(())
}

fn cells(row: &IssueRow) -> [String; 7] {
    let text = |value: &Option<String>| value.clone().unwrap_or_else(|| "-".to_owned());
    [
        row.number.map_or_else(|| "-".to_owned(), |number| format!("#{number}")),
        row.title.clone(),
        if row.closed { "closed" } else { "open" }.to_owned(),
        text(&row.labelled),
        row.routed.clone(),
        text(&row.rule),
        text(&row.role),
    ]
}

/// What people say in the rows, what rules say in the columns.
fn confusion(corner: &str, found: &Confusion, out: &mut dyn Write) -> Result<()> {
    if found.rows.is_empty() {
        return Ok(());
    }
    let header: Vec<&str> = std::iter::once(corner).chain(found.columns.iter().map(String::as_str)).collect();
    let mut shown = table(&header);
    for (name, counts) in &found.rows {
        let counts = counts.iter().map(|count| if *count == 0 { "-".to_owned() } else { count.to_string() });
        shown.add_row(std::iter::once(name.clone()).chain(counts).collect::<Vec<_>>());
    }
    writeln!(out, "{shown}\n")?;
    Ok(())
}
