//! Row ids that rise in the order of arrival, made by the server so that both databases take the same ids.

use std::sync::atomic::{AtomicI64, Ordering};

use crate::model::Timestamp;

/// Bits below the millisecond: a random part that keeps two servers apart and a counter within one.
const SUB_MS_BITS: u32 = 20;

/// Hands out ids of the form `milliseconds << 20 | random`, each greater than the last one of this server.
///
/// 2^20 ids a millisecond are more than any server makes; 43 bits of milliseconds last until the year 2248.
#[derive(Debug, Default)]
pub(super) struct ArrivalOrder {
    last: AtomicI64,
}

impl ArrivalOrder {
    pub(super) const fn new() -> Self {
        Self { last: AtomicI64::new(0) }
    }

    /// Has all further ids come after this one.
    pub(super) fn follow(&self, newest: i64) {
        self.last.fetch_max(newest, Ordering::SeqCst);
    }

    /// The next id at `now`.
    pub(super) fn next(&self, now: Timestamp) -> i64 {
        let fresh = (now.ms() << SUB_MS_BITS) | i64::from(rand::random::<u16>());
        let mut next = fresh;
        // The closure always answers `Some`, so the update cannot fail.
        let _ = self.last.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |last| {
            next = fresh.max(last + 1);
            Some(next)
        });
        next
    }

    /// The smallest id that a row of `at` can have: everything older is below it.
    pub(super) const fn floor(at: Timestamp) -> i64 {
        at.ms() << SUB_MS_BITS
    }
}
