//! Stops before GitHub's rate limits do, by the headers of its answers.

use std::sync::{Mutex, PoisonError};

use http::StatusCode;

use super::GithubError;
use super::errors::ErrorBody;
use super::request::Response;
use crate::model::Timestamp;

/// Least pause after a secondary limit without `Retry-After`; doubles with each further one.
const SECONDARY_PAUSE_MS: i64 = 60_000;
/// The doubling ends at 64 minutes.
const SECONDARY_DOUBLINGS_LIMIT: u32 = 6;
/// Least pause after any limit, so that a clock that is ahead of GitHub's does not turn a reset into a loop.
const LEAST_PAUSE_MS: i64 = 1_000;

/// A clock that is set back by less is kept right.
pub(super) const SET_BACK_MS: i64 = 5_000;

/// The window of a limit lasts an hour, so that a reset which is further away is due to a clock that is wrong.
const WINDOW_MS: i64 = 3_600_000;

/// A longer `Retry-After` is taken for a fault.
const RETRY_AFTER_LIMIT_S: i64 = 86_400;

/// What is known of a rate limit, for metrics and for pacing.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Limits {
    /// Requests an hour; `None` before the first answer.
    pub limit: Option<i64>,
    /// Requests left until `reset`.
    pub remaining: Option<i64>,
    /// When `remaining` is full again.
    pub reset: Option<Timestamp>,
    /// No request is made before this.
    pub blocked_until: Option<Timestamp>,
}

/// A permission to send one request, with the time it was given.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pass {
    given: Timestamp,
    /// Whether nothing was left when it was given, so that its answer tells of what came after.
    renews: bool,
}

#[derive(Debug, Default)]
struct State {
    limits: Limits,
    /// When the pause began that lasts until `blocked_until`.
    blocked_from: Option<Timestamp>,
    /// Whether `blocked_until` is due to a secondary limit.
    secondary: bool,
    /// Secondary limits without `Retry-After` in a row.
    strikes: u32,
}

/// The limits of one credential
/// (<https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api>).
#[derive(Debug, Default)]
pub(super) struct Throttle {
    state: Mutex<State>,
}

impl Throttle {
    /// Lets a request pass, or says until when none may.
    pub(super) fn pass(&self, now: Timestamp) -> Result<Pass, GithubError> {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        match state.blocked(now) {
            Some(until) => Err(GithubError::RateLimited { until, secondary: state.secondary }),
            None => Ok(Pass { given: now, renews: state.limits.remaining == Some(0) }),
        }
    }

    /// Learns from an answer.
    ///
    /// # Errors
    /// [`GithubError::RateLimited`] when the answer itself is the refusal.
    pub(super) fn learn(&self, pass: Pass, response: &Response, now: Timestamp) -> Result<(), GithubError> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let core = response.header("x-ratelimit-resource").is_none_or(|resource| resource == "core");
        if core {
            state.count(pass, response, now);
        }
        let Some(kind) = Refusal::of(response) else {
            if response.status.is_success() && state.limits.blocked_until.is_none_or(|until| pass.given >= until) {
                state.strikes = 0;
            }
            return Ok(());
        };
        let until = match kind {
            Refusal::RetryAfter(pause_ms) => now.plus_ms(pause_ms.max(LEAST_PAUSE_MS)),
            Refusal::Hourly(reset) => within_the_hour(reset, now),
            Refusal::Secondary => state.strike(pass, now),
        };
        // The search and GraphQL limits are counted apart, and running into one of them stops nothing else.
        if core || kind.is_secondary() {
            state.block(until, kind.is_secondary(), now);
        }
        Err(GithubError::RateLimited { until, secondary: kind.is_secondary() })
    }

    /// What is known at present.
    pub(super) fn limits(&self) -> Limits {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).limits
    }
}

