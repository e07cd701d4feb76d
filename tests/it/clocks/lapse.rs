//! Leases that run out, tasks that were put off, obstacles that are gone.

use stationmaster::model::{IssueState, Item, Number, Obstacle, Presence, RepositoryName, TaskState};

use super::scene::{HOUR_MS, MINUTE_MS, Scene, alarms, at, timers, waits_for};

const NOON: &str = "2026-01-14T12:00:00-05:00";

#[test]
fn a_lease_without_heartbeats_gives_the_task_back_and_raises_the_fence() {
    let mut scene = Scene::new();
    let noon = at(NOON);
    scene.look(noon);
    scene.claim(noon, Some(noon.plus_ms(10 * MINUTE_MS)));
    let fence = scene.task().fence;
    let held = scene.look(noon.plus_ms(MINUTE_MS));
    assert_eq!(timers(&held)["lease"], "2026-01-14T17:10:00Z");
    assert_eq!(held.look_again, Some(noon.plus_ms(10 * MINUTE_MS)));
    scene.presence("ada", Presence::Stale);
    scene.look(noon.plus_ms(10 * MINUTE_MS));
    assert_eq!(scene.holder().as_deref(), Some("bob"));
    assert_eq!(scene.task().fence, fence + 1);
    assert_eq!(scene.history(), ["the clock: the lease of `ada` ran out: no heartbeat came in time"]);
    assert!(scene.task().lease.is_none());
}

#[test]
fn a_lease_that_a_heartbeat_extended_holds_and_what_was_handed_in_needs_none() {
    let mut scene = Scene::new();
    let noon = at(NOON);
    scene.look(noon);
    scene.claim(noon, Some(noon.plus_ms(10 * MINUTE_MS)));
    scene.task().lease.as_mut().unwrap().until = noon.plus_ms(20 * MINUTE_MS);
    scene.look(noon.plus_ms(10 * MINUTE_MS));
    assert_eq!(scene.holder().as_deref(), Some("ada"));
    scene.task().state = TaskState::Review;
    let review = scene.look(noon.plus_ms(30 * MINUTE_MS));
    assert_eq!((scene.holder().as_deref(), scene.task().state), (Some("ada"), TaskState::Review));
    assert!(!timers(&review).contains_key("lease"));
}

#[test]
fn what_was_put_off_comes_back_at_its_time_and_its_holder_has_a_new_time_to_answer() {
    let mut scene = Scene::new();
    let noon = at(NOON);
    scene.look(noon);
    scene.look(noon.plus_ms(HOUR_MS));
    scene.task().state = TaskState::Deferred;
    scene.task().work.deferred_until = Some(noon.plus_ms(3 * HOUR_MS));
    let off = scene.look(noon.plus_ms(2 * HOUR_MS));
    assert_eq!(timers(&off), [("deferred".to_owned(), "2026-01-14T20:00:00Z".to_owned())].into());
    let back = scene.look(noon.plus_ms(3 * HOUR_MS));
    assert_eq!(scene.task().state, TaskState::Assigned);
    assert_eq!(timers(&back)["response"], "2026-01-14T21:00:00Z");
    assert!(alarms(&back).is_empty() && !scene.has_label("sla-breached"));
    assert_eq!(scene.history().last().unwrap(), "the clock: it was put off until now");
}

#[test]
fn what_was_put_off_and_closed_meanwhile_stays_closed() {
    let mut scene = Scene::new();
    let noon = at(NOON);
    scene.look(noon);
    scene.task().state = TaskState::Deferred;
    scene.task().work.deferred_until = Some(noon.plus_ms(HOUR_MS));
    scene.snapshot.issue.state = IssueState::Closed;
    let closed = scene.look(noon.plus_ms(2 * HOUR_MS));
    assert_eq!(scene.task().state, TaskState::Deferred);
    assert!(timers(&closed).is_empty());
}

#[test]
fn a_task_goes_on_once_the_issue_that_blocks_it_is_done() {
    let mut scene = Scene::new();
    let noon = at(NOON);
    scene.look(noon);
    scene.claim(noon, None);
    let by = Item { repository: RepositoryName::new("acme", "rust"), number: Number(3) };
    scene.task().state = TaskState::Blocked;
    scene.task().work.obstacle = Some(Obstacle {
        text: "the database is not there".to_owned(),
        needs: None,
        by: Some(by),
        told_by: "@ada-l".to_owned(),
        since: noon,
    });
    scene.snapshot.dependencies = vec![waits_for(3, false), waits_for(4, true)];
    scene.look(noon.plus_ms(HOUR_MS));
    assert_eq!(scene.task().state, TaskState::Blocked);
    scene.snapshot.dependencies = vec![waits_for(3, true)];
    let free = scene.look(noon.plus_ms(2 * HOUR_MS));
    assert_eq!(scene.task().state, TaskState::InProgress);
    assert!(scene.task().work.obstacle.is_none());
    assert_eq!(timers(&free)["stuck"], "2026-01-14T21:00:00Z", "two hours from now, not from noon");
    assert_eq!(scene.history(), ["the clock: acme/rust#3, which was in its way, is done"]);
}
