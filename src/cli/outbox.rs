//! `outbox`: effects that wait, were performed, or were given up, and trying them once more.

use std::io::Write;
use std::process::ExitCode;

use anyhow::{Result, bail};
use clap::Subcommand;

use super::inbox::replayed;
use super::table;
use crate::store::{OutboxState, Store};

/// What to do with the outbox.
#[derive(Debug, Subcommand)]
pub enum OutboxCommand {
    /// List actions, newest first.
    List {
        /// Only those in this state: pending, running, done, dead or superseded.
        #[arg(long)]
        state: Option<OutboxState>,
        /// At most so many.
        #[arg(long, default_value_t = 50)]
        limit: i64,
        /// Print JSON, one object a line.
        #[arg(long)]
        json: bool,
    },
    /// Show one action with all it holds.
    Show {
        /// The action's key.
        key: String,
    },
    /// Try dead actions once more.
    Replay {
        /// Keys of actions.
        #[arg(required_unless_present = "dead")]
        keys: Vec<String>,
        /// All that are dead.
        #[arg(long, conflicts_with = "keys")]
        dead: bool,
    },
}

/// Runs one `outbox` command.
pub async fn run(command: OutboxCommand, store: &Store, out: &mut dyn Write) -> Result<ExitCode> {
    match command {
        OutboxCommand::List { state, limit, json } => list(store, state, limit, json, out).await?,
        OutboxCommand::Show { key } => show(store, &key, out).await?,
        OutboxCommand::Replay { keys, dead } => return replay(store, keys, dead, out).await,
    }
    Ok(ExitCode::SUCCESS)
}

async fn list(store: &Store, state: Option<OutboxState>, limit: i64, json: bool, out: &mut dyn Write) -> Result<()> {
    let rows = store.actions(state, limit).await?;
    if json {
        for row in rows {
            writeln!(out, "{}", serde_json::to_string(&row)?)?;
        }
        return Ok(());
    }
    let mut shown = table(&["key", "kind", "state", "due", "failed", "note"]);
    for row in rows {
        shown.add_row([
            row.key,
            row.kind,
            row.state,
            row.due.to_string(),
            row.attempts.to_string(),
            row.note.unwrap_or_default(),
        ]);
    }
    writeln!(out, "{shown}")?;
    Ok(())
}

async fn show(store: &Store, key: &str, out: &mut dyn Write) -> Result<()> {
    let Some((action, state, note, _)) = store.action(key).await? else {
        bail!("there is no action {key}; `stationmaster outbox list` shows what there is");
    };
    writeln!(out, "key:   {key}\nstate: {state}\nnote:  {}\n", note.unwrap_or_default())?;
    writeln!(out, "{}", serde_json::to_string_pretty(&action)?)?;
    Ok(())
}

async fn replay(store: &Store, keys: Vec<String>, dead: bool, out: &mut dyn Write) -> Result<ExitCode> {
    let keys = if dead {
        store.actions(Some(OutboxState::Dead), i64::MAX).await?.into_iter().map(|row| row.key).collect()
    } else {
        keys
    };
    let mut code = ExitCode::SUCCESS;
    for key in keys {
        if store.retry_action(&key).await? {
            store.audit(&replayed(&format!("Action {key} was replayed."))).await?;
            writeln!(out, "{key}: is tried once more")?;
        } else {
            writeln!(out, "{key}: not replayed; it does not exist or is not dead")?;
            code = ExitCode::FAILURE;
        }
    }
    Ok(code)
}
