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
}

#[derive(Debug, Default)]
struct State {
    limits: Limits,
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
        match state.limits.blocked_until {
            Some(until) if now < until => Err(GithubError::RateLimited { until, secondary: state.secondary }),
            Some(_) | None => Ok(Pass { given: now }),
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
            state.count(response, now);
        }
        let Some(kind) = Refusal::of(response) else {
            if response.status.is_success() && state.limits.blocked_until.is_none_or(|until| pass.given >= until) {
                state.strikes = 0;
            }
            return Ok(());
        };
        let until = match kind {
            Refusal::RetryAfter(pause_ms) => now.plus_ms(pause_ms.max(LEAST_PAUSE_MS)),
            Refusal::Hourly(reset) => reset.max(now.plus_ms(LEAST_PAUSE_MS)),
            Refusal::Secondary => state.strike(pass, now),
        };
        // The search and GraphQL limits are counted apart, and running into one of them stops nothing else.
        if core || kind.is_secondary() {
            state.block(until, kind.is_secondary());
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
    fn count(&mut self, response: &Response, now: Timestamp) {
        let Some(remaining) = response.number("x-ratelimit-remaining") else { return };
        let Some(reset) = response.number("x-ratelimit-reset").map(Timestamp::from_seconds) else { return };
        let limits = &mut self.limits;
        limits.limit = response.number("x-ratelimit-limit").or(limits.limit);
        match (limits.reset, limits.remaining) {
            (Some(known), _) if reset < known => return,
            (Some(known), Some(left)) if reset == known => limits.remaining = Some(remaining.min(left)),
            (Some(_) | None, Some(_) | None) => limits.remaining = Some(remaining),
        }
        limits.reset = Some(reset);
        if limits.remaining == Some(0) {
            self.block(reset.max(now.plus_ms(LEAST_PAUSE_MS)), false);
        }
    }

    fn block(&mut self, until: Timestamp, secondary: bool) {
        if self.limits.blocked_until.is_none_or(|known| known < until) {
            self.limits.blocked_until = Some(until);
            self.secondary = secondary;
        }
    }

    /// The end of the pause for a secondary limit. Requests that were under way when it began are not new offences.
    fn strike(&mut self, pass: Pass, now: Timestamp) -> Timestamp {
        if let Some(until) = self.limits.blocked_until.filter(|until| self.secondary && pass.given < *until) {
            return until.max(now.plus_ms(LEAST_PAUSE_MS));
        }
        let pause_ms = SECONDARY_PAUSE_MS << self.strikes.min(SECONDARY_DOUBLINGS_LIMIT);
        self.strikes = self.strikes.saturating_add(1);
        now.plus_ms(pause_ms)
    }
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
