//! Whether the time zones that calendars are kept in are current.

use chrono::Datelike as _;

use super::report::Finding;
use crate::model::Timestamp;

const WHAT: &str = "time zones";
/// Governments change their zones at short notice, and rarely.
const YEARS_MAX: i32 = 2;

/// The data is part of the program, so that it does not depend on the machine's.
pub(super) fn check(now: Timestamp) -> Vec<Finding> {
    let version = chrono_tz::IANA_TZDB_VERSION;
    let year: Option<i32> = version.get(..4).and_then(|year| year.parse().ok());
    let is_old = year.is_some_and(|year| now.to_utc().year() - year > YEARS_MAX);
    vec![if is_old {
        Finding::warn(WHAT, format!("their data is of {version}"), "take a newer version of Stationmaster")
    } else {
        Finding::ok(WHAT, format!("their data is part of the program, version {version}"))
    }]
}
