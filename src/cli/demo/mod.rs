//! `demo`: walks issues and pull requests through the real server against a simulated GitHub and ntfy, and tells what happens.

mod agent;
mod learned;
mod narrator;
mod pulls;
mod releases;
mod stage;
mod story;
mod town;
mod workers;

use std::io::Write;
use std::process::ExitCode;

use anyhow::Result;
use clap::Args;

use crate::config::LogFormat;
use crate::logging;

use narrator::Narrator;
use stage::Stage;

/// What `demo` takes.
#[derive(Debug, Args)]
pub struct DemoArgs {
    /// Exit after the story: with 0, or with 1 when a step failed.
    #[arg(long)]
    once: bool,
}

/// Plays the story, then leaves everything running until Ctrl-C.
pub async fn run(args: DemoArgs, out: &mut dyn Write) -> Result<ExitCode> {
    logging::init(LogFormat::Text, "error,octocrab=off", None)?;
    let stage = Stage::set().await?;
    let mut narrator = Narrator::new(out);
    stage.introduce(&mut narrator)?;
    let failed = story::play(&stage, &mut narrator).await?;
    stage.sum_up(&mut narrator, failed).await?;
    if !args.once {
        stage.invite(&mut narrator)?;
        tokio::signal::ctrl_c().await?;
    }
    stage.clear().await?;
    Ok(if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
