//! The labels that Stationmaster manages, by family, and the levels that priority and risk share.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::{IdError, LabelName};

/// Four steps from little to much, for priority and for risk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// The least.
    Low,
    /// The usual.
    Medium,
    /// More than usual.
    High,
    /// The most.
    Critical,
}

impl Level {
    /// All four, rising.
    pub const ALL: [Self; 4] = [Self::Low, Self::Medium, Self::High, Self::Critical];

    /// The word in labels and files.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }
}

impl fmt::Display for Level {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.as_str())
    }
}

impl FromStr for Level {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        Self::ALL
            .into_iter()
            .find(|level| level.as_str() == text)
            .ok_or_else(|| IdError { text: text.to_owned(), expected: "one of low, medium, high, critical" })
    }
}

/// A family of labels that carry one thing each, such as `status/*`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LabelFamily {
    /// `status/*`: where the task stands; exactly one.
    Status,
    /// `type/*`: what kind of task it is.
    Type,
    /// `priority/*`
    Priority,
    /// `risk/*`
    Risk,
    /// `role/*`: who could do it.
    Role,
    /// `worker/*`: who does it.
    Worker,
}

impl LabelFamily {
    /// Every family.
    pub const ALL: [Self; 6] = [Self::Status, Self::Type, Self::Priority, Self::Risk, Self::Role, Self::Worker];

    /// The part before the slash, with the slash.
    #[must_use]
    pub const fn prefix(self) -> &'static str {
        match self {
            Self::Status => "status/",
            Self::Type => "type/",
            Self::Priority => "priority/",
            Self::Risk => "risk/",
            Self::Role => "role/",
            Self::Worker => "worker/",
        }
    }

    /// The label of this family that carries `value`.
    #[must_use]
    pub fn label(self, value: &str) -> LabelName {
        LabelName::new(format!("{}{value}", self.prefix()))
    }

    /// Which family a label belongs to, and what it carries; `None` for labels that are not ours to manage.
    #[must_use]
    pub fn of(label: &LabelName) -> Option<(Self, &str)> {
        Self::ALL.into_iter().find_map(|family| Some((family, family.value(label)?)))
    }

    /// What a label of this family carries; `None` when it is of another family.
    #[must_use]
    pub fn value(self, label: &LabelName) -> Option<&str> {
        label.as_str().strip_prefix(self.prefix()).filter(|value| !value.is_empty())
    }
}

/// How a label is created on first need.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LabelSpec {
    /// Its whole name.
    pub name: LabelName,
    /// Six hexadecimal digits without `#`, as GitHub's API takes them.
    pub colour: String,
    /// At most 100 characters, GitHub's limit.
    pub description: String,
}
