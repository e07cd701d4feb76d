//! Pull requests of the past: when a policy would have merged each, against when that happened, and whether it was right.

use std::collections::BTreeMap;

use serde::Serialize;

use super::rebuilt::Heads;
use super::reverted::reverted;
use crate::decide::gate::gate;
use crate::model::{Login, MergeBlocker, Number, PastPull, PastPulls, Permission, ReviewState, Timestamp};
use crate::policy::Policy;

/// Merges that lie no further apart are at the same time.
const SAME_MS: i64 = 5 * 60_000;

/// What became of a pull request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "happened", rename_all = "snake_case")]
pub enum Happened {
    /// It was merged.
    Merged {
        /// When.
        at: Timestamp,
        /// By whom; `None` where that account is gone.
        by: Option<Login>,
    },
    /// It was closed without a merge.
    Closed {
        /// When.
        at: Timestamp,
    },
}

/// Why a merge would have been wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "because", rename_all = "snake_case")]
pub enum Wrong {
    /// People closed it without a merge.
    ClosedUnmerged,
    /// It was merged, and taken back later.
    Reverted {
        /// By which pull request.
        by_pull: Number,
    },
    /// Somebody wanted changes after the policy would have merged it.
    ChangesRequested {
        /// Who.
        by: Login,
        /// When.
        at: Timestamp,
    },
}

/// The policy against what happened, the gravest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "verdict", rename_all = "snake_case")]
pub enum PullVerdict {
    /// It would have been merged, and should not have been.
    Wrong(Wrong),
    /// It was merged, and would not have been.
    Never,
    /// It would have been merged earlier.
    Earlier {
        /// By so much, in milliseconds.
        saved_ms: i64,
    },
    /// It would have been merged when it was.
    Same,
    /// It was not merged, and would not have been.
    LeftAlone,
    /// Its last head is not among what GitHub tells, so nothing can be said.
    Unknown,
}

impl PullVerdict {
    const fn rank(&self) -> u8 {
        match self {
            Self::Wrong(_) => 0,
            Self::Never => 1,
            Self::Earlier { .. } => 2,
            Self::Same => 3,
            Self::LeftAlone => 4,
            Self::Unknown => 5,
        }
    }
}

/// What a policy would have done with one pull request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PullRow {
    /// Its number.
    pub number: Number,
    /// Its title.
    pub title: String,
    /// What became of it.
    #[serde(flatten)]
    pub happened: Happened,
    /// When the policy would have merged it; `None` where it would not have.
    pub would_merge: Option<Timestamp>,
    /// What stood in the way to the end, where it would not have been merged.
    pub blockers: Vec<String>,
    /// The one against the other.
    #[serde(flatten)]
    pub verdict: PullVerdict,
}

impl PullRow {
    /// The policy against what happened, in a few words.
    #[must_use]
    pub fn sentence(&self) -> String {
        match &self.verdict {
            PullVerdict::Wrong(Wrong::ClosedUnmerged) => "wrongly: people closed it without a merge".to_owned(),
            PullVerdict::Wrong(Wrong::Reverted { by_pull }) => format!("wrongly: #{by_pull} reverted it"),
            PullVerdict::Wrong(Wrong::ChangesRequested { by, .. }) => {
                format!("wrongly: {by} wanted changes afterwards")
            }
            PullVerdict::Never => format!("never: {}", self.blockers.join("; ")),
            PullVerdict::Earlier { saved_ms } => format!("{} earlier", span(*saved_ms)),
            PullVerdict::Same => "at the same time".to_owned(),
            PullVerdict::LeftAlone => "left alone, too".to_owned(),
            PullVerdict::Unknown => "not known: GitHub does not list its last head".to_owned(),
        }
    }
}

/// What a policy would have done.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PullBacktest {
    /// A row for each pull request: the wrong ones first, then by verdict, each newest first.
    pub rows: Vec<PullRow>,
    /// The median of what those are earlier that are, in milliseconds.
    pub median_saved_ms: Option<i64>,
}

impl PullBacktest {
    /// How many rows have a verdict of this kind.
    pub fn count(&self, wanted: impl Fn(&PullVerdict) -> bool) -> usize {
        self.rows.iter().filter(|row| wanted(&row.verdict)).count()
    }

    /// Everything in one sentence.
    #[must_use]
    pub fn sentence(&self) -> String {
        let counted = [
            (self.count(|verdict| matches!(verdict, PullVerdict::Wrong(_))), "wrongly"),
            (self.count(|verdict| matches!(verdict, PullVerdict::Never)), "never, though people merged them"),
            (self.count(|verdict| matches!(verdict, PullVerdict::Earlier { .. })), "earlier"),
            (self.count(|verdict| matches!(verdict, PullVerdict::Same)), "at the same time"),
            (self.count(|verdict| matches!(verdict, PullVerdict::LeftAlone)), "left alone, as people did"),
            (self.count(|verdict| matches!(verdict, PullVerdict::Unknown)), "not known"),
        ];
        let parts: Vec<String> =
            counted.iter().filter(|(count, _)| *count > 0).map(|(count, what)| format!("{count} {what}")).collect();
        let pulls = if self.rows.len() == 1 { "1 pull".to_owned() } else { format!("{} pulls", self.rows.len()) };
        let saved = self.median_saved_ms.map(|ms| format!("; half of the earlier ones by {} or more", span(ms)));
        if parts.is_empty() {
            return format!("{pulls}.");
        }
        format!("{pulls}: {}{}.", parts.join(", "), saved.unwrap_or_default())
    }
}

