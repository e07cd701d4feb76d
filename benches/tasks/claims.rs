//! Claims: 50 workers take 10,000 ready tasks at once, each of them once, on both databases.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use stationmaster::model::{Calendar, RoleName, SystemClock, Worker, WorkerId};
use stationmaster::store::Store;
use tokio::task::JoinSet;

use super::TASKS;
use super::fill::fill;
use crate::Place;
use crate::row::{Row, Target};

const WORKERS: usize = 50;
const LEASE_MS: i64 = 600_000;

fn worker(index: usize) -> Worker {
    Worker {
        id: WorkerId::new(format!("worker{index}")),
        role: RoleName::new("dev"),
        capabilities: vec!["rust".to_owned(), "python".to_owned()],
        login: None,
        capacity: u32::MAX,
        calendar: Calendar::Always,
        agent: true,
        tell: Vec::new(),
    }
}

/// How long it takes until nothing is left, with what each claim took in milliseconds.
async fn run(address: &str) -> (Duration, Vec<f64>) {
    let store = Store::open(address, Arc::new(SystemClock)).await.expect("the database can be opened");
    fill(address, |_| String::new()).await;
    let start = Instant::now();
    let mut claims = JoinSet::new();
    for index in 0..WORKERS {
        let store = store.clone();
        claims.spawn(async move {
            let (worker, mut won) = (worker(index), Vec::new());
            loop {
                let begin = Instant::now();
                let claimed = store.claim_next(&worker, None, LEASE_MS).await.expect("claims do not fail");
                let Some(claimed) = claimed else { return won };
                won.push((claimed.number.0, begin.elapsed().as_secs_f64() * 1e3));
            }
        });
    }
    let won: Vec<(i64, f64)> = claims.join_all().await.into_iter().flatten().collect();
    let took = start.elapsed();
    let distinct: BTreeSet<i64> = won.iter().map(|(number, _)| *number).collect();
    let expected = usize::try_from(TASKS).expect("it is small");
    assert!(won.len() == expected && distinct.len() == expected, "{} claims of {} tasks", won.len(), distinct.len());
    store.database().close().await;
    (took, won.into_iter().map(|(_, took_ms)| took_ms).collect())
}

/// The rate of claims on each database.
pub async fn rows(places: &[Place]) -> Vec<Row> {
    let mut rows = Vec::new();
    for place in places {
        let (took, mut each) = run(&place.address).await;
        each.sort_by(f64::total_cmp);
        let rate = TASKS as f64 / took.as_secs_f64();
        let least = if place.name == "SQLite" { 500.0 } else { 1_000.0 };
        let name = format!("claims per second, {WORKERS} workers at {TASKS} ready tasks, {}", place.name);
        let row = Row::new(name, "issue 5", (Target::AtLeast(least), ""), rate);
        rows.push(row.with(format!("p99 {:.1} ms; each task once, none left", each[each.len() * 99 / 100])));
    }
    rows
}
