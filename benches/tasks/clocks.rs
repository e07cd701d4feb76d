//! One tick, and one look for what is due, over 10,000 open tasks with clocks of which none has run down.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use comfy_table::Table;
use sqlx::Executor;
use stationmaster::app::App;
use stationmaster::config::{Config, Flags};
use stationmaster::engine::Engine;
use stationmaster::model::{Clock, SystemClock};
use stationmaster::simulator::github::{GithubSimulator, WebhookMode};
use stationmaster::simulator::ntfy::NtfySimulator;
use stationmaster::store::Store;
use tokio::runtime::Runtime;

use crate::TASKS;
use crate::fill::{connect, fill};

const TICKS: usize = 200;
const LIMIT_MS: f64 = 50.0;
/// When the clocks of all tasks run down: in the year 2100.
const DUE_MS: i64 = 4_102_444_800_000;

pub fn table(runtime: &Runtime, places: Vec<(&str, String)>) -> Table {
    let mut table = Table::new();
    table.set_header([&format!("{TASKS} open tasks with clocks"), "median tick ms", "slowest tick ms"]);
    for (name, address) in places {
        let mut each = runtime.block_on(run(&address));
        each.sort_by(f64::total_cmp);
        let (median, slowest) = (each[each.len() / 2], each[each.len() - 1]);
        assert!(median <= LIMIT_MS, "a tick takes {median:.1} ms on {name}");
        table.add_row([name.to_owned(), format!("{median:.2}"), format!("{slowest:.2}")]);
    }
    table
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

async fn engine(
    address: &str,
    (github, ntfy): (&GithubSimulator, &NtfySimulator),
    clock: Arc<dyn Clock>,
) -> Arc<Engine> {
    let app = github.app();
    let rules = Path::new(env!("CARGO_MANIFEST_DIR")).join("rules");
    let settings = BTreeMap::from([
        ("DATABASE_URL", address.to_owned()),
        ("GITHUB_API_URL", github.api_url()),
        ("GITHUB_APP_ID", app.app_id.to_string()),
        ("GITHUB_APP_PRIVATE_KEY", app.private_key_pem),
        ("GITHUB_WEBHOOK_SECRET", app.webhook_secret),
        ("NTFY_URL", ntfy.url().to_owned()),
        ("NTFY_TOPIC", "people".to_owned()),
        ("PORT", "0".to_owned()),
        ("STATIONMASTER_API_TOKEN", "a-token-for-the-bench-0123456789".to_owned()),
        ("STATIONMASTER_RULES", rules.display().to_string()),
    ]);
    let config = Config::load(&Flags::default(), |name| settings.get(name).cloned(), None).expect("they are good");
    Engine::new(App::connect(config, clock).await.expect("the database can be opened"))
}
