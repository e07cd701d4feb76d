//! The watchdog: lost heartbeats, workers who fail too often, the same error again and again; once for each cause.

use serde_json::json;

use super::{MINUTE_MS, Server, alarms, alarms_on, command, staff, until};
use crate::api::Caller;
use crate::world::{On, TOPIC, World, scenarios};

const NONE: [&str; 0] = [];

/// Time passes while two servers look at the clock.
async fn watched(world: &World, other: &Server<'_>, minutes: i64) {
    for _ in 0..minutes * 2 {
        world.pass_ms(MINUTE_MS / 2).await;
        world.engine.tick().await.unwrap();
        other.tick().await;
    }
}

async fn given_up(world: &World, title: &str, error: &str) {
    let issue = world.open_issue(title).await;
    command(world, issue, "alice", "/assign ada").await;
    command(world, issue, "ada", "/claim").await;
    command(world, issue, "ada", &format!("/fail {error}")).await;
    world.pass_ms(MINUTE_MS).await;
    world.engine.tick().await.unwrap();
    Server::start(world).await;
    world.settle().await;
}

scenarios! {
    async fn a_lost_heartbeat_is_told_once_and_a_second_loss_again(world: &World) {
        staff(world, "").await;
        let other = Server::start(world).await;
        let robo = Caller::new(world, "worker:robo").await;
        let registered = json!({"role": "agents", "agent": true, "calendar": {"always": true}, "capacity": 20});
        let body = robo.send(reqwest::Method::PUT, "workers/robo", Some((registered, None))).await;
        assert_eq!(body.status, 200, "{}", body.body);
        watched(world, &other, 4).await;
        assert_eq!(alarms(world), NONE);
        watched(world, &other, 10).await;
        assert_eq!(alarms(world), ["The heartbeat of robo is lost"]);
        assert!(alarms_on(world, TOPIC)[0].message.contains("was last heard at 2026-11-21 07:00 EST"));
        robo.post("workers/robo/heartbeat", json!({})).await.good(200);
        watched(world, &other, 4).await;
        Server::start(world).await;
        assert_eq!(alarms(world).len(), 1);
        watched(world, &other, 10).await;
        Server::start(world).await;
        assert_eq!(alarms(world), ["The heartbeat of robo is lost"; 2]);
        let shown = Caller::operator(world).get("workers/robo").await.good(200);
        assert_eq!(shown["status"], "stale");
    }

    async fn a_worker_who_says_that_it_goes_is_not_missed(world: &World) {
        staff(world, "").await;
        let robo = Caller::new(world, "worker:robo").await;
        let registered = json!({"role": "agents", "agent": true, "calendar": {"always": true}});
        let body = robo.send(reqwest::Method::PUT, "workers/robo", Some((registered, None))).await;
        assert_eq!(body.status, 200, "{}", body.body);
        robo.post("workers/robo/heartbeat", json!({"status": "offline"})).await.good(200);
        world.pass_ms(60 * MINUTE_MS).await;
        world.engine.tick().await.unwrap();
        world.settle().await;
        assert_eq!(alarms(world), NONE);
    }

    async fn failures_and_the_same_error_are_told_once(world: &World) {
        staff(world, "[clocks]\nfailure_among = 4\nrepeated_errors = 3\n").await;
        until(world, "2026-11-21T15:00:00Z").await;
        given_up(world, "Deploy v1", "disk full on host 12").await;
        given_up(world, "Deploy v2", "nobody knows the password").await;
        given_up(world, "Deploy v3", "Disk full on host 7").await;
        assert_eq!(alarms(world), NONE);
        given_up(world, "Deploy v4", "disk full on host 3").await;
        let mut told = alarms(world);
        told.sort();
        assert_eq!(told, ["The same error 3 times", "ada fails too often"]);
        given_up(world, "Deploy v5", "disk full on host 4").await;
        assert_eq!(alarms(world).len(), 2, "{:?}", alarms(world));
        let stats = Caller::operator(world).get("stats").await.good(200);
        assert!(stats.to_string().contains("\"ada\""), "{stats}");
    }
}
