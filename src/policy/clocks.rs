//! How long everything may take, and what follows when it takes longer (design §4.7).

use std::ops::RangeInclusive;

use chrono_tz::Tz;
use toml::Spanned;
use toml::de::DeValue;

use super::calendar::read_zone;
use super::fault::Complaint;
use super::merge::{choice, count};
use super::reader::{Document, Section};
use super::repository::read_topic;
use crate::model::{Calendar, Level};

/// What becomes of a task whose holder is offline.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum OfflinePolicy {
    /// Somebody else is given it.
    #[default]
    Reassign,
    /// It is put off.
    Defer,
}

/// When the team is told of everything at once; minutes after midnight, `None` where it is switched off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DigestTimes {
    /// The day's plan.
    pub plan: Option<u16>,
    /// How far everything is.
    pub status: Option<u16>,
    /// What was done.
    pub review: Option<u16>,
}

/// What `[clocks]` says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClockSettings {
    /// Response by priority, in milliseconds of the holder's calendar.
    pub response_ms: [(Level, i64); 4],
    /// What is urgent is acknowledged within this, on the wall clock.
    pub urgent_ms: i64,
    /// Without progress for so long, a task is stuck.
    pub stuck_ms: i64,
    /// Silent for so long past the response time, its holder is offline.
    pub offline_ms: i64,
    /// What follows then.
    pub offline: OfflinePolicy,
    /// Without a heartbeat for so long, a worker is stale.
    pub stale_ms: i64,
    /// So long after it became stale, its leases end.
    pub grace_ms: i64,
    /// How long after the first alert each further one up the chain is sent, and to which topic; none by default.
    pub escalation: Vec<(i64, String)>,
    /// More failures among the last tasks of a worker than this are an alert, in percent.
    pub failure_percent: u8,
    /// Among so many tasks.
    pub failure_among: u32,
    /// The same error so often is an alert.
    pub repeated_errors: u32,
    /// The team's zone, for digests.
    pub zone: Tz,
    /// When digests are sent.
    pub digests: DigestTimes,
}

const MINUTE_MS: i64 = 60_000;
const HOUR_MS: i64 = 60 * MINUTE_MS;

impl Default for ClockSettings {
    fn default() -> Self {
        Self {
            response_ms: [
                (Level::Critical, HOUR_MS),
                (Level::High, HOUR_MS),
                (Level::Medium, 4 * HOUR_MS),
                (Level::Low, 24 * HOUR_MS),
            ],
            urgent_ms: 15 * MINUTE_MS,
            stuck_ms: 2 * HOUR_MS,
            offline_ms: 6 * HOUR_MS,
            offline: OfflinePolicy::Reassign,
            stale_ms: 5 * MINUTE_MS,
            grace_ms: 5 * MINUTE_MS,
            escalation: Vec::new(),
            failure_percent: 50,
            failure_among: 10,
            repeated_errors: 5,
            zone: chrono_tz::America::New_York,
            digests: DigestTimes { plan: Some(8 * 60), status: Some(12 * 60), review: Some(18 * 60) },
        }
    }
}

impl ClockSettings {
    /// Within which time somebody must respond to a task of this priority, in milliseconds.
    #[must_use]
    pub fn response_of(&self, priority: Level) -> i64 {
        self.response_ms.iter().find(|(level, _)| *level == priority).map_or(HOUR_MS, |(_, ms)| *ms)
    }
}

const SECOND_MS: i64 = 1000;
const DAY_MS: i64 = 24 * HOUR_MS;
/// Longer than this is taken for a mistake.
const LONGEST_MS: i64 = 90 * DAY_MS;

/// Reads the table `[clocks]`; what it does not name is as the default says.
pub(super) fn read_clocks(top: &mut Section<'_>) -> ClockSettings {
    let mut settings = ClockSettings::default();
    let Some(mut section) = top.table("clocks") else { return settings };
    let table = &mut section;
    read_response(table, &mut settings.response_ms);
    for (key, least_ms, setting_ms) in [
        ("urgent", SECOND_MS, &mut settings.urgent_ms),
        ("stuck", SECOND_MS, &mut settings.stuck_ms),
        ("offline", SECOND_MS, &mut settings.offline_ms),
        ("stale", SECOND_MS, &mut settings.stale_ms),
        ("grace", 0, &mut settings.grace_ms),
    ] {
        duration(table, key, least_ms..=LONGEST_MS, setting_ms);
    }
    let policies = [("reassign", OfflinePolicy::Reassign), ("defer", OfflinePolicy::Defer)];
    settings.offline = choice(table, "offline_policy", &policies).unwrap_or_default();
    let mut percent = u32::from(settings.failure_percent);
    count(table, "failure_percent", 1..=100, &mut percent);
    settings.failure_percent = u8::try_from(percent).unwrap_or(settings.failure_percent);
    count(table, "failure_among", 1..=1000, &mut settings.failure_among);
    count(table, "repeated_errors", 2..=1000, &mut settings.repeated_errors);
    let document = table.document;
    if let Some(zone) = table.text("zone").and_then(|text| read_zone(document, &text)) {
        settings.zone = zone;
    }
    read_digests(table, &mut settings.digests);
    settings.escalation = read_escalation(table);
    section.finish();
    settings
}

