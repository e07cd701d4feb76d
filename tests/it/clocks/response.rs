//! Answering in time: by priority in working time, and within minutes where it is urgent.

use stationmaster::model::{LabelName, Level, TaskState, Urgency5};

use super::scene::{HOUR_MS, MINUTE_MS, Scene, alarms, at, timers, told, waits_for};

const OPENED: &str = "2026-01-14T20:30:00-05:00";

#[test]
fn a_high_task_of_half_past_eight_in_the_evening_breaches_at_half_past_nine_with_one_message() {
    let mut scene = Scene::new();
    let first = scene.look(at(OPENED));
    assert_eq!(scene.holder().as_deref(), Some("ada"));
    assert_eq!(timers(&first), [("response".to_owned(), "2026-01-15T14:30:00Z".to_owned())].into());
    assert_eq!(first.look_again, Some(at("2026-01-15T14:30:00Z")));

    let early = scene.look(at("2026-01-15T09:29:59-05:00"));
    assert!(alarms(&early).is_empty() && !scene.has_label("sla-breached"));

    let breach = scene.look(at("2026-01-15T09:30:00-05:00"));
    assert_eq!(alarms(&breach), ["acme/rust#12: nobody answered in time"]);
    let (_, message) = &told(&breach)[0];
    assert_eq!(message.priority, Urgency5::Max);
    assert_eq!(
        message.text,
        "“Fix the login” is high and was to be answered by 2026-01-15 09:30 EST; `ada` has it. `/ack` or `/claim` is \
         an answer."
    );
    assert!(scene.has_label("sla-breached"));
    assert_eq!(scene.history(), ["the clock: found that nobody answered within 1 h of working time"]);
    let why = "nobody has answered, which was due at 2026-01-15 09:30 EST".to_owned();
    assert!(breach.explanation.reasons.contains(&why), "{:?}", breach.explanation);
    assert_eq!(breach.changes.deeds.len(), 1);

    let later = scene.look(at("2026-01-15T09:31:00-05:00"));
    assert!(alarms(&later).is_empty() && later.changes.deeds.is_empty(), "one breach is told once");
    assert!(later.explanation.reasons.contains(&why));
}

#[test]
fn the_same_holds_where_the_clock_is_put_forward_or_back_in_the_night() {
    for (opened, due) in [
        ("2026-03-07T20:30:00-05:00", "2026-03-08T09:30:00-04:00"),
        ("2026-10-31T20:30:00-04:00", "2026-11-01T09:30:00-05:00"),
    ] {
        let mut scene = Scene::new();
        scene.look(at(opened));
        assert!(alarms(&scene.look(at(due).plus_ms(-1))).is_empty());
        assert_eq!(alarms(&scene.look(at(due))).len(), 1, "{opened}");
    }
}

#[test]
fn an_acknowledgement_a_minute_before_prevents_the_breach() {
    let mut scene = Scene::new();
    scene.look(at(OPENED));
    scene.acknowledge(at("2026-01-15T09:29:00-05:00"));
    let decision = scene.look(at("2026-01-15T12:00:00-05:00"));
    assert!(alarms(&decision).is_empty() && timers(&decision).is_empty());
    assert!(!scene.has_label("sla-breached"));
}

#[test]
fn work_that_has_begun_is_an_answer() {
    let mut scene = Scene::new();
    scene.look(at(OPENED));
    scene.task().state = TaskState::InProgress;
    scene.look(at("2026-01-15T09:00:00-05:00"));
    assert_eq!(scene.response().stopped, Some(at("2026-01-15T09:00:00-05:00")));
    assert!(alarms(&scene.look(at("2026-01-15T09:45:00-05:00"))).is_empty());
}

#[test]
fn another_priority_moves_the_time_and_a_new_holder_begins_anew() {
    let mut scene = Scene::new();
    scene.look(at(OPENED));
    scene.snapshot.issue.labels.retain(|label| !label.as_str().starts_with("priority/"));
    scene.snapshot.issue.labels.push(LabelName::new("priority/medium"));
    let moved = scene.look(at("2026-01-14T20:31:00-05:00"));
    assert_eq!(scene.task().priority, Level::Medium);
    assert_eq!(timers(&moved)["response"], "2026-01-15T17:30:00Z", "4 h from half past eight");

    scene.snapshot.issue.labels.push(LabelName::new("worker/bob"));
    let given = scene.look(at("2026-01-15T10:00:00-05:00"));
    assert_eq!(scene.holder().as_deref(), Some("bob"));
    assert_eq!(timers(&given)["response"], "2026-01-15T19:00:00Z");
    assert_eq!(scene.response().began, at("2026-01-15T10:00:00-05:00"));
}

