//! How much something matters: a number from 0 to 1.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::IdError;

/// A number from 0 to 1, kept in thousandths so that it can be compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Impact(u16);

impl Impact {
    /// The impact of so many thousandths; `None` above 1,000.
    #[must_use]
    pub fn of_thousandths(thousandths: i64) -> Option<Self> {
        u16::try_from(thousandths).ok().filter(|number| *number <= 1000).map(Self)
    }

    /// In thousandths.
    #[must_use]
    pub const fn thousandths(self) -> i64 {
        self.0 as i64
    }
}

impl fmt::Display for Impact {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (whole, rest) = (self.0 / 1000, self.0 % 1000);
        if rest == 0 {
            return whole.fmt(out);
        }
        let digits = format!("{rest:03}");
        write!(out, "{whole}.{}", digits.trim_end_matches('0'))
    }
}

impl FromStr for Impact {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        let wrong = || IdError { text: text.to_owned(), expected: "an impact: a number from 0 to 1, such as 0.8" };
        let number: f64 = text.trim().parse().map_err(|_| wrong())?;
        if !(0.0..=1.0).contains(&number) {
            return Err(wrong());
        }
        #[expect(clippy::cast_possible_truncation, reason = "it is from 0 to 1,000")]
        Self::of_thousandths((number * 1000.0).round() as i64).ok_or_else(wrong)
    }
}

impl Serialize for Impact {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_f64(f64::from(self.0) / 1000.0)
    }
}

impl<'de> Deserialize<'de> for Impact {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        f64::deserialize(deserializer)?.to_string().parse().map_err(serde::de::Error::custom)
    }
}
