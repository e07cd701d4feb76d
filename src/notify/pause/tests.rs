//! How pauses begin, grow and end.

use super::{Current, Pause};
use crate::model::Timestamp;

#[test]
fn pauses_double_up_to_ten_minutes() {
    let mut pause = Pause::default();
    let mut now = Timestamp(0);
    let mut lengths_s = Vec::new();
    for _ in 0..9 {
        let until = pause.too_many_requests(now).until;
        lengths_s.push(until.since_ms(now) / 1_000);
        now = until;
    }
    assert_eq!(lengths_s, [5, 10, 20, 40, 80, 160, 320, 600, 600]);
}

#[test]
fn a_pause_ends_at_its_time_and_not_before() {
    let mut pause = Pause::default();
    let until = pause.too_many_requests(Timestamp(1_000)).until;
    assert!(pause.at(until.plus_ms(-1)).is_some());
    assert_eq!(pause.at(until), None);
}

#[test]
fn refusals_of_requests_made_together_count_once() {
    let mut pause = Pause::default();
    let first = pause.too_many_requests(Timestamp(0));
    assert_eq!(pause.too_many_requests(Timestamp(10)), first);
    assert_eq!(pause.too_many_requests(first.until).until, first.until.plus_ms(10_000));
}

#[test]
fn success_makes_the_next_pause_short_again() {
    let mut pause = Pause::default();
    let until = pause.too_many_requests(Timestamp(0)).until;
    pause.success(until);
    assert_eq!(pause.too_many_requests(until).until, until.plus_ms(5_000));
}

#[test]
fn a_late_success_does_not_end_a_pause() {
    let mut pause = Pause::default();
    let begun = pause.too_many_requests(Timestamp(0));
    pause.success(Timestamp(1));
    assert_eq!(pause.at(Timestamp(1)), Some(begun));
}

#[test]
fn the_daily_pause_lasts_until_midnight_in_utc() {
    let midnight = Timestamp::parse_rfc3339("2026-11-22T00:00:00Z").unwrap();
    for moment in ["2026-11-21T00:00:00Z", "2026-11-21T23:59:59Z", "2026-11-21T20:30:00-02:00"] {
        let now = Timestamp::parse_rfc3339(moment).unwrap();
        assert_eq!(Pause::default().daily_limit(now), Current { begun: now, until: midnight, daily: true }, "{moment}");
    }
}
