//! What `[[environment.freeze]]` says: times in which nothing is deployed, once or every week.

use chrono::{Datelike as _, Offset as _, Timelike as _};
use chrono_tz::Tz;
use serde::{Serialize, Serializer};
use toml::Spanned;

use super::calendar::read_zone;
use super::fault::Complaint;
use super::reader::{Document, Section};
use crate::model::Calendar;
use crate::model::Timestamp;

/// Days as files write them, Monday being 0.
const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

/// One day in minutes.
const DAY_MIN: u16 = 24 * 60;

const MINUTE_MS: i64 = 60_000;

/// One `[[environment.freeze]]`: a time in which nothing is deployed, once or every week.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeployFreeze {
    /// When.
    pub window: FreezeTimes,
    /// Why.
    pub why: String,
}

/// When a freeze is in force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FreezeTimes {
    /// From one moment to another; each may be missing.
    Once {
        /// Its beginning.
        from: Option<Timestamp>,
        /// The first moment after it.
        until: Option<Timestamp>,
    },
    /// On days of the week, between hours of the day.
    Weekly {
        /// Days, Monday being 0.
        days: Vec<u8>,
        /// The first minute of the day.
        from_minute: u16,
        /// The first minute after it; at most 1,440, and after `from_minute`.
        until_minute: u16,
        /// The zone that days and hours are meant in.
        zone: Tz,
    },
}

impl DeployFreeze {
    /// Whether it is in force at this time, and if so its end, which is the first moment without it: `None` when it
    /// is not in force, `Some(None)` when it has no end. What the wall clock of its zone shows is what counts, and
    /// days that follow each other without a gap are one freeze.
    #[must_use]
    pub fn ends(&self, now: Timestamp) -> Option<Option<Timestamp>> {
        match &self.window {
            FreezeTimes::Once { from, until } => {
                let in_force = from.is_none_or(|from| from <= now) && until.is_none_or(|until| now < until);
                in_force.then_some(*until)
            }
            FreezeTimes::Weekly { days, from_minute, until_minute, zone } => {
                let week = Week { days, hours: (*from_minute, *until_minute), zone: *zone };
                week.minutes_left(now).map(|_| week.end(now))
            }
        }
    }
}

/// Hours of days of the week.
struct Week<'f> {
    days: &'f [u8],
    hours: (u16, u16),
    zone: Tz,
}

impl Week<'_> {
    /// How many minutes the wall clock has until the hours of this day are over; `None` outside of them.
    fn minutes_left(&self, at: Timestamp) -> Option<i64> {
        let local = at.to_utc().with_timezone(&self.zone);
        let day = local.weekday().num_days_from_monday();
        let minute = local.hour() * 60 + local.minute();
        let (from, until) = (u32::from(self.hours.0), u32::from(self.hours.1));
        let meant = self.days.iter().any(|one| u32::from(*one) == day) && (from..until).contains(&minute);
        meant.then(|| i64::from(until - minute))
    }

    fn offset_s(&self, at: Timestamp) -> i32 {
        at.to_utc().with_timezone(&self.zone).offset().fix().local_minus_utc()
    }

    /// The first minute out of force; `None` when none comes within a week and a day.
    fn end(&self, now: Timestamp) -> Option<Timestamp> {
        let mut at = Timestamp(now.ms().div_euclid(MINUTE_MS) * MINUTE_MS);
        let last = at.plus_ms(8 * i64::from(DAY_MIN) * MINUTE_MS);
        while at <= last {
            let Some(left) = self.minutes_left(at) else { return Some(at) };
            let then = at.plus_ms(left * MINUTE_MS);
            // Where the clock is put forward or back before then, only every single minute tells what it will show.
            at = if self.offset_s(at) == self.offset_s(then) { then } else { at.plus_ms(MINUTE_MS) };
        }
        None
    }
}

/// A freeze in the words of the file.
#[derive(Default, Serialize)]
struct Written<'f> {
    #[serde(skip_serializing_if = "Option::is_none")]
    from: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    until: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    days: Vec<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    hours: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    zone: Option<&'static str>,
    why: &'f str,
}

impl Serialize for DeployFreeze {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let why = self.why.as_str();
        let written = match &self.window {
            FreezeTimes::Once { from, until } => {
                let [from, until] = [from, until].map(|time| time.map(Timestamp::to_rfc3339));
                Written { from, until, why, ..Written::default() }
            }
            FreezeTimes::Weekly { days, from_minute, until_minute, zone } => Written {
                days: days.iter().filter_map(|day| DAYS.get(usize::from(*day)).copied()).collect(),
                hours: Some(format!("{}-{}", clock(*from_minute), clock(*until_minute))),
                zone: Some(zone.name()),
                why,
                ..Written::default()
            },
        };
        written.serialize(serializer)
    }
}

fn clock(minute: u16) -> String {
    format!("{:02}:{:02}", minute / 60, minute % 60)
}

