//! Holds on to a claim while the work on it goes on, and lets go of the work when the claim is lost.

use std::future::Future;
use std::pin::pin;
use std::time::Duration;

use tokio::time::{Instant, MissedTickBehavior, interval_at};

use crate::store::StoreError;

/// Does `work`, calling `renew` three times in every `lease_ms`. `None` when a renewal said that somebody else holds
/// the claim by now: two at one thing at once is what claims are there to prevent.
///
/// A renewal that fails says nothing about who holds the claim, so the work goes on: its end is fenced anyway.
pub(super) async fn holding<T, R>(lease_ms: i64, renew: impl Fn() -> R, work: impl Future<Output = T>) -> Option<T>
where
    R: Future<Output = Result<bool, StoreError>>,
{
    let period = Duration::from_millis(u64::try_from(lease_ms / 3).unwrap_or_default().max(1));
    let mut turns = interval_at(Instant::now() + period, period);
    turns.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut work = pin!(work);
    loop {
        tokio::select! {
            done = &mut work => return Some(done),
            _ = turns.tick() => match renew().await {
                Ok(true) => {}
                Ok(false) => return None,
                Err(error) => tracing::warn!(%error, "a claim could not be renewed"),
            },
        }
    }
}
