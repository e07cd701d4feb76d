//! GitHub is away altogether while much waits for it: people are told once when it begins and once when it is over.

use stationmaster::simulator::github::{Fault, FaultKind};

use super::faults::read_all;
use super::logs::Logs;
use super::stages::Course;
use crate::world::{Beginning, On, REPOSITORY, World};

/// Five issues and a pull come in while every request fails like this.
async fn outage(kind: FaultKind, cause: &str, words: &str) {
    World::run_from(On::Sqlite, Beginning { lenient: true, ..Beginning::default() }, async |world: &World| {
        let logs = Logs::begin();
        // The token at hand would do for an hour.
        world.github.expire_tokens();
        world.github.inject(Fault::new("", kind.clone()).times(u32::MAX));
        for train in 1..=5 {
            world.github.open_issue(REPOSITORY, "alice", &format!("Fix train {train}"), "").unwrap();
        }
        let pull = world.propose("alice", "signals", &[("docs/signals.md", "Red means stop.\n")]);
        for _ in 0..6 {
            world.pass_ms(60_000).await;
        }
        if cause != "github_limit" {
            // The App itself has a limit of its own, which is another trouble.
            world.engine.sweep().await.unwrap();
        }
        let begun = logs.begun(cause);
        assert_eq!(begun.len(), 1, "{kind}: {begun:#?}");
        assert!(begun[0].contains(words), "{kind}: {begun:#?}");
        assert_eq!(logs.others(), [""; 0], "{kind}");
        world.github.clear_faults();
        let course = Course::new(world).sweeping();
        course.calm().await;
        assert_eq!((logs.begun(cause).len(), logs.over(cause).len()), (1, 1), "{kind}: {:#?}", logs.over(cause));
        for number in 1..=5 {
            assert!(world.card(number).contains("**Assigned**"), "{kind}: {}", world.card(number));
        }
        world.ci_passes(pull).await;
        course.calm().await;
        world.expect_merged(pull).await;
        assert_eq!(world.told().len(), 6, "{kind}: {:?}", world.told());
        read_all(world);
    })
    .await;
}

#[tokio::test]
async fn errors_are_one_trouble() {
    outage(FaultKind::Status(503), "github", "https://www.githubstatus.com").await;
}

#[tokio::test]
async fn cut_connections_are_one_trouble() {
    outage(FaultKind::CutConnection, "github", "tried again by itself").await;
}

#[tokio::test]
async fn pages_of_a_proxy_are_one_trouble() {
    outage(FaultKind::Page, "github", "as of a proxy on the way").await;
}

#[tokio::test]
async fn a_secondary_limit_is_one_trouble() {
    outage(FaultKind::SecondaryLimit { retry_after_s: Some(20) }, "github_limit", "until it is renewed").await;
}

#[tokio::test]
async fn an_hourly_limit_is_one_trouble() {
    outage(FaultKind::RateLimitPrimary { reset_in_s: 100 }, "github_limit", "until it is renewed").await;
}

#[tokio::test]
async fn a_key_that_was_deleted_is_one_trouble_that_says_which_settings_to_mend() {
    let message = "A JSON web token could not be decoded".to_owned();
    outage(FaultKind::Refusal { status: 401, message }, "app_key", "GITHUB_APP_PRIVATE_KEY").await;
}

#[tokio::test]
async fn what_is_not_found_for_a_moment_is_asked_for_again() {
    World::run(On::Sqlite, async |world: &World| {
        let lag = || Fault::new("/issues/1/", FaultKind::Status(404));
        world.github.inject(lag().method("POST"));
        let issue = world.open_issue("Fix the signal").await;
        world.card(issue);
        assert!(world.issue(issue).labels.contains(&"status/assigned".to_owned()));
    })
    .await;
}
