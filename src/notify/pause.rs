//! How long a host is left alone after it said 429: ntfy gives no `Retry-After`, and bans who goes on asking.

use crate::model::Timestamp;

/// The first pause after a refused request, in milliseconds: the time in which ntfy allows one more.
const FIRST_PAUSE_MS: i64 = 5_000;
/// The longest pause, in milliseconds: 10 min.
const LONGEST_PAUSE_MS: i64 = 10 * 60 * 1_000;
/// A clock that is set back by less is kept right.
const SET_BACK_MS: i64 = 5_000;
/// Milliseconds of a day.
const DAY_MS: i64 = 24 * 60 * 60 * 1_000;

/// The pause that one host is in, and how long its next one will be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Pause {
    current: Option<Current>,
    next_ms: i64,
}

/// A pause that was begun, whether or not it is over by now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Current {
    begun: Timestamp,
    pub until: Timestamp,
    pub daily: bool,
}

impl Default for Pause {
    fn default() -> Self {
        Self { current: None, next_ms: FIRST_PAUSE_MS }
    }
}

impl Pause {
    /// The pause that holds at `now`. One that began in the future did so before the clock was set back.
    pub(super) fn at(&self, now: Timestamp) -> Option<Current> {
        self.current.filter(|current| current.begun <= now.plus_ms(SET_BACK_MS) && now < current.until)
    }

    /// Too many requests: begins a pause twice as long as the last. Requests that were under way together and are
    /// all refused count once.
    pub(super) fn too_many_requests(&mut self, now: Timestamp) -> Current {
        if let Some(current) = self.at(now) {
            return current;
        }
        let begun = Current { begun: now, until: now.plus_ms(self.next_ms), daily: false };
        self.next_ms = (self.next_ms * 2).min(LONGEST_PAUSE_MS);
        self.current = Some(begun);
        begun
    }

    /// The day's quota is used up: begins a pause until the quota is renewed, at the next midnight in UTC
    /// (<https://docs.ntfy.sh/publish/#limitations>).
    pub(super) fn daily_limit(&mut self, now: Timestamp) -> Current {
        let midnight = Timestamp((now.ms().div_euclid(DAY_MS) + 1) * DAY_MS);
        let begun = Current { begun: now, until: midnight, daily: true };
        self.current = Some(begun);
        begun
    }

    /// A request was answered well: the next pause is a short one again. Says nothing about a pause that another
    /// request has begun meanwhile.
    pub(super) fn success(&mut self, now: Timestamp) {
        if self.at(now).is_none() {
            *self = Self::default();
        }
    }
}

#[cfg(test)]
mod tests;
