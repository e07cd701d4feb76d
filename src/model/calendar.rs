//! When a worker works: a zone and hours of the day, or always.

use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

use super::IdError;

/// When a worker can be expected to answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Written", into = "Written")]
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

impl Calendar {
    /// `09:00-17:30` as minutes after midnight, the first below 1,440, the second at most that; a second one that is
    /// smaller belongs to the next day. `None` for anything else.
    #[must_use]
    pub fn hours(text: &str) -> Option<(u16, u16)> {
        let (from, until) = text.split_once('-')?;
        let (from, until) = (Self::minute(from)?, Self::minute(until)?);
        (from != until && from < 24 * 60).then_some((from, until))
    }

    /// `09:30` as minutes after midnight; up to `24:00`.
    #[must_use]
    pub fn minute(text: &str) -> Option<u16> {
        let (hour, minute) = text.trim().split_once(':')?;
        let two_digits = |part: &str| (part.len() == 2).then(|| part.parse::<u16>().ok()).flatten();
        let (hour, minute) = (two_digits(hour)?, two_digits(minute)?);
        let total = hour * 60 + minute;
        (minute < 60 && total <= 24 * 60).then_some(total)
    }
}

/// A calendar as JSON has it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    always: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    zone: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    hours: Option<String>,
}

impl TryFrom<Written> for Calendar {
    type Error = IdError;

    fn try_from(written: Written) -> Result<Self, IdError> {
        if written.always {
            return Ok(Self::Always);
        }
        let Self::Hours { mut zone, mut from_minute, mut until_minute } = Self::default() else {
            return Ok(Self::Always);
        };
        if let Some(text) = written.zone {
            zone = text.parse().map_err(|_| IdError { text, expected: "a time zone such as Europe/Berlin" })?;
        }
        if let Some(text) = written.hours {
            let hours = Self::hours(&text);
            (from_minute, until_minute) =
                hours.ok_or(IdError { text, expected: "hours of a day such as 09:00-17:30" })?;
        }
        Ok(Self::Hours { zone, from_minute, until_minute })
    }
}

impl From<Calendar> for Written {
    fn from(calendar: Calendar) -> Self {
        match calendar {
            Calendar::Always => Self { always: true, ..Self::default() },
            Calendar::Hours { zone, from_minute, until_minute } => {
                let clock = |minute: u16| format!("{:02}:{:02}", minute / 60, minute % 60);
                Self {
                    always: false,
                    zone: Some(zone.name().to_owned()),
                    hours: Some(format!("{}-{}", clock(from_minute), clock(until_minute))),
                }
            }
        }
    }
}
