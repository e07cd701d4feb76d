//! The clock is set forward or back: nothing is done twice, and nothing waits for as long as the clock was wrong.

use std::sync::Arc;

use stationmaster::config::LogFormat;
use stationmaster::logging::subscriber;
use stationmaster::model::{Action, PeopleMessage, Planned, RepositoryId, Subject, Timestamp, Urgency5};
use stationmaster::simulator::github::{Fault, FaultKind};
use stationmaster::simulator::ntfy;
use stationmaster::store::{OutboxState, Store};

use crate::log_lines::LogLines;
use crate::world::{On, REPOSITORY, TOPIC, World, drop_database, migrated_database, scenarios};

const MINUTE_MS: i64 = 60_000;
const HOUR_MS: i64 = 60 * MINUTE_MS;

/// The server has run until now, its clock is set by so much, and it goes on.
async fn set(world: &World, by_ms: i64) {
    world.engine.tick().await.unwrap();
    world.clock.advance_ms(by_ms);
    world.engine.tick().await.unwrap();
}

/// A while passes, a minute at a time, in which everything has its turn.
async fn minutes(world: &World, count: usize) {
    for _ in 0..count {
        world.pass_ms(MINUTE_MS).await;
        world.engine.tick().await.unwrap();
    }
    world.settle().await;
}

fn read_all(world: &World, issue: i64) {
    for comment in world.issue(issue).comments.iter().filter(|comment| !comment.body.contains("stationmaster:card")) {
        world.expect_comment(issue, &comment.body);
    }
}

scenarios! {
    async fn a_message_that_waits_for_another_try_does_not_wait_for_the_old_clock(world: &World) {
        world.ntfy.set_down(true);
        world.open_issue("Fix the signal").await;
        for _ in 0..4 {
            world.pass_ms(10 * MINUTE_MS).await;
        }
        world.ntfy.set_down(false);
        set(world, -10 * HOUR_MS).await;
        minutes(world, 12).await;
        assert_eq!(world.told().len(), 1);
    }

    async fn an_issue_that_could_not_be_looked_at_does_not_wait_for_the_old_clock(world: &World) {
        world.github.inject(Fault::new("/issues/1", FaultKind::Status(503)).times(4));
        let issue = world.open_issue("Fix the signal").await;
        set(world, -10 * HOUR_MS).await;
        minutes(world, 12).await;
        world.card(issue);
        world.github.clear_faults();
        assert_eq!(world.told().len(), 1);
    }

    async fn a_sweep_finds_what_changed_by_the_new_clock(world: &World) {
        world.engine.sweep().await.unwrap();
        world.settle().await;
        set(world, -10 * HOUR_MS).await;
        world.settle().await;
        let issue = world.github.open_issue(REPOSITORY, "alice", "Fix the signal", "").unwrap().0;
        world.github.drop_all();
        minutes(world, 7).await;
        world.card(issue);
    }

    async fn a_pause_for_githubs_limit_ends_though_its_end_has_moved_away(world: &World) {
        world.github.set_rate_limit(5_000, 3);
        let issue = world.open_issue("Fix the signal").await;
        assert!(world.issue(issue).comments.is_empty(), "there was not enough left");
        set(world, -10 * HOUR_MS).await;
        world.github.set_rate_limit(5_000, 5_000);
        // The hour that it lasts at most, and not eleven.
        minutes(world, 62).await;
        world.card(issue);
    }

    async fn a_pause_for_ntfys_day_ends_though_midnight_has_moved_away(world: &World) {
        world.ntfy.hit_daily_limit();
        world.open_issue("Fix the signal").await;
        assert!(world.told().is_empty());
        set(world, -30 * HOUR_MS).await;
        // Half a day was to be waited for.
        world.pass_ms(12 * HOUR_MS + MINUTE_MS).await;
        let asked = world.ntfy.requests();
        assert!(asked >= 2, "it is asked again after the clock was set back, rather than at the midnight of before");
        world.pass_ms(48 * HOUR_MS).await;
        let told = world.told();
        assert_eq!(told.iter().filter(|title| **title == told[0]).count(), 1, "{told:?}");
        read_all(world, 1);
    }

    async fn what_was_created_by_the_old_clock_leaves_room_for_more(world: &World) {
        world.github.limit_content(Some(200));
        for train in 1..=70 {
            world.github.open_issue(REPOSITORY, "alice", &format!("Fix train {train}"), "").unwrap();
        }
        world.settle().await;
        set(world, -10 * HOUR_MS).await;
        let issue = world.open_issue("Fix one more").await;
        minutes(world, 2).await;
        world.card(issue);
    }

    async fn an_action_under_way_is_not_begun_again_when_the_clock_is_set_forward(world: &World) {
        world.engine.tick().await.unwrap();
        world.settle().await;
        world.ntfy.set_down(true);
        world.open_issue("Fix the signal").await;
        world.ntfy.set_down(false);
        world.clock.advance_ms(MINUTE_MS);
        world.engine.tick().await.unwrap();
        world.ntfy.inject(ntfy::Fault::Stall, 1);
        let asked = world.ntfy.requests();
        let acting = async {
            world.engine.act_step(8).await.unwrap();
            unreachable!("ntfy says nothing");
        };
        let meanwhile = async {
            while world.ntfy.requests() == asked {
                tokio::task::yield_now().await;
            }
            for by_ms in [10 * MINUTE_MS, 10 * HOUR_MS, 72 * HOUR_MS] {
                world.clock.advance_ms(by_ms);
                world.engine.tick().await.unwrap();
                let running = world.app().store.actions(Some(OutboxState::Running), 10).await.unwrap();
                assert_eq!(running.len(), 1, "it is still being performed");
            }
        };
        tokio::select! {
            () = acting => {}
            () = meanwhile => {}
        }
        // Whoever performed it is gone, its lease runs out, and the next one looks first.
        world.clock.advance_ms(2 * MINUTE_MS);
        world.engine.tick().await.unwrap();
        minutes(world, 15).await;
        let messages = world.told();
        assert_eq!(messages.iter().filter(|title| **title == messages[0]).count(), 1, "{messages:?}");
        read_all(world, 1);
    }

    async fn what_a_clock_tells_is_told_once_however_it_is_set(world: &World) {
        let issue = world.open_issue("URGENT: Fix the signal").await;
        set(world, 72 * HOUR_MS).await;
        minutes(world, 3).await;
        let told = world.told();
        let comments = world.issue(issue).comments.len();
        assert!(told.len() > 1, "three days without an answer are told: {told:?}");
        for by_ms in [-10 * HOUR_MS, 10 * HOUR_MS, -10 * MINUTE_MS, 10 * MINUTE_MS] {
            set(world, by_ms).await;
            minutes(world, 2).await;
        }
        let again = world.told();
        for title in &again {
            let times = again.iter().filter(|other| *other == title).count();
            let before = told.iter().filter(|other| *other == title).count().max(1);
            assert_eq!(times, before, "{title:?} is told again: {again:#?}");
        }
        assert_eq!(world.issue(issue).comments.len(), comments);
        read_all(world, issue);
    }

    async fn one_line_says_that_the_clock_was_set(world: &World) {
        let lines = LogLines::new();
        let writer = lines.clone();
        let logged = subscriber(LogFormat::Text, "warn", (move || writer.clone(), None)).unwrap();
        let _logging = tracing::subscriber::set_default(logged);
        world.engine.tick().await.unwrap();
        for by_ms in [-10 * MINUTE_MS, 0, 1_000, -1_000, 10 * MINUTE_MS, 0] {
            world.clock.advance_ms(by_ms);
            world.engine.tick().await.unwrap();
        }
        let log = lines.text();
        assert_eq!(log.matches("the clock was set back").count(), 1, "{log}");
        assert_eq!(log.matches("the clock was set forward").count(), 1, "{log}");
        assert!(log.contains("by_s=600"), "{log}");
    }
}

