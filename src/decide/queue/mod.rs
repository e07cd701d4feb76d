//! The merge queue: pure decisions about which pulls are tested together, and what lands.
//!
//! One branch's queue is one subject, so it is decided on by one server at a time (see [`crate::store`]): the lease
//! and the fence of that lane are the lock that keeps replicas from building twice. What may go wrong in between is
//! told apart by the batch's number, which is never used again:
//!
//! - A decision records the state first (`Building`, `Landing`) and queues the action in the same transaction. A crash
//!   before it leaves nothing, a crash after it leaves both. The action's key holds the batch's number, so it is there
//!   once, however many decide.
//! - The action looks before it acts, and what came of it is reported under the batch's number. A report of an older
//!   batch is not even read.
//! - A batch lands only out of `Testing`, on a look at its staging commit's checks that is newer than the last word of
//!   the database; the clock counts only after that look. What is moved to is the very commit that the checks are of,
//!   and only as a fast-forward: a base that moved meanwhile makes GitHub refuse.
//! - Every look holds each member against the batch: another head, or a gate that no longer lets it, ends the batch.
//!   In `Landing` this holds only if the action can be withdrawn before it is performed; the store refuses the decision
//!   while the action is under way, and it is made again with what that action reported. The action itself compares
//!   base, staging branch and every member's head once more right before it moves the base.

mod batch;
mod checks;
mod order;
mod turn;
mod words;

use crate::model::{QueueDecision, QueueSnapshot, Timestamp};
use crate::policy::CheckSettings;

pub use order::worth_a_look;
use turn::Turn;

/// What the policy says about the queue.
#[derive(Debug, Clone)]
pub struct QueueSettings {
    /// How many pulls are tested together at most.
    pub batch_size: u32,
    /// How long a batch's checks are waited for.
    pub timeout_ms: i64,
    /// Which checks count, and how each must end.
    pub checks: CheckSettings,
}

/// Decides what is to be done about a branch's queue.
#[must_use]
pub fn decide(snapshot: &QueueSnapshot, settings: &QueueSettings, now: Timestamp) -> QueueDecision {
    let mut turn = Turn::new(snapshot, settings, now);
    turn.go_on();
    turn.start();
    turn.finish()
}
