//! Parses the command line and runs one command.

#![forbid(unsafe_code)]

use std::process::ExitCode;

use clap::Parser;
use stationmaster::cli::{self, CommandLine};

fn main() -> ExitCode {
    cli::run(CommandLine::parse())
}
