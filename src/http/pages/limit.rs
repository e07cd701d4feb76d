//! How often a minute something may happen, whoever does it.

use std::sync::{Mutex, PoisonError};

use crate::model::Timestamp;

const MINUTE_MS: i64 = 60_000;

/// Counts within a minute, which begins with the first that is counted. It remembers two numbers, however many come.
#[derive(Debug)]
pub(super) struct PerMinute {
    most: u32,
    state: Mutex<(Timestamp, u32)>,
}

impl PerMinute {
    pub(super) const fn new(most: u32) -> Self {
        Self { most, state: Mutex::new((Timestamp(i64::MIN), 0)) }
    }

    /// Counts one more: the how-manieth it is of this minute, or `Err` with the milliseconds to wait where no more may.
    pub(super) fn take(&self, now: Timestamp) -> Result<u32, i64> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let (began, count) = *state;
        let past_ms = now.since_ms(began);
        if !(0..MINUTE_MS).contains(&past_ms) {
            *state = (now, 1);
            return Ok(1);
        }
        if count >= self.most {
            return Err(MINUTE_MS - past_ms);
        }
        state.1 += 1;
        Ok(count + 1)
    }

    /// Takes one back: it was not of the kind that is counted.
    pub(super) fn give_back(&self) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.1 = state.1.saturating_sub(1);
    }
}
