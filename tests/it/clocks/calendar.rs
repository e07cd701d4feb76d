//! Working time, also where the clock is put forward and back.

use chrono::NaiveDate;
use chrono_tz::Tz;
use stationmaster::decide::clocks::{after, moment};
use stationmaster::model::Calendar;

use super::scene::{HOUR_MS, MINUTE_MS, at};

fn hours(zone: &str, text: &str) -> Calendar {
    let (from_minute, until_minute) = Calendar::hours(text).unwrap();
    Calendar::Hours { zone: zone.parse().unwrap(), from_minute, until_minute }
}

fn due(calendar: Calendar, start: &str, span_ms: i64) -> String {
    after(calendar, at(start), span_ms).to_rfc3339()
}

#[test]
fn an_hour_that_begins_half_an_hour_before_the_end_of_work_ends_half_an_hour_into_the_next_day() {
    let new_york = Calendar::default();
    // 20:30 of a winter's day, of the evening before the clock goes forward, and of the one before it goes back.
    assert_eq!(due(new_york, "2026-01-14T20:30:00-05:00", HOUR_MS), "2026-01-15T14:30:00Z");
    assert_eq!(due(new_york, "2026-03-07T20:30:00-05:00", HOUR_MS), "2026-03-08T13:30:00Z");
    assert_eq!(due(new_york, "2026-10-31T20:30:00-04:00", HOUR_MS), "2026-11-01T14:30:00Z");
}

#[test]
fn time_outside_of_work_does_not_count_and_the_end_of_work_still_does() {
    let new_york = Calendar::default();
    assert_eq!(due(new_york, "2026-01-14T03:00:00-05:00", HOUR_MS), "2026-01-14T15:00:00Z");
    assert_eq!(due(new_york, "2026-01-14T22:00:00-05:00", HOUR_MS), "2026-01-15T15:00:00Z");
    assert_eq!(due(new_york, "2026-01-14T20:00:00-05:00", HOUR_MS), "2026-01-15T02:00:00Z");
    assert_eq!(due(new_york, "2026-01-14T10:00:00-05:00", 0), "2026-01-14T15:00:00Z");
}

#[test]
fn twenty_four_hours_take_two_days_of_twelve_and_three_of_eight() {
    assert_eq!(due(Calendar::default(), "2026-01-14T12:00:00-05:00", 24 * HOUR_MS), "2026-01-16T17:00:00Z");
    let berlin = hours("Europe/Berlin", "09:00-17:00");
    assert_eq!(due(berlin, "2026-01-14T09:00:00+01:00", 24 * HOUR_MS), "2026-01-16T16:00:00Z");
    // In between the clock goes forward, which is at night and takes nothing from a day's work.
    assert_eq!(due(berlin, "2026-03-27T09:00:00+01:00", 24 * HOUR_MS), "2026-03-29T15:00:00Z");
}

#[test]
fn work_past_midnight_is_one_day_of_work() {
    let night = hours("Europe/Berlin", "22:00-06:00");
    assert_eq!(due(night, "2026-01-14T02:00:00+01:00", 2 * HOUR_MS), "2026-01-14T03:00:00Z");
    assert_eq!(due(night, "2026-01-14T05:00:00+01:00", 2 * HOUR_MS), "2026-01-14T22:00:00Z");
    // A night in which the clock goes forward has seven hours of work, one in which it goes back nine.
    assert_eq!(due(night, "2026-03-28T22:00:00+01:00", 8 * HOUR_MS), "2026-03-29T21:00:00Z");
    assert_eq!(due(night, "2026-10-24T22:00:00+02:00", 9 * HOUR_MS), "2026-10-25T05:00:00Z");
}

#[test]
fn an_hour_that_the_clock_leaves_out_or_shows_twice_ends_and_begins_work_once() {
    let zone = "Europe/Berlin";
    // 02:30 does not exist: work begins at 03:00, which is the next time that there is.
    let late = hours(zone, "02:30-04:00");
    assert_eq!(due(late, "2026-03-29T00:00:00+01:00", 30 * MINUTE_MS), "2026-03-29T01:30:00Z");
    // 02:30 comes twice: work begins at the first, and ends at the first.
    assert_eq!(due(late, "2026-10-25T00:00:00+02:00", 30 * MINUTE_MS), "2026-10-25T01:00:00Z");
    let early = hours(zone, "01:00-02:30");
    assert_eq!(due(early, "2026-10-25T02:15:00+02:00", 30 * MINUTE_MS), "2026-10-26T00:15:00Z");
    // Samoa had no 30 December 2011 at all.
    let samoa = hours("Pacific/Apia", "09:00-17:00");
    assert_eq!(due(samoa, "2011-12-29T16:00:00-10:00", 2 * HOUR_MS), "2011-12-30T20:00:00Z");
}

#[test]
fn whoever_always_works_has_the_wall_clock() {
    assert_eq!(due(Calendar::Always, "2026-03-08T06:30:00Z", HOUR_MS), "2026-03-08T07:30:00Z");
    let whole_day = hours("Europe/Berlin", "00:00-24:00");
    assert_eq!(due(whole_day, "2026-03-28T12:00:00+01:00", 24 * HOUR_MS), "2026-03-29T11:00:00Z");
}

#[test]
fn a_time_of_the_wall_clock_is_one_moment() {
    let zone: Tz = "America/New_York".parse().unwrap();
    let day = |month, day| NaiveDate::from_ymd_opt(2026, month, day).unwrap();
    assert_eq!(moment(zone, day(7, 1), 8 * 60).to_rfc3339(), "2026-07-01T12:00:00Z");
    assert_eq!(moment(zone, day(3, 8), 150).to_rfc3339(), "2026-03-08T07:00:00Z");
    assert_eq!(moment(zone, day(11, 1), 90).to_rfc3339(), "2026-11-01T05:30:00Z");
    assert_eq!(moment(zone, day(1, 1), 1440).to_rfc3339(), "2026-01-02T05:00:00Z");
}
