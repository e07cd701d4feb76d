//! A server that is killed, or stopped for longer than its lease, in the middle of a call to GitHub.

use regex::Regex;
use stationmaster::model::Number;
use stationmaster::simulator::github::{HoldAt, IssueView};

use super::super::{PATIENCE, Place, cards};
use super::{Fleet, on_postgres};
use crate::world::{REPOSITORY, within};

fn path(pattern: &str) -> Regex {
    Regex::new(pattern).unwrap()
}

fn created(place: &Place, number: i64) -> usize {
    let path = format!("/issues/{number}/comments");
    let created = |request: &&stationmaster::simulator::github::LoggedRequest| {
        request.method == "POST" && request.path.ends_with(&path)
    };
    place.github.look(|view| view.requests().filter(created).count())
}

#[tokio::test]
async fn the_work_of_a_killed_server_is_taken_over_and_found_to_be_done() {
    on_postgres(async |place: &Place| {
        let mut fleet = Fleet::start(place, 1, &[]).await;
        place.rest().await;
        // One card GitHub has created and not answered for; with the other it has not begun.
        let done = place.github.hold("POST", path("/issues/1/comments$"), HoldAt::Answer);
        let begun = place.github.hold("POST", path("/issues/2/comments$"), HoldAt::Arrival);
        let numbers = [place.open_issue("Deploy v2.0"), place.open_issue("Deploy v2.0")];
        within("both calls", async {
            done.arrived().await;
            begun.arrived().await;
        })
        .await;
        let dying = fleet.take(0);
        fleet.join(1).await;
        dying.kill().await;
        done.open();
        for number in numbers {
            place.carded(number).await;
        }
        place.told(2).await;
        place.rest().await;
        place.expect_deployment(1);
        place.expect_deployment(2);
        assert_eq!(created(place, 1), 1, "the card that was there was found");

        // GitHub finishes what the dead server had asked for only now: nobody could have known.
        begun.open();
        let doubled = place.github.wait_until("a second card", PATIENCE, |view| {
            view.issue(REPOSITORY, 2).is_some_and(|issue| cards(&issue) == 2)
        });
        doubled.await.unwrap();
        place.github.comment(REPOSITORY, "alice", Number(2), "Is that so?").unwrap();
        let healed = place.github.wait_until("one card again", PATIENCE, |view| {
            view.issue(REPOSITORY, 2).is_some_and(|issue| cards(&issue) == 1)
        });
        healed.await.unwrap();
        place.rest().await;
        let comment = place.github.comment(REPOSITORY, "alice", Number(2), "/priority high").unwrap();
        place.rest().await;
        let issue = place.github.issue(REPOSITORY, 2).unwrap();
        assert_eq!(cards(&issue), 1, "the card that is left is the one that is edited: {issue:#?} {comment}");
        assert!(issue.comments.iter().any(|card| card.edits > 0 && card.body.contains("high")), "{issue:#?}");
    })
    .await;
}

/// The only server that runs looks whether an issue was opened already, and is stopped before it has read the answer.
async fn stopped_before_opening(place: &Place) -> (Fleet<'_>, super::super::Server) {
    let mut fleet = Fleet::start(place, 1, &[]).await;
    // The sweep of its start asks the same, and thereafter for the pulls.
    let look = path("/issues\\?.*since=");
    let swept = place.github.wait_until("the first sweep", PATIENCE, |view| {
        let mut rest = view.requests().skip_while(|request| !look.is_match(&request.path));
        rest.any(|request| request.path.starts_with("/repos/octo/station/pulls?"))
    });
    swept.await.unwrap();
    place.rest().await;
    let looked = place.github.hold("GET", look, HoldAt::Answer);
    let asking = place.program(&place.settings(), &["router", "send", "Deploy v2.0"]).spawn().unwrap();
    within("the look for the issue", looked.arrived()).await;
    let stopped = fleet.take(0);
    stopped.signal("STOP").await;
    looked.open();
    drop(asking);
    (fleet, stopped)
}

#[tokio::test]
async fn a_server_that_was_stopped_for_longer_than_its_lease_does_nothing_more_of_what_was_taken_over() {
    on_postgres(async |place: &Place| {
        let (mut fleet, stopped) = stopped_before_opening(place).await;
        fleet.join(1).await;
        let opened = |issues: &[IssueView]| issues.iter().filter(|issue| issue.title == "Deploy v2.0").count();
        let other = place.github.wait_until("the issue", PATIENCE, |view| opened(&view.issues(REPOSITORY)) == 1);
        other.await.unwrap();
        place.rest().await;
        stopped.signal("CONT").await;
        assert!(stopped.get("/healthz").await.starts_with("HTTP/1.1 200 "), "it goes on");
        // Whatever else it would do it has done once it has taken part again.
        place.open_issue("Fix the signal");
        place.carded(2).await;
        place.rest().await;
        assert_eq!(opened(&place.github.issues(REPOSITORY)), 1, "{:#?}", place.github.issues(REPOSITORY));
        place.expect_deployment(1);
    })
    .await;
}
