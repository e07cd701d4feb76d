//! How long the server takes for each page of the dashboard, with 10,000 tasks and 100,000 deliveries in its store.

mod fill;
mod serve;

use crate::Place;
use crate::row::{Row, Target};

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

/// The slowest page on each database, and beside it the others.
pub async fn rows(places: &[Place]) -> Vec<Row> {
    let mut rows = Vec::new();
    for place in places {
        let (mut taken, wrong) = serve::run(&place.address, PAGES).await;
        assert!(wrong.is_empty(), "{}", wrong.join("; "));
        taken.sort_by(|one, other| other.median_ms.total_cmp(&one.median_ms));
        let slowest = &taken[0];
        let name = format!("the slowest of {} pages, 10,000 tasks and 100,000 deliveries, {}", taken.len(), place.name);
        let row = Row::new(name, "issue 6", (Target::AtMost(LIMIT_MS), " ms"), slowest.median_ms);
        let (path, slow_ms, kb) = (slowest.path, slowest.slow_ms, slowest.bytes / 1024);
        let next: Vec<String> =
            taken[1..4].iter().map(|page| format!("`{}` {:.1}", page.path, page.median_ms)).collect();
        let quickest = taken[taken.len() - 1].median_ms;
        let next = next.join(", ");
        rows.push(row.with(format!("`{path}`, p99 {slow_ms:.1}, {kb} KB; then {next}; the quickest {quickest:.1}")));
    }
    rows
}
