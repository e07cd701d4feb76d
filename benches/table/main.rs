//! Every number that was promised, measured in one run and shown in one table.
//!
//! `cargo bench --bench table` measures everything in about half an hour; `-- webhooks start routing secrets tasks command
//! pages growth drain calls replicas tests` select. Progress goes to stderr, the table as Markdown to stdout, and the exit
//! status is 1 if a number is not what it has to be. `STATIONMASTER_BENCH_S` sets the seconds of one run of the webhooks (default 4),
//! `STATIONMASTER_BENCH_ROUNDS` how often each takes its turn (default 3), `STATIONMASTER_BENCH_STORED` the fullest store
//! (default 1,000,000), `STATIONMASTER_BENCH_BACKLOG` the backlog (default 100,000), and `STATIONMASTER_BENCH_SERVER`
//! another binary than this build's.
//!
//! All of it is one program, because linking each part by itself takes longer than running it.

#![expect(clippy::expect_used, clippy::panic, reason = "a bench that cannot measure ends with a message")]
#![expect(clippy::cast_precision_loss, reason = "rates are shown with few digits")]

#[path = "../calls/mod.rs"]
mod calls;
#[path = "../command/mod.rs"]
mod command;
#[path = "../drain/mod.rs"]
mod drain;
mod engine;
#[path = "../growth/mod.rs"]
mod growth;
#[path = "../ingest/mod.rs"]
mod ingest;
#[path = "../pages/mod.rs"]
mod pages;
#[path = "../ingest/payloads.rs"]
mod payloads;
#[path = "../ingest/postgres.rs"]
mod postgres;
#[path = "../probot/mod.rs"]
mod probot;
mod promised;
#[path = "../replicas/mod.rs"]
mod replicas;
#[path = "../routing/mod.rs"]
mod routing;
mod row;
#[path = "../secrets/mod.rs"]
mod secrets;
#[path = "../ingest/servers.rs"]
mod servers;
#[path = "../tasks/mod.rs"]
mod tasks;

use std::io::Write as _;
use std::process::ExitCode;

use postgres::Cluster;
use row::Row;

/// A database that a bench may fill.
pub struct Place {
    /// What people call it.
    pub name: &'static str,
    /// Where it is.
    pub address: String,
}

/// A whole number from the environment.
#[must_use]
pub fn setting(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(default)
}

/// Tells whoever waits what is being done.
pub fn progress(text: &str) {
    let _ = writeln!(std::io::stderr(), "{text}");
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let mut threads = tokio::runtime::Builder::new_multi_thread();
    let threads = threads.enable_all().build().expect("threads can be started");
    if arguments.first().is_some_and(|first| first == servers::BARE) {
        threads.block_on(servers::serve_bare());
        return ExitCode::SUCCESS;
    }
    // `cargo test --benches` runs this too, and must not take minutes.
    if !arguments.iter().any(|argument| argument == "--bench") {
        return ExitCode::SUCCESS;
    }
    sqlx::any::install_default_drivers();
    let selected: Vec<&str> = arguments.iter().map(String::as_str).filter(|one| !one.starts_with('-')).collect();
    let rows = threads.block_on(measured(|part| selected.is_empty() || selected.contains(&part)));
    writeln!(std::io::stdout(), "{}", row::markdown(&rows)).expect("stdout takes it");
    let missed = rows.iter().filter(|row| row.is_missed()).count();
    progress(&format!("{missed} numbers are not what they have to be"));
    ExitCode::from(u8::from(missed > 0))
}

/// The parts in the order of the issues that asked for them.
async fn measured(selected: impl Fn(&str) -> bool) -> Vec<Row> {
    let folder = tempfile::tempdir().expect("there is room for files");
    let cluster = Cluster::start();
    let places = |name: &str| {
        let file = folder.path().join(format!("{name}.db"));
        let mut places = vec![Place { name: "SQLite", address: format!("sqlite://{}", file.display()) }];
        let address = |cluster: &Cluster| Place { name: "PostgreSQL", address: cluster.new_database(name) };
        places.extend(cluster.as_ref().map(address));
        places
    };
    let mut rows = Vec::new();
    // Memory is measured as the most that was ever resident in this process: what needs little comes first.
    if selected("secrets") {
        rows.extend(secrets::rows());
    }
    if selected("routing") {
        rows.extend(routing::rows());
    }
    if selected("webhooks") {
        rows.extend(ingest::compared::rows(cluster.as_ref()).await);
    }
    if selected("start") {
        rows.extend(ingest::start_rows().await);
    }
    if selected("tasks") {
        rows.extend(tasks::claim_rows(&places("claims")).await);
        rows.extend(tasks::clock_rows(&places("clocks")).await);
    }
    if selected("command") {
        rows.extend(command::rows(&places("command")).await);
    }
    if selected("pages") {
        rows.extend(pages::rows(&places("pages")).await);
    }
    if selected("growth") {
        rows.extend(growth::rows(cluster.as_ref()).await);
    }
    if selected("drain") {
        rows.extend(drain::rows(&places("drain")).await);
    }
    if selected("calls") {
        rows.extend(calls::rows().await);
    }
    if selected("replicas") {
        rows.extend(replicas::rows(cluster.as_ref()).await);
    }
    if selected("tests") {
        rows.extend(promised::rows());
    }
    rows
}
