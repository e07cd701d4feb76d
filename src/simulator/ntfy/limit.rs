//! How many requests a visitor may make: a token bucket that is filled by the clock.

use std::collections::HashMap;

use crate::model::Timestamp;

/// Milliseconds of a day.
const DAY_MS: i64 = 24 * 60 * 60 * 1000;

/// A bucket's size and how fast it fills (<https://docs.ntfy.sh/config/#request-limits>).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RequestLimit {
    /// How many requests can be made at once.
    pub burst: u32,
    /// After how many milliseconds one more is allowed; above zero.
    pub refill_ms: i64,
}

impl Default for RequestLimit {
    /// ntfy.sh's own: 60, and one more every 5 s.
    fn default() -> Self {
        Self { burst: 60, refill_ms: 5_000 }
    }
}

/// The midnight in UTC after `now`, when ntfy forgets the day's counts.
pub(super) fn next_midnight_utc(now: Timestamp) -> Timestamp {
    Timestamp((now.ms().div_euclid(DAY_MS) + 1) * DAY_MS)
}

/// One bucket for each visitor.
pub(super) struct Limiter {
    limit: Option<RequestLimit>,
    buckets: HashMap<String, Bucket>,
}

struct Bucket {
    tokens: u32,
    filled: Timestamp,
}

impl Limiter {
    pub(super) fn new(limit: Option<RequestLimit>) -> Self {
        Self { limit, buckets: HashMap::new() }
    }

    /// Takes one request from the visitor's bucket; false when it is empty.
    pub(super) fn admit(&mut self, visitor: &str, now: Timestamp) -> bool {
        let Some(limit) = self.limit else { return true };
        let refill_ms = limit.refill_ms.max(1);
        let bucket = self.buckets.entry(visitor.to_owned()).or_insert(Bucket { tokens: limit.burst, filled: now });
        let earned = (now.since_ms(bucket.filled) / refill_ms).max(0);
        bucket.filled = bucket.filled.plus_ms(earned * refill_ms);
        bucket.tokens = bucket.tokens.saturating_add(u32::try_from(earned).unwrap_or(u32::MAX)).min(limit.burst);
        if bucket.tokens == 0 {
            return false;
        }
        bucket.tokens -= 1;
        true
    }
}
