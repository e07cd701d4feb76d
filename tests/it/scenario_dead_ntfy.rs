//! ntfy is away for hours, in whichever way: everything else goes on, and messages arrive in order, once.

use std::sync::Arc;

use stationmaster::model::{ManualClock, Timestamp};
use stationmaster::simulator::ntfy::{Fault, NtfySimulator};

use crate::world::{On, TOPIC, World, scenarios};

const MINUTE_MS: i64 = 60_000;
const ISSUES: i64 = 4;

/// Issues are opened, and all but the messages about them is done.
async fn go_on(world: &World) {
    for train in 1..=ISSUES {
        let issue = world.open_issue(&format!("Fix train {train}")).await;
        assert!(world.issue(issue).labels.contains(&"status/assigned".to_owned()), "everything else went on");
        world.card(issue);
    }
    for _ in 0..18 {
        world.pass_ms(10 * MINUTE_MS).await;
    }
}

fn read_all(world: &World, issue: i64) {
    for comment in world.issue(issue).comments.iter().filter(|comment| !comment.body.contains("stationmaster:card")) {
        world.expect_comment(issue, &comment.body);
    }
}

/// Each issue was told of once, in the order in which they came.
async fn expect_all_told(world: &World) {
    for _ in 0..4 {
        world.pass_ms(10 * MINUTE_MS).await;
    }
    let items: Vec<String> =
        world.told().into_iter().map(|title| title.split(' ').next().unwrap().to_owned()).collect();
    assert_eq!(items, (1..=ISSUES).map(|issue| format!("octo/station#{issue}")).collect::<Vec<_>>());
}

scenarios! {
    async fn an_ntfy_that_fails_for_hours_gets_every_message_in_order(world: &World) {
        for status in [500, 503, 507, 429, 502] {
            world.ntfy.inject(Fault::Status(status), 2);
        }
        world.ntfy.inject(Fault::CutConnection, 2);
        go_on(world).await;
        expect_all_told(world).await;
    }

    async fn answers_of_ntfy_that_are_lost_for_hours_double_nothing(world: &World) {
        for _ in 0..2 {
            world.ntfy.inject(Fault::StatusAfterDoing(502), 1);
            world.ntfy.inject(Fault::CutConnection, 1);
            world.ntfy.inject(Fault::CutAfterDoing, 1);
        }
        go_on(world).await;
        expect_all_told(world).await;
    }

    async fn an_ntfy_that_says_nothing_gets_the_message_once_it_answers(world: &World) {
        world.ntfy.inject(Fault::Stall, 1);
        let issue = world.open_issue("Fix the signal").await;
        world.card(issue);
        world.pass_ms(MINUTE_MS).await;
        assert_eq!(world.told().len(), 1);
    }

    async fn the_days_limit_is_waited_out_and_told_of_in_order(world: &World) {
        world.ntfy.hit_daily_limit();
        for train in 1..=ISSUES {
            let issue = world.open_issue(&format!("Fix train {train}")).await;
            world.card(issue);
        }
        assert!(world.told().is_empty());
        world.pass_ms(13 * 60 * MINUTE_MS).await;
        // By then they are late, which is told after them.
        let first: Vec<String> = world.told().into_iter().take(4).collect();
        for (title, issue) in first.iter().zip(1..=ISSUES) {
            assert!(title.starts_with(&format!("octo/station#{issue} ")), "{first:?}");
            assert_eq!(world.told().iter().filter(|other| *other == title).count(), 1);
        }
        (1..=ISSUES).for_each(|issue| read_all(world, issue));
    }
}

/// Whoever has the wrong token is refused; with the right one nothing of what waited is lost.
async fn a_token_is_mended(on: On) {
    let settings = [("NTFY_TOKEN", "tk_ours")];
    World::run_with(on, &settings, async |world: &World| {
        world.ntfy.require_token("tk_other");
        go_on(world).await;
        assert!(world.told().is_empty());
        world.ntfy.require_token("tk_ours");
        expect_all_told(world).await;
    })
    .await;
}

#[tokio::test]
async fn messages_wait_for_the_right_token_on_sqlite() {
    a_token_is_mended(On::Sqlite).await;
}

#[tokio::test]
async fn messages_wait_for_the_right_token_on_postgres() {
    a_token_is_mended(On::Postgres).await;
}

#[tokio::test]
async fn on_a_used_up_day_what_is_urgent_goes_to_the_fallback_and_the_rest_waits() {
    let second = NtfySimulator::start(Arc::new(ManualClock::at(Timestamp(1_795_262_400_000)))).await.unwrap();
    let url = second.url().to_owned();
    let settings = [("NTFY_FALLBACK_URL", url.as_str()), ("NTFY_FALLBACK_TOPIC", "emergency")];
    World::run_with(On::Sqlite, &settings, async |world: &World| {
        world.ntfy.hit_daily_limit();
        world.open_issue("Fix the bridge").await;
        world.open_issue("Deploy v2.0").await;
        let urgent = second.messages("emergency");
        assert_eq!(urgent.len(), 1, "it does not stand behind what waits for midnight: {urgent:#?}");
        assert!(urgent[0].title.as_ref().unwrap().contains("octo/station#2"), "{urgent:#?}");
        assert!(world.ntfy.messages(TOPIC).is_empty());
        for _ in 0..13 {
            world.pass_ms(60 * MINUTE_MS).await;
        }
        let told = world.told();
        assert!(told[0].starts_with("octo/station#1 "), "{told:?}");
        assert_eq!(told.iter().filter(|title| **title == told[0]).count(), 1, "{told:?}");
        (1..=2).for_each(|issue| read_all(world, issue));
        assert_eq!(second.messages("emergency").iter().filter(|one| one.title == urgent[0].title).count(), 1);
    })
    .await;
}
