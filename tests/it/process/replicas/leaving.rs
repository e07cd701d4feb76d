//! A server that is told to stop hands over at once, however long its leases are; and SQLite is for one server alone.

use regex::Regex;
use stationmaster::simulator::github::HoldAt;

use super::super::{Place, Server};
use super::{Fleet, on_postgres};
use crate::messages::LISTENING;
use crate::world::{On, within};

#[tokio::test]
async fn a_server_that_is_told_to_stop_leaves_nothing_to_wait_for() {
    on_postgres(async |place: &Place| {
        // Whatever waited for a lease here would wait for an hour.
        let settings = [LISTENING[0], LISTENING[1], ("LEASE_S", "3600"), ("SHUTDOWN_TIMEOUT_S", "60")];
        let mut fleet = Fleet::start(place, 2, &settings).await;
        place.rest().await;
        let mut numbers: Vec<i64> = (0..16).map(|_| place.open_issue("Deploy v2.0")).collect();
        place.told(3).await;
        let leaving = fleet.take(0);
        fleet.spread();
        leaving.signal("TERM").await;
        numbers.extend((0..4).map(|_| place.open_issue("Deploy v2.0")));
        let (status, log) = leaving.ended().await;
        assert!(status.success() && log.contains("stopped"), "{status}\n{log}");
        for number in &numbers {
            place.carded(*number).await;
        }
        place.told(numbers.len()).await;
        place.rest().await;
        for number in numbers {
            place.expect_deployment(number);
        }
        within("the other listens", async {
            while place.ntfy.subscribers() != 1 {
                tokio::task::yield_now().await;
            }
        })
        .await;
    })
    .await;
}

#[tokio::test]
async fn a_look_that_a_stopping_server_cannot_finish_is_made_by_another_at_once() {
    on_postgres(async |place: &Place| {
        let settings = [("LEASE_S", "3600"), ("SHUTDOWN_TIMEOUT_S", "1")];
        let mut fleet = Fleet::start(place, 1, &settings).await;
        place.rest().await;
        let looked = place.github.hold("POST", Regex::new("^/graphql$").unwrap(), HoldAt::Arrival);
        let number = place.open_issue("Deploy v2.0");
        within("the look", looked.arrived()).await;
        let leaving = fleet.take(0);
        fleet.join(1).await;
        leaving.signal("TERM").await;
        place.carded(number).await;
        place.told(1).await;
        looked.open();
        let (status, log) = leaving.ended().await;
        assert!(status.success() && log.contains("work was still under way"), "{status}\n{log}");
        place.rest().await;
        place.expect_deployment(number);
    })
    .await;
}

#[tokio::test]
async fn a_second_server_on_one_sqlite_file_is_refused_and_the_first_goes_on() {
    Place::run(On::Sqlite, async |place: &Place| {
        let first = place.serve().await;
        let output = place.command(&["serve"]).await;
        assert!(!output.status.success());
        let said = super::super::text(&output.stderr).to_owned();
        assert!(said.contains("another server runs on ") && said.contains("SQLite is for one server"), "{said}");
        let number = place.open_issue("Deploy v2.0");
        place.carded(number).await;
        // A stopped one has its place still; a dead one has not.
        first.signal("STOP").await;
        assert!(!place.command(&["serve"]).await.status.success());
        first.kill().await;
        let _second: Server = place.serve().await;
        place.told(1).await;
        place.rest().await;
        place.expect_deployment(number);
    })
    .await;
}
