//! How many webhooks per second are durable before they are answered, beside a handler that stores nothing, one commit
//! for each, and Probot.
//!
//! Every ratio is of runs that took turns, because machines are not equally fast all the time. The load is GitHub's
//! published examples of the events that the App receives, signed, each with an id of its own: time-based, as GitHub's
//! documentation shows them, or with `STATIONMASTER_BENCH_GUIDS=random` of no order at all, which dirties more pages of
//! the index and costs about a quarter of the rate. After each run the server is killed and the rows are counted: there
//! is one for each answer.

pub mod compared;
pub mod load;
mod start;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use stationmaster::model::SystemClock;
use stationmaster::store::Store;

use self::load::{Load, Measured};
use crate::payloads::{self, Guids, Prepared};
use crate::postgres::Cluster;
use crate::probot::Probot;
use crate::servers::Server;
use crate::setting;

pub use self::start::rows as start_rows;

/// The rate of the run in which answers are timed from when their requests were due.
pub const FIXED_RATE: u32 = 1_000;

/// What one run came to.
#[derive(Debug, Clone, Copy)]
pub struct Run {
    pub per_second: f64,
    pub p99_ms: f64,
    /// Processor time of the server for one request, in microseconds.
    pub cpu_us: f64,
    /// The most that was resident at any time, in MiB.
    pub peak_mib: f64,
}

/// Who receives in a run, and where the deliveries go.
#[derive(Clone, Copy)]
pub enum Target<'a> {
    Nowhere,
    Sqlite { batch_max: &'a str },
    Postgres { cluster: &'a Cluster, batch_max: &'a str },
    Probot(&'a Probot),
}

/// The load, and how long it is.
pub struct Bench {
    pub requests: Arc<Vec<Prepared>>,
    pub guids: Guids,
    pub time: Duration,
    /// The number of the first request, for runs into a store that has had some.
    pub first: u64,
}

impl Bench {
    /// The load of every run.
    pub fn prepared() -> Self {
        let random = std::env::var("STATIONMASTER_BENCH_GUIDS").is_ok_and(|made| made == "random");
        let guids = if random { Guids::Random } else { Guids::TimeBased };
        let time = Duration::from_secs(setting("STATIONMASTER_BENCH_S", 4));
        Self { requests: Arc::new(payloads::prepared()), guids, time, first: 0 }
    }

    /// One run against a server that is started for it, on a database of its own; as fast as it goes, or at a rate.
    pub async fn run(&self, target: Target<'_>, name: &str, rate: Option<u32>) -> Run {
        match target {
            Target::Nowhere => self.load(Server::bare().await, rate).await.0,
            Target::Probot(probot) => self.load(probot.start().await, rate).await.0,
            Target::Sqlite { batch_max } => {
                let folder = tempfile::tempdir().expect("a folder for the database");
                self.run_on(&sqlite(folder.path()), batch_max, rate).await
            }
            Target::Postgres { cluster, batch_max } => self.run_on(&cluster.new_database(name), batch_max, rate).await,
        }
    }

    /// One run that stores into this database, whatever it holds already.
    pub async fn run_on(&self, database: &str, batch_max: &str, rate: Option<u32>) -> Run {
        let before = rows(database).await;
        let settings = [("DATABASE_URL", database), ("INGEST_BATCH_MAX", batch_max), ("RECEIVE_ONLY", "1")];
        let (run, accepted) = self.load(Server::stationmaster(&settings).await, rate).await;
        assert_eq!(rows(database).await - before, accepted, "one row for each answer");
        run
    }

    async fn load(&self, server: Server, rate: Option<u32>) -> (Run, u64) {
        let (requests, counter) = (Arc::clone(&self.requests), Arc::default());
        let load = Load { requests, guids: self.guids, first: self.first, counter, time: self.time };
        let before_s = server.cpu_s();
        let measured = match rate {
            Some(per_second) => load::at_rate(server.address, load, per_second).await,
            None => load::run(server.address, load).await,
        };
        let Measured { accepted, per_second, p99_ms } = measured;
        let cpu_us = (server.cpu_s() - before_s) * 1e6 / accepted as f64;
        (Run { per_second, p99_ms, cpu_us, peak_mib: server.resident_mib().1 }, accepted)
    }
}

/// How many deliveries a database holds.
pub async fn rows(database: &str) -> u64 {
    let store = Store::open(database, Arc::new(SystemClock)).await.expect("the database opens again");
    let counts = store.delivery_counts().await.expect("the rows can be counted");
    store.database().close().await;
    counts.iter().map(|(_, rows)| u64::try_from(*rows).expect("a count")).sum()
}

/// The address of a database in this folder.
pub fn sqlite(folder: &Path) -> String {
    format!("sqlite://{}/stationmaster.db", folder.display())
}

/// The middle of several runs.
pub fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}
