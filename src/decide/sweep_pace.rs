//! How much of an installation's hourly limit sweeps may use, so that most of it is left for what webhooks tell.

use serde::{Deserialize, Serialize};

use crate::model::Timestamp;

const HOUR_MS: i64 = 3_600_000;
/// What an installation has at least
/// (<https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api#primary-rate-limit-for-github-app-installations>).
const LIMIT: i64 = 5_000;
/// So much of the limit may go into reading what changed.
const READ_PERCENT: i64 = 20;
/// So much of it may go into looks at what was found changed.
const LOOK_PERCENT: i64 = 40;
/// Of each of the two so much may come at once, before its time: with both, an hour of sweeps never uses more than 80 %.
const EARLY_PERCENT: i64 = 10;
/// What one look costs, with what it leads to, roughly.
const CALLS_A_LOOK: i64 = 5;
/// Sweeps leave so much of the limit untouched, whoever used the rest.
const RESERVE_PERCENT: i64 = 20;

/// What GitHub says of an installation's limit, as far as it is known.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct KnownLimit {
    /// Requests an hour.
    pub limit: Option<i64>,
    /// Requests left until the reset.
    pub remaining: Option<i64>,
    /// When all of them are there again.
    pub reset: Option<Timestamp>,
}

/// Until when what sweeps used so far is paid for, if it had been used at the permitted rate.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Spent {
    reads_until_ms: i64,
    looks_until_ms: i64,
}

/// How often something may happen: each takes its time, and some may come early.
#[derive(Debug, Clone, Copy)]
struct Rate {
    each_ms: i64,
    at_once: i64,
}

impl Rate {
    fn of(limit: i64, percent: i64, calls: i64) -> Self {
        let share = |percent: i64| (limit.max(1) * percent / 100 / calls).max(1);
        Self { each_ms: (HOUR_MS / share(percent)).max(1), at_once: share(EARLY_PERCENT) }
    }

    /// When the next one may happen.
    fn due(self, paid_until_ms: i64, now: Timestamp) -> Timestamp {
        now.max(Timestamp(paid_until_ms).plus_ms(-self.each_ms * self.at_once))
    }

    fn paid(self, paid_until_ms: i64, now: Timestamp, count: i64) -> i64 {
        Timestamp(paid_until_ms).max(now).plus_ms(self.each_ms * count).ms()
    }
}

impl KnownLimit {
    fn an_hour(self) -> i64 {
        self.limit.unwrap_or(LIMIT)
    }

    fn reads(self) -> Rate {
        Rate::of(self.an_hour(), READ_PERCENT, 1)
    }

    fn looks(self) -> Rate {
        Rate::of(self.an_hour(), LOOK_PERCENT, CALLS_A_LOOK)
    }

    /// Until when sweeps read nothing more; `None` while they may.
    #[must_use]
    pub fn wait(self, spent: &Spent, now: Timestamp) -> Option<Timestamp> {
        if let (Some(remaining), Some(reset)) = (self.remaining, self.reset)
            && now < reset
            && remaining * 100 < self.an_hour() * RESERVE_PERCENT
        {
            return Some(reset);
        }
        let due = self.reads().due(spent.reads_until_ms, now);
        (due > now).then_some(due)
    }

    /// Counts requests that were made and that count against the limit.
    pub fn count_reads(self, spent: &mut Spent, now: Timestamp, requests: i64) {
        spent.reads_until_ms = self.reads().paid(spent.reads_until_ms, now, requests);
    }

    /// When one more thing that was found changed is looked at: at once, or in its turn.
    #[must_use]
    pub fn next_look(self, spent: &mut Spent, now: Timestamp) -> Timestamp {
        let rate = self.looks();
        let due = rate.due(spent.looks_until_ms, now);
        spent.looks_until_ms = rate.paid(spent.looks_until_ms, now, 1);
        due
    }
}
