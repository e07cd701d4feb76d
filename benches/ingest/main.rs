//! How many webhooks per second are durable before they are answered, compared with a handler that stores nothing.
//!
//! `cargo bench --bench ingest` runs everything; `-- sqlite`, `-- postgres` and `-- start` select. Every ratio is of
//! runs that took turns, because machines are not equally fast all the time. `STATIONMASTER_BENCH_S` sets the
//! seconds of one run (default 4), `STATIONMASTER_BENCH_ROUNDS` how often each takes its turn (default 3).
//!
//! The load is 64 connections that send GitHub's published examples of the events that the App receives, signed, each
//! with an id of its own: time-based, as GitHub's documentation shows them, or with `STATIONMASTER_BENCH_GUIDS=random`
//! of no order at all, which dirties more pages of the index and costs about a quarter of the rate. After each run the
//! server is killed and the rows are counted: there is one for each answer 202.

#![expect(clippy::expect_used, clippy::panic, reason = "a bench that cannot measure ends with a message")]
#![expect(clippy::cast_precision_loss, reason = "rates are shown with few digits")]

mod load;
mod payloads;
mod postgres;
mod servers;

use std::io::Write as _;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use comfy_table::{CellAlignment, Table, presets};
use load::Load;
use payloads::{Guids, Prepared};
use postgres::Cluster;
use servers::Server;
use stationmaster::model::SystemClock;
use stationmaster::simulator::github::GithubSimulator;
use stationmaster::store::Store;

/// What one run came to.
struct Run {
    per_second: f64,
    p99_ms: f64,
    resident_mib: (f64, f64),
}

/// One way to receive, and all its runs.
struct Contender {
    name: &'static str,
    runs: Vec<Run>,
}

/// Where deliveries go in a run.
enum Target<'a> {
    Nowhere,
    Sqlite { batch_max: &'a str },
    Postgres { cluster: &'a Cluster, batch_max: &'a str },
}

struct Bench {
    requests: Arc<Vec<Prepared>>,
    guids: Guids,
    time: Duration,
    rounds: u64,
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let mut threads = tokio::runtime::Builder::new_multi_thread();
    let threads = threads.enable_all().build().expect("threads can be started");
    if let [first, port] = arguments.as_slice()
        && first == servers::BARE
    {
        return threads.block_on(servers::serve_bare(port.parse().expect("a port")));
    }
    // `cargo test --benches` runs this too, and must not take minutes.
    if arguments.iter().any(|argument| argument == "--bench") {
        let selected: Vec<&str> = arguments.iter().map(String::as_str).filter(|one| !one.starts_with('-')).collect();
        threads.block_on(measure(|part| selected.is_empty() || selected.contains(&part)));
    }
}

async fn measure(selected: impl Fn(&str) -> bool) {
    let requests = Arc::new(payloads::prepared());
    let mean_kb = requests.iter().map(|one| one.body.len()).sum::<usize>() as f64 / requests.len() as f64 / 1000.0;
    let time = Duration::from_secs(setting("STATIONMASTER_BENCH_S", 4));
    let random = std::env::var("STATIONMASTER_BENCH_GUIDS").is_ok_and(|made| made == "random");
    let guids = if random { Guids::Random } else { Guids::TimeBased };
    let rounds = setting("STATIONMASTER_BENCH_ROUNDS", 3);
    let title = format!("{} payloads of {mean_kb:.1} KB, {} connections", requests.len(), load::CONNECTIONS);
    let bench = Bench { requests, guids, time, rounds };
    let mut table = Table::new();
    table.load_style(presets::ASCII_MARKDOWN);
    table.set_header([&title, "per second", "to bare", "to one each", "p99 ms", "RSS MiB", "peak MiB"]);
    for column in table.column_iter_mut().skip(1) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    if selected("sqlite") {
        let targets =
            [Target::Nowhere, Target::Sqlite { batch_max: "1" }, Target::Sqlite { batch_max: "256" }].into_iter();
        let names = ["bare axum + HMAC, stores nothing", "SQLite, one commit each", "SQLite, shared commits"];
        bench.compare(names.into_iter().zip(targets).collect(), &mut table).await;
    }
    if selected("postgres") {
        match Cluster::start() {
            Some(cluster) => {
                let targets = ["1", "256"].map(|batch_max| Target::Postgres { cluster: &cluster, batch_max });
                let names =
                    ["bare axum + HMAC, stores nothing", "PostgreSQL, one commit each", "PostgreSQL, shared commits"];
                let all = names.into_iter().zip(std::iter::once(Target::Nowhere).chain(targets)).collect();
                bench.compare(all, &mut table).await;
            }
            None => say("PostgreSQL is not installed, so it is not measured."),
        }
    }
    if selected("sqlite") || selected("postgres") {
        say(&table.to_string());
    }
    if selected("start") {
        say(&start_to_ready().await);
    }
}

