//! `mcp`: a relay between an AI agent's client, over stdin and stdout, and the server's `/mcp`.
//!
//! Each line is a message of the Model Context Protocol
//! (<https://modelcontextprotocol.io/specification/2025-11-25/basic/transports#stdio>). stdout carries nothing else.

use std::io::{self, BufRead as _, Write as _};
use std::process::ExitCode;
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{Result, bail};
use serde_json::{Value, json};
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use super::client::{Call, Client};
use crate::config::ClientConfig;
use crate::model::Scope;

/// Where a message names the version of the protocol that it is written in.
const VERSION_OF_MESSAGE: &str = "io.modelcontextprotocol/protocolVersion";
/// From this version on, the method and what it names stand in headers too.
const WITH_HEADERS: &str = "2026-07-28";
/// The code of JSON-RPC for what is no JSON (<https://www.jsonrpc.org/specification#error_object>).
const NO_JSON: i32 = -32_700;
/// The code of JSON-RPC for a fault that is not the caller's.
const FAULT: i32 = -32_603;

/// Passes messages on until stdin ends and everything is answered.
pub async fn run(config: &ClientConfig) -> Result<ExitCode> {
    let client = Client::new(config)?;
    is_for(&client, config).await?;
    let relay = Arc::new(Relay { client, version: Mutex::default() });
    let (mut lines, mut under_way) = (lines(), JoinSet::new());
    let mut is_open = true;
    while is_open || !under_way.is_empty() {
        tokio::select! {
            line = lines.recv(), if is_open => match line {
                Some(line) => {
                    let relay = Arc::clone(&relay);
                    drop(under_way.spawn(async move { relay.answer(&line).await }));
                }
                None => is_open = false,
            },
            Some(answer) = under_way.join_next() => {
                if let Ok(Some(answer)) = answer {
                    let mut out = io::stdout().lock();
                    writeln!(out, "{answer}")?;
                    out.flush()?;
                }
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// The lines of stdin. Reading them blocks, and nothing is there to wait for once the process is to end.
fn lines() -> mpsc::Receiver<Vec<u8>> {
    let (sender, lines) = mpsc::channel(16);
    std::thread::spawn(move || {
        let mut input = io::stdin().lock();
        loop {
            let mut line = Vec::new();
            match input.read_until(b'\n', &mut line) {
                Ok(1..) if line.trim_ascii().is_empty() => {}
                Ok(1..) if sender.blocking_send(line).is_ok() => {}
                Ok(_) | Err(_) => return,
            }
        }
    });
    lines
}

/// A token of another worker than `AGENT_ID` is told at once; that the server is away, with each message.
async fn is_for(client: &Client, config: &ClientConfig) -> Result<()> {
    let Some(agent) = &config.agent_id else { return Ok(()) };
    let Ok(answer) = client.send(&Call::get("whoami")).await else { return Ok(()) };
    match answer.body["scope"].as_str().and_then(|scope| scope.parse().ok()) {
        Some(Scope::Worker(id)) if id.as_str() != agent => {
            bail!("AGENT_ID is {agent}, and STATIONMASTER_TOKEN is the token of the worker {id}")
        }
        Some(Scope::Worker(_) | Scope::Orchestrator | Scope::Read | Scope::Admin) | None => Ok(()),
    }
}

struct Relay {
    client: Client,
    /// The version of the protocol that client and server have agreed on.
    version: Mutex<Option<String>>,
}

impl Relay {
    /// What is answered to a line, as a line.
    async fn answer(&self, line: &[u8]) -> Option<String> {
        let message = match serde_json::from_slice::<Value>(line) {
            Ok(message) => message,
            Err(fault) => return Some(error(&Value::Null, (NO_JSON, &format!("the line is no JSON: {fault}")))),
        };
        let text = String::from_utf8_lossy(line);
        match self.client.pass(text.trim(), &self.headers(&message)).await {
            Ok(answer) => {
                if message["method"] == "initialize" {
                    self.agree(answer.as_deref());
                }
                answer
            }
            Err(fault) if message["id"].is_null() => {
                // Nobody is left to tell if stderr is closed.
                let _ = writeln!(io::stderr(), "warning: a notification did not arrive: {fault}");
                None
            }
            Err(fault) => Some(error(&message["id"], (FAULT, &fault.to_string()))),
        }
    }

    fn headers(&self, message: &Value) -> Vec<(&'static str, String)> {
        let agreed = || self.version.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let params = &message["params"];
        let version = params["_meta"][VERSION_OF_MESSAGE].as_str().map(str::to_owned).or_else(agreed);
        let Some(version) = version.filter(|version| is_header(version)) else { return Vec::new() };
        let mut headers = Vec::new();
        if version.as_str() >= WITH_HEADERS {
            let named = params["name"].as_str().or_else(|| params["uri"].as_str());
            let method = message["method"].as_str().map(|method| ("Mcp-Method", method));
            let both = [method, named.map(|named| ("Mcp-Name", named))].into_iter().flatten();
            headers.extend(both.filter(|(_, value)| is_header(value)).map(|(name, value)| (name, value.to_owned())));
        }
        headers.push(("MCP-Protocol-Version", version));
        headers
    }

    fn agree(&self, answer: Option<&str>) {
        let answer = answer.and_then(|answer| serde_json::from_str::<Value>(answer).ok()).unwrap_or_default();
        if let Some(version) = answer["result"]["protocolVersion"].as_str() {
            *self.version.lock().unwrap_or_else(PoisonError::into_inner) = Some(version.to_owned());
        }
    }
}

fn is_header(text: &str) -> bool {
    text.bytes().all(|byte| (b' '..=b'~').contains(&byte))
}

fn error(id: &Value, (code, message): (i32, &str)) -> String {
    json!({"jsonrpc": "2.0", "id": id, "error": {"code": code, "message": message}}).to_string()
}
