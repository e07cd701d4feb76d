//! Decides about a repository's releases: which commit is released, and under which version.
//!
//! A repository's releases are one subject, so they are decided on by one server at a time. A release is recorded as
//! under way before its action is queued, in the same transaction, and the action's key holds tag and commit: however
//! often it is decided, and whatever dies in between, it is the same tag at the same commit. Nothing else is begun until
//! the action has reported.
//!
//! What landed lies between the highest stable version that is an ancestor and the newest commit whose checks are
//! green. Tags are never moved: where one is in the way, people are told.

mod by_pull;
mod checks;
mod conventional;
mod escape;
mod landed;
mod level;
mod line;
mod next;
mod notes;
mod offer;
mod order;
mod people;
mod places;
mod promote;
mod reports;
mod tell;
mod turn;
mod version;

use crate::model::{
    Ancestry, Candidate, ReleaseDecision, ReleaseRecord, ReleaseReport, ReleaseSnapshot, RequiredCheck, Sha, Tag,
    Timestamp,
};
use crate::policy::{CheckSettings, EnvironmentSettings, ReleaseSettings};

use turn::Turn;

/// How many commits are looked at at most.
const CANDIDATES_MOST: usize = 5;

/// What the policy says of releases, checks and environments.
#[derive(Debug, Clone, Copy)]
pub struct ReleasePolicy<'a> {
    /// `[release]`.
    pub release: &'a ReleaseSettings,
    /// `[checks]`.
    pub checks: &'a CheckSettings,
    /// `[[environment]]`.
    pub environments: &'a [EnvironmentSettings],
    /// The ntfy topic that tells people of this repository.
    pub topic: Option<&'a str>,
}

/// The newest candidate whose required checks are green.
#[must_use]
pub fn green<'c>(
    candidates: &'c [Candidate],
    required: &[RequiredCheck],
    own_app: i64,
    policy: ReleasePolicy<'_>,
) -> Option<&'c Candidate> {
    candidates.iter().find(|candidate| checks::judge(candidate, required, own_app, policy).is_empty())
}

/// The commit that comparisons and range are to be of: a verified pre-release that waits to become a stable version,
/// else the newest green candidate.
#[must_use]
pub fn target<'c>(
    record: &'c ReleaseRecord,
    reports: &'c [ReleaseReport],
    green: Option<&'c Candidate>,
    policy: ReleasePolicy<'_>,
) -> Option<&'c Sha> {
    let verified = reports.iter().rev().find_map(|report| match report {
        ReleaseReport::Verified { environment, version } if version.prerelease => {
            let wanted = policy.release.stable_after.as_ref()?;
            offer::same(wanted, environment).then_some(version)
        }
        ReleaseReport::Verified { .. }
        | ReleaseReport::Released { .. }
        | ReleaseReport::Elsewhere { .. }
        | ReleaseReport::Refused { .. }
        | ReleaseReport::TrackedBy { .. }
        | ReleaseReport::PullWritten { .. }
        | ReleaseReport::PullRefused { .. } => None,
    });
    let is_stable = |sha: &Sha| record.last.as_ref().is_some_and(|last| !last.prerelease && last.sha == *sha);
    let waiting = verified.or(record.promotable.as_ref()).filter(|waiting| !is_stable(&waiting.sha));
    waiting.map(|waiting| &waiting.sha).or_else(|| green.map(|candidate| &candidate.sha))
}

/// Stable versions among the tags, highest first: what a candidate is compared with until one of them is its ancestor.
#[must_use]
pub fn stable_versions(tags: &[Tag], policy: ReleasePolicy<'_>) -> Vec<Tag> {
    version::stable(tags, &policy.release.prefix)
}

/// The version before the candidate, as far as the comparisons tell; what lies after it is released.
#[must_use]
pub fn previous(ancestry: &[(Tag, Ancestry)]) -> Option<&Tag> {
    match line::line(ancestry) {
        line::Line::After(tag) | line::Line::At(tag) => Some(tag),
        line::Line::First | line::Line::Before(_) | line::Line::Beside(_) => None,
    }
}

/// Commits to look at: the tip and those it pointed to before, newest first, at most five. Where the branch was moved
/// back, those that came after are no candidates any more.
#[must_use]
pub fn candidates(tip: &Sha, seen: &[Sha]) -> Vec<Sha> {
    let back = seen.iter().position(|sha| sha == tip).map_or(0, |place| place + 1);
    let before = seen.get(back..).unwrap_or_default();
    std::iter::once(tip).chain(before).take(CANDIDATES_MOST).cloned().collect()
}

/// Decides about the releases of a repository.
#[must_use]
pub fn decide(snapshot: &ReleaseSnapshot, policy: ReleasePolicy<'_>, now: Timestamp) -> ReleaseDecision {
    let mut turn = Turn::new(snapshot, policy, now);
    turn.read_reports();
    turn.offer_late();
    turn.follow();
    if !turn.resume() && !turn.promote() {
        turn.release();
    }
    turn.finish()
}