fn setting(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(default)
}

fn say(text: &str) {
    writeln!(std::io::stdout(), "{text}").expect("stdout takes it");
}

impl Bench {
    /// Lets all take turns and adds a row for each: bare first, then one commit each, then shared commits.
    async fn compare(&self, contenders: Vec<(&'static str, Target<'_>)>, table: &mut Table) {
        let mut results: Vec<Contender> =
            contenders.iter().map(|(name, _)| Contender { name, runs: Vec::new() }).collect();
        for round in 0..self.rounds {
            for ((name, target), result) in contenders.iter().zip(&mut results) {
                let run = self.run(target, round).await;
                let _ = writeln!(std::io::stderr(), "round {}: {name}: {:.0} per second", round + 1, run.per_second);
                result.runs.push(run);
            }
        }
        let rates: Vec<f64> = results.iter().map(|one| median(one.runs.iter().map(|run| run.per_second))).collect();
        for (result, rate) in results.iter().zip(&rates) {
            let highest = |of: fn(&Run) -> f64| result.runs.iter().map(of).fold(f64::NAN, f64::max);
            table.add_row([
                result.name.to_owned(),
                format!("{rate:.0}"),
                format!("{:.2}", rate / rates[0]),
                format!("{:.2}", rate / rates[1]),
                format!("{:.1}", median(result.runs.iter().map(|run| run.p99_ms))),
                format!("{:.1}", highest(|run| run.resident_mib.0)),
                format!("{:.1}", highest(|run| run.resident_mib.1)),
            ]);
        }
    }

    async fn run(&self, target: &Target<'_>, round: u64) -> Run {
        match target {
            Target::Nowhere => self.load(Server::bare().await).await.0,
            Target::Sqlite { batch_max } => {
                let folder = tempfile::tempdir().expect("a folder for the database");
                self.run_on(&sqlite(folder.path()), batch_max).await
            }
            Target::Postgres { cluster, batch_max } => {
                self.run_on(&cluster.new_database(&format!("ingest_{batch_max}_{round}")), batch_max).await
            }
        }
    }

    async fn run_on(&self, database: &str, batch_max: &str) -> Run {
        let settings = [("DATABASE_URL", database), ("INGEST_BATCH_MAX", batch_max), ("RECEIVE_ONLY", "1")];
        let (run, accepted) = self.load(Server::stationmaster(&settings).await).await;
        let store = Store::open(database, Arc::new(SystemClock)).await.expect("the database opens again");
        let counts = store.delivery_counts().await.expect("the rows can be counted");
        let rows: i64 = counts.iter().map(|(_, rows)| rows).sum();
        assert_eq!(rows, i64::try_from(accepted).expect("a small number"), "one row for each answer 202");
        store.database().close().await;
        run
    }

    async fn load(&self, server: Server) -> (Run, u64) {
        let (requests, counter) = (Arc::clone(&self.requests), Arc::default());
        let load = Load { requests, guids: self.guids, counter, time: self.time };
        let loading = tokio::spawn(load::run(server.address, load));
        let mut highest_mib = f64::NAN;
        while !loading.is_finished() {
            highest_mib = highest_mib.max(server.resident_mib().0);
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        let measured = loading.await.expect("every request was answered");
        let resident_mib = (highest_mib, server.resident_mib().1);
        (Run { per_second: measured.per_second, p99_ms: measured.p99_ms, resident_mib }, measured.accepted)
    }
}

fn sqlite(folder: &Path) -> String {
    format!("sqlite://{}/stationmaster.db", folder.display())
}

/// The middle of several runs.
fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

/// The whole server, with its engine and a GitHub to talk to, on a database that does not exist yet.
async fn start_to_ready() -> String {
    let github = GithubSimulator::start(Arc::new(SystemClock)).await.expect("a GitHub on loopback");
    let (app, api_url) = (github.app(), github.api_url());
    let app_id = app.app_id.to_string();
    let mut times = Vec::new();
    for _ in 0..5 {
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
    format!("start to ready on an empty SQLite database: {:.0} ms", median(times.into_iter()))
}
