//! `rules backtest`: what the rules of today would have done with issues of the past. Writes nothing.

use std::io::Write;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context, Result};
use clap::Args;
use serde::Serialize;

use super::{progress, table};
use crate::app::App;
use crate::config::Config;
use crate::decide;
use crate::model::{Issue, LabelFamily, LabelName, Number, Repository, RepositoryName, SystemClock};
use crate::policy::{Policy, RouteInput};

/// GitHub gives at most so many in one answer.
const MOST: u32 = 100;

/// What `rules backtest` takes.
#[derive(Debug, Args)]
pub struct BacktestArgs {
    /// The repository
    #[arg(long, value_name = "OWNER/NAME")]
    pub repo: RepositoryName,
    /// How many of the newest issues, at most 100
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=i64::from(MOST)))]
    pub last: u32,
    /// Print JSON, one object a line
    #[arg(long)]
    pub json: bool,
}

/// What would become of one issue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct BacktestRow {
    /// Its number.
    pub number: Number,
    /// Its title.
    pub title: String,
    /// The `type/…` label it carries now, without the prefix.
    pub labelled: Option<String>,
    /// The type that the rules give it.
    pub routed: String,
    /// The rule that wins.
    pub rule: Option<String>,
    /// The role that it goes to.
    pub role: Option<String>,
}

/// Reads the newest issues and routes each by the rules of the server.
pub async fn run(args: &BacktestArgs, config: Config, out: &mut dyn Write) -> Result<ExitCode> {
    let waiting = progress::waiting("reading the newest issues");
    let app = App::connect(config, Arc::new(SystemClock)).await?;
    let installation = app
        .hands
        .github
        .app()
        .installation_of(&args.repo)
        .await
        .with_context(|| format!("the App is not installed on {}, or it does not exist", args.repo))?;
    let client = app.hands.github.installation(installation.id);
    let repository = client.repository(&args.repo).await?;
    let issues = client.newest_issues(&repository.name, args.last).await?;
    let rows = rows(&Policy::combine(&app.rules.current(), None), &repository, &issues);
    app.store.database().close().await;
    waiting.finish_and_clear();
    print(&rows, args.json, out)?;
    Ok(ExitCode::SUCCESS)
}

/// Labels that we manage are what the rules made of an issue, so they are not shown to them.
fn rows(policy: &Policy, repository: &Repository, issues: &[Issue]) -> Vec<BacktestRow> {
    let row = |issue: &Issue| {
        let labels: Vec<LabelName> =
            issue.labels.iter().filter(|label| LabelFamily::of(label).is_none()).cloned().collect();
        let input = RouteInput {
            title: &issue.title,
            body: &issue.body,
            labels: &labels,
            author: Some(&issue.author),
            repository: Some(&repository.name),
        };
        let route = decide::route(&policy.routing, &input);
        BacktestRow {
            number: issue.number,
            title: issue.title.clone(),
            labelled: issue.labels.iter().find_map(|label| LabelFamily::Type.value(label)).map(str::to_owned),
            routed: route.task_type.to_string(),
            rule: route.winner.map(|winner| winner.rule),
            role: route.role.map(|role| role.to_string()),
        }
    };
    issues.iter().map(row).collect()
}

fn print(rows: &[BacktestRow], json: bool, out: &mut dyn Write) -> Result<()> {
    if json {
        for row in rows {
            writeln!(out, "{}", serde_json::to_string(row)?)?;
        }
        return Ok(());
    }
    let mut shown = table(&["issue", "title", "labelled", "routed", "rule", "role"]);
    for row in rows {
        let text = |value: &Option<String>| value.clone().unwrap_or_else(|| "-".to_owned());
        shown.add_row([
            format!("#{}", row.number),
            row.title.clone(),
            text(&row.labelled),
            row.routed.clone(),
            text(&row.rule),
            text(&row.role),
        ]);
    }
    let differ = rows.iter().filter(|row| row.labelled.as_ref().is_some_and(|label| *label != row.routed)).count();
    let triage = rows.iter().filter(|row| row.rule.is_none()).count();
    writeln!(out, "{shown}\n\n{} issues, {triage} that no rule knows, {differ} labelled otherwise", rows.len())?;
    Ok(())
}