impl State {
    /// Takes over the counters. Answers overtake each other: within one window the lowest count is the latest.
    fn count(&mut self, pass: Pass, response: &Response, now: Timestamp) {
        let Some(remaining) = response.number("x-ratelimit-remaining") else { return };
        let Some(reset) = response.number("x-ratelimit-reset").map(Timestamp::from_seconds) else { return };
        let limits = &mut self.limits;
        limits.limit = response.number("x-ratelimit-limit").or(limits.limit);
        match (limits.reset, limits.remaining) {
            (Some(known), _) if reset < known => return,
            (Some(known), Some(left)) if reset == known && !pass.renews => limits.remaining = Some(remaining.min(left)),
            (Some(_) | None, Some(_) | None) => limits.remaining = Some(remaining),
        }
        limits.reset = Some(reset);
        if limits.remaining == Some(0) {
            self.block(within_the_hour(reset, now), false, now);
        }
    }

    /// The end of the pause that holds at `now`. One that began in the future did so before the clock was set back, and
    /// how much of it is left is not known: GitHub is asked again.
    fn blocked(&self, now: Timestamp) -> Option<Timestamp> {
        self.limits.blocked_until.filter(|until| self.has_begun(now) && now < *until)
    }

    fn has_begun(&self, now: Timestamp) -> bool {
        self.blocked_from.is_some_and(|from| from <= now.plus_ms(SET_BACK_MS))
    }

    fn block(&mut self, until: Timestamp, secondary: bool, now: Timestamp) {
        if self.blocked(now).is_none_or(|known| known < until) {
            self.limits.blocked_until = Some(until);
            self.blocked_from = Some(now);
            self.secondary = secondary;
        }
    }

    /// The end of the pause for a secondary limit. Requests that were under way when it began are not new offences.
    fn strike(&mut self, pass: Pass, now: Timestamp) -> Timestamp {
        let in_pause = |until: &Timestamp| self.secondary && pass.given < *until && self.has_begun(now);
        if let Some(until) = self.limits.blocked_until.filter(in_pause) {
            return until.max(now.plus_ms(LEAST_PAUSE_MS));
        }
        let pause_ms = SECONDARY_PAUSE_MS << self.strikes.min(SECONDARY_DOUBLINGS_LIMIT);
        self.strikes = self.strikes.saturating_add(1);
        now.plus_ms(pause_ms)
    }
}

/// The end of the pause that a reset asks for.
fn within_the_hour(reset: Timestamp, now: Timestamp) -> Timestamp {
    reset.clamp(now.plus_ms(LEAST_PAUSE_MS), now.plus_ms(WINDOW_MS))
}

/// The ways in which an answer says "too many".
#[derive(Debug, Clone, Copy)]
enum Refusal {
    /// Secondary, with the pause in milliseconds.
    RetryAfter(i64),
    /// The hourly limit, with its reset.
    Hourly(Timestamp),
    /// Secondary, without a pause.
    Secondary,
}

impl Refusal {
    /// GitHub's order: `Retry-After` first, then `X-RateLimit-Remaining: 0`, else at least a minute.
    fn of(response: &Response) -> Option<Self> {
        if !matches!(response.status, StatusCode::FORBIDDEN | StatusCode::TOO_MANY_REQUESTS) {
            return None;
        }
        if let Some(seconds) = response.number("retry-after") {
            return Some(Self::RetryAfter(seconds.clamp(0, RETRY_AFTER_LIMIT_S) * 1000));
        }
        if response.number("x-ratelimit-remaining") == Some(0)
            && let Some(reset) = response.number("x-ratelimit-reset")
        {
            return Some(Self::Hourly(Timestamp::from_seconds(reset)));
        }
        let body = ErrorBody::of(response);
        let says = |text: Option<&String>, words: &[&str]| {
            let text = text.map(|text| text.to_ascii_lowercase()).unwrap_or_default();
            words.iter().any(|word| text.contains(word))
        };
        let secondary = response.status == StatusCode::TOO_MANY_REQUESTS
            || says(body.message.as_ref(), &["secondary rate limit", "abuse detection"])
            || says(body.documentation_url.as_ref(), &["secondary-rate-limits", "abuse-rate-limits"]);
        secondary.then_some(Self::Secondary)
    }

    const fn is_secondary(self) -> bool {
        match self {
            Self::RetryAfter(_) | Self::Secondary => true,
            Self::Hourly(_) => false,
        }
    }
}
