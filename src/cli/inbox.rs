//! `inbox`: what came in, how far it has come, and having it understood once more.

use std::io::Write;
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use clap::Subcommand;

use super::table;
use crate::model::{DeliveryGuid, DeliveryState};
use crate::store::{AuditEntry, Store};

/// What to do with the inbox.
#[derive(Debug, Subcommand)]
pub enum InboxCommand {
    /// List deliveries, newest first.
    List {
        /// Only those in this state: new, marked, done, ignored or dead.
        #[arg(long)]
        state: Option<DeliveryState>,
        /// At most so many.
        #[arg(long, default_value_t = 50)]
        limit: i64,
        /// Print JSON, one object a line.
        #[arg(long)]
        json: bool,
    },
    /// Show one delivery with its body.
    Show {
        /// The delivery's id, GitHub's X-GitHub-Delivery.
        guid: String,
    },
    /// Have deliveries that came to rest understood once more.
    Replay {
        /// Ids of deliveries.
        #[arg(required_unless_present = "dead")]
        guids: Vec<String>,
        /// All that are dead.
        #[arg(long, conflicts_with = "guids")]
        dead: bool,
    },
}

/// Runs one `inbox` command.
pub async fn run(command: InboxCommand, store: &Store, out: &mut dyn Write) -> Result<ExitCode> {
    match command {
        InboxCommand::List { state, limit, json } => list(store, state, limit, json, out).await?,
        InboxCommand::Show { guid } => show(store, &DeliveryGuid::new(guid), out).await?,
        InboxCommand::Replay { guids, dead } => return replay(store, guids, dead, out).await,
    }
    Ok(ExitCode::SUCCESS)
}

async fn list(store: &Store, state: Option<DeliveryState>, limit: i64, json: bool, out: &mut dyn Write) -> Result<()> {
    let rows = store.deliveries(state, limit).await?;
    if json {
        for row in rows {
            writeln!(out, "{}", serde_json::to_string(&row)?)?;
        }
        return Ok(());
    }
    let mut shown = table(&["received", "delivery", "event", "state", "note"]);
    for row in rows {
        shown.add_row([
            row.received.to_string(),
            row.guid.to_string(),
            row.event,
            row.state,
            row.note.unwrap_or_default(),
        ]);
    }
    writeln!(out, "{shown}")?;
    Ok(())
}

async fn show(store: &Store, guid: &DeliveryGuid, out: &mut dyn Write) -> Result<()> {
    let Some((delivery, state, note)) = store.delivery(guid).await? else {
        bail!("there is no delivery {guid}; `stationmaster inbox list` shows what there is");
    };
    writeln!(out, "delivery: {guid}\nsource:   {}", delivery.source.as_str())?;
    writeln!(out, "event:    {}\nreceived: {}", delivery.event.0, delivery.received)?;
    writeln!(out, "state:    {state}\nnote:     {}\n", note.unwrap_or_default())?;
    match serde_json::from_slice::<serde_json::Value>(&delivery.body) {
        Ok(body) => writeln!(out, "{}", serde_json::to_string_pretty(&body)?)?,
        Err(_) => writeln!(out, "{}", String::from_utf8_lossy(&delivery.body))?,
    }
    Ok(())
}

async fn replay(store: &Store, guids: Vec<String>, dead: bool, out: &mut dyn Write) -> Result<ExitCode> {
    let guids: Vec<DeliveryGuid> = if dead {
        store.deliveries(Some(DeliveryState::Dead), i64::MAX).await?.into_iter().map(|row| row.guid).collect()
    } else {
        guids.into_iter().map(DeliveryGuid::new).collect()
    };
    let mut code = ExitCode::SUCCESS;
    for guid in guids {
        if store.replay(&guid).await.with_context(|| format!("delivery {guid}"))? {
            store.audit(&replayed(&format!("Delivery {guid} was replayed."))).await?;
            writeln!(out, "{guid}: waits to be understood once more")?;
        } else {
            writeln!(out, "{guid}: not replayed; it does not exist or has not come to rest")?;
            code = ExitCode::FAILURE;
        }
    }
    Ok(code)
}

/// The audit's line for a replay.
pub(super) fn replayed(summary: &str) -> AuditEntry<'_> {
    AuditEntry {
        actor: "cli",
        subject: None,
        decision: None,
        kind: "replay",
        summary,
        explanation: None,
        saw: None,
        replay: None,
        deliveries: None,
        door: None,
    }
}