fn message(title: &str) -> Planned {
    let message = PeopleMessage {
        topic: Some(TOPIC.to_owned()),
        channels: None,
        title: title.to_owned(),
        text: String::new(),
        priority: Urgency5::Default,
        tags: Vec::new(),
        click: None,
        buttons: Vec::new(),
        happened: Timestamp(0),
    };
    Planned { key: title.to_owned(), slot: None, action: Action::Notify(message) }
}

/// A lane is performed in the order of ids, which come from the clock.
async fn order_is_kept(on: On) {
    let folder = tempfile::tempdir().unwrap();
    let address = migrated_database(on, folder.path()).await;
    let clock = stationmaster::model::ManualClock::at(Timestamp(1_795_262_400_000));
    let subject = Subject::Repository(RepositoryId(7));
    for (title, by_ms) in [("first", -10 * HOUR_MS), ("second", 0)] {
        let store = Store::open(&address, Arc::new(clock.clone())).await.unwrap();
        store.queue_alone(&subject, &message(title)).await.unwrap();
        store.database().close().await;
        clock.advance_ms(by_ms);
    }
    clock.advance_ms(11 * HOUR_MS);
    let store = Store::open(&address, Arc::new(clock)).await.unwrap();
    let head = store.claim_action("server", MINUTE_MS).await.unwrap().unwrap();
    assert_eq!(head.key, "first");
    store.database().close().await;
    drop_database(&address).await;
}

#[tokio::test]
async fn what_is_decided_after_a_restart_by_a_clock_set_back_comes_after_what_waits_on_sqlite() {
    order_is_kept(On::Sqlite).await;
}

#[tokio::test]
async fn what_is_decided_after_a_restart_by_a_clock_set_back_comes_after_what_waits_on_postgres() {
    order_is_kept(On::Postgres).await;
}
