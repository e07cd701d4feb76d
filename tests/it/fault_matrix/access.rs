//! Clocks that differ, and installations that come and go while something is under way.

use stationmaster::simulator::github::{Fault, FaultKind};

use super::faults::{expect_undisturbed, read_all};
use super::logs::Logs;
use super::stages::{Course, Stage};
use crate::world::{Beginning, On, REPOSITORY, World};

/// GitHub refuses a token that was made in its future, or ends more than ten minutes ahead of it.
async fn clocks_apart(github_ahead_ms: i64) {
    let beginning = Beginning { github_ahead_ms, lenient: true, ..Beginning::default() };
    World::run_from(On::Sqlite, beginning, async |world: &World| {
        let logs = Logs::begin();
        let end = Course::new(world).play(Stage::Release).await;
        expect_undisturbed("clocks apart", Stage::Release, &end).await;
        // Past the end of every token, by either clock.
        world.pass_ms(3_650_000).await;
        let issue = world.open_issue("Fix the signal").await;
        world.card(issue);
        assert_eq!(logs.begun("app_key"), [""; 0]);
        read_all(world);
    })
    .await;
}

#[tokio::test]
async fn github_may_be_eight_minutes_ahead() {
    clocks_apart(480_000).await;
}

#[tokio::test]
async fn github_may_be_fifty_seconds_behind() {
    clocks_apart(-50_000).await;
}

#[tokio::test]
async fn what_waits_for_a_suspended_installation_is_done_once_it_wakes_up_and_is_told_once() {
    World::run_from(On::Sqlite, Beginning { lenient: true, ..Beginning::default() }, async |world: &World| {
        let logs = Logs::begin();
        // It is suspended while the first look is under way, and its webhook of that is lost.
        world.github.inject(Fault::new("/issues/", FaultKind::Status(503)).times(12));
        let first = world.open_issue("Fix the signal").await;
        let second = world.open_issue("Fix the points").await;
        world.github.clear_faults();
        world.github.suspend_installation("octo", true).unwrap();
        world.github.drop_all();
        for _ in 0..5 {
            world.pass_ms(60_000).await;
        }
        assert_eq!(logs.begun("suspended").len(), 1, "{:#?}", logs.begun("suspended"));
        world.github.suspend_installation("octo", false).unwrap();
        Course::new(world).sweeping().calm().await;
        for issue in [first, second] {
            world.card(issue);
        }
        assert_eq!(logs.over("suspended").len(), 1);
        assert_eq!(logs.others(), [""; 0]);
        assert!(world.github.issues(REPOSITORY).iter().all(|issue| issue.comments.len() == 1));
    })
    .await;
}
