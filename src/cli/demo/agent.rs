//! An agent of the story that works by tools: what its client says to `stationmaster mcp`, and what comes back.

use std::process::Stdio;

use anyhow::{Context as _, Result, bail};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};

/// A client of the protocol with its relay.
pub(super) struct Agent {
    input: ChildStdin,
    output: Lines<BufReader<ChildStdout>>,
    asked: u64,
    _relay: Child,
}

/// What a tool answered.
pub(super) struct Answer {
    pub(super) text: String,
    pub(super) structured: Value,
}

impl Agent {
    /// Starts the relay and greets the server.
    pub(super) async fn start(mut command: Command) -> Result<Self> {
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).kill_on_drop(true);
        let mut relay = command.spawn().context("this program cannot be run")?;
        let input = relay.stdin.take().context("the relay has no stdin")?;
        let output = relay.stdout.take().context("the relay has no stdout")?;
        let mut agent = Self { input, output: BufReader::new(output).lines(), asked: 0, _relay: relay };
        let client = json!({"name": "demo", "version": env!("CARGO_PKG_VERSION")});
        let hello = json!({"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": client});
        agent.ask("initialize", &hello).await?;
        Ok(agent)
    }

    /// How many tools it is shown.
    pub(super) async fn tools(&mut self) -> Result<usize> {
        let listed = self.ask("tools/list", &json!({})).await?;
        Ok(listed["tools"].as_array().map_or(0, Vec::len))
    }

    /// Calls a tool; an error where it says no.
    pub(super) async fn call(&mut self, tool: &str, arguments: &Value) -> Result<Answer> {
        let mut result = self.ask("tools/call", &json!({"name": tool, "arguments": arguments})).await?;
        let text = result["content"][0]["text"].as_str().unwrap_or_default().to_owned();
        if result["isError"] == true {
            bail!("the tool `{tool}` says: {text}");
        }
        Ok(Answer { text, structured: result["structuredContent"].take() })
    }

    async fn ask(&mut self, method: &str, params: &Value) -> Result<Value> {
        self.asked += 1;
        let line = json!({"jsonrpc": "2.0", "id": self.asked, "method": method, "params": params});
        self.input.write_all(format!("{line}\n").as_bytes()).await.context("the relay does not listen")?;
        let line = self.output.next_line().await?.context("the relay ended")?;
        let mut answer: Value = serde_json::from_str(&line).context("the relay answers no JSON")?;
        if answer["error"].is_object() {
            bail!("`{method}` came to nothing: {}", answer["error"]["message"]);
        }
        Ok(answer["result"].take())
    }
}