/// Reads the tables `freeze` of an environment.
pub(super) fn read_deploy_freezes(environment: &mut Section<'_>) -> Vec<DeployFreeze> {
    environment.tables_shown("freeze", "environment.freeze").into_iter().map(read_deploy_freeze).collect()
}

fn read_deploy_freeze(mut section: Section<'_>) -> DeployFreeze {
    let table = &mut section;
    let once = table.has_any(&["from", "until"]);
    let weekly = table.has_any(&["days", "hours", "zone"]);
    let from = table.time("from");
    let until = table.time("until");
    if let (Some(from), Some(until)) = (&from, &until)
        && from.get_ref() >= until.get_ref()
    {
        let complaint =
            Complaint::new("`until` is not after `from`", "a later time", "swap the two, or mend the later one");
        table.document.fault(until.span(), complaint);
    }
    let window = if weekly {
        let window = read_weekly(table);
        if once {
            let message = "`from` and `until` are a time that comes once, `days`, `hours` and `zone` one of every week";
            let expected = "either `from` and `until`, or `days` with `hours` and `zone`";
            table.fault(Complaint::new(message, expected, "remove the one or the other, or write two freezes"));
        }
        window
    } else {
        // Asked for, so that a mistyped key is told of these as well.
        let _ = (table.value("days"), table.value("hours"), table.value("zone"));
        FreezeTimes::Once { from: from.map(Spanned::into_inner), until: until.map(Spanned::into_inner) }
    };
    let why = table.required_text("why", "\"nobody watches it on weekends\"");
    section.finish();
    DeployFreeze { window, why: why.map(|why| why.into_inner().to_owned()).unwrap_or_default() }
}

fn read_weekly(table: &mut Section<'_>) -> FreezeTimes {
    let document = table.document;
    let days = read_days(table);
    let (from_minute, until_minute) =
        table.text("hours").and_then(|text| read_day_hours(document, &text)).unwrap_or((0, DAY_MIN));
    let zone = table.text("zone").and_then(|text| read_zone(document, &text)).unwrap_or(Tz::UTC);
    FreezeTimes::Weekly { days, from_minute, until_minute, zone }
}

/// Days of the week, in their order, each once.
fn read_days(table: &mut Section<'_>) -> Vec<u8> {
    let expected = format!("days such as {}", DAYS.map(|day| format!("\"{day}\"")).join(", "));
    if !table.has_any(&["days"]) {
        let message = "`hours` and `zone` alone say nothing of days";
        let help = format!(
            "add `days = [{}]`, or those of them that are meant",
            DAYS.map(|day| format!("\"{day}\"")).join(", ")
        );
        table.fault(Complaint::new(message, "a list `days`", help));
    }
    let place = table.value("days").map(Spanned::span);
    let Some(texts) = table.texts("days") else { return Vec::new() };
    if let (true, Some(place)) = (texts.is_empty(), place) {
        let complaint = Complaint::new("`days` is empty", &expected, "name the days, or remove this freeze");
        table.document.fault(place, complaint);
    }
    let mut days: Vec<u8> = Vec::new();
    for text in texts {
        match (0..).zip(DAYS).find(|(_, day)| day == text.get_ref()) {
            Some((day, _)) => days.push(day),
            None => unknown_day(table.document, &text, &expected),
        }
    }
    days.sort_unstable();
    days.dedup();
    days
}

fn unknown_day(document: &Document<'_>, text: &Spanned<&str>, expected: &str) {
    let written = text.get_ref().to_lowercase();
    let help = match DAYS.iter().find(|day| written.starts_with(**day)) {
        Some(day) => format!("write \"{day}\""),
        None => "write the first three letters, each day by itself".to_owned(),
    };
    document.fault(text.span(), Complaint::new(format!("{:?} is not a day", text.get_ref()), expected, help));
}

/// Hours of one day.
fn read_day_hours(document: &Document<'_>, text: &Spanned<&str>) -> Option<(u16, u16)> {
    let (message, expected, help) = match Calendar::hours(text.get_ref()) {
        Some((from, until)) if from < until => return Some((from, until)),
        Some((from, until)) => {
            let evening = format!("{}-24:00", clock(from));
            let help = if until == 0 {
                format!("write `hours = \"{evening}\"`")
            } else {
                let morning = format!("00:00-{}", clock(until));
                format!("write two windows: `hours = \"{evening}\"`, and `hours = \"{morning}\"` for the days after")
            };
            (format!("{:?} goes over midnight", text.get_ref()), "hours within one day", help)
        }
        None => {
            let help = "write two different times with a hyphen between; leave `hours` out for the whole day";
            let message = format!("{:?} are not hours of a day", text.get_ref());
            (message, "hours such as \"15:00-24:00\"", help.to_owned())
        }
    };
    document.fault(text.span(), Complaint::new(message, expected, help));
    None
}