#[test]
fn a_breach_is_taken_off_by_a_new_holder_who_gets_a_time_and_a_message_of_their_own() {
    let mut scene = Scene::new();
    scene.look(at(OPENED));
    let first = scene.look(at("2026-01-15T09:30:00-05:00"));
    scene.snapshot.issue.labels.push(LabelName::new("worker/bob"));
    scene.look(at("2026-01-15T10:00:00-05:00"));
    assert!(!scene.has_label("sla-breached"));
    let second = scene.look(at("2026-01-15T11:00:00-05:00"));
    assert_eq!(alarms(&second).len(), 1);
    assert_ne!(told(&first)[0].0, told(&second)[0].0);
}

#[test]
fn a_task_that_nobody_has_waits_by_the_teams_day_and_one_that_waits_for_another_by_none() {
    let mut scene = Scene::with("[clocks]\nzone = \"Europe/Berlin\"\n[assignment]\nstrategy = \"manual\"");
    scene.snapshot.dependencies = vec![waits_for(3, false)];
    let waiting = scene.look(at("2026-01-14T20:30:00+01:00"));
    assert_eq!(scene.holder(), None);
    assert!(timers(&waiting).is_empty(), "nobody could begin");
    scene.snapshot.dependencies = vec![waits_for(3, true)];
    let ready = scene.look(at("2026-01-15T20:30:00+01:00"));
    assert_eq!(timers(&ready)["response"], "2026-01-16T08:30:00Z");
    let breach = scene.look(at("2026-01-16T09:30:00+01:00"));
    assert!(told(&breach)[0].1.text.contains("nobody has it"), "{:?}", told(&breach));
}

#[test]
fn what_is_called_urgent_in_its_title_is_acknowledged_within_fifteen_minutes_of_the_wall_clock() {
    let mut scene = Scene::new();
    scene.snapshot.issue.title = "URGENT: fix the login".to_owned();
    let night = at("2026-01-14T23:00:00-05:00");
    let first = scene.look(night);
    assert!(scene.has_label("urgent") && scene.task().work.urgent);
    assert_eq!(timers(&first)["urgent"], "2026-01-15T04:15:00Z");
    let breach = scene.look(night.plus_ms(15 * MINUTE_MS));
    assert_eq!(alarms(&breach), ["URGENT acme/rust#12: not acknowledged"]);
    assert_eq!(told(&breach)[0].1.priority, Urgency5::Max);
    assert!(scene.has_label("sla-breached"));
    assert!(alarms(&scene.look(night.plus_ms(20 * MINUTE_MS))).is_empty());

    scene.snapshot.issue.title = "Fix the login".to_owned();
    scene.look(night.plus_ms(30 * MINUTE_MS));
    assert!(!scene.has_label("urgent") && !scene.has_label("sla-breached"));
}

#[test]
fn what_a_person_called_urgent_stays_so_whatever_its_title() {
    let mut scene = Scene::new();
    let noon = at("2026-01-14T12:00:00-05:00");
    scene.look(noon);
    scene.task().work.urgent = true;
    let looked = scene.look(noon.plus_ms(MINUTE_MS));
    assert_eq!(timers(&looked)["urgent"], "2026-01-14T17:16:00Z");
    scene.snapshot.issue.title = "Urgent: fix the login".to_owned();
    scene.look(noon.plus_ms(2 * MINUTE_MS));
    scene.snapshot.issue.title = "Fix the login".to_owned();
    scene.acknowledge(noon.plus_ms(3 * MINUTE_MS));
    let decision = scene.look(noon.plus_ms(2 * HOUR_MS));
    assert!(scene.task().work.urgent && alarms(&decision).is_empty());
}

#[test]
fn the_chain_is_told_step_by_step_and_once_each_until_somebody_answers() {
    let chain = "[[clocks.escalation]]\nafter = \"2h\"\ntopic = \"boss\"\n[[clocks.escalation]]\nafter = \"30m\"\ntopic = \"lead\"\n";
    let mut scene = Scene::with(chain);
    scene.look(at(OPENED));
    let breached = at("2026-01-15T09:30:00-05:00");
    let breach = scene.look(breached);
    assert_eq!(timers(&breach)["escalation"], "2026-01-15T15:00:00Z");
    assert!(!scene.has_label("escalated"));

    let topics = |decision| told(decision).into_iter().map(|(_, message)| message.topic.unwrap()).collect::<Vec<_>>();
    let lead = scene.look(breached.plus_ms(30 * MINUTE_MS));
    assert_eq!(topics(&lead), ["lead"]);
    assert!(scene.has_label("escalated"));
    assert!(told(&scene.look(breached.plus_ms(31 * MINUTE_MS))).is_empty());
    let boss = scene.look(breached.plus_ms(2 * HOUR_MS));
    assert_eq!(topics(&boss), ["boss"]);
    assert!(told(&boss)[0].1.text.contains("nothing was done since people were first told at 2026-01-15 09:30 EST"));

    scene.acknowledge(breached.plus_ms(3 * HOUR_MS));
    let answered = scene.look(breached.plus_ms(3 * HOUR_MS));
    assert!(!scene.has_label("escalated") && timers(&answered).is_empty());
}
