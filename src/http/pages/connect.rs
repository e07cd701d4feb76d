//! What somebody copies who connects an AI agent; never with a token in it, which only its maker knows.

use serde_json::{Value, json};

use crate::model::WorkerId;

/// Where the token goes.
const TOKEN: &str = "…";

/// Texts to copy.
pub(super) struct Connect {
    /// The command that makes a token.
    pub(super) token: String,
    /// The entry for an agent that starts a command.
    pub(super) command: String,
    /// The entry for an agent that opens an address.
    pub(super) address: String,
}

impl Connect {
    /// For an agent that is to be this worker, of the server at this address.
    pub(super) fn new(address: &str, id: &WorkerId) -> Self {
        let env = json!({"STATIONMASTER_URL": address, "STATIONMASTER_TOKEN": TOKEN});
        let headers = json!({"Authorization": format!("Bearer {TOKEN}")});
        Self {
            token: format!("stationmaster token create --name {id} --scope worker:{id}"),
            command: entry(&json!({"command": "stationmaster", "args": ["mcp"], "env": env})),
            address: entry(&json!({"type": "http", "url": format!("{address}/mcp"), "headers": headers})),
        }
    }
}

/// An entry as most clients of the protocol have it.
fn entry(server: &Value) -> String {
    let whole = json!({"mcpServers": {"stationmaster": server}});
    serde_json::to_string_pretty(&whole).unwrap_or_default()
}
