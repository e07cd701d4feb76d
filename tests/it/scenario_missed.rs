//! Webhooks that did not come are had again from GitHub's log, each once, and the end is as if they had come.

use std::collections::BTreeMap;

use stationmaster::engine::Engine;
use stationmaster::model::{DeliveryGuid, Number};
use stationmaster::simulator::github::{Fault, FaultKind, Webhook};

use crate::world::{Beginning, On, REPOSITORY, TOPIC, World, scenarios};

const MINUTE_MS: i64 = 60_000;
const HOUR_MS: i64 = 60 * MINUTE_MS;
/// What a webhook fails with that reaches nobody.
const NOBODY: u16 = 502;
const ATTEMPTS: &str = "/attempts";
const LOG: &str = "/app/hook/deliveries?";

/// Asks for what was missed, a turn a minute, without any sweep: only webhooks can heal here.
async fn catch_up(world: &World, turns: usize) {
    for _ in 0..turns {
        world.engine.ask_again().await.unwrap();
        world.settle().await;
        world.clock.advance_ms(MINUTE_MS);
    }
}

/// How far the database has read is known from here on.
async fn begin(world: &World) {
    world.engine.ask_again().await.unwrap();
    world.settle().await;
    world.clock.advance_ms(HOUR_MS);
}

/// A day of a small team. After each step `after` sees to its webhooks.
async fn a_day(world: &World, after: impl AsyncFn(&World)) {
    let github = &world.github;
    for title in ["Fix the signal", "Deploy v2.0", "Test the points"] {
        github.open_issue(REPOSITORY, "alice", title, "").unwrap();
        after(world).await;
    }
    github.comment(REPOSITORY, "alice", Number(1), "/priority high").unwrap();
    after(world).await;
    github.add_label(REPOSITORY, "alice", Number(2), "mood-fine").unwrap();
    after(world).await;
    github.comment(REPOSITORY, "alice", Number(3), "It sticks in the cold.").unwrap();
    after(world).await;
    let pull = world.propose("alice", "signals", &[("docs/signals.md", "Red means stop.\n")]);
    after(world).await;
    let build = world.check_begins(pull, "build");
    github.finish_check(build, "success").unwrap();
    after(world).await;
}

/// All that people see in the end, without times.
fn end_state(world: &World) -> Vec<String> {
    let issues = world.github.look(|view| view.issues(REPOSITORY));
    let mut state: Vec<String> = issues
        .into_iter()
        .map(|mut issue| {
            issue.labels.sort();
            let merged = world.github.pull(REPOSITORY, issue.number).is_some_and(|pull| pull.merge_sha.is_some());
            let (number, title) = (issue.number, &issue.title);
            format!(
                "{number} {title:?} {} {:?} merged: {merged}, {} comments",
                issue.state,
                issue.labels,
                issue.comments.len()
            )
        })
        .collect();
    state.push(format!("tags {:?}", world.tags()));
    let mut told = world.told();
    told.sort();
    state.extend(told);
    state
}

/// The same day with every webhook delivered at once.
async fn undisturbed() -> Vec<String> {
    let mut state = Vec::new();
    World::run(On::Sqlite, async |world: &World| {
        begin(world).await;
        a_day(world, async |world| world.settle().await).await;
        catch_up(world, 3).await;
        for comment in comments_to_read(world) {
            world.expect_comment(comment.0, &comment.1);
        }
        state = end_state(world);
    })
    .await;
    state
}

/// Comments of ours beside the cards, by issue.
pub fn comments_to_read(world: &World) -> Vec<(i64, String)> {
    let ours = world.github.app_login();
    let issues = world.github.look(|view| view.issues(REPOSITORY));
    let mut found = Vec::new();
    for issue in issues {
        for comment in issue.comments.into_iter().filter(|comment| comment.author == ours) {
            if !comment.body.contains("<!-- stationmaster:card -->") {
                found.push((issue.number, comment.body));
            }
        }
    }
    found
}

/// Each of these is in the inbox.
async fn expect_in_inbox(world: &World, webhooks: &[Webhook]) {
    for webhook in webhooks {
        let found = world.app().store.delivery(&DeliveryGuid::from(webhook.guid.as_str())).await.unwrap();
        assert!(found.is_some(), "{} ({:?}) is not in the inbox", webhook.event, webhook.action);
    }
}

/// How often each delivery was asked for, by its id.
fn asked(world: &World) -> BTreeMap<String, usize> {
    let records = world.github.look(|view| view.deliveries().to_vec());
    let mut asked = BTreeMap::new();
    for record in records.into_iter().filter(|record| record.webhook.redelivery) {
        *asked.entry(record.webhook.guid).or_default() += 1;
    }
    asked
}

async fn missed(world: &World, state: &str) -> i64 {
    let counts = world.app().store.missed_counts(stationmaster::model::Timestamp(0)).await.unwrap();
    counts.into_iter().find(|(name, _)| name == state).map_or(0, |(_, count)| count)
}

