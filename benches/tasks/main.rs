//! Tasks in numbers, on both databases: 50 workers that claim at once, and a tick over 10,000 open tasks with clocks.

#![expect(
    clippy::expect_used,
    clippy::cast_precision_loss,
    reason = "a benchmark stops at once where it cannot go on, and rounds"
)]

mod claims;
mod clocks;
mod fill;
#[path = "../ingest/postgres.rs"]
mod postgres;
mod servers;

use std::io::Write as _;

/// Rows in the store before each run.
const TASKS: i64 = 10_000;

fn main() {
    sqlx::any::install_default_drivers();
    let runtime = tokio::runtime::Runtime::new().expect("threads can be started");
    let folder = tempfile::tempdir().expect("there is room for files");
    let cluster = postgres::Cluster::start();
    let places = |name: &str| {
        let file = folder.path().join(format!("{name}.db"));
        let mut places = vec![("SQLite", format!("sqlite://{}", file.display()))];
        places.extend(cluster.as_ref().map(|cluster| ("PostgreSQL", cluster.new_database(name))));
        places
    };
    let mut out = std::io::stdout();
    let claimed = claims::table(&runtime, places("claims"));
    writeln!(out, "{claimed}\neach task was claimed once, and none was left\n").expect("stdout takes it");
    let ticked = clocks::table(&runtime, places("clocks"));
    writeln!(out, "{ticked}").expect("stdout takes it");
}
