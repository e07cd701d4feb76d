//! Reads when a worker works: a zone and hours of the day, or always.

use chrono_tz::Tz;
use toml::Spanned;

use super::fault::Complaint;
use super::reader::{Document, Section};
use crate::model::Calendar;

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
    let hours = Calendar::hours(text.get_ref());
    if hours.is_some() {
        return hours;
    }
    let message = format!("{:?} are not hours of a day", text.get_ref());
    let help = "write two different times with a hyphen between; for the whole day write `always = true` instead";
    document.fault(text.span(), Complaint::new(message, "hours such as \"09:00-17:30\"", help));
    None
}
