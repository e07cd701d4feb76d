//! What is urgent: a quarter of an hour on the wall clock, by night as well.

use stationmaster::model::Number;

use super::{alarms, alarms_on, command, has, staff, until};
use crate::world::{On, REPOSITORY, TOPIC, World, scenarios};

const NONE: [&str; 0] = [];

async fn retitle(world: &World, issue: i64, title: &str) {
    world.github.edit_title(REPOSITORY, "alice", Number(issue), title).unwrap();
    world.settle().await;
}

scenarios! {
    async fn what_its_title_calls_urgent_is_acknowledged_within_a_quarter_of_an_hour_by_night_too(world: &World) {
        staff(world, "").await;
        until(world, "2026-11-22T08:00:00Z").await;
        let lying = world.open_issue("URGENT: Paint the bridge").await;
        let seen = world.open_issue("urgent: paint the gate").await;
        assert!(has(world, lying, "urgent") && has(world, seen, "urgent"));
        let holder = world.task(seen).await.unwrap().worker.unwrap().to_string();
        until(world, "2026-11-22T08:14:00Z").await;
        command(world, seen, &holder, "/ack").await;
        until(world, "2026-11-22T08:14:50Z").await;
        assert_eq!(alarms(world), NONE);
        until(world, "2026-11-22T08:15:10Z").await;
        assert_eq!(alarms(world), [format!("URGENT octo/station#{lying}: not acknowledged")]);
        let message = &alarms_on(world, TOPIC)[0];
        assert_eq!(message.priority, Some(5), "though its priority is low");
        assert!(message.message.contains("to be acknowledged by 2026-11-22 03:15 EST"), "{}", message.message);
        assert!(has(world, lying, "sla-breached") && !has(world, seen, "sla-breached"));
        until(world, "2026-11-22T11:00:00Z").await;
        world.engine.tick().await.unwrap();
        world.settle().await;
        assert_eq!(alarms(world).len(), 1, "it is told once");
    }

    async fn a_command_makes_urgent_what_was_acknowledged_before(world: &World) {
        staff(world, "").await;
        until(world, "2026-11-21T15:00:00Z").await;
        let issue = world.open_issue("Paint the bridge").await;
        command(world, issue, "ada", "/ack").await;
        until(world, "2026-11-21T16:00:00Z").await;
        command(world, issue, "bob", "/urgent").await;
        assert!(has(world, issue, "urgent"));
        until(world, "2026-11-21T16:14:50Z").await;
        assert_eq!(alarms(world), NONE);
        until(world, "2026-11-21T16:15:10Z").await;
        assert_eq!(alarms(world), [format!("URGENT octo/station#{issue}: not acknowledged")]);
        command(world, issue, "ada", "/ack").await;
        until(world, "2026-11-21T18:00:00Z").await;
        assert_eq!(alarms(world).len(), 1);
    }

    async fn another_title_takes_back_what_a_title_said_and_not_what_a_command_said(world: &World) {
        staff(world, "").await;
        until(world, "2026-11-21T15:00:00Z").await;
        let by_title = world.open_issue("URGENT: Paint the bridge").await;
        let by_both = world.open_issue("URGENT: Paint the gate").await;
        let by_command = world.open_issue("Paint the tower").await;
        command(world, by_both, "alice", "/urgent").await;
        command(world, by_command, "alice", "/urgent").await;
        retitle(world, by_command, "URGENT: Paint the tower").await;
        until(world, "2026-11-21T15:05:00Z").await;
        retitle(world, by_title, "Paint the bridge").await;
        retitle(world, by_both, "Paint the gate").await;
        retitle(world, by_command, "Paint the tower").await;
        let urgent: Vec<bool> = [by_title, by_both, by_command].map(|issue| has(world, issue, "urgent")).to_vec();
        assert_eq!(urgent, [false, true, true]);
        until(world, "2026-11-21T15:20:00Z").await;
        let mut told = alarms(world);
        told.sort();
        let expected = [by_both, by_command].map(|issue| format!("URGENT octo/station#{issue}: not acknowledged"));
        assert_eq!(told, expected);
    }

    async fn a_title_that_becomes_urgent_begins_the_clock(world: &World) {
        staff(world, "").await;
        until(world, "2026-11-22T08:00:00Z").await;
        let issue = world.open_issue("Paint the bridge").await;
        until(world, "2026-11-22T09:00:00Z").await;
        retitle(world, issue, "URGENT: Paint the bridge").await;
        until(world, "2026-11-22T09:14:50Z").await;
        assert_eq!(alarms(world), NONE);
        until(world, "2026-11-22T09:15:10Z").await;
        assert_eq!(alarms(world).len(), 1);
    }

    async fn what_is_urgent_and_put_off_begins_its_time_when_it_comes_back(world: &World) {
        staff(world, "").await;
        until(world, "2026-11-21T15:00:00Z").await;
        let issue = world.open_issue("URGENT: Paint the bridge").await;
        command(world, issue, "alice", "/defer 1h").await;
        until(world, "2026-11-21T15:59:00Z").await;
        assert_eq!(alarms(world), NONE);
        until(world, "2026-11-21T16:00:10Z").await;
        assert!(has(world, issue, "status/assigned"), "{:?}", world.issue(issue).labels);
        until(world, "2026-11-21T16:14:50Z").await;
        assert_eq!(alarms(world), NONE);
        until(world, "2026-11-21T16:15:20Z").await;
        assert_eq!(alarms(world).len(), 1);
    }
}
