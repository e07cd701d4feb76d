//! Alerts on workers: one for each cause.

use stationmaster::decide::watchdog::{Alert, Watched, alerts, begun_downtimes, ended_downtimes};
use stationmaster::model::{Downtime, RegisteredWorker, SaidStatus, TaskEnd, TaskState, Timestamp, WorkerId};
use stationmaster::policy::ClockSettings;

use super::scene::{HOUR_MS, MINUTE_MS, Scene, at};
use super::stats::end;

const NOON: &str = "2026-01-14T12:00:00-05:00";

fn registered(heartbeat: Option<Timestamp>, said: SaidStatus) -> RegisteredWorker {
    let worker = Scene::new().policy.workers()[0].clone();
    let registered = at(NOON).plus_ms(-HOUR_MS);
    RegisteredWorker { worker, said, heartbeat, registered, updated: registered, by: "operator".to_owned() }
}

fn seen(workers: &[RegisteredWorker], ends: &[TaskEnd], complete: bool, now: Timestamp) -> Vec<Alert> {
    alerts(&Watched { workers, ends, complete, settings: &ClockSettings::default(), now })
}

fn titles(alerts: &[Alert]) -> Vec<&str> {
    alerts.iter().map(|alert| alert.title.as_str()).collect()
}

#[test]
fn a_lost_heartbeat_is_told_under_one_key_until_another_one_is_lost() {
    let noon = at(NOON);
    let worker = [registered(Some(noon), SaidStatus::Active)];
    assert!(seen(&worker, &[], true, noon.plus_ms(5 * MINUTE_MS)).is_empty());
    let lost = seen(&worker, &[], true, noon.plus_ms(6 * MINUTE_MS));
    assert_eq!(titles(&lost), ["The heartbeat of ada is lost"]);
    assert_eq!(
        lost[0].text,
        "`ada` (development) was last heard at 2026-01-14 12:00 EST; heartbeats are due every 5 min."
    );
    assert_eq!(seen(&worker, &[], true, noon.plus_ms(HOUR_MS)), lost);

    let again = [registered(Some(noon.plus_ms(2 * HOUR_MS)), SaidStatus::Idle)];
    let again = seen(&again, &[], true, noon.plus_ms(3 * HOUR_MS));
    assert_ne!(again[0].key, lost[0].key);
}

#[test]
fn people_and_workers_who_said_good_bye_have_no_heartbeat_to_lose() {
    let noon = at(NOON);
    let gone = [registered(Some(noon), SaidStatus::Offline), registered(None, SaidStatus::Active)];
    assert!(seen(&gone, &[], true, noon.plus_ms(HOUR_MS)).is_empty());
    let forgotten = [registered(Some(noon), SaidStatus::Active)];
    assert!(seen(&forgotten, &[], true, noon.plus_ms(30 * 24 * HOUR_MS)).is_empty());
}

#[test]
fn a_downtime_lasts_from_the_last_heartbeat_until_the_next_sign() {
    let noon = at(NOON);
    let worker = [registered(Some(noon), SaidStatus::Active)];
    let settings = ClockSettings::default();
    let watched =
        Watched { workers: &worker, ends: &[], complete: true, settings: &settings, now: noon.plus_ms(HOUR_MS) };
    let open = begun_downtimes(&watched);
    let (worker_id, cause) = (WorkerId::new("ada"), "heartbeat lost".to_owned());
    assert_eq!(open, [Downtime { worker: worker_id, from: noon, until: None, cause }]);
    assert!(ended_downtimes(&open, &worker, &[]).is_empty());

    let back = noon.plus_ms(2 * HOUR_MS);
    let ended = ended_downtimes(&open, &[registered(Some(back), SaidStatus::Active)], &[]);
    assert_eq!(ended[0].until, Some(back));
    // People send no heartbeats: they are back once they answer.
    let mut scene = Scene::new();
    scene.look(noon.plus_ms(-HOUR_MS));
    scene.acknowledge(noon.plus_ms(3 * HOUR_MS));
    let ended = ended_downtimes(&open, &worker, &[scene.task().clone()]);
    assert_eq!(ended[0].until, Some(noon.plus_ms(3 * HOUR_MS)));
}

