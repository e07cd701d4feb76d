//! `completions`: what a shell needs to complete commands and flags.

use std::io::Write;
use std::process::ExitCode;

use anyhow::Result;
use clap::Args;
use clap_complete::Shell;

/// What `completions` takes.
#[derive(Debug, Args)]
pub struct CompletionsArgs {
    /// The shell
    pub shell: Shell,
}

/// Prints the script for the shell.
pub fn run(args: &CompletionsArgs, out: &mut dyn Write) -> Result<ExitCode> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut super::command(), "stationmaster", &mut script);
    out.write_all(&script)?;
    Ok(ExitCode::SUCCESS)
}
