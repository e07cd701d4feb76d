//! Digests: in the morning, at noon and in the evening, once each, whoever looks and whenever a server starts.

use super::{MINUTE_MS, Server, alarms, alarms_on, asleep_until, command, staff, until};
use crate::world::{On, TOPIC, World, scenarios};

const NONE: [&str; 0] = [];

/// Two servers look at the clock, and each once more half a minute later.
async fn look(world: &World, other: &Server<'_>) {
    for _ in 0..2 {
        let (one, two) = tokio::join!(world.engine.tick(), other.engine.tick());
        one.unwrap();
        two.unwrap();
        world.settle().await;
        world.pass_ms(MINUTE_MS / 2 + 1).await;
        other.tick().await;
        world.pass_ms(MINUTE_MS / 2 + 1).await;
    }
}

/// Digests that were sent.
fn digests(world: &World) -> Vec<String> {
    let is_digest =
        |title: &String| ["Plan for", "Status of", "Review of"].iter().any(|begin| title.starts_with(begin));
    alarms(world).into_iter().filter(is_digest).collect()
}

scenarios! {
    async fn each_digest_is_sent_once_a_day_by_two_servers(world: &World) {
        staff(world, "").await;
        let other = Server::start(world).await;
        let issue = world.open_issue("Deploy v2").await;
        until(world, "2026-11-21T12:57:00Z").await;
        look(world, &other).await;
        assert_eq!(digests(world), NONE);
        until(world, "2026-11-21T13:00:01Z").await;
        look(world, &other).await;
        assert_eq!(digests(world), ["Plan for 2026-11-21: 1 task open"]);
        let plan = &alarms_on(world, TOPIC)[0].message;
        assert!(plan.contains("ada:") && plan.contains("high: octo/station#1 “Deploy v2”, assigned"), "{plan}");
        assert!(plan.contains("due 2026-11-21 10:00 EST"), "{plan}");
        until(world, "2026-11-21T14:30:00Z").await;
        command(world, issue, "ada", "/claim").await;
        command(world, issue, "ada", "/progress 30% the tag is there").await;
        until(world, "2026-11-21T16:20:00Z").await;
        look(world, &other).await;
        assert_eq!(digests(world).len(), 1);
        until(world, "2026-11-21T17:00:05Z").await;
        look(world, &other).await;
        assert_eq!(digests(world)[1..], ["Status of 2026-11-21: 1 task under way"]);
        let status = alarms_on(world, TOPIC).pop().unwrap().message;
        assert!(status.contains("octo/station#1 “Deploy v2”: 30 %"), "{status}");
        command(world, issue, "ada", "/fail the power is gone").await;
        until(world, "2026-11-21T23:00:05Z").await;
        look(world, &other).await;
        assert_eq!(digests(world)[2..], ["Review of 2026-11-21: 0 tasks done"]);
        let review = alarms_on(world, TOPIC).pop().unwrap().message;
        assert!(review.contains("Done 0, failed 1, cancelled 0; open 0."), "{review}");
        assert!(review.contains("ada: 0 of 1 completed (0.0 %)"), "{review}");
        let second = world.open_issue("Paint the bridge").await;
        until(world, "2026-11-22T12:59:00Z").await;
        assert_eq!(digests(world).len(), 3);
        until(world, "2026-11-22T13:00:05Z").await;
        look(world, &other).await;
        assert_eq!(digests(world)[3..], ["Plan for 2026-11-22: 1 task open"]);
        assert!(alarms_on(world, TOPIC).pop().unwrap().message.contains(&format!("octo/station#{second}")));
    }

    async fn a_server_that_starts_at_ten_past_eight_sends_the_plan_unless_it_was_sent(world: &World) {
        staff(world, "").await;
        world.open_issue("Paint the bridge").await;
        // Nobody runs at eight.
        asleep_until(world, "2026-11-21T13:10:00Z");
        Server::start(world).await;
        assert_eq!(digests(world), ["Plan for 2026-11-21: 1 task open"]);
        // The next one starts again after it has sent it.
        let server = Server::start(world).await;
        server.until("2026-11-21T13:11:00Z").await;
        Server::start(world).await.until("2026-11-21T13:20:00Z").await;
        assert_eq!(digests(world).len(), 1);
        let server = Server::start(world).await;
        server.until("2026-11-22T13:00:01Z").await;
        let server = Server::start(world).await;
        server.until("2026-11-22T13:10:00Z").await;
        // The evening before is old news by then.
        assert_eq!(digests(world)[1..], ["Plan for 2026-11-22: 1 task open"]);
        // Nobody runs until it is old news.
        asleep_until(world, "2026-11-23T17:30:00Z");
        Server::start(world).await;
        assert_eq!(digests(world).len(), 2, "{:?}", digests(world));
    }

    async fn what_is_switched_off_is_not_sent(world: &World) {
        staff(world, "[clocks]\ndigests = { plan = false, status = \"11:00\", review = false }\n").await;
        let other = Server::start(world).await;
        let issue = world.open_issue("Paint the bridge").await;
        command(world, issue, "alice", "/assign ada").await;
        command(world, issue, "ada", "/claim").await;
        for hour in 13..24 {
            until(world, &format!("2026-11-21T{hour}:00:05Z")).await;
            look(world, &other).await;
        }
        assert_eq!(digests(world), ["Status of 2026-11-21: 1 task under way"]);
    }
}
