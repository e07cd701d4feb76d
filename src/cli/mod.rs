//! The command line: one file a command, and what they share.

pub mod audit;
pub mod backtest;
pub mod backup;
mod bridge;
mod client;
pub mod completions;
pub mod demo;
pub mod deploy;
pub mod doctor;
mod drive;
mod examples;
pub mod flaky;
mod given;
pub mod healthcheck;
pub mod inbox;
mod item;
pub mod learned;
pub mod learnings;
mod listing;
pub mod mcp;
pub mod migrate;
pub mod msg;
pub mod orchestrate;
pub mod outbox;
pub mod policy;
pub mod pr;
mod progress;
mod reference;
pub mod release;
pub mod replay;
pub mod restore;
pub mod router;
pub mod rules;
pub mod scan;
mod send;
pub mod serve;
pub mod setup;
mod spoken;
pub mod token;
pub mod why;
mod why_replay;
pub mod worker;

use std::io::{self, Write};
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Result;
use clap::{CommandFactory as _, FromArgMatches as _, Parser, Subcommand};

use crate::app::open_store;
use crate::config::{self, Config, Flags};
use crate::logging;
use crate::model::{Clock, SystemClock};
use crate::store::Store;
use listing::Listing;
pub use reference::command_line_markdown;

/// Routes GitHub issues to workers, and tells people.
#[derive(Debug, Parser)]
#[command(name = "stationmaster", version, max_term_width = 120)]
pub struct CommandLine {
    #[command(flatten)]
    flags: Flags,
    #[command(subcommand)]
    command: Command,
}

/// What can be done.
#[derive(Debug, Subcommand)]
enum Command {
    /// Run the server: receive webhooks, route issues, tell people.
    Serve,
    /// Register the GitHub App and store its credentials.
    Setup(setup::SetupArgs),
    /// Look whether everything is well that a server needs, and say how it is put right.
    Doctor(doctor::DoctorArgs),
    /// Walk issues through the real server, between a simulated GitHub and ntfy.
    Demo(demo::DemoArgs),
    /// Check rules and test what they do.
    #[command(subcommand)]
    Rules(rules::RulesCommand),
    /// Try a repository's policy on pull requests of the past.
    #[command(subcommand)]
    Policy(policy::PolicyCommand),
    /// Say where a text would be routed, record it, or open an issue for it.
    #[command(subcommand)]
    Router(router::RouterCommand),
    /// Review pull requests, look at all of them, or count.
    #[command(subcommand)]
    Pr(pr::PrCommand),
    /// Deploy, go back, approve or freeze by hand, and see what was deployed.
    #[command(subcommand)]
    Deploy(deploy::DeployCommand),
    /// See what was released, and what the next release waits for.
    #[command(subcommand)]
    Release(release::ReleaseCommand),
    /// Say why a pull request is not merged, an issue is routed as it is, or nothing is released or deployed.
    Why {
        /// The pull request or issue as owner/name#12, releases as owner/name, or an environment as owner/name@prod.
        item: item::Named,
        #[command(flatten)]
        replay: why_replay::WhyReplayArgs,
    },
    /// Decide again what was decided lately, and count what comes out otherwise; performs nothing.
    Replay(replay::ReplayArgs),
    /// Find secrets in files or in a diff; exit status 1 where there are some, 2 where the scan failed.
    Scan(scan::ScanArgs),
    /// Open projects and tasks, and say who does them; a client of the server.
    Orchestrate(orchestrate::OrchestrateArgs),
    /// Take tasks, report on them and hand in evidence; a client of the server.
    Worker(worker::WorkerArgs),
    /// Let an AI agent work with the server: the Model Context Protocol over stdin and stdout; a client of the server.
    Mcp,
    /// Ask for tasks, ask how they stand, say something, or list what was said, over ntfy.
    #[command(subcommand)]
    Msg(msg::MsgCommand),
    /// See who did what, when and by which door.
    Audit(audit::AuditArgs),
    /// Search what was learned while doing tasks.
    Learnings(learnings::LearningsArgs),
    /// See what came in, and replay it.
    #[command(subcommand)]
    Inbox(inbox::InboxCommand),
    /// See effects that wait or failed, and replay them.
    #[command(subcommand)]
    Outbox(outbox::OutboxCommand),
    /// Make, list and revoke tokens of the HTTP API.
    #[command(subcommand)]
    Token(token::TokenCommand),
    /// Keep a copy of the SQLite database, while a server runs on it.
    Backup(backup::BackupArgs),
    /// Put a copy in the place of the SQLite database; the one before is kept.
    Restore(restore::RestoreArgs),
    /// Move everything to another database.
    #[command(subcommand)]
    Migrate(migrate::MigrateCommand),
    /// Print what a shell needs to complete commands and flags.
    Completions(completions::CompletionsArgs),
    /// Ask the server at HOST and PORT whether it lives; exit status 1 when it does not.
    Healthcheck,
}

