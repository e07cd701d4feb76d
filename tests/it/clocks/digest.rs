//! Digests: when they are due, and what they say.

use stationmaster::decide::digest::{DigestKind, TeamSeen, TeamTask, newest, request, text};
use stationmaster::model::{Item, Level, Number, RepositoryName, TaskEnd, TaskState, Timestamp, WorkerId};
use stationmaster::policy::ClockSettings;

use super::scene::{HOUR_MS, Scene, at};
use super::stats::end;

fn due(kind: DigestKind, now: &str) -> (String, String, bool) {
    let digest = newest(kind, &ClockSettings::default(), at(now)).unwrap();
    (digest.key(), digest.due.to_rfc3339(), digest.is_news(at(now)))
}

#[test]
fn the_newest_digest_is_the_last_one_whose_time_has_come_in_the_teams_zone() {
    let plan = |now| due(DigestKind::Plan, now);
    let answer = |key: &str, due: &str, news| (key.to_owned(), due.to_owned(), news);
    assert_eq!(plan("2026-01-14T08:00:00-05:00"), answer("digest/plan/2026-01-14", "2026-01-14T13:00:00Z", true));
    assert_eq!(plan("2026-01-14T12:00:00-05:00"), answer("digest/plan/2026-01-14", "2026-01-14T13:00:00Z", true));
    assert_eq!(plan("2026-01-14T12:00:01-05:00"), answer("digest/plan/2026-01-14", "2026-01-14T13:00:00Z", false));
    assert_eq!(plan("2026-01-14T07:59:59-05:00"), answer("digest/plan/2026-01-13", "2026-01-13T13:00:00Z", false));
    // The day after the clock was put forward, and after it was put back, it is eight o'clock all the same.
    assert_eq!(plan("2026-03-08T08:00:00-04:00").1, "2026-03-08T12:00:00Z");
    assert_eq!(plan("2026-11-01T08:00:00-05:00").1, "2026-11-01T13:00:00Z");
    assert_eq!(due(DigestKind::Review, "2026-01-14T18:30:00-05:00").0, "digest/review/2026-01-14");
    assert_eq!(due(DigestKind::Status, "2026-01-14T12:30:00-05:00").0, "digest/status/2026-01-14");
}

#[test]
fn a_digest_that_is_switched_off_is_never_due() {
    let mut settings = ClockSettings::default();
    settings.digests.status = None;
    assert_eq!(newest(DigestKind::Status, &settings, at("2026-01-14T12:30:00-05:00")), None);
}

fn task(number: i64, worker: Option<&str>, state: TaskState, priority: Level) -> TeamTask {
    let mut scene = Scene::new();
    scene.look(at("2026-01-14T10:00:00-05:00"));
    let mut task = scene.task().clone();
    task.number = Number(number);
    task.worker = worker.map(WorkerId::new);
    task.state = state;
    task.priority = priority;
    let item = Item { repository: RepositoryName::new("acme", "rust"), number: Number(number) };
    TeamTask { item, title: format!("Task {number}"), task }
}

fn words(kind: DigestKind, open: &[TeamTask], ends: &[TaskEnd]) -> Option<(String, String)> {
    let settings = ClockSettings::default();
    let digest = newest(kind, &settings, at("2026-01-14T19:00:00-05:00")).unwrap();
    text(&digest, &TeamSeen { open, ends, settings: &settings })
}

#[test]
fn the_plan_lists_what_is_open_by_worker_and_priority_with_what_is_due() {
    let mut urgent = task(4, Some("ada"), TaskState::Assigned, Level::Low);
    urgent.task.work.urgent = true;
    let mut begun = task(3, Some("ada"), TaskState::InProgress, Level::Medium);
    begun.task.work.clocks.response.as_mut().unwrap().stopped = Some(Timestamp(1));
    let open = [
        task(1, None, TaskState::Ready, Level::High),
        begun,
        task(2, Some("ada"), TaskState::Assigned, Level::High),
        urgent,
    ];
    let (title, text) = words(DigestKind::Plan, &open, &[]).unwrap();
    assert_eq!(title, "Plan for 2026-01-14: 4 tasks open");
    insta::assert_snapshot!(text, @r"
    ada:
    - urgent, low: acme/rust#4 “Task 4”, assigned, due 2026-01-14 11:00 EST
    - high: acme/rust#2 “Task 2”, assigned, due 2026-01-14 11:00 EST
    - medium: acme/rust#3 “Task 3”, in-progress
    nobody:
    - high: acme/rust#1 “Task 1”, ready, due 2026-01-14 11:00 EST
    ");
    assert_eq!(words(DigestKind::Plan, &[], &[]), None);
}

#[test]
fn the_status_request_asks_those_who_have_something_under_way() {
    let mut begun = task(3, Some("ada"), TaskState::InProgress, Level::Medium);
    begun.task.work.percent = Some(40);
    begun.task.work.clocks.progressed = Some(at("2026-01-14T11:20:00-05:00"));
    let open = [
        begun,
        task(2, Some("bob"), TaskState::Assigned, Level::High),
        task(5, Some("bob"), TaskState::Review, Level::Low),
    ];
    let (title, text) = words(DigestKind::Status, &open, &[]).unwrap();
    assert_eq!(title, "Status of 2026-01-14: 2 tasks under way");
    insta::assert_snapshot!(text, @r"
    How far are you? `/progress N% words` on the issue answers.
    ada:
    - acme/rust#3 “Task 3”: 40 %, last heard of at 2026-01-14 11:20 EST
    bob:
    - acme/rust#5 “Task 5”: not said, review
    ");
    let settings = ClockSettings::default();
    let digest = newest(DigestKind::Status, &settings, at("2026-01-14T12:00:00-05:00")).unwrap();
    assert!(request(&digest, &open[1..2], &settings).is_none(), "nothing under way, nothing asked");
}

#[test]
fn the_review_counts_what_the_day_has_brought() {
    let mut breached = task(1, Some("ada"), TaskState::Assigned, Level::High);
    breached.task.work.clocks.response.as_mut().unwrap().breached = Some(at("2026-01-14T11:00:00-05:00"));
    let mut yesterday = task(2, Some("ada"), TaskState::Assigned, Level::High);
    yesterday.task.work.clocks.response.as_mut().unwrap().breached =
        Some(at("2026-01-14T00:00:00-05:00").plus_ms(-HOUR_MS));
    let ends =
        [end("ada", TaskState::Done, 1, 30), end("bob", TaskState::Failed, 2, 5), end("bob", TaskState::Done, 3, 31)];
    let (title, text) = words(DigestKind::Review, &[breached, yesterday], &ends).unwrap();
    assert_eq!(title, "Review of 2026-01-14: 2 tasks done");
    insta::assert_snapshot!(text, @r"
    Done 2, failed 1, cancelled 0; open 2.
    Not answered in time today, and still open: 1.
    - medium: 2 done in 30.5 min on average
    - ada: 1 of 1 completed (100.0 %)
    - bob: 1 of 2 completed (50.0 %)
    ");
}