/// Newest first: `d`one or `f`ailed, a minute apart, the last one at minute 1,000.
fn ends(worker: &str, course: &str) -> Vec<TaskEnd> {
    let state = |letter| if letter == 'f' { TaskState::Failed } else { TaskState::Done };
    (course.chars().rev().zip(0..)).map(|(letter, ago)| end(worker, state(letter), 1000 - ago, 5)).collect()
}

#[test]
fn too_many_failures_are_told_once_for_as_long_as_they_are_too_many() {
    let now = Timestamp(1001 * MINUTE_MS);
    let told = |course: &str| seen(&[], &ends("ada", course), true, now);
    assert!(told("ffffff").is_empty(), "six tasks are not ten");
    assert!(told("dddddfffff").is_empty(), "half is allowed");
    let first = told("ddddffffff");
    assert_eq!(titles(&first), ["ada fails too often"]);
    assert_eq!(first[0].text, "`ada` gave up 6 of its last 10 tasks; 50 % are allowed.");
    // One task later the same cause is one minute older.
    let mut later = ends("ada", "ddddfffffff");
    for end in &mut later {
        end.ended = end.ended.plus_ms(MINUTE_MS);
        end.number.0 += 1;
    }
    let later = seen(&[], &later, true, now.plus_ms(MINUTE_MS));
    assert_eq!(later[0].key, first[0].key);
    assert!(later[0].text.contains("7 of its last 10"));

    assert!(told("ffffffffffddddddd").is_empty(), "better again");
    let relapse = told("ffffffffffdddddddddddfffffff");
    assert_eq!(relapse.len(), 1);
    assert_ne!(relapse[0].key, first[0].key);
}

#[test]
fn what_began_before_the_list_does_was_told_before() {
    let now = Timestamp(1001 * MINUTE_MS);
    assert!(seen(&[], &ends("ada", "ffffffffff"), false, now).is_empty());
    assert_eq!(seen(&[], &ends("ada", "ddddddddddffffff"), false, now).len(), 1);
}

#[test]
fn the_same_error_from_whomever_is_told_once_and_numbers_do_not_make_it_another() {
    let now = Timestamp(1010 * MINUTE_MS);
    let errors = [
        "Timeout after 30 s at 10.0.0.7:5432 (deadbeef01)",
        "timeout after  31 s at 10.0.0.8:5432 (cafe012345)",
        "Timeout after 30 s at 10.0.12.7:5432 (deadbeef01)",
        "Timeout after 5 s at 10.0.0.7:5433 (0123456789)",
        "Timeout after 30 s at 10.0.0.7:5432 (deadbeef01)",
    ];
    let failed = |(error, ago): (&str, i64), worker| TaskEnd {
        error: Some(error.to_owned()),
        ..end(worker, TaskState::Failed, 1000 - ago, 1)
    };
    let mut list: Vec<TaskEnd> = errors.iter().zip(0..).map(|(error, ago)| failed((error, ago), "ada")).collect();
    assert!(titles(&seen(&[], &list[..4], true, now)).is_empty());
    let told = seen(&[], &list, true, now);
    assert_eq!(titles(&told), ["The same error 5 times"]);
    assert!(told[0].text.ends_with("at last with: Timeout after 30 s at 10.0.0.7:5432 (deadbeef01)"));

    list.insert(0, failed((errors[1], -1), "bob"));
    let more = seen(&[], &list, true, now);
    assert_eq!((more[0].key.as_str(), more[0].title.as_str()), (told[0].key.as_str(), "The same error 6 times"));
    list.insert(0, failed(("disk full", -2), "bob"));
    assert_eq!(seen(&[], &list, true, now).len(), 1, "another error alone is none");
    assert!(seen(&[], &list, true, now.plus_ms(25 * HOUR_MS)).is_empty(), "it is no news any more");
}
