//! All ways to receive, side by side.

use std::sync::Arc;

use stationmaster::model::SystemClock;
use stationmaster::simulator::github::GithubSimulator;

use super::{Bench, FIXED_RATE, Run, Target as Way, load, median};
use crate::postgres::Cluster;
use crate::probot::Probot;
use crate::row::{Row, Target};
use crate::{progress, setting};

/// One way to receive, and all its runs: as fast as it goes, and at a fixed rate.
struct Contender<'a> {
    name: &'static str,
    way: Way<'a>,
    fast: Vec<Run>,
    paced: Vec<Run>,
}

impl Contender<'_> {
    fn middle(&self, of: fn(&Run) -> f64) -> f64 {
        median(self.fast.iter().map(of))
    }

    fn rate(&self) -> f64 {
        self.middle(|run| run.per_second)
    }

    fn paced_p99_ms(&self) -> f64 {
        median(self.paced.iter().map(|run| run.p99_ms))
    }

    fn peak_mib(&self) -> f64 {
        self.fast.iter().map(|run| run.peak_mib).fold(f64::NAN, f64::max)
    }

    fn line(&self) -> Row {
        let (p99, cpu, peak) = (self.middle(|run| run.p99_ms), self.middle(|run| run.cpu_us), self.peak_mib());
        let paced = if self.paced.is_empty() {
            String::new()
        } else {
            format!(", at {FIXED_RATE} per second p99 {:.1} ms", self.paced_p99_ms())
        };
        let text =
            format!("{:.0} per second, p99 {p99:.1} ms, {cpu:.0} µs CPU each, {peak:.1} MiB{paced}", self.rate());
        Row::shown(format!("webhooks: {}", self.name), text)
    }
}

/// Everything about receiving.
pub async fn rows(cluster: Option<&Cluster>) -> Vec<Row> {
    let bench = Bench::prepared();
    let mean_kb =
        bench.requests.iter().map(|one| one.body.len()).sum::<usize>() as f64 / bench.requests.len() as f64 / 1e3;
    let load = format!("{} payloads of {mean_kb:.1} KB, {} connections", bench.requests.len(), load::CONNECTIONS);
    let github = GithubSimulator::start(Arc::new(SystemClock)).await.expect("a GitHub on loopback");
    let probot = Probot::install(github);
    let mut all = contenders(cluster, probot.as_ref().ok());
    for round in 0..setting("STATIONMASTER_BENCH_ROUNDS", 3) {
        for one in &mut all {
            let run = bench.run(one.way, &format!("ingest{}_{round}", one.name.len()), None).await;
            progress(&format!("round {}: {}: {:.0} per second", round + 1, one.name, run.per_second));
            one.fast.push(run);
            if is_paced(one.way) {
                let run = bench.run(one.way, &format!("paced{}_{round}", one.name.len()), Some(FIXED_RATE)).await;
                progress(&format!("round {}: {}: at {FIXED_RATE}: p99 {:.1} ms", round + 1, one.name, run.p99_ms));
                one.paced.push(run);
            }
        }
    }
    let mut rows = vec![Row::shown("webhooks: the load", load)];
    rows.extend(all.iter().map(Contender::line));
    rows.extend(beside_bare(&all));
    match &probot {
        Ok(_) => rows.extend(beside_probot(&all)),
        Err(why) => rows.push(Row::unmeasured("webhooks: all beside Probot", "issue 7", why)),
    }
    if cluster.is_none() {
        rows.push(Row::unmeasured("webhooks: PostgreSQL", "issue 2", "install PostgreSQL (Debian: postgresql)"));
    }
    rows
}

/// Those whose answers are also timed at a rate that all of them can keep.
fn is_paced(way: Way<'_>) -> bool {
    matches!(way, Way::Probot(_) | Way::Sqlite { batch_max: SHARED } | Way::Postgres { batch_max: SHARED, .. })
}

/// The server's own default.
const SHARED: &str = "256";

fn contenders<'a>(cluster: Option<&'a Cluster>, probot: Option<&'a Probot>) -> Vec<Contender<'a>> {
    let mut ways = vec![
        (BARE, Way::Nowhere),
        (SQLITE_EACH, Way::Sqlite { batch_max: "1" }),
        (SQLITE, Way::Sqlite { batch_max: SHARED }),
    ];
    ways.extend(probot.map(|probot| (PROBOT, Way::Probot(probot))));
    ways.extend(cluster.map(|cluster| (POSTGRES_EACH, Way::Postgres { cluster, batch_max: "1" })));
    ways.extend(cluster.map(|cluster| (POSTGRES, Way::Postgres { cluster, batch_max: SHARED })));
    ways.into_iter().map(|(name, way)| Contender { name, way, fast: Vec::new(), paced: Vec::new() }).collect()
}

const BARE: &str = "bare axum + HMAC, stores nothing";
const SQLITE_EACH: &str = "SQLite, one commit for each";
const SQLITE: &str = "SQLite, shared commits";
const PROBOT: &str = "Probot, stores nothing";
const POSTGRES_EACH: &str = "PostgreSQL, one commit for each";
const POSTGRES: &str = "PostgreSQL, shared commits";

fn found<'a, 'b>(all: &'a [Contender<'b>], name: &str) -> Option<&'a Contender<'b>> {
    all.iter().find(|one| one.name == name)
}

fn beside_bare(all: &[Contender<'_>]) -> Vec<Row> {
    let mut rows = Vec::new();
    if let (Some(bare), Some(each), Some(ours)) = (found(all, BARE), found(all, SQLITE_EACH), found(all, SQLITE)) {
        let of = |least| (Target::AtLeast(least), "×");
        rows.push(Row::new("webhooks: SQLite to bare", "issue 2", of(0.33), ours.rate() / bare.rate()));
        rows.push(Row::new("webhooks: SQLite to one commit for each", "issue 2", of(2.5), ours.rate() / each.rate()));
        let most = (Target::AtMost(20.0), " MiB");
        rows.push(Row::new("webhooks: memory under that load, SQLite", "issue 2", most, ours.peak_mib()));
    }
    if let (Some(each), Some(ours)) = (found(all, POSTGRES_EACH), found(all, POSTGRES)) {
        let target = (Target::AtLeast(2.5), "×");
        let ratio = ours.rate() / each.rate();
        rows.push(Row::new("webhooks: PostgreSQL to one commit for each", "issue 2", target, ratio));
    }
    rows
}

fn beside_probot(all: &[Contender<'_>]) -> Vec<Row> {
    let (Some(probot), Some(ours)) = (found(all, PROBOT), found(all, SQLITE)) else { return Vec::new() };
    let row = |name: &str, target, value| {
        Row::new(format!("webhooks: SQLite to Probot, {name}"), "issue 7", (target, "×"), value)
    };
    let cpu = |one: &Contender<'_>| one.middle(|run| run.cpu_us);
    vec![
        row("accepted per second", Target::AtLeast(1.5), ours.rate() / probot.rate()),
        row("CPU for each", Target::AtMost(0.8), cpu(ours) / cpu(probot)),
        row("memory", Target::AtMost(0.1), ours.peak_mib() / probot.peak_mib()),
        row("p99 at 1,000 per second", Target::AtMost(2.0), ours.paced_p99_ms() / probot.paced_p99_ms()),
    ]
}
