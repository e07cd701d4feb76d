//! Stuck work, and holders of whom nobody hears: told once for each cause, and given to somebody else or put off.

use serde_json::json;
use stationmaster::model::{Downtime, WorkerId};

use super::{HOUR_MS, MINUTE_MS, alarms, alarms_on, command, has, staff, until};
use crate::api::{Caller, item};
use crate::world::{On, TOPIC, World, scenarios};

const NONE: [&str; 0] = [];

async fn downtimes(world: &World, worker: &str) -> Vec<Downtime> {
    world.app().store.downtimes(&WorkerId::new(worker), 10).await.unwrap()
}

/// A task that ada was given at ten in the morning in New York.
async fn given_to_ada(world: &World) -> i64 {
    until(world, "2026-11-21T15:00:00Z").await;
    let issue = world.open_issue("Deploy v2").await;
    assert!(has(world, issue, "worker/ada"), "{:?}", world.issue(issue).labels);
    issue
}

scenarios! {
    async fn work_without_progress_is_stuck_once_and_again_after_progress(world: &World) {
        staff(world, "").await;
        let issue = given_to_ada(world).await;
        command(world, issue, "ada", "/claim").await;
        until(world, "2026-11-21T16:59:50Z").await;
        assert!(!has(world, issue, "stuck"));
        assert_eq!(alarms(world), NONE);
        until(world, "2026-11-21T17:00:10Z").await;
        assert!(has(world, issue, "stuck"));
        assert_eq!(alarms(world), ["octo/station#1 is stuck"]);
        assert!(world.card(issue).contains("found it stuck: no progress for 2 h"), "{}", world.card(issue));
        for _ in 0..6 {
            world.pass_ms(5 * MINUTE_MS).await;
        }
        assert_eq!(alarms(world).len(), 1, "it is told once");
        command(world, issue, "ada", "/progress 40% the cables are laid").await;
        assert!(!has(world, issue, "stuck"));
        world.pass_ms(2 * HOUR_MS - MINUTE_MS).await;
        assert_eq!(alarms(world).len(), 1);
        world.pass_ms(2 * MINUTE_MS).await;
        assert!(has(world, issue, "stuck"));
        assert_eq!(alarms(world), ["octo/station#1 is stuck"; 2], "another silence is another cause");
        command(world, issue, "ada", "/blocker the crane is broken").await;
        assert!(!has(world, issue, "stuck"), "what is blocked is not stuck");
        world.pass_ms(5 * HOUR_MS).await;
        assert_eq!(alarms(world).len(), 2);
    }

    async fn a_worker_silent_for_six_hours_past_the_time_loses_the_task_to_another(world: &World) {
        staff(world, "").await;
        let issue = given_to_ada(world).await;
        until(world, "2026-11-21T21:59:50Z").await;
        assert!(has(world, issue, "worker/ada") && has(world, issue, "sla-breached"));
        assert_eq!(alarms(world).len(), 1);
        assert!(downtimes(world, "ada").await.is_empty());
        until(world, "2026-11-21T22:00:10Z").await;
        assert!(has(world, issue, "worker/bob") && !has(world, issue, "worker/ada"));
        assert!(!has(world, issue, "sla-breached"), "bob has a time of his own");
        assert_eq!(alarms(world)[1..], ["BLOCKED - Worker Offline: octo/station#1"]);
        let text = &alarms_on(world, TOPIC)[1].message;
        assert!(text.contains("`ada` has been silent since 2026-11-21 11:00 EST"), "{text}");
        assert!(text.contains("somebody else is given it"), "{text}");
        assert!(world.card(issue).contains("BLOCKED - Worker Offline: `ada` is silent"), "{}", world.card(issue));
        let down = downtimes(world, "ada").await;
        assert_eq!((down.len(), down[0].until, down[0].cause.as_str()), (1, None, "silent"));
        assert_eq!(down[0].from.to_rfc3339()[..16], *"2026-11-21T16:00");
        until(world, "2026-11-21T22:59:00Z").await;
        command(world, issue, "bob", "/ack").await;
        until(world, "2026-11-23T12:00:00Z").await;
        assert_eq!(alarms(world).len(), 2);
        assert!(has(world, issue, "worker/bob"));

        // Whoever answers is back.
        let other = world.open_issue("Deploy v3").await;
        command(world, other, "alice", "/assign ada").await;
        command(world, other, "ada", "/ack").await;
        world.engine.tick().await.unwrap();
        assert!(downtimes(world, "ada").await[0].until.is_some());
    }

    async fn when_all_are_silent_the_task_is_ready_and_says_why(world: &World) {
        staff(world, "").await;
        let issue = given_to_ada(world).await;
        until(world, "2026-11-21T22:00:10Z").await;
        // Bob has an hour until 23:00, and six more.
        until(world, "2026-11-22T04:59:50Z").await;
        assert!(has(world, issue, "worker/bob"));
        until(world, "2026-11-22T05:00:20Z").await;
        world.expect_labels(issue, &["priority/high", "role/people", "status/ready", "type/deployment"]);
        let expected = [
            "octo/station#1: nobody answered in time",
            "BLOCKED - Worker Offline: octo/station#1",
            "octo/station#1: nobody answered in time",
            "BLOCKED - Worker Offline: octo/station#1",
        ];
        assert_eq!(alarms(world), expected);
        let card = world.card(issue);
        assert!(card.contains("ada") && card.contains("bob") && card.contains("offline"), "{card}");
        assert_eq!(world.told().last().unwrap(), "octo/station#1 is ready for people");
        assert_eq!((downtimes(world, "ada").await.len(), downtimes(world, "bob").await.len()), (1, 1));
    }

    async fn a_policy_may_put_off_what_a_silent_worker_has(world: &World) {
        staff(world, "[clocks]\noffline_policy = \"defer\"\n").await;
        let issue = given_to_ada(world).await;
        until(world, "2026-11-21T22:00:10Z").await;
        world.expect_labels(issue, &["priority/high", "role/people", "status/deferred", "type/deployment"]);
        assert_eq!(alarms(world)[1..], ["BLOCKED - Worker Offline: octo/station#1"]);
        assert!(alarms_on(world, TOPIC)[1].message.ends_with("it is put off."));
        assert_eq!(downtimes(world, "ada").await.len(), 1);
        until(world, "2026-11-24T22:00:00Z").await;
        assert!(has(world, issue, "status/deferred"), "until somebody says otherwise");
        assert_eq!(alarms(world).len(), 2);
        command(world, issue, "alice", "/retry").await;
        assert!(has(world, issue, "status/assigned") && has(world, issue, "worker/bob"));
    }

    async fn a_claim_without_heartbeats_is_lost_and_its_fence_is_refused(world: &World) {
        staff(world, "").await;
        let robo = Caller::new(world, "worker:robo").await;
        let registered = json!({"role": "agents", "agent": true, "calendar": {"always": true}, "capacity": 20});
        let body = robo.send(reqwest::Method::PUT, "workers/robo", Some((registered, None))).await;
        assert_eq!(body.status, 200, "{}", body.body);
        let issue = world.open_issue("Fix the parser").await;
        command(world, issue, "alice", "/assign robo").await;
        let claim = robo.post(&item(issue, "claim"), json!({})).await.good(200);
        world.settle().await;
        for _ in 0..8 {
            world.pass_ms(4 * MINUTE_MS).await;
            robo.post("workers/robo/heartbeat", json!({})).await.good(200);
            world.engine.tick().await.unwrap();
        }
        assert!(has(world, issue, "status/in-progress") && has(world, issue, "worker/robo"));
        assert_eq!(alarms(world), NONE);
        world.pass_ms(9 * MINUTE_MS).await;
        assert!(has(world, issue, "worker/robo"));
        world.pass_ms(MINUTE_MS + 1_000).await;
        assert!(has(world, issue, "status/assigned") && has(world, issue, "worker/robo2"));
        assert!(world.card(issue).contains("the lease of `robo` ran out"), "{}", world.card(issue));
        let late = json!({"percent": 90, "text": "nearly", "fence": claim["fence"]});
        robo.post(&item(issue, "progress"), late).await.problem(409, "conflict");
        world.settle().await;
        assert!(!world.card(issue).contains("nearly"));
        let back = robo.post("workers/robo/heartbeat", json!({})).await.good(200);
        assert_eq!(back["leases"], json!([]), "a lease that ran out is not begun again");
        world.settle().await;
        assert!(has(world, issue, "worker/robo2"));
    }

    async fn a_worker_who_signs_off_with_a_lease_loses_the_task_at_once(world: &World) {
        staff(world, "").await;
        let robo = Caller::new(world, "worker:robo").await;
        let registered = json!({"role": "agents", "agent": true, "calendar": {"always": true}, "capacity": 20});
        let body = robo.send(reqwest::Method::PUT, "workers/robo", Some((registered, None))).await;
        assert_eq!(body.status, 200, "{}", body.body);
        let issue = world.open_issue("Fix the parser").await;
        command(world, issue, "alice", "/assign robo").await;
        robo.post(&item(issue, "claim"), json!({})).await.good(200);
        world.settle().await;
        robo.post("workers/robo/heartbeat", json!({"status": "offline"})).await.good(200);
        world.settle().await;
        assert!(has(world, issue, "status/assigned") && has(world, issue, "worker/robo2"));
        assert_eq!(alarms(world), ["BLOCKED - Worker Offline: octo/station#1"]);
        assert_eq!(downtimes(world, "robo").await.len(), 1);
        world.pass_ms(30 * MINUTE_MS).await;
        robo.post("workers/robo/heartbeat", json!({"status": "active"})).await.good(200);
        world.settle().await;
        assert!(downtimes(world, "robo").await[0].until.is_some(), "it is back");
        assert!(has(world, issue, "worker/robo2"), "and yet does not get the task back");
        assert_eq!(alarms(world).len(), 1);
    }
}