fn read_response(clocks: &mut Section<'_>, response_ms: &mut [(Level, i64); 4]) {
    let Some(mut table) = clocks.table_shown("response", "a table such as { critical = \"30m\", low = \"24h\" }")
    else {
        return;
    };
    for (level, ms) in response_ms {
        duration(&mut table, level.as_str(), SECOND_MS..=LONGEST_MS, ms);
    }
    table.finish();
}

fn read_digests(clocks: &mut Section<'_>, digests: &mut DigestTimes) {
    let Some(mut table) = clocks.table_shown("digests", "a table such as { plan = \"08:00\", status = false }") else {
        return;
    };
    for (key, minute) in [("plan", &mut digests.plan), ("status", &mut digests.status), ("review", &mut digests.review)]
    {
        let Some(value) = table.value(key) else { continue };
        let read = if let DeValue::Boolean(false) = value.get_ref() {
            Some(None)
        } else if let DeValue::String(text) = value.get_ref() {
            Calendar::minute(text).filter(|minute| *minute < 24 * 60).map(Some)
        } else {
            None
        };
        if let Some(read) = read {
            *minute = read;
        } else {
            let expected = "a time such as \"08:00\", or false";
            let message = format!("`{key}` is neither a time of the day nor false");
            table.document.fault(value.span(), Complaint::new(message, expected, format!("write {expected}")));
        }
    }
    table.finish();
}

/// The chain, in the order of its times.
fn read_escalation(clocks: &mut Section<'_>) -> Vec<(i64, String)> {
    let mut chain = Vec::new();
    for mut step in clocks.tables_shown("escalation", "clocks.escalation") {
        let document = step.document;
        let after = step.required_text("after", "\"30m\"");
        let topic = step.required_text("topic", "\"lead\"").and_then(|text| read_topic(document, &text));
        let after = after.and_then(|text| read_duration(document, "after", &text, 0..=LONGEST_MS));
        step.finish();
        chain.extend(after.zip(topic));
    }
    chain.sort_by_key(|(after_ms, _)| *after_ms);
    chain
}

/// Puts a span of time in place of the default, where the file gives one within the range.
fn duration(section: &mut Section<'_>, key: &'static str, range_ms: RangeInclusive<i64>, setting_ms: &mut i64) {
    let document = section.document;
    let read = section.text(key).and_then(|text| read_duration(document, key, &text, range_ms));
    *setting_ms = read.unwrap_or(*setting_ms);
}

/// A span of time such as `90s`, `15m`, `2h`, `1h30m` or `1d`, in milliseconds.
fn read_duration(
    document: &Document<'_>,
    key: &str,
    text: &Spanned<&str>,
    range_ms: RangeInclusive<i64>,
) -> Option<i64> {
    let span_ms = parse_duration(text.get_ref());
    if let Some(ms) = span_ms
        && range_ms.contains(&ms)
    {
        return Some(ms);
    }
    let expected = "a span of time such as \"15m\", \"2h\" or \"1h30m\"";
    let complaint = if span_ms.is_some() {
        let least = range_ms.start() / SECOND_MS;
        let expected = format!("from {least} s to {} days", LONGEST_MS / DAY_MS);
        Complaint::new(format!("`{key}` cannot be {:?}", text.get_ref()), &expected, format!("write {expected}"))
    } else {
        let help = "write whole numbers, each with its unit: s, m, h or d";
        Complaint::new(format!("`{key}` is no span of time: {:?}", text.get_ref()), expected, help)
    };
    document.fault(text.span(), complaint);
    None
}

fn parse_duration(text: &str) -> Option<i64> {
    let mut rest = text.trim();
    let mut total_ms: i64 = 0;
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit())?;
        let (number, tail) = rest.split_at(digits);
        let mut tail = tail.chars();
        let unit_ms = match tail.next()? {
            's' => SECOND_MS,
            'm' => MINUTE_MS,
            'h' => HOUR_MS,
            'd' => DAY_MS,
            _ => return None,
        };
        total_ms = total_ms.checked_add(number.parse::<i64>().ok()?.checked_mul(unit_ms)?)?;
        rest = tail.as_str();
    }
    (!text.trim().is_empty()).then_some(total_ms)
}
