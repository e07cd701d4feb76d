//! Reads until when an environment is frozen: a while from now, a day, a moment, or until somebody ends it.

use chrono::{NaiveDate, NaiveDateTime};

use super::refusal::AskRefusal;
use crate::model::Timestamp;

/// Words for an end that somebody has to make.
const FOREVER: [&str; 6] = ["forever", "unfreeze", "indefinitely", "always", "ever", "never"];
/// Whoever writes more means no end.
const LONGEST_MS: i64 = 10 * 366 * DAY_MS;
const MINUTE_MS: i64 = 60_000;
const HOUR_MS: i64 = 60 * MINUTE_MS;
const DAY_MS: i64 = 24 * HOUR_MS;

/// The end that a word means; `None` where somebody must end it. A day means its beginning, in UTC.
///
/// # Errors
/// [`AskRefusal::UntilUnreadable`] and [`AskRefusal::UntilPast`].
pub fn until(word: &str, now: Timestamp) -> Result<Option<Timestamp>, AskRefusal> {
    let asked = word.trim();
    let lower = asked.to_ascii_lowercase();
    if FOREVER.contains(&lower.as_str()) {
        return Ok(None);
    }
    let unreadable = || AskRefusal::UntilUnreadable { asked: asked.to_owned() };
    if let Some(length_ms) = length_ms(&lower) {
        return match length_ms {
            1..=LONGEST_MS => Ok(Some(now.plus_ms(length_ms))),
            _ => Err(unreadable()),
        };
    }
    let at = moment(asked).ok_or_else(unreadable)?;
    if at <= now {
        return Err(AskRefusal::UntilPast { asked: asked.to_owned(), at });
    }
    Ok(Some(at))
}

/// `30m`, `2h`, `3d`, `2w`, and several such as `1d12h`.
fn length_ms(word: &str) -> Option<i64> {
    let mut total = 0_i64;
    let mut rest = word;
    while !rest.is_empty() {
        let end = rest.find(|c: char| !c.is_ascii_digit())?;
        let count: i64 = rest[..end].parse().ok()?;
        let unit_end = rest[end..].find(|c: char| c.is_ascii_digit()).map_or(rest.len(), |length| end + length);
        let unit = match &rest[end..unit_end] {
            "m" | "min" => MINUTE_MS,
            "h" => HOUR_MS,
            "d" => DAY_MS,
            "w" => 7 * DAY_MS,
            _ => return None,
        };
        total = total.saturating_add(count.saturating_mul(unit));
        rest = &rest[unit_end..];
    }
    (!word.is_empty()).then_some(total)
}

/// A day, or a moment with a zone or in UTC.
fn moment(word: &str) -> Option<Timestamp> {
    if let Some(at) = Timestamp::parse_rfc3339(word) {
        return Some(at);
    }
    if let Ok(day) = NaiveDate::parse_from_str(word, "%Y-%m-%d") {
        return Some(Timestamp(day.and_hms_opt(0, 0, 0)?.and_utc().timestamp_millis()));
    }
    let word = word.strip_suffix(['Z', 'z']).unwrap_or(word);
    let read = |form| NaiveDateTime::parse_from_str(word, form).ok();
    let at = read("%Y-%m-%dT%H:%M").or_else(|| read("%Y-%m-%dT%H:%M:%S"))?;
    Some(Timestamp(at.and_utc().timestamp_millis()))
}
