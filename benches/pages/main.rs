//! How long the server takes for each page of the dashboard, with 10,000 tasks and 100,000 deliveries in its store.

#![expect(clippy::expect_used, reason = "a benchmark stops at once where it cannot go on")]

mod fill;
#[path = "../ingest/postgres.rs"]
mod postgres;
mod serve;
#[path = "../tasks/servers.rs"]
mod servers;

use std::io::Write as _;

use comfy_table::Table;

/// What each page may take, in milliseconds.
const LIMIT_MS: f64 = 100.0;

/// Every page that somebody looks at, also far down a long list.
const PAGES: &[&str] = &[
    "/",
    "/?q=task+99",
    "/?state=ready&page=18",
    "/tasks/octo/station/5000",
    "/pulls",
    "/pulls?state=merged",
    "/pulls/octo/station/20500",
    "/queue",
    "/charts",
    "/charts?days=90",
    "/releases",
    "/releases/octo/station/qa",
    "/workers",
    "/learnings",
    "/learnings?q=word+17",
    "/audit",
    "/audit?kind=decision",
    "/rules",
    "/rules?title=Deploy+v2.0+to+production",
    "/inbox",
    "/inbox?state=dead",
    "/outbox",
    "/outbox?state=dead",
];

fn main() {
    sqlx::any::install_default_drivers();
    let runtime = tokio::runtime::Runtime::new().expect("threads can be started");
    let folder = tempfile::tempdir().expect("there is room for files");
    let cluster = postgres::Cluster::start();
    let mut places = vec![("SQLite", format!("sqlite://{}", folder.path().join("pages.db").display()))];
    places.extend(cluster.as_ref().map(|cluster| ("PostgreSQL", cluster.new_database("pages"))));
    let mut out = std::io::stdout();
    let mut slow_pages = Vec::new();
    for (name, address) in places {
        let mut table = Table::new();
        table.set_header([name, "median ms", "p99 ms", "to the quickest", "KB"]);
        let (taken, wrong) = runtime.block_on(serve::run(&address, PAGES));
        let quickest = taken.iter().map(|page| page.median_ms).fold(f64::INFINITY, f64::min);
        for page in taken {
            let ratio = format!("{:.1}", page.median_ms / quickest);
            let (median, slow) = (format!("{:.1}", page.median_ms), format!("{:.1}", page.slow_ms));
            let row = [page.path.to_owned(), median.clone(), slow, ratio, (page.bytes / 1024).to_string()];
            table.add_row(row);
            if page.median_ms > LIMIT_MS {
                slow_pages.push(format!("{} takes {median} ms on {name}", page.path));
            }
        }
        writeln!(out, "{table}\n").expect("stdout takes it");
        slow_pages.extend(wrong);
    }
    assert!(slow_pages.is_empty(), "{}", slow_pages.join("; "));
}
