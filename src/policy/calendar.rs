//! When a worker works: a zone and hours of the day, or always.

use chrono_tz::Tz;
use toml::Spanned;

use super::fault::Complaint;
use super::reader::{Document, Section};

/// When a worker can be expected to answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Calendar {
    /// Around the clock, as scripts and agents do.
    Always,
    /// Every day between two times of the wall clock of a zone.
    Hours {
        /// The zone, such as `Europe/Berlin`.
        zone: Tz,
        /// Minutes after midnight at which work begins.
        from_minute: u16,
        /// Minutes after midnight at which work ends, at most 1440; less than `from_minute` means the next day.
        until_minute: u16,
    },
}

impl Default for Calendar {
    fn default() -> Self {
        Self::Hours { zone: chrono_tz::America::New_York, from_minute: 9 * 60, until_minute: 21 * 60 }
    }
}

/// Reads `always`, `zone` and `hours` of a worker.
pub(super) fn read_calendar(section: &mut Section<'_>) -> Calendar {
    let always = section.boolean("always");
    let zone = section.text("zone");
    let hours = section.text("hours");
    if let Some(always) = &always
        && *always.get_ref()
    {
        if let Some(other) = zone.as_ref().or(hours.as_ref()) {
            let message = "`always = true` leaves no room for `zone` and `hours`";
            let complaint = Complaint::new(message, "either `always` or `zone` and `hours`", "remove one of the two");
            section.document.fault(other.span(), complaint);
        }
        return Calendar::Always;
    }
    let Calendar::Hours { zone: usual_zone, from_minute, until_minute } = Calendar::default() else {
        return Calendar::Always;
    };
    let zone = zone.and_then(|text| read_zone(section.document, &text)).unwrap_or(usual_zone);
    let (from_minute, until_minute) =
        hours.and_then(|text| read_hours(section.document, &text)).unwrap_or((from_minute, until_minute));
    Calendar::Hours { zone, from_minute, until_minute }
}

/// A zone's name; one that is not in the database is a fault.
pub(super) fn read_zone(document: &Document<'_>, text: &Spanned<&str>) -> Option<Tz> {
    let zone = text.get_ref().parse().ok();
    if zone.is_none() {
        let message = format!("{:?} is not a time zone", text.get_ref());
        let help = "take a name from https://en.wikipedia.org/wiki/List_of_tz_database_time_zones";
        document.fault(text.span(), Complaint::new(message, "a zone such as \"Europe/Berlin\"", help));
    }
    zone
}

fn read_hours(document: &Document<'_>, text: &Spanned<&str>) -> Option<(u16, u16)> {
    let hours = hours(text.get_ref());
    if hours.is_some() {
        return hours;
    }
    let message = format!("{:?} are not hours of a day", text.get_ref());
    let help = "write two different times with a hyphen between; for the whole day write `always = true` instead";
    document.fault(text.span(), Complaint::new(message, "hours such as \"09:00-17:30\"", help));
    None
}

/// `09:00-17:30` as minutes after midnight, the first below 1,440, the second at most that; a second one that is
/// smaller belongs to the next day.
pub(super) fn hours(text: &str) -> Option<(u16, u16)> {
    let (from, until) = text.split_once('-')?;
    let (from, until) = (minute(from)?, minute(until)?);
    (from != until && from < 24 * 60).then_some((from, until))
}

/// `09:30` as minutes after midnight; up to `24:00`.
fn minute(text: &str) -> Option<u16> {
    let (hour, minute) = text.trim().split_once(':')?;
    let two_digits = |part: &str| (part.len() == 2).then(|| part.parse::<u16>().ok()).flatten();
    let (hour, minute) = (two_digits(hour)?, two_digits(minute)?);
    let total = hour * 60 + minute;
    (minute < 60 && total <= 24 * 60).then_some(total)
}
