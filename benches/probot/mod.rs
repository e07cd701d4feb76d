//! Probot as its users run it: the current version from npm, in production, with handlers that read what comes in.
//!
//! It is kept in `target/bench/probot`, and installed by npm where it is not there yet. Its GitHub is the simulated one.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use stationmaster::simulator::github::GithubSimulator;

use crate::payloads::{EVENTS, SECRET};
use crate::servers::{Readiness, Server};

/// The version that is compared with.
const PACKAGE: &str = "probot@14.3.2";

/// An installed Probot with an app of its own.
pub struct Probot {
    folder: PathBuf,
    github: GithubSimulator,
}

impl Probot {
    /// Finds or installs it; what to install where that is not possible.
    pub fn install(github: GithubSimulator) -> Result<Self, String> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/bench/probot");
        let written = folder.join("packages");
        if std::fs::read_to_string(&written).is_ok_and(|had| had == PACKAGE) {
            return Ok(Self { folder, github });
        }
        crate::progress(&format!("npm installs {PACKAGE} into {}", folder.display()));
        let failed = |why: String| format!("{PACKAGE} is not measured, as {why}: install Node.js 20 with npm");
        std::fs::create_dir_all(&folder).map_err(|error| failed(error.to_string()))?;
        let app = app();
        for (name, text) in [("package.json", "{\"private\":true,\"type\":\"module\"}\n"), ("app.js", app.as_str())] {
            std::fs::write(folder.join(name), text).map_err(|error| failed(error.to_string()))?;
        }
        let mut npm = Command::new("npm");
        npm.args(["install", "--silent", "--no-audit", "--no-fund", "--save-exact", PACKAGE]).current_dir(&folder);
        let status =
            npm.stdout(Stdio::null()).status().map_err(|error| failed(format!("npm cannot be run ({error})")))?;
        if !status.success() {
            return Err(failed(format!("npm ended with {status}")));
        }
        std::fs::write(written, PACKAGE).map_err(|error| failed(error.to_string()))?;
        Ok(Self { folder, github })
    }

    /// Starts it, with its settings as its documentation has them for production
    /// (<https://probot.github.io/docs/configuration/>).
    pub async fn start(&self) -> Server {
        let app = self.github.app();
        let host = self.github.api_url().trim_start_matches("http://").to_owned();
        let mut command = Command::new("node");
        // It writes a line for each request, as it does for its users; `LOG_LEVEL=warn` in the bench's own environment
        // has it write none.
        command.args(["node_modules/probot/bin/probot.js", "run", "./app.js"]).current_dir(&self.folder);
        command.env("NODE_ENV", "production").env("HOST", "127.0.0.1");
        command.env("APP_ID", app.app_id.to_string()).env("PRIVATE_KEY", app.private_key_pem);
        command.env("WEBHOOK_SECRET", SECRET).env("WEBHOOK_PATH", "/webhooks/github");
        command.env("GHE_HOST", host).env("GHE_PROTOCOL", "http");
        Server::start(command, Readiness { path: "/ping" }).await
    }
}

/// An app with a handler for each event of the load.
fn app() -> String {
    let events = EVENTS.map(|event| format!("\"{event}\"")).join(", ");
    format!(
        "let read = 0;\n\
         export default (app) => {{\n  \
           app.on([{events}], async (context) => {{\n    \
             read += (context.payload.repository?.id ?? 0) + (context.payload.action?.length ?? 0);\n  \
           }});\n\
         }};\n"
    )
}
