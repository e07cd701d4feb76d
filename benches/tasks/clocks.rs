//! One tick, and one look for what is due, over 10,000 open tasks with clocks of which none has run down.

use std::sync::Arc;
use std::time::Instant;

use sqlx::Executor;
use stationmaster::model::{Clock, SystemClock};
use stationmaster::simulator::github::{GithubSimulator, WebhookMode};
use stationmaster::simulator::ntfy::NtfySimulator;
use stationmaster::store::Store;

use super::TASKS;
use super::fill::{connect, fill};
use crate::Place;
use crate::engine::engine;
use crate::row::{Row, Target};

const TICKS: usize = 200;
const LIMIT_MS: f64 = 50.0;
/// When the clocks of all tasks run down: in the year 2100.
const DUE_MS: i64 = 4_102_444_800_000;

/// What a tick takes on each database.
pub async fn rows(places: &[Place]) -> Vec<Row> {
    let mut rows = Vec::new();
    for place in places {
        let mut each = run(&place.address).await;
        each.sort_by(f64::total_cmp);
        let name = format!("a tick over {TASKS} open tasks with clocks, {}", place.name);
        let row = Row::new(name, "issue 5", (Target::AtMost(LIMIT_MS), " ms"), each[each.len() / 2]);
        rows.push(row.with(format!("slowest {:.1} ms", each[each.len() - 1])));
    }
    rows
}

/// What each tick took, in milliseconds.
async fn run(address: &str) -> Vec<f64> {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    Store::open(address, Arc::clone(&clock)).await.expect("the database can be opened").database().close().await;
    fill(address, |number| {
        format!(
            "INSERT INTO subjects (key, repository_id, due_ms) VALUES ('issue/7/{number}', 7, {DUE_MS}); \
             INSERT INTO timers (subject, clock, due_ms) VALUES ('issue/7/{number}', 'response', {DUE_MS}), \
               ('issue/7/{number}', 'stuck', {DUE_MS})"
        )
    })
    .await;
    let github = GithubSimulator::start(Arc::clone(&clock)).await.expect("loopback has free ports");
    github.set_webhook_mode(WebhookMode::Manual);
    let ntfy = NtfySimulator::start(Arc::clone(&clock)).await.expect("loopback has free ports");
    let engine = engine(address, (&github, &ntfy), clock).await;
    // The first tick applies the rules to all tasks and sweeps; it is the same with and without clocks.
    engine.tick().await.expect("the first tick succeeds");
    let again = format!("UPDATE subjects SET due_ms = {DUE_MS}, first_mark_ms = NULL WHERE key LIKE 'issue/%'");
    connect(address).await.execute(sqlx::AssertSqlSafe(again)).await.expect("the rows can be put off");
    let mut each = Vec::with_capacity(TICKS);
    for _ in 0..TICKS {
        let start = Instant::now();
        engine.tick().await.expect("a tick succeeds");
        let decided = engine.decide_step(8).await.expect("there is nothing to decide");
        each.push(start.elapsed().as_secs_f64() * 1e3);
        assert!(decided <= 1, "nothing of a task is due");
    }
    each
}
