//! Parses the command line and runs one command.

#![forbid(unsafe_code)]

use std::process::ExitCode;

use stationmaster::cli;

fn main() -> ExitCode {
    cli::run(cli::parse())
}
