//! The process is killed, at once or in the middle of its work, and started again: the end is as if it had not been.

use stationmaster::simulator::github::WebhookMode;

use super::{PATIENCE, Place, is_routed, on_both};
use crate::world::REPOSITORY;

on_both! {
    async fn a_webhook_that_was_answered_is_processed_though_the_server_was_killed_at_once(place: &Place) {
        let server = place.serve().await;
        place.rest().await;
        place.github.set_webhook_mode(WebhookMode::Manual);
        let number = place.open_issue("Deploy v2.0");
        let mut status = None;
        while let Some(next) = place.github.deliver_next().await {
            status = Some(next);
        }
        server.kill().await;
        assert_eq!(status, Some(202));

        place.github.set_webhook_mode(WebhookMode::Auto);
        let _again = place.serve().await;
        place.carded(number).await;
        place.told(1).await;
        place.rest().await;
        place.expect_deployment(number);
    }

    async fn what_was_done_before_the_server_could_note_it_is_not_done_again(place: &Place) {
        let mut server = place.serve().await;
        place.rest().await;
        let mut numbers = Vec::new();
        for told in 1..=3 {
            numbers.push(place.open_issue("Deploy v2.0"));
            // Whoever waits is woken by the deed itself, when its answer has hardly been sent.
            place.told(told).await;
            server.kill().await;
            server = place.serve().await;
            place.rest().await;
        }
        let number = place.open_issue("Deploy v2.0");
        let created = place.github.wait_until("the card", PATIENCE, |view| {
            view.issue(REPOSITORY, number).is_some_and(|issue| !issue.comments.is_empty())
        });
        created.await.unwrap();
        server.kill().await;
        numbers.push(number);
        let _again = place.serve().await;
        place.told(4).await;
        place.rest().await;
        for number in numbers {
            place.expect_deployment(number);
        }
    }

    async fn a_server_that_is_killed_again_and_again_does_everything_once(place: &Place) {
        let mut server = place.serve().await;
        place.rest().await;
        place.github.set_webhook_mode(WebhookMode::Manual);
        let numbers: Vec<i64> = (0..10).map(|_| place.open_issue("Deploy v2.0")).collect();
        while let Some(status) = place.github.deliver_next().await {
            assert_eq!(status, 202);
        }
        // What it does itself is told to it as long as it lives, and lost while it does not.
        place.github.set_webhook_mode(WebhookMode::Auto);
        for _ in 0..6 {
            let seen = place.github.look(|view| view.requests().count());
            let more = rand::random_range(1..25);
            let killed_at = place.github.wait_until("more requests", PATIENCE, |view| {
                view.requests().count() >= seen + more
                    || numbers.iter().all(|number| {
                        view.issue(REPOSITORY, *number).is_some_and(|issue| is_routed(&issue))
                    })
            });
            killed_at.await.unwrap();
            server.kill().await;
            server = place.serve().await;
        }
        for number in &numbers {
            place.carded(*number).await;
        }
        place.told(10).await;
        place.rest().await;
        for number in numbers {
            place.expect_deployment(number);
        }
    }
}
