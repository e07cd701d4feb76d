//! A backlog: the server starts with 100,000 deliveries in its store, and its rate and its memory are watched until all
//! of them have come to rest.

mod town;

use std::sync::Arc;
use std::time::{Duration, Instant};

use stationmaster::model::SystemClock;
use stationmaster::simulator::github::GithubSimulator;
use stationmaster::simulator::ntfy::NtfySimulator;
use stationmaster::store::Store;

use self::town::Size;
use crate::row::{Row, Target};
use crate::servers::Server;
use crate::{Place, progress, setting};

const LIMIT_MIB: f64 = 64.0;
/// What the rate of the second half is at least to that of the first.
const LEAST: f64 = 0.8;
/// How often the rows are counted.
const LOOK: Duration = Duration::from_millis(100);
/// A backlog that has not come to rest by then ends the bench.
const TIMEOUT: Duration = Duration::from_mins(15);

/// What was seen of one drain.
struct Drained {
    /// When so many deliveries had come to rest, from the start of the server.
    seen: Vec<(f64, f64)>,
    peak_mib: f64,
    counted: Vec<(&'static str, f64)>,
}

/// Drains on each database, and says how.
pub async fn rows(places: &[Place]) -> Vec<Row> {
    let number = |name, default| usize::try_from(setting(name, default)).expect("a small number");
    let deliveries = number("STATIONMASTER_BENCH_BACKLOG", 100_000);
    let size = Size { issues: deliveries / 50, pulls: deliveries / 100 };
    let (github, lives) = town::build(size).await;
    let distinct: usize = lives.iter().map(Vec::len).sum();
    progress(&format!("a backlog of {deliveries} deliveries, made of {distinct} of {} subjects", lives.len()));
    let mut rows = Vec::new();
    for place in places {
        town::store(&place.address, &lives, deliveries).await;
        progress(&format!("{}: the backlog is stored", place.name));
        let drained = drain(&place.address, &github, deliveries).await;
        rows.extend(lines(place.name, &drained, deliveries as f64));
    }
    rows
}

fn lines(database: &str, drained: &Drained, deliveries: f64) -> Vec<Row> {
    let rates = tenths(&drained.seen, deliveries);
    let half = |tenths: &[f64]| 5.0 / tenths.iter().map(|rate| 1.0 / rate).sum::<f64>();
    let (first, second) = (half(&rates[..5]), half(&rates[5..]));
    let took = drained.seen.last().map_or(1.0, |(time, _)| *time);
    let all = rates.iter().map(|rate| format!("{rate:.0}")).collect::<Vec<_>>().join(", ");
    let counted = drained.counted.iter().map(|(what, count)| format!("{:.2} {what}", count / deliveries));
    let per_delivery = counted.collect::<Vec<_>>().join(", ");
    vec![
        Row::new(
            format!("backlog of {deliveries:.0} deliveries on {database}: the second half to the first"),
            "issue 7",
            (Target::AtLeast(LEAST), "×"),
            second / first,
        )
        .with(format!("{:.0} per second; by tenths {all}", deliveries / took)),
        Row::new(
            format!("the same: resident memory, peak, {database}"),
            "issue 7",
            (Target::AtMost(LIMIT_MIB), " MiB"),
            drained.peak_mib,
        ),
        Row::shown(format!("the same: work for one delivery, {database}"), per_delivery),
    ]
}

/// The rate of each tenth of the deliveries, per second.
fn tenths(seen: &[(f64, f64)], deliveries: f64) -> Vec<f64> {
    let at = |count: f64| {
        let later = seen.iter().position(|(_, rest)| *rest >= count).expect("all have come to rest");
        let ((t1, n1), (t0, n0)) = (seen[later], if later == 0 { (0.0, 0.0) } else { seen[later - 1] });
        t0 + (t1 - t0) * (count - n0) / (n1 - n0).max(1.0)
    };
    let times: Vec<f64> =
        (0..=10).map(|tenth| if tenth == 0 { 0.0 } else { at(deliveries * f64::from(tenth) / 10.0) }).collect();
    times.windows(2).map(|pair| deliveries / 10.0 / (pair[1] - pair[0])).collect()
}

async fn drain(database: &str, github: &GithubSimulator, deliveries: usize) -> Drained {
    let ntfy = NtfySimulator::start(Arc::new(SystemClock)).await.expect("loopback has free ports");
    ntfy.limit_requests(None);
    let app = github.app();
    let (app_id, api_url) = (app.app_id.to_string(), github.api_url());
    let settings = [
        ("DATABASE_URL", database),
        ("GITHUB_APP_ID", app_id.as_str()),
        ("GITHUB_APP_PRIVATE_KEY", app.private_key_pem.as_str()),
        ("GITHUB_API_URL", api_url.as_str()),
        ("NTFY_URL", ntfy.url()),
        ("NTFY_TOPIC", "people"),
    ];
    let store = Store::open(database, Arc::new(SystemClock)).await.expect("the database opens again");
    let begun = Instant::now();
    let server = Server::stationmaster(&settings).await;
    let mut seen = Vec::new();
    let mut told = 0;
    loop {
        let counts = store.delivery_counts().await.expect("the rows can be counted");
        let at_rest: i64 =
            counts.iter().filter(|(state, _)| state != "new" && state != "marked").map(|(_, rows)| rows).sum();
        let at_rest = usize::try_from(at_rest).expect("a count");
        seen.push((begun.elapsed().as_secs_f64(), at_rest as f64));
        if at_rest * 10 / deliveries > told {
            told = at_rest * 10 / deliveries;
            let (now, peak) = server.resident_mib();
            progress(&format!(
                "{told}/10 after {:.1} s, {counts:?}, {now:.1} MiB, {peak:.1} at most",
                begun.elapsed().as_secs_f64()
            ));
        }
        if at_rest >= deliveries {
            break;
        }
        assert!(begun.elapsed() < TIMEOUT, "the backlog has not come to rest: {counts:?}");
        tokio::time::sleep(LOOK).await;
    }
    let counted = counted(&server).await;
    let peak_mib = server.resident_mib().1;
    store.database().close().await;
    Drained { seen, peak_mib, counted }
}

/// What the server says that it did.
async fn counted(server: &Server) -> Vec<(&'static str, f64)> {
    let answer = reqwest::get(format!("http://{}/metrics", server.address)).await.expect("the server answers");
    let text = answer.text().await.expect("the server answers whole");
    let sum = |name: &str| -> f64 {
        let lines = text.lines().filter(|line| line.starts_with(name) && !line.starts_with('#'));
        lines.filter_map(|line| line.rsplit(' ').next()?.parse::<f64>().ok()).sum()
    };
    vec![
        ("decisions", sum("stationmaster_decisions_total")),
        ("requests to GitHub", sum("stationmaster_github_requests_total")),
        ("actions", sum("stationmaster_actions_total")),
        ("CPU ms", server.cpu_s() * 1000.0),
    ]
}
