//! `pr`: reviews one pull request, looks at all of them, counts, or names flaky checks.

use std::io::Write;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use clap::Subcommand;
use serde::Serialize;

use super::flaky::{self, FlakyArgs};
use super::item::Item;
use super::{drive, progress, table};
use crate::app::App;
use crate::config::Config;
use crate::engine::Engine;
use crate::model::{Finding, Subject, SystemClock};
use crate::store::{PullCounts, Store};

/// How long one pull request may take.
const PATIENCE: Duration = Duration::from_mins(5);
/// How long all of them may take.
const PATIENCE_ALL: Duration = Duration::from_mins(30);

/// What to do with pull requests.
#[derive(Debug, Subcommand)]
pub enum PrCommand {
    /// Review a pull request now, publish the review, and merge it if nothing blocks it.
    Review {
        /// The pull request, as owner/name#12.
        item: Item,
        /// Only print what would be found and why it would not be merged; write nothing to GitHub.
        #[arg(long)]
        dry_run: bool,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// Look at every open pull request and at what changed, as the server does every few minutes.
    Sweep,
    /// Count what was reviewed, merged and rejected.
    Status,
    /// Name checks that failed and then passed on one commit, more than once.
    Flaky(FlakyArgs),
}

/// What `pr status` prints.
#[derive(Serialize)]
struct Status {
    worker: &'static str,
    prs_reviewed: i64,
    prs_merged: i64,
    prs_rejected: i64,
    approval_rate: f64,
}

/// What `pr review --json` prints.
#[derive(Serialize)]
struct Reviewed<'a> {
    pull: String,
    head: &'a str,
    approved: bool,
    findings: &'a [Finding],
    total_findings: u32,
    faults: &'a [String],
    blockers: Vec<Waiting>,
}

/// One blocker, and on whom it waits.
#[derive(Serialize)]
struct Waiting {
    because: String,
    waits_on: String,
}

/// Runs one `pr` command.
pub async fn run(command: PrCommand, config: Config, out: &mut dyn Write) -> Result<ExitCode> {
    let app = App::connect(config, Arc::new(SystemClock)).await?;
    let engine = Engine::new(app.clone());
    match command {
        PrCommand::Review { item, dry_run, json } => review(&engine, &item, (dry_run, json), out).await?,
        PrCommand::Sweep => {
            let waiting = progress::waiting("looking at everything");
            engine.sweep().await?;
            drive::until_idle(&engine, PATIENCE_ALL).await?;
            waiting.finish_and_clear();
            writeln!(out, "{}", status_text(&app.store).await?)?;
        }
        PrCommand::Flaky(args) => flaky::run(&engine, &args, out).await?,
        PrCommand::Status => writeln!(out, "{}", status_text(&app.store).await?)?,
    }
    app.store.database().close().await;
    Ok(ExitCode::SUCCESS)
}

/// The counts of the database, as the design words them.
pub async fn status(store: &Store, out: &mut dyn Write) -> Result<ExitCode> {
    writeln!(out, "{}", status_text(store).await?)?;
    Ok(ExitCode::SUCCESS)
}

async fn status_text(store: &Store) -> Result<String> {
    let PullCounts { reviewed, merged, rejected, approvals, reviews } = store.pull_counts().await?;
    let permille = if reviews == 0 { 0 } else { approvals * 1000 / reviews };
    let status = Status {
        worker: "pr_review_worker",
        prs_reviewed: reviewed,
        prs_merged: merged,
        prs_rejected: rejected,
        approval_rate: f64::from(u32::try_from(permille).unwrap_or_default()) / 1000.0,
    };
    Ok(serde_json::to_string(&status)?)
}

async fn review(engine: &Arc<Engine>, item: &Item, (dry_run, json): (bool, bool), out: &mut dyn Write) -> Result<()> {
    let known = drive::repository(engine, &item.repository).await?;
    let subject = Subject::Pull(known.id, item.number);
    let look = engine.look_at_pull(&known, item.number, 1).await?;
    let look = look.with_context(|| format!("{}#{} is not a pull request", item.repository, item.number))?;
    let gate = look.gate(engine.app().clock.now());
    let author = &look.snapshot.pull.author;
    if let Some(review) = &look.snapshot.review {
        let blockers: Vec<Waiting> = gate
            .blockers
            .iter()
            .map(|blocker| Waiting { because: blocker.to_string(), waits_on: blocker.waits_on(author).to_string() })
            .collect();
        let approved = review.faults.is_empty() && !review.findings.iter().any(Finding::blocks);
        if json {
            let reviewed = Reviewed {
                pull: format!("{}#{}", look.snapshot.repository.name, item.number),
                head: review.head.as_str(),
                approved,
                findings: &review.findings,
                total_findings: review.total,
                faults: &review.faults,
                blockers,
            };
            writeln!(out, "{}", serde_json::to_string(&reviewed)?)?;
        } else {
            print(&review.findings, &review.faults, out)?;
            writeln!(out, "{}", look.explain(engine.app().clock.now()))?;
        }
    } else {
        writeln!(out, "{}", look.explain(engine.app().clock.now()))?;
    }
    if !dry_run {
        drive::until_quiet(engine, &subject, PATIENCE).await?;
    }
    Ok(())
}

fn print(findings: &[Finding], faults: &[String], out: &mut dyn Write) -> Result<()> {
    for fault in faults {
        writeln!(out, "fault: {fault}")?;
    }
    if findings.is_empty() {
        return Ok(writeln!(out, "No findings.\n")?);
    }
    let mut shown = table(&["severity", "rule", "place", "message"]);
    for finding in findings {
        let place = format!("{}:{}", finding.path, finding.line);
        shown.add_row([finding.severity.to_string(), finding.rule.clone(), place, finding.message.clone()]);
    }
    writeln!(out, "{shown}\n")?;
    Ok(())
}