/// Changes the title of an issue so often, one webhook each.
fn fill(world: &World, issue: i64, count: usize) {
    for edit in 0..count {
        world.github.edit_title(REPOSITORY, "alice", Number(issue), &format!("Fix the signal {edit}")).unwrap();
    }
}

scenarios! {
    async fn a_day_of_lost_webhooks_is_had_again_and_ends_as_if_they_had_come(world: &World) {
        let expected = undisturbed().await;
        begin(world).await;
        let lost = std::cell::RefCell::new(Vec::new());
        a_day(world, async |world| {
            lost.borrow_mut().extend(world.github.lose_all(NOBODY));
            world.clock.advance_ms(HOUR_MS);
        })
        .await;
        let lost = lost.into_inner();
        assert!(lost.len() >= 9, "{lost:#?}");
        catch_up(world, 3).await;
        for comment in comments_to_read(world) {
            world.expect_comment(comment.0, &comment.1);
        }
        expect_in_inbox(world, &lost).await;
        assert_eq!(end_state(world), expected);
        assert_eq!(asked(world).into_values().collect::<Vec<_>>(), vec![1; lost.len()], "each was asked for once");
        assert_eq!((missed(world, "came").await, missed(world, "asked").await), (i64::try_from(lost.len()).unwrap(), 0));
        let requests = world.count_requests("POST", ATTEMPTS);
        catch_up(world, 2).await;
        world.clock.advance_ms(HOUR_MS);
        catch_up(world, 1).await;
        assert_eq!(world.count_requests("POST", ATTEMPTS), requests, "and never again");
    }

    async fn what_github_says_came_and_the_inbox_does_not_have_is_had_again(world: &World) {
        begin(world).await;
        let number = world.github.open_issue(REPOSITORY, "alice", "Fix the signal", "").unwrap();
        let forgotten = world.github.lose_all(200);
        world.settle().await;
        assert!(world.issue(number.0).comments.is_empty());
        catch_up(world, 1).await;
        expect_in_inbox(world, &forgotten).await;
        world.card(number.0);
        assert_eq!(world.told().len(), 1);
    }

    async fn a_webhook_that_is_sent_again_twice_takes_effect_once(world: &World) {
        begin(world).await;
        let number = world.github.open_issue(REPOSITORY, "alice", "Fix the signal", "").unwrap();
        world.github.lose_all(504);
        world.engine.ask_again().await.unwrap();
        while world.turn().await > 0 {}
        world.github.duplicate_next();
        world.github.duplicate_next();
        world.settle().await;
        world.card(number.0);
        assert_eq!((world.told().len(), world.count_requests("POST", "/issues/1/comments")), (1, 1));
        assert_eq!(asked(world).into_values().collect::<Vec<_>>(), [3], "GitHub sent it three times");
    }

    async fn a_github_that_does_not_show_its_log_is_asked_again_later(world: &World) {
        begin(world).await;
        let number = world.github.open_issue(REPOSITORY, "alice", "Fix the signal", "").unwrap();
        let lost = world.github.lose_all(NOBODY);
        world.github.inject(Fault::new(LOG, FaultKind::Status(503)));
        world.github.inject(Fault::new(LOG, FaultKind::CutConnection));
        catch_up(world, 2).await;
        world.github.inject(Fault::new(LOG, FaultKind::TooManyRequests { retry_after_s: Some(90) }));
        catch_up(world, 2).await;
        assert_eq!(world.count_requests("POST", ATTEMPTS), 0);
        catch_up(world, 2).await;
        expect_in_inbox(world, &lost).await;
        world.card(number.0);
    }

    async fn an_answer_that_was_lost_does_not_have_it_sent_twice(world: &World) {
        begin(world).await;
        let number = world.github.open_issue(REPOSITORY, "alice", "Fix the signal", "").unwrap();
        world.github.lose_all(NOBODY);
        world.github.inject(Fault::new(ATTEMPTS, FaultKind::StatusAfterDoing(502)).method("POST"));
        catch_up(world, 2).await;
        world.card(number.0);
        assert_eq!(world.count_requests("POST", ATTEMPTS), 1, "found in the log, not asked for again");
    }

    async fn more_than_a_page_is_read_and_asked_for_over_several_turns(world: &World) {
        let issue = world.open_issue("Fix the signal").await;
        begin(world).await;
        fill(world, issue, 130);
        let lost = world.github.lose_all(NOBODY);
        assert_eq!(lost.len(), 130);
        world.engine.ask_again().await.unwrap();
        world.settle().await;
        assert_eq!(world.count_requests("POST", ATTEMPTS), 1, "the first shows whether the door is open");
        assert!(world.count_requests("GET", "cursor=v1_") >= 1, "the log has more than one page");
        let mut before = 1;
        for _ in 0..4 {
            world.clock.advance_ms(MINUTE_MS);
            // By the clock of the server: it goes on after a minute, and not only at the next sweep.
            world.engine.tick().await.unwrap();
            world.settle().await;
            let now = world.count_requests("POST", ATTEMPTS);
            assert!(now - before <= 40, "{} in one turn", now - before);
            before = now;
        }
        expect_in_inbox(world, &lost).await;
        assert_eq!(before, 130);
    }

    async fn a_page_that_github_does_not_know_any_more_keeps_nobody_from_the_newest(world: &World) {
        let issue = world.open_issue("Fix the signal").await;
        begin(world).await;
        fill(world, issue, 130);
        world.github.lose_all(200);
        world.github.inject(Fault::new("cursor=v1_", FaultKind::Status(422)).times(9));
        world.engine.ask_again().await.unwrap();
        world.clock.advance_ms(MINUTE_MS);
        world.github.edit_title(REPOSITORY, "alice", Number(issue), "Fix the signals").unwrap();
        let newest = world.github.lose_all(200);
        catch_up(world, 5).await;
        expect_in_inbox(world, &newest).await;
        world.github.clear_faults();
        catch_up(world, 5).await;
        assert_eq!(asked(world).into_values().collect::<Vec<_>>(), [1; 131], "and the older ones after all");
    }

    async fn a_webhook_that_fails_three_times_is_given_up_and_told_of_once(world: &World) {
        begin(world).await;
        let number = world.github.open_issue(REPOSITORY, "alice", "Fix the signal", "").unwrap();
        let lost = world.github.lose_all(401);
        for _ in 0..4 {
            world.engine.ask_again().await.unwrap();
            while world.turn().await > 0 {}
            world.github.lose_all(401);
            world.clock.advance_ms(61 * MINUTE_MS);
        }
        catch_up(world, 3).await;
        assert_eq!(world.count_requests("POST", ATTEMPTS), 2, "with the first attempt that is three");
        assert_eq!(world.times_told("A webhook did not arrive"), 1, "{:?}", world.told());
        let message = format!("{:?}", world.ntfy.messages(TOPIC));
        assert!(message.contains(&lost[0].guid) && message.contains("Invalid HTTP Response: 401"), "{message}");
        assert_eq!((lost.len(), missed(world, "given_up").await), (1, 1));
        // What it told of is found all the same.
        world.engine.sweep().await.unwrap();
        world.settle().await;
        world.card(number.0);
    }

    async fn one_webhook_finds_out_whether_the_door_is_open_before_all_are_asked_for(world: &World) {
        let issue = world.open_issue("Fix the signal").await;
        begin(world).await;
        fill(world, issue, 5);
        world.github.lose_all(503);
        for turn in 1..=3 {
            world.engine.ask_again().await.unwrap();
            while world.turn().await > 0 {}
            assert_eq!(world.count_requests("POST", ATTEMPTS), turn);
            world.clock.advance_ms(MINUTE_MS);
            world.github.lose_all(503);
            world.clock.advance_ms(MINUTE_MS);
        }
        // The door opens: somebody's next webhook comes, and the rest is asked for at once.
        world.github.edit_title(REPOSITORY, "alice", Number(issue), "Fix the signals").unwrap();
        world.settle().await;
        world.clock.advance_ms(MINUTE_MS);
        catch_up(world, 1).await;
        assert_eq!(world.count_requests("POST", ATTEMPTS), 5);
        world.clock.advance_ms(HOUR_MS);
        catch_up(world, 2).await;
        assert_eq!((missed(world, "came").await, missed(world, "asked").await), (5, 0));
    }

    async fn two_servers_ask_once_for_each(world: &World) {
        let issue = world.open_issue("Fix the signal").await;
        begin(world).await;
        fill(world, issue, 12);
        world.github.lose_all(200);
        let other = Engine::new(world.app().clone());
        // Both at once and as if neither knew of the other's turn, then both by the clock.
        let (one, two) = tokio::join!(world.engine.ask_again(), other.ask_again());
        one.unwrap();
        two.unwrap();
        let (one, two) = tokio::join!(world.engine.tick(), other.tick());
        one.unwrap();
        two.unwrap();
        world.settle().await;
        assert_eq!(asked(world).into_values().collect::<Vec<_>>(), [1; 12]);
        assert_eq!(world.count_requests("POST", ATTEMPTS), 12);
    }

    async fn what_github_has_forgotten_is_not_asked_for(world: &World) {
        world.clock.advance_ms(HOUR_MS);
        world.github.open_issue(REPOSITORY, "alice", "Fix the signal", "").unwrap();
        world.github.lose_all(NOBODY);
        world.clock.advance_ms(4 * 24 * HOUR_MS);
        catch_up(world, 2).await;
        assert_eq!(world.count_requests("POST", ATTEMPTS), 0, "GitHub has forgotten it after three days");
    }
}

#[tokio::test]
async fn a_github_whose_clock_is_behind_hides_nothing() {
    let behind = Beginning { github_ahead_ms: -MINUTE_MS / 2, ..Beginning::default() };
    World::run_from(On::Sqlite, behind, async |world: &World| {
        begin(world).await;
        world.engine.ask_again().await.unwrap();
        let number = world.github.open_issue(REPOSITORY, "alice", "Fix the signal", "").unwrap();
        let lost = world.github.lose_all(NOBODY);
        catch_up(world, 2).await;
        expect_in_inbox(world, &lost).await;
        world.card(number.0);
    })
    .await;
}
