//! What GitHub is asked: requests for an issue, a pull request and a release, and in an hour with 1, 100 and 1,000
//! repositories, counted by simulation with a clock that is ours.

mod station;

use station::{Calls, Station};

use crate::row::{Row, Target};

/// How many repositories one installation has.
const SIZES: [usize; 3] = [1, 100, 1_000];
/// What an installation may ask in an hour at least, and at most outside of GitHub Enterprise Cloud
/// (<https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api#primary-rate-limit-for-github-app-installations>).
const LIMITS: (i64, i64) = (5_000, 12_500);
/// The repositories beyond which the limit grows, and by how much each of them raises it.
const GROWTH: (usize, i64) = (20, 50);

/// Requests that count against the limit, as lines of the table.
pub async fn rows() -> Vec<Row> {
    crate::progress("calls: one repository");
    let mut station = Station::open(1).await;
    let issue = station.issue(0).await;
    let pull = station.pull(0).await;
    let release = station.release(0).await;
    let mut rows = vec![
        one("an issue, from opened to routed, labelled and carded", issue),
        one("a pull, from opened over two checks to merged", pull),
        one("a release, from the green commit to the tag and its GitHub release", release),
    ];
    for size in SIZES {
        rows.extend(hours(size).await);
    }
    let work = issue.counted + pull.counted + release.counted;
    let most = f64::from(u32::try_from(LIMITS.1).unwrap_or_default()) / f64::from(work.max(1));
    rows.push(Row::shown(
        "issues that an installation can take from opened to released in an hour, at most",
        format!("{most:.0} of {} requests", LIMITS.1),
    ));
    rows
}

fn one(what: &str, calls: Calls) -> Row {
    let more = format!("and {} answered 304, which do not count", calls.unchanged);
    Row::shown(format!("requests to GitHub for {what}"), calls.counted.to_string()).with(more)
}

/// An hour in which nothing happens, and one in which one issue is opened and one pull is merged for each ten repositories.
async fn hours(size: usize) -> [Row; 2] {
    crate::progress(&format!("calls: {size} repositories"));
    let mut station = Station::open(size).await;
    // The first sweep knows nothing yet.
    station.hour(0).await;
    let limit = limit_of(size);
    let words = if size == 1 { "1 repository".to_owned() } else { format!("{size} repositories") };
    let row = |what: &str, calls: &Calls| {
        let name = format!("share of the hourly limit of {limit} that {words} use, {what}");
        let share = 100.0 * f64::from(calls.counted) / f64::from(u32::try_from(limit).unwrap_or(u32::MAX));
        Row::new(name, "issue 7", (Target::AtMost(80.0), " %"), share)
            .with(format!("{} requests, and {} answered 304", calls.counted, calls.unchanged))
    };
    let idle = station.hour(0).await;
    let busy = station.hour(size.div_ceil(10)).await;
    [row("while nothing happens", &idle), row("with an issue and a pull for each ten", &busy)]
}

fn limit_of(repositories: usize) -> i64 {
    let beyond = i64::try_from(repositories.saturating_sub(GROWTH.0)).unwrap_or(i64::MAX);
    LIMITS.0.saturating_add(beyond.saturating_mul(GROWTH.1)).min(LIMITS.1)
}
