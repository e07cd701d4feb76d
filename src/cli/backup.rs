//! `backup`: keeps a copy of a SQLite database while a server runs on it.

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use clap::Args;

use super::progress::{self, bytes};
use crate::config::Config;
use crate::store;

/// What `backup` takes.
#[derive(Debug, Args)]
pub struct BackupArgs {
    /// The file to write
    pub file: PathBuf,
    /// Replace the file if it is there
    #[arg(long)]
    pub force: bool,
}

/// Copies the database of `DATABASE_URL` and prints what the copy holds.
pub async fn run(args: &BackupArgs, config: &Config, out: &mut dyn Write) -> Result<ExitCode> {
    let waiting = progress::waiting("copying, and reading the copy again");
    let kept = store::back_up(config.database_url.expose(), &args.file, args.force).await;
    waiting.finish_and_clear();
    let kept = kept?;
    let size = bytes(kept.bytes);
    let store::Inspected { rows, tables, schema, .. } = kept;
    writeln!(out, "{}: {size}, {rows} rows in {tables} tables, schema {schema}, whole", args.file.display())?;
    Ok(ExitCode::SUCCESS)
}
