//! `restore`: puts a copy that `backup` made in the place of the SQLite database.

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use clap::Args;

use super::progress::{self, bytes};
use crate::config::Config;
use crate::model::{Clock as _, SystemClock};
use crate::store;

/// What `restore` takes.
#[derive(Debug, Args)]
pub struct RestoreArgs {
    /// The copy, as `backup` wrote it
    pub file: PathBuf,
}

/// Replaces the database of `DATABASE_URL` and says where the one before is.
pub async fn run(args: &RestoreArgs, config: &Config, out: &mut dyn Write) -> Result<ExitCode> {
    let waiting = progress::waiting("reading the copy");
    let restored = store::restore(config.database_url.expose(), &args.file, SystemClock.now()).await;
    waiting.finish_and_clear();
    let store::Restored { database, holds, before } = restored?;
    let store::Inspected { rows, tables, schema, .. } = holds;
    let (database, size) = (database.display(), bytes(holds.bytes));
    writeln!(out, "{database}: {size}, {rows} rows in {tables} tables, schema {schema}")?;
    if let Some(before) = before {
        writeln!(out, "the one before is {}", before.display())?;
    }
    Ok(ExitCode::SUCCESS)
}
