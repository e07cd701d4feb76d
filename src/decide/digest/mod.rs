//! Digests: what the team is told of everything at once, in the morning, at noon and in the evening of its zone.

mod lists;

use std::fmt;

use chrono::NaiveDate;

use super::clocks::moment;
use crate::model::{Item, Task, TaskEnd, Timestamp};
use crate::policy::ClockSettings;

/// A digest that is later than this is not sent any more.
const LATEST_MS: i64 = 4 * 3_600_000;

/// Which digest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DigestKind {
    /// What is to be done today.
    Plan,
    /// How far everything is.
    Status,
    /// What was done today.
    Review,
}

impl DigestKind {
    /// All of them, in the order of a day.
    pub const ALL: [Self; 3] = [Self::Plan, Self::Status, Self::Review];

    /// The word in settings and keys.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Plan => "plan",
            Self::Status => "status",
            Self::Review => "review",
        }
    }

    const fn minute(self, settings: &ClockSettings) -> Option<u16> {
        match self {
            Self::Plan => settings.digests.plan,
            Self::Status => settings.digests.status,
            Self::Review => settings.digests.review,
        }
    }
}

impl fmt::Display for DigestKind {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.as_str())
    }
}

/// A digest of one day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DatedDigest {
    /// Which.
    pub kind: DigestKind,
    /// The day in the team's zone.
    pub day: NaiveDate,
    /// When it is due.
    pub due: Timestamp,
}

impl DatedDigest {
    /// Whether it is still worth sending.
    #[must_use]
    pub fn is_news(&self, now: Timestamp) -> bool {
        now.since_ms(self.due) <= LATEST_MS
    }

    /// Unique for it, so that of several servers one sends it.
    #[must_use]
    pub fn key(&self) -> String {
        format!("digest/{}/{}", self.kind, self.day)
    }
}

/// The newest digest of this kind that is due; `None` where it is switched off.
#[must_use]
pub fn newest(kind: DigestKind, settings: &ClockSettings, now: Timestamp) -> Option<DatedDigest> {
    let minute = kind.minute(settings)?;
    let today = now.to_utc().with_timezone(&settings.zone).date_naive();
    let of = |day: NaiveDate| DatedDigest { kind, day, due: moment(settings.zone, day, minute) };
    [Some(today), today.pred_opt()].into_iter().flatten().map(of).find(|digest| digest.due <= now)
}

/// A task with its name and title.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TeamTask {
    /// What people call it.
    pub item: Item,
    /// Its title.
    pub title: String,
    /// The task.
    pub task: Task,
}

/// What a digest is made from.
#[derive(Debug, Clone, Copy)]
pub struct TeamSeen<'a> {
    /// Every open task.
    pub open: &'a [TeamTask],
    /// How tasks have ended since the day began.
    pub ends: &'a [TaskEnd],
    /// The zone of the team, and how long everything may take.
    pub settings: &'a ClockSettings,
}

/// When the day of a digest began in the team's zone.
#[must_use]
pub fn beginning(digest: &DatedDigest, settings: &ClockSettings) -> Timestamp {
    moment(settings.zone, digest.day, 0)
}

/// Headline and text of a digest; `None` where there is nothing to tell.
#[must_use]
pub fn text(digest: &DatedDigest, seen: &TeamSeen<'_>) -> Option<(String, String)> {
    match digest.kind {
        DigestKind::Plan => lists::plan(digest, seen),
        DigestKind::Status => lists::status(digest, seen.open, seen.settings),
        DigestKind::Review => lists::review(digest, seen),
    }
}

/// The status request for one holder alone; `None` where they have nothing under way.
#[must_use]
pub fn request(digest: &DatedDigest, held: &[TeamTask], settings: &ClockSettings) -> Option<(String, String)> {
    lists::status(digest, held, settings)
}
