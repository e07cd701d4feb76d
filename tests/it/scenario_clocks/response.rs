//! Nobody answers: working time of people and agents, nights, daylight saving, and another priority in between.

use super::{MINUTE_MS, alarms, alarms_on, command, has, staff, until};
use crate::world::{On, TOPIC, World, scenarios};

const NONE: [&str; 0] = [];

/// Two tasks are opened at 20:30 in New York, one is acknowledged at 09:29 the next day and the other never.
async fn over_the_night(world: &World, [opened, answered, before, after]: [&str; 4], due: &str) {
    staff(world, "").await;
    until(world, opened).await;
    let lying = world.open_issue("Deploy v2").await;
    let answered_to = world.open_issue("Deploy v3").await;
    let holder = world.task(answered_to).await.unwrap().worker.unwrap().to_string();
    until(world, answered).await;
    assert_eq!(alarms(world), NONE);
    command(world, answered_to, &holder, "/ack").await;
    until(world, before).await;
    assert_eq!(alarms(world), NONE, "half an hour of the day is not over");
    assert!(!has(world, lying, "sla-breached"));
    until(world, after).await;
    let messages = alarms_on(world, TOPIC);
    assert_eq!(alarms(world), [format!("octo/station#{lying}: nobody answered in time")]);
    assert_eq!(messages[0].priority, Some(5));
    assert!(messages[0].message.contains(&format!("was to be answered by {due}")), "{}", messages[0].message);
    assert!(has(world, lying, "sla-breached") && !has(world, answered_to, "sla-breached"));
    assert!(
        world.card(lying).contains(&format!("nobody has answered, which was due at {due}")),
        "{}",
        world.card(lying)
    );
    for _ in 0..20 {
        world.pass_ms(15 * MINUTE_MS).await;
        world.engine.tick().await.unwrap();
    }
    let breaches = alarms(world).into_iter().filter(|title| title.contains("nobody answered in time"));
    assert_eq!(breaches.count(), 1, "{:?}", alarms(world));
    assert!(has(world, lying, "sla-breached") && !has(world, answered_to, "sla-breached"));
}

scenarios! {
    async fn a_high_task_of_the_evening_is_breached_half_an_hour_into_the_next_day(world: &World) {
        let times =
            ["2026-11-22T01:30:00Z", "2026-11-22T14:29:00Z", "2026-11-22T14:29:50Z", "2026-11-22T14:30:10Z"];
        over_the_night(world, times, "2026-11-22 09:30 EST").await;
    }

    async fn a_night_that_loses_an_hour_to_summer_time_breaches_at_half_past_nine(world: &World) {
        let times =
            ["2027-03-14T01:30:00Z", "2027-03-14T13:29:00Z", "2027-03-14T13:29:50Z", "2027-03-14T13:30:10Z"];
        over_the_night(world, times, "2027-03-14 09:30 EDT").await;
    }

    async fn a_night_that_gains_an_hour_at_the_end_of_summer_time_breaches_at_half_past_nine(world: &World) {
        let times =
            ["2027-11-07T00:30:00Z", "2027-11-07T14:29:00Z", "2027-11-07T14:29:50Z", "2027-11-07T14:30:10Z"];
        over_the_night(world, times, "2027-11-07 09:30 EST").await;
    }

    async fn agents_are_counted_around_the_clock_and_people_by_their_day(world: &World) {
        staff(world, "").await;
        until(world, "2026-11-22T01:30:00Z").await;
        let fix = world.open_issue("Fix the parser").await;
        let refactor = world.open_issue("Refactor the parser").await;
        let paint = world.open_issue("Paint the bridge").await;
        until(world, "2026-11-22T05:29:50Z").await;
        assert_eq!(alarms(world), NONE);
        until(world, "2026-11-22T05:30:10Z").await;
        let mut expected = vec![format!("octo/station#{fix}: nobody answered in time")];
        assert_eq!(alarms(world), expected, "a medium task is four hours");
        assert_eq!(alarms_on(world, TOPIC)[0].priority, Some(3));
        command(world, fix, "alice", "/ack").await;
        until(world, "2026-11-23T01:29:50Z").await;
        assert_eq!(alarms(world), expected);
        until(world, "2026-11-23T01:30:10Z").await;
        expected.push(format!("octo/station#{refactor}: nobody answered in time"));
        assert_eq!(alarms(world), expected, "a low task is 24 hours");
        assert_eq!(alarms_on(world, TOPIC)[1].priority, Some(2));
        command(world, refactor, "alice", "/ack").await;
        // Half an hour, twelve hours, and eleven and a half, of days from nine to nine.
        until(world, "2026-11-24T01:29:50Z").await;
        assert_eq!(alarms(world), expected);
        until(world, "2026-11-24T01:30:10Z").await;
        expected.push(format!("octo/station#{paint}: nobody answered in time"));
        assert_eq!(alarms(world), expected, "24 hours of somebody's days");
    }

    async fn another_priority_counts_from_when_the_clock_began(world: &World) {
        staff(world, "").await;
        until(world, "2026-11-22T01:30:00Z").await;
        let sooner = world.open_issue("Fix the parser").await;
        let later = world.open_issue("Fix the printer").await;
        until(world, "2026-11-22T03:00:00Z").await;
        assert_eq!(alarms(world), NONE);
        command(world, sooner, "alice", "/priority high").await;
        assert_eq!(alarms(world), [format!("octo/station#{sooner}: nobody answered in time")], "an hour is over");
        assert!(has(world, sooner, "sla-breached"));
        command(world, sooner, "alice", "/ack").await;
        command(world, later, "alice", "/priority low").await;
        until(world, "2026-11-23T01:29:50Z").await;
        assert_eq!(alarms(world).len(), 1, "the four hours of before count no more");
        until(world, "2026-11-23T01:30:10Z").await;
        assert_eq!(alarms(world)[1], format!("octo/station#{later}: nobody answered in time"));
    }

    async fn another_policy_counts_for_clocks_that_run(world: &World) {
        staff(world, "").await;
        let issue = world.open_issue("Fix the parser").await;
        world.pass_ms(30 * MINUTE_MS).await;
        staff_again(world, "[clocks]\nresponse = { medium = \"20m\" }\n").await;
        assert_eq!(alarms(world), [format!("octo/station#{issue}: nobody answered in time")]);
    }

    async fn work_that_begins_in_time_is_an_answer(world: &World) {
        staff(world, "").await;
        until(world, "2026-11-21T15:00:00Z").await;
        let issue = world.open_issue("Deploy v2").await;
        until(world, "2026-11-21T15:59:00Z").await;
        command(world, issue, "ada", "/claim").await;
        until(world, "2026-11-21T16:59:00Z").await;
        assert_eq!(alarms(world), NONE);
        assert!(!has(world, issue, "sla-breached"));
    }
}

async fn staff_again(world: &World, clocks: &str) {
    std::fs::write(world.rules().join("workers.toml"), format!("{clocks}\n{}", super::WORKERS)).unwrap();
    world.engine.tick().await.unwrap();
    world.settle().await;
}
