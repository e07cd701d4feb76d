//! A merge to be made, and GitHub's refusal to make it.

use serde::{Deserialize, Serialize};

use super::{Number, Planned, Repository, Sha, Timestamp};

/// How a pull request is merged (<https://docs.github.com/en/rest/pulls/pulls#merge-a-pull-request>).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum MergeMethod {
    /// By a merge commit.
    Merge,
    /// As one commit.
    #[default]
    Squash,
    /// Commit by commit.
    Rebase,
}

impl MergeMethod {
    /// Every method.
    pub const ALL: [Self; 3] = [Self::Squash, Self::Merge, Self::Rebase];

    /// GitHub's word for it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Merge => "merge",
            Self::Squash => "squash",
            Self::Rebase => "rebase",
        }
    }
}

/// A merge to be made, and what follows once it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MergeOrder {
    /// The repository.
    pub repository: Repository,
    /// The pull request.
    pub number: Number,
    /// The head that was judged; GitHub refuses any other.
    pub head: Sha,
    /// How.
    pub method: MergeMethod,
    /// The commit's title; `None` leaves it to GitHub.
    pub title: Option<String>,
    /// The commit's text.
    pub message: Option<String>,
    /// Refusals of this head in a row before this attempt.
    pub refusals: u32,
    /// Queued in the same transaction that records the merge, and only then.
    pub afterwards: Vec<Planned>,
}

/// GitHub's refusal to merge a head.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refusal {
    /// The head.
    pub head: Sha,
    /// What GitHub said.
    pub message: String,
    /// How often in a row.
    pub times: u32,
    /// When it is tried again; `None` when something must change first.
    pub again: Option<Timestamp>,
}

impl Refusal {
    /// After so many refusals of one head in a row GitHub is not asked again until something changes.
    pub const TIMES_MAX: u32 = 6;
    /// How long the first refusal keeps a head from being tried again, in milliseconds; each further one doubles it.
    const PAUSE_MS: i64 = 2_000;

    /// The refusal that follows `times` earlier ones. It is tried again after a pause where it `may_pass`.
    #[must_use]
    pub fn after(times: u32, head: Sha, message: String, (may_pass, now): (bool, Timestamp)) -> Self {
        let times = times.saturating_add(1);
        let again =
            (may_pass && times < Self::TIMES_MAX).then(|| now.plus_ms(Self::PAUSE_MS << (2 * times.min(8) - 2)));
        Self { head, message, times, again }
    }
}
