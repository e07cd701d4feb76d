//! How long a pull request may take until it is merged: as long as others like it did.

use super::span::roughly;
use crate::model::MergedBefore;

/// Of fewer nothing is said.
const EXAMPLES_MIN: usize = 5;
/// From so many changed lines on, a pull is of medium size.
const MEDIUM_FROM: u64 = 100;
/// From so many changed lines on, a pull is large.
const LARGE_FROM: u64 = 500;

/// How much a pull request changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PullSize {
    /// Fewer than 100 lines.
    Small,
    /// Fewer than 500 lines.
    Medium,
    /// 500 lines or more.
    Large,
}

impl PullSize {
    /// The size of so many changed lines.
    #[must_use]
    pub const fn of(lines: u64) -> Self {
        match lines {
            ..MEDIUM_FROM => Self::Small,
            MEDIUM_FROM..LARGE_FROM => Self::Medium,
            LARGE_FROM.. => Self::Large,
        }
    }

    const fn words(self) -> &'static str {
        match self {
            Self::Small => "small pull requests here (fewer than 100 changed lines)",
            Self::Medium => "pull requests of medium size here (100 to 499 changed lines)",
            Self::Large => "large pull requests here (500 changed lines or more)",
        }
    }
}

/// What is known of how long a pull request may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MergeTime {
    /// As long as these did.
    Known {
        /// They are of this size; `None` where they are of any.
        size: Option<PullSize>,
        /// Half of them were open no longer, in milliseconds.
        half_ms: i64,
        /// Nine of ten were open no longer, in milliseconds.
        most_ms: i64,
        /// How many there are.
        of: usize,
    },
    /// There are too few to say.
    TooFew {
        /// How many there are.
        of: usize,
    },
}

impl MergeTime {
    /// The same in one sentence.
    #[must_use]
    pub fn sentence(&self) -> String {
        match self {
            Self::Known { size, half_ms, most_ms, of } => {
                let like = size.map_or("pull requests here (of any size)", PullSize::words);
                let (half, most) = (roughly(*half_ms), roughly(*most_ms));
                format!(
                    "Half of the {like} were merged within {half} of being opened, nine of ten within {most} (of {of})."
                )
            }
            Self::TooFew { of } => format!(
                "There is too little history to say how long it may take until it is merged ({of} of the {EXAMPLES_MIN} merged \
                 pull requests that it takes)."
            ),
        }
    }
}

/// How long a pull request that changes so many lines may take, by those that were merged before. Of its own size where
/// there are enough, else of any.
#[must_use]
pub fn merge_time(lines: Option<u64>, before: &[MergedBefore]) -> MergeTime {
    let size = lines.map(PullSize::of);
    let is_like = |merged: &&MergedBefore| size.is_some() && merged.lines.map(PullSize::of) == size;
    let like: Vec<i64> = before.iter().filter(is_like).map(|merged| merged.took_ms).collect();
    if like.len() >= EXAMPLES_MIN {
        return known(size, like);
    }
    if before.len() >= EXAMPLES_MIN {
        return known(None, before.iter().map(|merged| merged.took_ms).collect());
    }
    MergeTime::TooFew { of: before.len() }
}

fn known(size: Option<PullSize>, mut times: Vec<i64>) -> MergeTime {
    times.sort_unstable();
    MergeTime::Known { size, half_ms: share(&times, 50), most_ms: share(&times, 90), of: times.len() }
}

/// The value than which so many of a hundred are not greater (nearest rank).
fn share(sorted: &[i64], percent: usize) -> i64 {
    let rank = (sorted.len() * percent).div_ceil(100).max(1);
    sorted.get(rank - 1).copied().unwrap_or_default()
}
