//! `orchestrate`: projects, their tasks and who does them, over the API. It completes nothing but projects.

mod args;
mod asking;
mod lists;

use std::io;
use std::process::ExitCode;

use anyhow::Result;

pub use args::OrchestrateArgs;
use args::OrchestrateCommand;

use super::client::Client;
use super::spoken::Spoken;
use crate::config::ClientConfig;

/// What every command here works with.
struct Desk<'a> {
    client: Client,
    /// How long a decision is waited for, in seconds.
    patience_s: u64,
    spoken: Spoken<'a>,
}

/// Runs one `orchestrate` command.
pub async fn run(args: OrchestrateArgs, config: &ClientConfig) -> Result<ExitCode> {
    let (mut out, mut prose) = (io::stdout(), io::stderr());
    let mut desk = Desk {
        client: Client::new(config)?,
        patience_s: args.common.timeout_s,
        spoken: Spoken { out: &mut out, prose: &mut prose, json: args.common.json },
    };
    match args.command {
        OrchestrateCommand::Project(project) => asking::project(&mut desk, project).await?,
        OrchestrateCommand::Create(create) => asking::create(&mut desk, create).await?,
        OrchestrateCommand::Progress { project } => lists::progress(&mut desk, &project).await?,
        OrchestrateCommand::Discoveries { project } => lists::discoveries(&mut desk, &project).await?,
        OrchestrateCommand::Ask(ask) => asking::run(&mut desk, ask).await?,
    }
    Ok(ExitCode::SUCCESS)
}