/// Judges pull requests of the past by a policy.
#[must_use]
pub fn pulls(policy: &Policy, past: &PastPulls) -> PullBacktest {
    let reverted = reverted(&past.repository.name, &past.pulls);
    let mut rows: Vec<PullRow> = past.pulls.iter().map(|pull| row(policy, past, (pull, &reverted))).collect();
    rows.sort_by_key(|row| (row.verdict.rank(), std::cmp::Reverse(row.number)));
    let mut saved: Vec<i64> = rows
        .iter()
        .filter_map(|row| match row.verdict {
            PullVerdict::Earlier { saved_ms } => Some(saved_ms),
            PullVerdict::Wrong(_)
            | PullVerdict::Never
            | PullVerdict::Same
            | PullVerdict::LeftAlone
            | PullVerdict::Unknown => None,
        })
        .collect();
    saved.sort_unstable();
    PullBacktest { median_saved_ms: saved.get(saved.len() / 2).copied(), rows }
}

fn row(policy: &Policy, past: &PastPulls, (pull, reverted): (&PastPull, &BTreeMap<Number, Number>)) -> PullRow {
    let happened = match &pull.merged {
        Some((at, by)) => Happened::Merged { at: *at, by: by.clone() },
        None => Happened::Closed { at: pull.closed },
    };
    let (would_merge, blockers, verdict) = match first_open(policy, past, pull) {
        None => (None, Vec::new(), PullVerdict::Unknown),
        Some(Ok(at)) => (Some(at), Vec::new(), of_merge(past, (pull, at), reverted)),
        Some(Err(blockers)) if pull.merged.is_some() => (None, blockers, PullVerdict::Never),
        Some(Err(blockers)) => (None, blockers, PullVerdict::LeftAlone),
    };
    let blockers = blockers.iter().map(ToString::to_string).collect();
    PullRow { number: pull.number, title: pull.title.clone(), happened, would_merge, blockers, verdict }
}

/// The first moment at which nothing stands in the way, else what did at the last. `None` where that cannot be told.
fn first_open(policy: &Policy, past: &PastPulls, pull: &PastPull) -> Option<Result<Timestamp, Vec<MergeBlocker>>> {
    let heads = Heads::of(pull)?;
    let mut last = Vec::new();
    for moment in heads.moments(pull, policy) {
        let gate = gate(&heads.snapshot(past, pull, moment)?, policy, moment);
        if gate.is_open() {
            return Some(Ok(moment));
        }
        last = gate.blockers;
    }
    Some(Err(last))
}

/// Whether a merge at this moment would have been right.
fn of_merge(past: &PastPulls, (pull, at): (&PastPull, Timestamp), reverted: &BTreeMap<Number, Number>) -> PullVerdict {
    let Some((merged, _)) = &pull.merged else { return PullVerdict::Wrong(Wrong::ClosedUnmerged) };
    if let Some(by_pull) = reverted.get(&pull.number) {
        return PullVerdict::Wrong(Wrong::Reverted { by_pull: *by_pull });
    }
    if let Some((by, at)) = wanted_changes(past, pull, at) {
        return PullVerdict::Wrong(Wrong::ChangesRequested { by, at });
    }
    match merged.since_ms(at) {
        saved_ms if saved_ms > SAME_MS => PullVerdict::Earlier { saved_ms },
        _ => PullVerdict::Same,
    }
}

/// Who of those who may write wanted changes after this moment.
fn wanted_changes(past: &PastPulls, pull: &PastPull, after: Timestamp) -> Option<(Login, Timestamp)> {
    let may_write = |login: &Login| {
        past.permissions.iter().any(|(known, permission)| known.is(login) && *permission >= Permission::Write)
    };
    pull.reviews.iter().find_map(|review| {
        let submitted = review.submitted.filter(|submitted| *submitted > after)?;
        let counts = review.state == ReviewState::ChangesRequested
            && !review.author.is(&pull.author)
            && !review.author.is(&past.own.0)
            && may_write(&review.author);
        counts.then(|| (review.author.clone(), submitted))
    })
}

/// A span of time as people say it.
pub(super) fn span(ms: i64) -> String {
    let minutes = ms / 60_000;
    match minutes {
        0..120 => format!("{minutes} min"),
        120..2_880 => format!("{} h", minutes / 60),
        _ => format!("{} days", minutes / 1_440),
    }
}
