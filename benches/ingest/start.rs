//! The whole server, with its engine and a GitHub to talk to, started on a database that does not exist yet.

use std::sync::Arc;

use stationmaster::model::SystemClock;
use stationmaster::simulator::github::GithubSimulator;

use super::{median, sqlite};
use crate::row::{Row, Target};
use crate::servers::Server;

const STARTS: usize = 5;

/// From start to ready.
pub async fn rows() -> Vec<Row> {
    let github = GithubSimulator::start(Arc::new(SystemClock)).await.expect("a GitHub on loopback");
    let (app, api_url) = (github.app(), github.api_url());
    let app_id = app.app_id.to_string();
    let mut times = Vec::new();
    for _ in 0..STARTS {
        let folder = tempfile::tempdir().expect("a folder for the database");
        let database = sqlite(folder.path());
        let settings = [
            ("DATABASE_URL", database.as_str()),
            ("GITHUB_APP_ID", app_id.as_str()),
            ("GITHUB_APP_PRIVATE_KEY", app.private_key_pem.as_str()),
            ("GITHUB_API_URL", api_url.as_str()),
        ];
        times.push(Server::stationmaster(&settings).await.ready_after.as_secs_f64() * 1000.0);
    }
    let name = "start to ready on an empty SQLite database";
    vec![Row::new(name, "issue 2", (Target::AtMost(500.0), " ms"), median(times.into_iter()))]
}
