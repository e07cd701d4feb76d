//! How many decisions came out the same when they were made again, and which did not.

use serde::Serialize;

use super::{Replayed, Verdict};
use crate::model::{Explanation, StoredDecision};

/// So many that differ are named.
const NAMED: usize = 20;

/// A decision that did not come out the same.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Differing {
    /// What people call its subject.
    pub about: String,
    /// Which decision of that subject.
    pub number: i64,
    /// What came of it, and what is otherwise.
    #[serde(flatten)]
    pub replayed: Replayed,
}

impl Differing {
    /// In one line.
    #[must_use]
    pub fn line(&self) -> String {
        let (about, number) = (&self.about, self.number);
        let what = match (&self.replayed.verdict, self.replayed.difference.lines().into_iter().next()) {
            (Verdict::Unreadable { because }, _) => format!("cannot be made again: {because}"),
            (Verdict::Same, _) => "is the same".to_owned(),
            (Verdict::Policy, first) => format!("differs by the policy: {}", first.unwrap_or_default()),
            (Verdict::Version, first) => format!("differs by the version: {}", first.unwrap_or_default()),
            (Verdict::Unexplained, first) => format!("differs and should not: {}", first.unwrap_or_default()),
        };
        format!("decision {number} on {about} {what}")
    }
}

/// The counts of many replays.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Tally {
    /// Came out the same.
    pub same: u64,
    /// Differ, by another policy.
    pub policy: u64,
    /// Differ, by another version.
    pub version: u64,
    /// Differ under the same policy and version.
    pub unexplained: u64,
    /// Could not be made again.
    pub unreadable: u64,
    /// Some of those that are not the same: the unexplained first, then in the order in which they were looked at.
    pub differing: Vec<Differing>,
    /// There were more decisions than were looked at.
    pub cut: bool,
}

impl Tally {
    /// Counts one more. `about` is what people call its subject.
    pub fn count(&mut self, stored: &StoredDecision, about: String, replayed: Replayed) {
        let unexplained = match &replayed.verdict {
            Verdict::Same => {
                self.same += 1;
                return;
            }
            Verdict::Policy => add(&mut self.policy),
            Verdict::Version => add(&mut self.version),
            Verdict::Unreadable { .. } => add(&mut self.unreadable),
            Verdict::Unexplained => {
                self.unexplained += 1;
                true
            }
        };
        let differing = Differing { about, number: stored.number, replayed };
        if unexplained {
            let place = usize::try_from(self.unexplained - 1).unwrap_or(usize::MAX).min(self.differing.len());
            self.differing.insert(place, differing);
        } else {
            self.differing.push(differing);
        }
        self.differing.truncate(NAMED);
    }

    /// All that were looked at.
    #[must_use]
    pub const fn total(&self) -> u64 {
        self.same + self.policy + self.version + self.unexplained + self.unreadable
    }

    /// The counts by the words of metrics.
    #[must_use]
    pub const fn by_word(&self) -> [(&'static str, u64); 5] {
        [
            ("same", self.same),
            ("policy", self.policy),
            ("version", self.version),
            ("unexplained", self.unexplained),
            ("unreadable", self.unreadable),
        ]
    }

    /// In one sentence.
    #[must_use]
    pub fn sentence(&self) -> String {
        let total = self.total();
        let made = match total {
            0 => return "No decision was there to be made again.".to_owned(),
            1 => "1 decision was made again".to_owned(),
            many => format!("{many} decisions were made again"),
        };
        let mut parts = vec![format!("{} the same", self.same)];
        let others = [
            (self.policy, "otherwise by another policy"),
            (self.version, "otherwise by another version"),
            (self.unexplained, "otherwise without a reason"),
            (self.unreadable, "that cannot be made again"),
        ];
        parts.extend(others.iter().filter(|(count, _)| *count > 0).map(|(count, what)| format!("{count} {what}")));
        let cut = if self.cut { "; older ones were left out" } else { "" };
        format!("{made}: {}{cut}.", parts.join(", "))
    }

    /// Those that are not the same, for the audit.
    #[must_use]
    pub fn explanation(&self) -> Explanation {
        Explanation { reasons: self.differing.iter().map(Differing::line).collect(), blockers: Vec::new() }
    }
}

/// Counts, and says that this one is not among the unexplained.
const fn add(count: &mut u64) -> bool {
    *count += 1;
    false
}
