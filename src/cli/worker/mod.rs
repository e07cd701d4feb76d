//! `worker`: what a worker does over the API, for scripts and AI agents. It has no verb that creates or assigns.

mod args;
mod asking;
mod claiming;
mod heartbeat;
mod notes;
mod registering;

use std::io;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context as _, Result};

pub use args::WorkerArgs;
use args::WorkerCommand;

use super::bridge::Bridge;
use super::client::{Call, Client};
use super::spoken::Spoken;
use crate::config::ClientConfig;
use crate::model::{Clock, Scope, SystemClock, WorkerId};

/// What every command here works with.
struct Desk<'a> {
    client: Client,
    agent: WorkerId,
    bridge: Bridge,
    clock: Arc<dyn Clock>,
    /// How long a decision is waited for, in seconds.
    patience_s: u64,
    spoken: Spoken<'a>,
}

/// Runs one `worker` command.
pub async fn run(args: WorkerArgs, config: &ClientConfig) -> Result<ExitCode> {
    let client = Client::new(config)?;
    let agent = match args.common.id {
        Some(agent) => agent,
        None => whose(&client, config).await?,
    };
    let (mut out, mut prose) = (io::stdout(), io::stderr());
    let mut desk = Desk {
        client,
        bridge: Bridge::new(args.common.dir, agent.clone()),
        agent,
        clock: Arc::new(SystemClock),
        patience_s: args.common.timeout_s,
        spoken: Spoken { out: &mut out, prose: &mut prose, json: args.common.json },
    };
    match args.command {
        WorkerCommand::Check(check) => claiming::check(&mut desk, &check).await,
        WorkerCommand::Claim(claim) => claiming::claim(&mut desk, claim).await,
        WorkerCommand::Get { item, save } => claiming::get(&mut desk, &item, save).await,
        WorkerCommand::Register(registration) => registering::register(&mut desk, registration).await,
        WorkerCommand::Heartbeat(beat) => heartbeat::run(&mut desk, &beat).await,
        WorkerCommand::Notes { item, text } => notes::run(&mut desk, &item, text).await,
        WorkerCommand::Ask(ask) => asking::run(&mut desk, ask).await,
    }
}

/// The worker that is meant where no `--id` says so: the setting's, else the one that the token was made for.
async fn whose(client: &Client, config: &ClientConfig) -> Result<WorkerId> {
    if let Some(id) = &config.agent_id {
        return Ok(WorkerId::new(id.as_str()));
    }
    let body = client.send(&Call::get("whoami")).await?.body;
    let scope = body["scope"].as_str().and_then(|scope| scope.parse().ok());
    let id = match scope {
        Some(Scope::Worker(id)) => Some(id),
        Some(Scope::Orchestrator | Scope::Read | Scope::Admin) | None => None,
    };
    id.context("which worker? Name it by --id or AGENT_ID: the token was not made for one")
}

impl Desk<'_> {
    /// What the server has done is done; a file that could not be written is told of and changes nothing.
    fn beside(&mut self, what: &str, written: Result<()>) {
        if let Err(error) = written {
            self.spoken.say(&format!("warning: {what}, but {error:#}"));
        }
    }

    fn now(&self) -> String {
        self.clock.now().to_rfc3339()
    }
}
