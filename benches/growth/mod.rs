//! What a full store costs: receiving and understanding with nothing stored, and with 10,000, 100,000 and 1,000,000
//! deliveries.

mod fill;

use std::sync::Arc;
use std::time::Instant;

use stationmaster::model::{DeliveryState, SystemClock};
use stationmaster::store::{IntakeResult, Store};

use crate::ingest::{Bench, Run, median, sqlite};
use crate::postgres::Cluster;
use crate::row::{Row, Target};
use crate::{progress, setting};

/// How often each store takes its turn.
const ROUNDS: u64 = 3;
/// Batches that are understood for the measure of it.
const BATCHES: usize = 40;
const BATCH: i64 = 64;
const LEAST: f64 = 0.8;

/// A store of one size, and what its runs came to.
struct Sized {
    stored: u64,
    address: String,
    runs: Vec<Run>,
    intake_us: f64,
}

/// Fills stores of all sizes on each database and lets them take turns.
pub async fn rows(cluster: Option<&Cluster>) -> Vec<Row> {
    let folder = tempfile::tempdir().expect("there is room for files");
    let most = setting("STATIONMASTER_BENCH_STORED", 1_000_000);
    let sizes = [0, most / 100, most / 10, most];
    let mut rows = Vec::new();
    for database in ["SQLite", "PostgreSQL"] {
        let address = |stored: u64| match (database, cluster) {
            ("SQLite", _) => {
                let own = folder.path().join(stored.to_string());
                std::fs::create_dir_all(&own).expect("a folder can be made");
                Some(sqlite(&own))
            }
            (_, cluster) => cluster.map(|cluster| cluster.new_database(&format!("stored{stored}"))),
        };
        let all: Option<Vec<Sized>> = sizes
            .iter()
            .map(|stored| {
                let address = address(*stored)?;
                Some(Sized { stored: *stored, address, runs: Vec::new(), intake_us: f64::NAN })
            })
            .collect();
        match all {
            Some(all) => rows.extend(of(database, all).await),
            None => rows.push(Row::unmeasured(
                format!("a full store on {database}"),
                "issue 7",
                "install PostgreSQL (Debian: postgresql)",
            )),
        }
    }
    rows
}

async fn of(database: &str, mut all: Vec<Sized>) -> Vec<Row> {
    let mut bench = Bench::prepared();
    for one in &all {
        fill::fill(&one.address, one.stored, &bench.requests).await;
        progress(&format!("{database}: {} deliveries are stored", one.stored));
    }
    for round in 0..ROUNDS {
        // Each round sends ids of its own.
        bench.first = round * 10_000_000;
        for one in &mut all {
            let run = bench.run_on(&one.address, "256", None).await;
            progress(&format!("{database}, {} stored: {:.0} per second", one.stored, run.per_second));
            one.runs.push(run);
        }
    }
    for one in &mut all {
        one.intake_us = intake_us(&one.address).await;
    }
    let rate = |one: &Sized| median(one.runs.iter().map(|run| run.per_second));
    let (empty, full) = (rate(&all[0]), rate(&all[all.len() - 1]));
    let line = |one: &Sized| {
        let (p99, cpu) = (median(one.runs.iter().map(|run| run.p99_ms)), median(one.runs.iter().map(|run| run.cpu_us)));
        let text = format!(
            "{:.0} per second ({:.2}×), p99 {p99:.1} ms, {cpu:.0} µs CPU each; understood in {:.0} µs each",
            rate(one),
            rate(one) / empty,
            one.intake_us
        );
        Row::shown(format!("webhooks on {database}, {} stored before", one.stored), text)
    };
    let mut rows: Vec<Row> = all.iter().map(line).collect();
    let name = format!("webhooks on {database}: {} stored, to none", all[all.len() - 1].stored);
    rows.push(Row::new(name, "issue 7", (Target::AtLeast(LEAST), "×"), full / empty));
    rows
}

/// What it takes to understand one delivery, with the transaction that its batch shares, in microseconds.
async fn intake_us(address: &str) -> f64 {
    let store = Store::open(address, Arc::new(SystemClock)).await.expect("the database opens again");
    let mut each = Vec::with_capacity(BATCHES);
    for _ in 0..BATCHES {
        let begin = Instant::now();
        let ignored = |_: &_| IntakeResult::at_rest(DeliveryState::Ignored, "only measured");
        let count = store.intake(BATCH, ignored).await.expect("they can be understood");
        each.push(begin.elapsed().as_secs_f64() * 1e6 / count.max(1) as f64);
    }
    store.database().close().await;
    median(each.into_iter())
}
