//! Heartbeats: one, or one each so many seconds until stopped.

use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context as _, Result};
use serde_json::{Value, json};
use tokio::signal::unix::{SignalKind, signal};

use super::Desk;
use super::args::HeartbeatArgs;
use crate::cli::bridge::Held;
use crate::cli::client::{Call, ClientError};
use crate::cli::item::Item;

/// Beats.
pub(super) async fn run(desk: &mut Desk<'_>, args: &HeartbeatArgs) -> Result<ExitCode> {
    let Some(every_s) = args.every else {
        beat(desk, args).await?;
        return Ok(ExitCode::SUCCESS);
    };
    let mut terminated = signal(SignalKind::terminate()).context("a signal cannot be waited for")?;
    let mut turns = tokio::time::interval(Duration::from_secs(every_s));
    loop {
        tokio::select! {
            _ = turns.tick() => {}
            _ = terminated.recv() => return Ok(ExitCode::SUCCESS),
            ended = tokio::signal::ctrl_c() => {
                ended.context("a signal cannot be waited for")?;
                return Ok(ExitCode::SUCCESS);
            }
        }
        match beat(desk, args).await {
            Ok(()) => {}
            // The server may be back for the next one; a lease lives longer than a heartbeat.
            Err(error @ (ClientError::Unreachable { .. } | ClientError::Refused { status: 500.., .. })) => {
                desk.spoken.say(&format!("warning: {error}; the next heartbeat is in {every_s} s"));
            }
            Err(error) => return Err(error.into()),
        }
    }
}

async fn beat(desk: &mut Desk<'_>, args: &HeartbeatArgs) -> Result<(), ClientError> {
    let body = args.status.map_or_else(|| json!({}), |status| json!({"status": status}));
    let answer = desk.client.send(&Call::post(format!("workers/{}/heartbeat", desk.agent), body)).await?.body;
    let rows = answer["leases"].as_array().map(Vec::as_slice).unwrap_or_default();
    let leases: Vec<(Item, Held)> = rows.iter().filter_map(lease).collect();
    let written = desk.bridge.extend(&leases);
    desk.beside("the heartbeat was heard", written);
    let printed = desk.spoken.result(answer["status"].as_str().unwrap_or_default(), &answer);
    desk.beside("the heartbeat was heard", printed);
    Ok(())
}

fn lease(row: &Value) -> Option<(Item, Held)> {
    Some((row["item"].as_str()?.parse().ok()?, Held::of(row)?))
}
