//! Who is next: by priority, then by age; whether pulls conflict is found out by merging them on the staging branch.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use super::QueueSettings;
use crate::model::{Member, MergeBlocker, Number, QueueEntry, QueueRecord, QueuedPull, Timestamp};

/// Whether a queued pull can go into a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing<'a> {
    /// It can.
    Fit,
    /// It stands so far behind that it was not looked at: whoever is behind it waits with it.
    Unseen,
    /// It cannot, and nobody waits for it: its own decision takes it out, or has it enter again.
    Unfit(&'a MergeBlocker),
    /// It has another head than the one that entered, or is gone.
    Moved,
}

/// How a pull stands with a view to a new batch.
pub(super) fn standing(pull: &QueuedPull) -> Standing<'_> {
    if !pull.observed {
        return Standing::Unseen;
    }
    if pull.head.as_ref() != Some(&pull.entry.head) {
        return Standing::Moved;
    }
    // The batch is made on the base's newest commit: being behind it is mended there, and what GitHub has not computed
    // yet, as after every move of the base, is found out there.
    let settled_there = |blocker: &&MergeBlocker| {
        matches!(blocker, MergeBlocker::Queued { .. } | MergeBlocker::Behind | MergeBlocker::MergeabilityUnknown)
    };
    pull.blockers.iter().find(|blocker| !settled_there(blocker)).map_or(Standing::Fit, Standing::Unfit)
}

/// All of them, the next one first.
pub(super) fn sorted(pulls: &[QueuedPull]) -> Vec<&QueuedPull> {
    let mut sorted: Vec<&QueuedPull> = pulls.iter().collect();
    sorted.sort_by_key(|pull| rank(&pull.entry));
    sorted
}

/// The greater priority first, then the older, then the smaller number.
const fn rank(entry: &QueueEntry) -> (Reverse<i64>, Timestamp, Number) {
    (Reverse(entry.priority), entry.entered, entry.number)
}

/// The batch to begin with.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// These, and whether they are a part of a batch that failed.
    Batch { members: Vec<Member>, suspected: bool },
    /// Nobody, because the first one was not looked at.
    Waits { on: Number },
    /// Nobody is there.
    Empty,
}

/// Takes the next batch out of the queue. Parts of a failed batch come first, except behind pulls that come before
/// all of them by priority.
pub(super) fn next(pulls: &[QueuedPull], record: &mut QueueRecord, batch_size: usize) -> Next {
    let stays = |pull: &&QueuedPull| match standing(pull) {
        Standing::Fit | Standing::Unseen => true,
        Standing::Unfit(_) | Standing::Moved => false,
    };
    let waiting: Vec<&QueuedPull> = sorted(pulls).into_iter().filter(stays).collect();
    clear_suspects(&waiting, record);
    let suspects: BTreeSet<&Member> = record.suspects.iter().flatten().collect();
    let is_suspect = |pull: &&&QueuedPull| suspects.contains(&member(pull));
    let free: Vec<&QueuedPull> = waiting.iter().take_while(|pull| !is_suspect(pull)).copied().collect();
    if !free.is_empty() || suspects.is_empty() {
        return batch_of(&free, batch_size, false);
    }
    let Some(group) = record.suspects.pop() else { return Next::Empty };
    let members: Vec<&QueuedPull> = waiting.into_iter().filter(|pull| group.contains(&member(pull))).collect();
    let next = batch_of(&members, batch_size, true);
    let rest: Vec<Member> = match &next {
        Next::Batch { members, .. } => group.into_iter().filter(|member| !members.contains(member)).collect(),
        Next::Waits { .. } | Next::Empty => group,
    };
    if !rest.is_empty() {
        record.suspects.push(rest);
    }
    next
}

/// Whoever is no longer there as it was is no longer suspected.
fn clear_suspects(waiting: &[&QueuedPull], record: &mut QueueRecord) {
    for group in &mut record.suspects {
        group.retain(|suspect| waiting.iter().any(|pull| member(pull) == *suspect));
    }
    record.suspects.retain(|group| !group.is_empty());
}

fn batch_of(pulls: &[&QueuedPull], batch_size: usize, suspected: bool) -> Next {
    let Some(first) = pulls.first() else { return Next::Empty };
    let known = pulls.iter().take_while(|pull| standing(pull) == Standing::Fit);
    let members: Vec<Member> = known.take(batch_size.max(1)).map(|pull| member(pull)).collect();
    if members.is_empty() { Next::Waits { on: first.entry.number } } else { Next::Batch { members, suspected } }
}

fn member(pull: &QueuedPull) -> Member {
    Member { number: pull.entry.number, head: pull.entry.head.clone() }
}

/// The pulls to look at before a decision: the batch, the suspected, and as many of the next as two batches hold.
/// The others stand too far behind for it to matter how they are.
#[must_use]
pub fn worth_a_look(record: &QueueRecord, entries: &[QueueEntry], settings: &QueueSettings) -> BTreeSet<Number> {
    let batch = record.batch.iter().flat_map(|batch| &batch.members);
    let known: BTreeSet<Number> = batch.chain(record.suspects.iter().flatten()).map(|member| member.number).collect();
    let mut next: Vec<&QueueEntry> = entries.iter().filter(|entry| !known.contains(&entry.number)).collect();
    next.sort_by_key(|entry| rank(entry));
    let room = usize::try_from(settings.batch_size).unwrap_or(usize::MAX).saturating_mul(2);
    known.iter().copied().chain(next.into_iter().take(room).map(|entry| entry.number)).collect()
}
