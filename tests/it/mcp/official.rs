//! The official client (npm `@modelcontextprotocol/sdk`), driven line by line.

use std::path::{Path, PathBuf};
use std::process::Stdio;

use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};

use crate::world::{World, within};

const PACKAGE: &str = "@modelcontextprotocol/sdk";
const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/mcp/client.mjs");

/// The package under `$STATIONMASTER_TEST_DATA` or `target/test-data`.
fn package() -> PathBuf {
    let root = std::env::var_os("STATIONMASTER_TEST_DATA")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("target/test-data"), PathBuf::from);
    let package = root.join("node_modules").join(PACKAGE);
    assert!(
        package.exists(),
        "the official client is missing: run `npm install --prefix {} {PACKAGE}@1.32.2`, or set STATIONMASTER_TEST_DATA \
         to where it is",
        root.display()
    );
    package
}

/// A process of Node.js with any number of clients.
pub struct Official {
    input: ChildStdin,
    output: Lines<BufReader<ChildStdout>>,
    _node: Child,
}

impl Official {
    pub fn start() -> Self {
        let mut command = Command::new("node");
        command.arg(SCRIPT).arg(package());
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).kill_on_drop(true);
        let mut node = command.spawn().expect("install Node.js: the official client of the protocol runs in it");
        let (input, output) = (node.stdin.take().unwrap(), node.stdout.take().unwrap());
        Self { input, output: BufReader::new(output).lines(), _node: node }
    }

    /// Opens a client over HTTP.
    pub async fn over_http(&mut self, world: &World, (name, token): (&str, &str)) -> Result<Value, Value> {
        let http = json!({"url": format!("{}/mcp", world.url), "token": token});
        self.step(&json!({"open": name, "http": http})).await
    }

    /// Opens a client over `stationmaster mcp`.
    pub async fn over_stdio(&mut self, world: &World, (name, token): (&str, &str)) -> Result<Value, Value> {
        let env = json!({"STATIONMASTER_URL": world.url, "STATIONMASTER_TOKEN": token});
        let stdio = json!({"command": env!("CARGO_BIN_EXE_stationmaster"), "args": ["mcp"], "env": env});
        self.step(&json!({"open": name, "stdio": stdio})).await
    }

    /// Calls a method of a client.
    pub async fn ask(&mut self, client: &str, method: &str, params: Value) -> Result<Value, Value> {
        self.step(&json!({"client": client, "method": method, "params": params})).await
    }

    /// Calls a tool, which must go well: the structured form of its answer.
    pub async fn good(&mut self, client: &str, tool: &str, arguments: Value) -> Value {
        let mut result = self.ask(client, "callTool", json!({"name": tool, "arguments": arguments})).await.unwrap();
        assert_ne!(result["isError"], true, "{tool}: {result}");
        result["structuredContent"].take()
    }

    /// Calls a tool, which must say no: the text.
    pub async fn refused(&mut self, client: &str, tool: &str, arguments: Value) -> String {
        let result = self.ask(client, "callTool", json!({"name": tool, "arguments": arguments})).await.unwrap();
        assert_eq!(result["isError"], true, "{tool}: {result}");
        result["content"][0]["text"].as_str().unwrap().to_owned()
    }

    async fn step(&mut self, step: &Value) -> Result<Value, Value> {
        self.input.write_all(format!("{step}\n").as_bytes()).await.unwrap();
        let line = within("the official client answers", self.output.next_line()).await.unwrap();
        let mut answer: Value = serde_json::from_str(&line.expect("the client ended")).unwrap();
        if answer["fault"].is_null() { Ok(answer["good"].take()) } else { Err(answer["fault"].take()) }
    }
}
