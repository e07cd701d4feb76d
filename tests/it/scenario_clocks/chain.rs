//! The chain of escalation: each step hears of a cause once, and none of it once somebody has answered.

use serde_json::json;

use super::{MINUTE_MS, Server, alarms_on, command, has, heard_on, staff, until};
use crate::api::{Caller, item};
use crate::world::{On, World, scenarios};

const CHAIN: &str = "[[clocks.escalation]]\nafter = \"30m\"\ntopic = \"lead\"\n\
                     [[clocks.escalation]]\nafter = \"2h\"\ntopic = \"chief\"\n";
const NONE: [&str; 0] = [];

scenarios! {
    async fn each_step_of_the_chain_is_told_once_until_somebody_answers(world: &World) {
        staff(world, CHAIN).await;
        until(world, "2026-11-21T15:00:00Z").await;
        let lying = world.open_issue("Deploy v2").await;
        let answered = world.open_issue("Deploy v3").await;
        let holder = world.task(answered).await.unwrap().worker.unwrap().to_string();
        until(world, "2026-11-21T16:00:10Z").await;
        until(world, "2026-11-21T16:29:50Z").await;
        assert_eq!(heard_on(world, "lead"), NONE);
        until(world, "2026-11-21T16:30:20Z").await;
        let mut told = heard_on(world, "lead");
        told.sort();
        assert_eq!(told, [lying, answered].map(|issue| format!("Escalated: octo/station#{issue}")));
        assert_eq!(alarms_on(world, "lead")[0].priority, Some(5));
        assert!(has(world, lying, "escalated") && has(world, answered, "escalated"));
        command(world, answered, &holder, "/ack").await;
        assert!(!has(world, answered, "escalated"), "somebody has answered");
        until(world, "2026-11-21T17:59:50Z").await;
        assert_eq!(heard_on(world, "chief"), NONE);
        until(world, "2026-11-21T18:00:20Z").await;
        let expected = [format!("Escalated: octo/station#{lying}")];
        assert_eq!(heard_on(world, "chief"), expected);
        Server::start(world).await.until("2026-11-21T21:00:00Z").await;
        assert_eq!(heard_on(world, "chief"), expected);
        assert_eq!(heard_on(world, "lead").len(), 2);
    }

    async fn another_cause_begins_the_chain_anew(world: &World) {
        staff(world, CHAIN).await;
        until(world, "2026-11-21T15:00:00Z").await;
        let issue = world.open_issue("Deploy v2").await;
        command(world, issue, "ada", "/claim").await;
        until(world, "2026-11-21T17:00:10Z").await;
        assert!(has(world, issue, "stuck"));
        until(world, "2026-11-21T17:30:20Z").await;
        assert_eq!(heard_on(world, "lead").len(), 1);
        command(world, issue, "ada", "/progress 50% half of it").await;
        assert!(!has(world, issue, "escalated"));
        until(world, "2026-11-21T19:30:40Z").await;
        assert!(has(world, issue, "stuck") && !has(world, issue, "escalated"));
        until(world, "2026-11-21T20:01:00Z").await;
        assert_eq!(heard_on(world, "lead").len(), 2);
        assert_eq!(heard_on(world, "chief"), NONE);
    }

    async fn whoever_claims_what_the_silent_left_stops_the_chain(world: &World) {
        staff(world, CHAIN).await;
        until(world, "2026-11-21T15:00:00Z").await;
        let issue = world.open_issue("Deploy v2").await;
        until(world, "2026-11-21T22:00:10Z").await;
        until(world, "2026-11-22T05:00:20Z").await;
        assert!(has(world, issue, "status/ready"));
        let told = (heard_on(world, "lead").len(), heard_on(world, "chief").len());
        let operator = Caller::operator(world);
        operator.post(&item(issue, "claim"), json!({"worker": "bob"})).await.good(200);
        world.settle().await;
        assert!(has(world, issue, "status/in-progress") && !has(world, issue, "escalated"));
        let registered = json!({"role": "people", "agent": true, "capacity": 20});
        let body = operator.send(reqwest::Method::PUT, "workers/bob", Some((registered, None))).await;
        assert_eq!(body.status, 200, "{}", body.body);
        for _ in 0..10 {
            operator.post("workers/bob/heartbeat", json!({})).await.good(200);
            world.pass_ms(4 * MINUTE_MS).await;
        }
        assert!(has(world, issue, "status/in-progress") && has(world, issue, "worker/bob"));
        assert_eq!((heard_on(world, "lead").len(), heard_on(world, "chief").len()), told);
    }

    async fn a_step_that_a_person_took_is_not_taken_again_by_the_clock(world: &World) {
        staff(world, CHAIN).await;
        until(world, "2026-11-21T15:00:00Z").await;
        let issue = world.open_issue("Deploy v2").await;
        until(world, "2026-11-21T16:00:10Z").await;
        until(world, "2026-11-21T16:10:00Z").await;
        command(world, issue, "alice", "/escalate the customer waits").await;
        assert!(has(world, issue, "escalated"));
        assert_eq!(heard_on(world, "lead"), [format!("octo/station#{issue} was escalated")]);
        until(world, "2026-11-21T16:40:00Z").await;
        assert_eq!(heard_on(world, "lead").len(), 1, "{:?}", heard_on(world, "lead"));
        until(world, "2026-11-21T18:00:20Z").await;
        assert_eq!(heard_on(world, "chief"), [format!("Escalated: octo/station#{issue}")]);
        assert_eq!(heard_on(world, "lead").len(), 1);
    }
}
