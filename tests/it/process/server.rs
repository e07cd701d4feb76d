//! A server starts, says that it is ready, stops in order, and lets no issue wait for another.

use stationmaster::simulator::github::{Fault, FaultKind, LoggedRequest, WebhookMode};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::{PATIENCE, Place, answer, is_routed, on_both, webhook};
use crate::world::{REPOSITORY, within};

on_both! {
    async fn a_started_server_is_alive_and_ready_and_counts(place: &Place) {
        let server = place.serve().await;
        assert!(server.get("/healthz").await.starts_with("HTTP/1.1 200 "));
        let ready = server.get("/readyz").await;
        assert!(ready.starts_with("HTTP/1.1 200 ") && ready.ends_with(r#"{"ready":true}"#), "{ready}");
        place.open_issue("Deploy v2.0");
        place.told(1).await;
        place.rest().await;
        let metrics = server.get("/metrics").await;
        for line in [
            "stationmaster_deliveries_total{event=\"issues\",result=\"stored\"}",
            "stationmaster_actions_total{action=\"write_card\",outcome=\"performed\"} 1",
            "stationmaster_decisions_total{subject=\"issue\",result=\"changed\"} 1",
            "stationmaster_inbox_depth{state=\"done\"}",
            "stationmaster_store_reachable 1",
        ] {
            assert!(metrics.lines().any(|have| have.starts_with(line)), "{line} is not in\n{metrics}");
        }
    }

    async fn a_server_that_is_told_to_stop_answers_what_it_has_begun_and_loses_nothing(place: &Place) {
        let mut server = place.serve().await;
        place.rest().await;
        place.github.set_webhook_mode(WebhookMode::Manual);
        let numbers: Vec<i64> = (0..8).map(|_| place.open_issue("Deploy v2.0")).collect();
        let mut begun = Vec::new();
        for waiting in place.github.pending_webhooks().into_iter().filter(|one| one.event == "issues") {
            let (head, body) =
                webhook(&place.github.app().webhook_secret, &waiting.guid, &waiting.event, &waiting.payload);
            let head = format!("{}\r\nexpect: 100-continue\r\n\r\n", head.trim_end());
            let mut stream = TcpStream::connect(server.address).await.unwrap();
            stream.write_all(head.as_bytes()).await.unwrap();
            // The interim answer says that the handler has begun and waits for the body.
            let mut interim = [0; 25];
            within("the interim answer", stream.read_exact(&mut interim)).await.unwrap();
            assert_eq!(&interim, b"HTTP/1.1 100 Continue\r\n\r\n");
            begun.push((stream, body));
        }
        place.github.drop_all();
        server.signal("TERM").await;
        server.logs("stopping").await;
        for (mut stream, body) in begun {
            stream.write_all(body.as_bytes()).await.unwrap();
            let answer = answer(stream).await;
            assert!(answer.starts_with("HTTP/1.1 202 "), "{answer}");
        }
        let (status, log) = server.ended().await;
        assert!(status.success(), "{status}\n{log}");

        place.github.set_webhook_mode(WebhookMode::Auto);
        let _again = place.serve().await;
        for number in &numbers {
            place.carded(*number).await;
        }
        place.told(8).await;
        place.rest().await;
        for number in numbers {
            place.expect_deployment(number);
        }
    }

    async fn what_takes_longer_than_a_lease_is_not_begun_a_second_time(place: &Place) {
        let _server = place.serve().await;
        place.rest().await;
        // A lease is 5 s here, and the card is created only after 8.
        place.github.inject(Fault::new("/issues/1/comments", FaultKind::Slow { ms: 8_000 }).method("POST"));
        let number = place.open_issue("Deploy v2.0");
        let created = |request: &&LoggedRequest| {
            request.method == "POST" && request.path.ends_with("/issues/1/comments")
        };
        let slow = place.github.wait_until("the slow request is through", PATIENCE, |view| {
            view.requests().filter(created).any(|request| request.fault.is_some())
        });
        slow.await.unwrap();
        place.carded(number).await;
        place.told(1).await;
        place.rest().await;
        place.expect_deployment(number);
        assert_eq!(place.github.look(|view| view.requests().filter(created).count()), 1);
    }

    async fn fifty_issues_of_one_repository_do_not_wait_for_one_that_github_stalls_on(place: &Place) {
        let server = place.serve().await;
        place.rest().await;
        let stalled = regex::Regex::new(r"/issues/1(\D|$)").unwrap();
        place.github.inject(Fault::matching(stalled, FaultKind::Stall).times(1_000));
        let numbers: Vec<i64> = (0..50).map(|_| place.open_issue("Deploy v2.0")).collect();
        let (first, others) = numbers.split_first().unwrap();
        assert_eq!(*first, 1);
        let all = place.github.wait_until("the other forty-nine have their cards", PATIENCE, |view| {
            others.iter().all(|number| view.issue(REPOSITORY, *number).is_some_and(|issue| is_routed(&issue)))
        });
        all.await.unwrap();
        assert!(!is_routed(&place.github.issue(REPOSITORY, 1).unwrap()), "the first was stalled all the while");

        // Once GitHub answers again, the first gets its due as well.
        server.kill().await;
        place.github.clear_faults();
        let _again = place.serve().await;
        place.carded(1).await;
        place.told(50).await;
        place.rest().await;
        for number in numbers {
            place.expect_deployment(number);
        }
    }
}
