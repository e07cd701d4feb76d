//! `router`: what the rules make of a title.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Subcommand};
use serde::Serialize;

use super::send;
use crate::config::{Config, Flags};
use crate::decide::{self, Classified};
use crate::model::RepositoryName;
use crate::policy::{Policy, RouteInput, Rules};
use crate::store::{RouteRecord, RouteStatus, Store};

/// Commands about routing.
#[derive(Debug, Subcommand)]
pub enum RouterCommand {
    /// Say which rule wins for a title, without writing anything
    Classify(ClassifyArgs),
    /// Say which rule wins for a title, and record it as a route that waits for an issue
    Route(ClassifyArgs),
    /// Open an issue for a title and dispatch it
    Send(SendArgs),
    /// Count routes by type and by status
    Stats,
}

/// What `router send` takes.
#[derive(Debug, Args)]
pub struct SendArgs {
    /// The title of the issue
    pub text: String,
    /// The text below the title
    #[arg(long, default_value = "")]
    pub body: String,
    /// The repository [default: the only one that the App is installed on]
    #[arg(long, value_name = "OWNER/NAME")]
    pub repo: Option<RepositoryName>,
}

/// Runs one `router` command.
pub async fn run(command: RouterCommand, flags: &Flags, out: &mut dyn Write) -> anyhow::Result<ExitCode> {
    match command {
        RouterCommand::Classify(args) => classify(&args, out),
        RouterCommand::Route(args) => record(&args, &super::store(flags).await?, out).await,
        RouterCommand::Send(args) => send::run(args, Config::read(flags)?, out).await,
        RouterCommand::Stats => stats(&super::store(flags).await?, out).await,
    }
}

/// What `router classify` takes.
#[derive(Debug, Args)]
pub struct ClassifyArgs {
    /// The title, as the issue would have it
    pub text: String,
    /// The text below the title, for rules that look at it
    #[arg(long, default_value = "")]
    pub body: String,
    /// The repository, for rules that look at it
    #[arg(long, value_name = "OWNER/NAME")]
    pub repo: Option<RepositoryName>,
    /// The folder of rules [default: rules/ beside the program or here, else the built-in copy]
    #[arg(long, value_name = "DIR", env = "STATIONMASTER_RULES")]
    pub rules: Option<PathBuf>,
}

/// Prints one line of JSON: see [`decide::Classified`]. A title that no rule matches is an answer, not a failure.
pub fn classify(args: &ClassifyArgs, out: &mut dyn Write) -> anyhow::Result<ExitCode> {
    let policy = policy(args)?;
    writeln!(out, "{}", serde_json::to_string(&decide::classify(&policy, &input(args)))?)?;
    Ok(ExitCode::SUCCESS)
}

fn policy(args: &ClassifyArgs) -> anyhow::Result<Policy> {
    Ok(Policy::combine(&Rules::locate(args.rules.as_deref()).load()?, None))
}

fn input(args: &ClassifyArgs) -> RouteInput<'_> {
    RouteInput { body: &args.body, repository: args.repo.as_ref(), ..RouteInput::title_alone(&args.text) }
}

#[derive(Serialize)]
struct Recorded {
    #[serde(flatten)]
    classified: Classified,
    status: &'static str,
}

async fn record(args: &ClassifyArgs, store: &Store, out: &mut dyn Write) -> anyhow::Result<ExitCode> {
    let (policy, input) = (policy(args)?, input(args));
    let route = decide::route(&policy.routing, &input);
    let status = RouteStatus::Pending;
    let record = RouteRecord {
        subject: None,
        text: args.text.clone(),
        task_type: route.task_type,
        role: route.role,
        rule: route.winner.map(|winner| winner.rule),
        status,
    };
    store.record_route(&record).await?;
    let recorded = Recorded { classified: decide::classify(&policy, &input), status: status.as_str() };
    writeln!(out, "{}", serde_json::to_string(&recorded)?)?;
    Ok(ExitCode::SUCCESS)
}

/// The counts of `router stats`; both statuses are always there.
#[derive(Serialize)]
struct Stats {
    total_routes: i64,
    by_type: BTreeMap<String, i64>,
    by_status: ByStatus,
}

/// In the order of design §4.1.
#[derive(Serialize, Default)]
struct ByStatus {
    sent: i64,
    pending: i64,
}

async fn stats(store: &Store, out: &mut dyn Write) -> anyhow::Result<ExitCode> {
    let mut stats = Stats { total_routes: 0, by_type: BTreeMap::new(), by_status: ByStatus::default() };
    for (task_type, status, count) in store.route_counts().await? {
        stats.total_routes += count;
        *stats.by_type.entry(task_type.to_string()).or_default() += count;
        match status {
            RouteStatus::Sent => stats.by_status.sent += count,
            RouteStatus::Pending => stats.by_status.pending += count,
        }
    }
    writeln!(out, "{}", serde_json::to_string(&stats)?)?;
    Ok(ExitCode::SUCCESS)
}