/// The whole command line, with examples in the help of every command.
#[must_use]
pub fn command() -> clap::Command {
    examples::with_examples(CommandLine::command())
}

/// Reads the command line of this process; help and faults are printed, and end it.
#[must_use]
pub fn parse() -> CommandLine {
    CommandLine::from_arg_matches(&command().get_matches()).unwrap_or_else(|fault| fault.exit())
}

/// Runs the command; an error is one message on stderr and exit status 1.
#[must_use]
pub fn run(line: CommandLine) -> ExitCode {
    // It needs neither settings nor threads, and says by its exit status what it found.
    if let Command::Scan(args) = &line.command {
        return scan::run(args);
    }
    // Nor does this, and it is run while a shell starts.
    if let Command::Completions(args) = &line.command {
        return told(completions::run(args, &mut io::stdout()));
    }
    told(started(line))
}

fn told(result: Result<ExitCode>) -> ExitCode {
    match result {
        Ok(code) => code,
        // Whoever reads has read enough, as `head` does; whatever failed on its way elsewhere is wrapped in other errors.
        Err(error)
            if error.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe) =>
        {
            ExitCode::SUCCESS
        }
        Err(error) => {
            // Nobody is left to tell if stderr is closed.
            let _ = writeln!(io::stderr(), "error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn started(line: CommandLine) -> Result<ExitCode> {
    config::read_dotenv(Path::new(".env"))?;
    let threads = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    threads.block_on(dispatch(line))
}

async fn dispatch(line: CommandLine) -> Result<ExitCode> {
    let mut out = io::stdout();
    match line.command {
        Command::Serve => serve_logged(Config::read(&line.flags)?).await,
        Command::Setup(args) => setup::run(args, Config::read(&line.flags)?, (&mut out, &mut io::stderr())).await,
        Command::Doctor(args) => doctor::run(&args, &line.flags, &mut out).await,
        Command::Demo(args) => demo::run(args, &mut out).await,
        Command::Rules(command) => rules::run(&command, &line.flags, &mut out).await,
        Command::Policy(command) => policy::run(&command, &line.flags, &mut out).await,
        Command::Router(command) => router::run(command, &line.flags, &mut out).await,
        Command::Pr(pr::PrCommand::Status) => pr::status(&store(&line.flags).await?, &mut out).await,
        Command::Pr(command) => pr::run(command, Config::read(&line.flags)?, &mut out).await,
        Command::Deploy(command) => deploy::run(command, &line.flags, &mut out).await,
        Command::Release(command) => release::run(command, &store(&line.flags).await?, &mut out).await,
        Command::Why { item, replay } => why::run(&item, &replay, Config::read(&line.flags)?, &mut out).await,
        Command::Replay(args) => replay::run(&args, Config::read(&line.flags)?, &mut out).await,
        Command::Scan(args) => Ok(scan::run(&args)),
        Command::Orchestrate(args) => orchestrate::run(args, &Config::read(&line.flags)?.client).await,
        Command::Worker(args) => worker::run(args, &Config::read(&line.flags)?.client).await,
        Command::Mcp => mcp::run(&Config::read(&line.flags)?.client).await,
        Command::Msg(command) => msg::run(command, Config::read(&line.flags)?, &mut out).await,
        Command::Audit(args) => audit::run(args, &store(&line.flags).await?, &mut out).await,
        Command::Learnings(args) => learnings::run(args, &store(&line.flags).await?, &mut out).await,
        Command::Inbox(command) => inbox::run(command, &store(&line.flags).await?, &mut out).await,
        Command::Outbox(command) => outbox::run(command, &store(&line.flags).await?, &mut out).await,
        Command::Backup(args) => backup::run(&args, &Config::read(&line.flags)?, &mut out).await,
        Command::Restore(args) => restore::run(&args, &Config::read(&line.flags)?, &mut out).await,
        Command::Migrate(command) => migrate::run(command, &line.flags, &mut out).await,
        Command::Completions(args) => completions::run(&args, &mut out),
        Command::Healthcheck => healthcheck::run(&Config::read(&line.flags)?, &mut out).await,
        Command::Token(command) => token::run(command, &store(&line.flags).await?, (&mut out, &mut io::stderr())).await,
    }
}

/// Serves with log lines, and with traces where they are wanted.
async fn serve_logged(config: Config) -> Result<ExitCode> {
    let traces = config.otlp_endpoint.as_deref().map(logging::Traces::to).transpose()?;
    logging::init(config.log_format, &config.log_filter, traces.as_ref())?;
    let served = serve::run(config).await;
    if let Some(traces) = traces {
        traces.finish().await;
    }
    served.map(|()| ExitCode::SUCCESS)
}

/// The store alone, for commands that need nothing else.
async fn store(flags: &Flags) -> Result<Store> {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    open_store(&Config::read(flags)?, &clock).await
}

/// A table for stdout: for people on a terminal, plain when piped.
fn table(header: &[&str]) -> Listing {
    Listing::new(header)
}
