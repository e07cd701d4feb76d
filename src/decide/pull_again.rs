//! When a pull request is looked at again although no event will tell us to.

use super::gate::{self, Gate};
use crate::model::{MergeBlocker, PullRecord, PullSnapshot, Timestamp};

/// The first pause before GitHub is asked again whether a head can be merged; it doubles each time.
const UNKNOWN_PAUSE_MS: i64 = 1_000;
/// How often GitHub is asked while something else stands in the way that a person must do.
const POLLS_FOR_A_PERSON: u32 = 3;
/// The longest pause.
const UNKNOWN_PAUSE_MOST_MS: i64 = 300_000;
/// GitHub takes a moment to count a review that we have submitted.
const REVIEW_COUNTS_AFTER_MS: i64 = 2_000;
/// A check of a head in a fork may have ended before its pull was known, and GitHub names no pull for it.
const FORK_LOOK_MS: i64 = 5_000;

/// When to look again although no event will tell us to: what waits for the clock or for GitHub's own computing.
#[must_use]
pub(super) fn look_again(
    snapshot: &PullSnapshot,
    gate: &Gate,
    record: &mut PullRecord,
    (approved, now): (bool, Timestamp),
) -> Option<Timestamp> {
    let author = &snapshot.pull.author;
    let until = gate.look_again().map(|until| until.max(now.plus_ms(1_000)));
    let mut times: Vec<Timestamp> = until.into_iter().collect();
    // While checks run nobody needs to know: their end brings an event, and a look with it. A person who must act
    // anyway is told the whole of it, so GitHub is asked a few times more.
    let unknown = gate.blockers.contains(&MergeBlocker::MergeabilityUnknown);
    let else_blocked = gate
        .blockers
        .iter()
        .any(|blocker| !matches!(blocker, MergeBlocker::MergeabilityUnknown | MergeBlocker::Frozen { .. }));
    let asked = gate::needs_a_person(&gate.blockers, author) && record.unknown_polls < POLLS_FOR_A_PERSON;
    if unknown && (asked || !else_blocked) {
        let pause = UNKNOWN_PAUSE_MS.saturating_mul(1 << record.unknown_polls.min(8)).min(UNKNOWN_PAUSE_MOST_MS);
        record.unknown_polls = record.unknown_polls.saturating_add(1);
        times.push(now.plus_ms(pause));
    }
    let new_head = snapshot.record.as_ref().is_none_or(|before| before.head != snapshot.pull.head);
    if approved && new_head && gate.blockers.contains(&MergeBlocker::ReviewRequired) {
        times.push(now.plus_ms(REVIEW_COUNTS_AFTER_MS));
    }
    if new_head && snapshot.pull.is_fork(&snapshot.repository.name) {
        times.push(now.plus_ms(FORK_LOOK_MS));
    }
    times.into_iter().min()
}
