//! Working time: when so much of it has passed, and which moment a time of the wall clock is.

use chrono::{NaiveDate, NaiveTime, TimeDelta, TimeZone as _};
use chrono_tz::Tz;

use crate::model::{Calendar, Timestamp};

/// The longest time that a wall clock ever left out: Samoa had no 30 December 2011.
const LONGEST_GAP_MIN: i64 = 24 * 60;
/// More days than any span of working time takes; what would take longer is counted on the wall clock.
const MOST_DAYS: u32 = 100_000;

/// When `span_ms` of the calendar's working time have passed since `start`.
///
/// A day of work is from the first time its zone's clock shows the one hour until the first time it shows the other, so
/// it is an hour longer or shorter where the clock is put back or forward in between.
#[must_use]
pub fn after(calendar: Calendar, start: Timestamp, span_ms: i64) -> Timestamp {
    let Calendar::Hours { zone, from_minute, until_minute } = calendar else { return start.plus_ms(span_ms) };
    let until_minute = if until_minute > from_minute { until_minute } else { until_minute + DAY_MIN };
    let today = start.to_utc().with_timezone(&zone).date_naive();
    // Yesterday's work may last until after midnight.
    let mut day = today.pred_opt().unwrap_or(today);
    let mut left_ms = span_ms.max(0);
    for _ in 0..MOST_DAYS {
        let begins = moment(zone, day, from_minute).max(start);
        let room_ms = moment(zone, day, until_minute).since_ms(begins);
        if room_ms > 0 && left_ms <= room_ms {
            return begins.plus_ms(left_ms);
        }
        left_ms -= room_ms.max(0);
        let Some(next) = day.succ_opt() else { break };
        day = next;
    }
    start.plus_ms(span_ms)
}

/// Whether somebody with this calendar is at work now, and until when that stays so; `None` where it always does.
#[must_use]
pub fn at_work(calendar: Calendar, now: Timestamp) -> (bool, Option<Timestamp>) {
    let Calendar::Hours { zone, from_minute, until_minute } = calendar else { return (true, None) };
    let until_minute = if until_minute > from_minute { until_minute } else { until_minute + DAY_MIN };
    let today = now.to_utc().with_timezone(&zone).date_naive();
    let days = [today.pred_opt(), Some(today), today.succ_opt(), today.succ_opt().and_then(|day| day.succ_opt())];
    for day in days.into_iter().flatten() {
        let (begins, ends) = (moment(zone, day, from_minute), moment(zone, day, until_minute));
        if now < begins {
            return (false, Some(begins));
        }
        if now < ends {
            return (true, Some(ends));
        }
    }
    (false, None)
}

/// One day in minutes.
const DAY_MIN: u16 = 24 * 60;

/// The moment at which the clock of a zone first shows so many minutes after a day's midnight, which may be on the next
/// day. A time that the clock leaves out is the first one that it shows afterwards.
#[must_use]
pub fn moment(zone: Tz, day: NaiveDate, minute: u16) -> Timestamp {
    let wanted = day.and_time(NaiveTime::MIN) + TimeDelta::minutes(i64::from(minute));
    let shown = (0..=LONGEST_GAP_MIN)
        .find_map(|later| zone.from_local_datetime(&(wanted + TimeDelta::minutes(later))).earliest());
    Timestamp(shown.map_or_else(|| wanted.and_utc().timestamp_millis(), |at| at.timestamp_millis()))
}

/// A moment as people of a zone write it: `2026-11-21 09:30 EST`.
#[must_use]
pub fn shown(at: Timestamp, zone: Tz) -> String {
    at.to_utc().with_timezone(&zone).format("%Y-%m-%d %H:%M %Z").to_string()
}

/// A span of time for people: `1 h`, `90 min`, `30 s`.
#[must_use]
pub fn span(span_ms: i64) -> String {
    let seconds = span_ms / 1000;
    match seconds {
        0 => "no time".to_owned(),
        _ if seconds % 3600 == 0 => format!("{} h", seconds / 3600),
        _ if seconds % 60 == 0 => format!("{} min", seconds / 60),
        _ => format!("{seconds} s"),
    }
}
