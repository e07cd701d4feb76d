//! `migrate`: moves everything to another database.

use std::io::Write;
use std::process::ExitCode;

use anyhow::{Context as _, Result, bail};
use clap::{Args, Subcommand};

use super::{progress, table};
use crate::config::{Config, DatabaseUrl, Flags};
use crate::store;

/// What to move.
#[derive(Debug, Subcommand)]
pub enum MigrateCommand {
    /// Copy everything from one database to an empty one, such as from SQLite to PostgreSQL.
    Copy(CopyArgs),
}

/// What `migrate copy` takes.
#[derive(Debug, Args)]
pub struct CopyArgs {
    /// The database to copy to, which must be empty: `postgres://…` or `sqlite://…`
    #[arg(long, value_name = "ADDRESS", env = "STATIONMASTER_COPY_TO", hide_env_values = true, value_parser = address)]
    pub to: DatabaseUrl,
    /// The database to copy from [default: the one of `DATABASE_URL`]
    #[arg(long, value_name = "ADDRESS", value_parser = address)]
    pub from: Option<DatabaseUrl>,
}

/// Runs one `migrate` command.
pub async fn run(command: MigrateCommand, flags: &Flags, out: &mut dyn Write) -> Result<ExitCode> {
    let MigrateCommand::Copy(args) = command;
    let from = match args.from {
        Some(from) => from,
        None => Config::read(flags)?.database_url,
    };
    if from.expose() == args.to.expose() {
        bail!("source and target are the same database, {from}");
    }
    let bar = progress::counting();
    let mut show = |at: store::CopyProgress<'_>| {
        bar.set_length(u64::try_from(at.of).unwrap_or_default());
        bar.set_position(u64::try_from(at.rows).unwrap_or_default());
        bar.set_message(at.table.to_owned());
    };
    let copied = store::copy(from.expose(), args.to.expose(), &mut show).await;
    bar.finish_and_clear();
    let copied = copied.with_context(|| format!("{from} was not copied to {}", args.to))?;
    let mut shown = table(&["table", "rows"]);
    for table in &copied {
        shown.add_row([table.name.clone(), table.rows.to_string()]);
    }
    let rows: i64 = copied.iter().map(|table| table.rows).sum();
    writeln!(out, "{shown}\n\n{rows} rows of {} tables are in {}", copied.len(), args.to)?;
    writeln!(out, "set DATABASE_URL to it, and start the server; {from} is as it was")?;
    Ok(ExitCode::SUCCESS)
}

fn address(given: &str) -> Result<DatabaseUrl, String> {
    DatabaseUrl::parse(given).ok_or_else(|| "it should begin with sqlite:// or postgres://".to_owned())
}
