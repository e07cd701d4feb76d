//! Stuck work, and holders who are not there.

use stationmaster::model::{Presence, TaskState, Urgency5, WorkerId};

use super::scene::{HOUR_MS, MINUTE_MS, Scene, alarms, at, timers, told};

const NOON: &str = "2026-01-14T12:00:00-05:00";

#[test]
fn work_without_progress_for_two_hours_is_stuck_once_for_each_silence() {
    let mut scene = Scene::new();
    let noon = at(NOON);
    scene.look(noon);
    scene.claim(noon, None);
    let going = scene.look(noon.plus_ms(MINUTE_MS));
    assert_eq!(timers(&going), [("stuck".to_owned(), "2026-01-14T19:00:00Z".to_owned())].into());

    let stuck = scene.look(noon.plus_ms(2 * HOUR_MS));
    assert_eq!(alarms(&stuck), ["acme/rust#12 is stuck"]);
    assert!(scene.has_label("stuck"));
    let why = "nobody has heard of it since 2026-01-14 12:00 EST".to_owned();
    assert!(stuck.explanation.reasons.contains(&why));
    assert!(alarms(&scene.look(noon.plus_ms(3 * HOUR_MS))).is_empty());

    scene.task().work.clocks.progressed = Some(noon.plus_ms(3 * HOUR_MS));
    let told_of = scene.look(noon.plus_ms(3 * HOUR_MS));
    assert!(!scene.has_label("stuck"));
    assert_eq!(timers(&told_of)["stuck"], "2026-01-14T22:00:00Z");
    let again = scene.look(noon.plus_ms(5 * HOUR_MS));
    assert_eq!(alarms(&again).len(), 1);
    assert_ne!(told(&again)[0].0, told(&stuck)[0].0);
}

#[test]
fn what_is_blocked_is_not_stuck() {
    let mut scene = Scene::new();
    let noon = at(NOON);
    scene.look(noon);
    scene.claim(noon, None);
    scene.look(noon.plus_ms(2 * HOUR_MS));
    scene.task().state = TaskState::Blocked;
    assert!(timers(&scene.look(noon.plus_ms(4 * HOUR_MS))).is_empty());
    assert!(!scene.has_label("stuck"));
}

#[test]
fn a_holder_who_is_silent_for_six_hours_past_the_time_loses_the_task_to_somebody_else() {
    let mut scene = Scene::new();
    let noon = at(NOON);
    scene.look(noon);
    let fence = scene.task().fence;
    let breach = scene.look(noon.plus_ms(HOUR_MS));
    assert_eq!(timers(&breach)["offline"], "2026-01-15T00:00:00Z");
    assert!(alarms(&scene.look(noon.plus_ms(7 * HOUR_MS - 1))).is_empty());

    let offline = scene.look(noon.plus_ms(7 * HOUR_MS));
    assert_eq!(alarms(&offline), ["BLOCKED - Worker Offline: acme/rust#12"]);
    let (_, message) = &told(&offline)[0];
    assert_eq!(message.priority, Urgency5::High);
    assert_eq!(
        message.text,
        "`ada` has been silent since 2026-01-14 13:00 EST and has “Fix the login”; somebody else is given it."
    );
    assert_eq!(offline.changes.downtime, Some((WorkerId::new("ada"), noon.plus_ms(HOUR_MS))));
    assert_eq!(scene.holder().as_deref(), Some("bob"));
    assert!(scene.task().fence > fence, "whatever ada still sends changes nothing");
    assert_eq!(scene.task().state, TaskState::Assigned);
    assert!(!scene.has_label("sla-breached"), "bob has a time of his own");
    let why = offline.explanation.blockers.iter().map(ToString::to_string).collect::<Vec<_>>();
    assert!(why.contains(&"`ada` is offline".to_owned()), "{why:?}");
    let told_twice = scene.look(noon.plus_ms(7 * HOUR_MS + 1));
    assert!(alarms(&told_twice).is_empty() && told_twice.changes.downtime.is_none());
}

#[test]
fn whoever_was_silent_is_not_chosen_again_also_after_a_restart() {
    let mut scene = Scene::new();
    scene.snapshot.workers.retain(|load| load.worker.id.as_str() == "ada");
    let noon = at(NOON);
    scene.look(noon);
    scene.look(noon.plus_ms(HOUR_MS));
    scene.look(noon.plus_ms(7 * HOUR_MS));
    assert_eq!((scene.holder(), scene.task().state), (None, TaskState::Ready));
    scene.look(noon.plus_ms(8 * HOUR_MS));
    assert_eq!(scene.holder(), None);
    // Whoever takes it again has answered, and is forgiven.
    scene.task().worker = Some(WorkerId::new("ada"));
    scene.claim(noon.plus_ms(9 * HOUR_MS), None);
    scene.look(noon.plus_ms(9 * HOUR_MS));
    assert!(scene.task().work.silent.is_empty());
}

#[test]
fn the_policy_may_put_the_task_off_instead() {
    let mut scene = Scene::with("[clocks]\noffline_policy = \"defer\"");
    let noon = at(NOON);
    scene.look(noon);
    scene.look(noon.plus_ms(HOUR_MS));
    let offline = scene.look(noon.plus_ms(7 * HOUR_MS));
    assert!(told(&offline)[0].1.text.ends_with("; it is put off."));
    assert_eq!((scene.holder(), scene.task().state), (None, TaskState::Deferred));
    assert!(timers(&offline).is_empty() && offline.changes.downtime.is_some());
}

#[test]
fn a_worker_with_a_lease_that_goes_offline_loses_what_it_has_in_progress() {
    let mut scene = Scene::new();
    let noon = at(NOON);
    scene.look(noon);
    scene.claim(noon, Some(noon.plus_ms(24 * HOUR_MS)));
    scene.presence("ada", Presence::Stale);
    assert!(alarms(&scene.look(noon.plus_ms(MINUTE_MS))).is_empty());
    scene.presence("ada", Presence::Offline);
    let offline = scene.look(noon.plus_ms(2 * MINUTE_MS));
    assert_eq!(alarms(&offline), ["BLOCKED - Worker Offline: acme/rust#12"]);
    assert_eq!(scene.holder().as_deref(), Some("bob"));
    assert!(scene.task().lease.is_none());
}
