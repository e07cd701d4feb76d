//! Servers that have nothing to do ask GitHub no more often than one would.

use stationmaster::model::Timestamp;
use stationmaster::simulator::github::View;

use super::super::{PATIENCE, Place};
use super::{Fleet, on_postgres};

/// When each sweep began: it asks first where the App is installed.
fn sweeps(view: &View<'_>) -> Vec<Timestamp> {
    view.requests().filter(|request| request.path.starts_with("/app/installations?")).map(|one| one.began).collect()
}

/// The requests between two sweeps, neither of which is that of a start, and how far apart they are.
async fn an_interval(place: &Place, servers: usize) -> (Vec<String>, i64) {
    let fleet = Fleet::start(place, servers, &[("SWEEP_INTERVAL_S", "10")]).await;
    place.rest().await;
    let seen = place.github.look(|view| sweeps(view).len());
    let swept = place.github.wait_until("two sweeps", PATIENCE, |view| sweeps(view).len() >= seen + 2);
    swept.await.unwrap();
    let sweeps = place.github.look(sweeps);
    let (first, second) = (sweeps[seen], sweeps[seen + 1]);
    let between = |at: Timestamp| at >= first && at < second;
    let requests = place.github.requests().into_iter().filter(|request| between(request.began));
    let mut said: Vec<String> = requests
        // Since when is another time each time, and a token lasts an hour.
        .map(|request| format!("{} {}", request.method, request.path.split('?').next().unwrap_or_default()))
        .filter(|said| !said.ends_with("/access_tokens"))
        .collect();
    said.sort();
    assert_eq!(fleet.complaints(), [""; 0]);
    (said, second.since_ms(first))
}

#[tokio::test]
async fn three_idle_servers_ask_github_no_more_than_one_does() {
    let (mut one, mut three) = (None, None);
    let alone = on_postgres(async |place: &Place| one = Some(an_interval(place, 1).await));
    let together = on_postgres(async |place: &Place| three = Some(an_interval(place, 3).await));
    tokio::join!(alone, together);
    let ((one, _), (three, apart_ms)) = (one.unwrap(), three.unwrap());
    assert!(!one.is_empty());
    assert!(three.len() <= one.len(), "{three:#?} against {one:#?}");
    assert!(apart_ms >= 9_000, "two sweeps within {apart_ms} ms");
}
