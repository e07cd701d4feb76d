//! Holds on to a claim while the work on it goes on, and lets nothing more be sent once it may be somebody else's.

use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::task::Poll;
use std::time::Duration;

use tokio::time::{Instant, MissedTickBehavior, interval_at, sleep};

use crate::store::StoreError;

/// The pause after a renewal that failed, while the work stands still.
const RENEWAL_PAUSE: Duration = Duration::from_millis(500);

/// Since when, and for how long, something is claimed.
#[derive(Debug, Clone, Copy)]
pub(super) struct Term {
    /// Before the claim was made, by the clock that nobody sets and that goes on while a process is stopped.
    pub(super) since: std::time::Instant,
    /// How long it counts, in milliseconds.
    pub(super) lease_ms: i64,
}

/// Does `work`, calling `renew` three times in every `lease_ms`. `None` when a renewal said that somebody else holds
/// the claim by now: two at one thing at once is what claims are there to prevent.
///
/// A renewal that fails says nothing about who holds the claim, so the work goes on: its end is fenced anyway. It also
/// goes on while a renewal is under way, which may well have to wait for a row or a connection that the work has.
pub(super) async fn holding<T, R>(lease_ms: i64, renew: impl Fn() -> R, work: impl Future<Output = T>) -> Option<T>
where
    R: Future<Output = Result<bool, StoreError>>,
{
    held((lease(lease_ms), None), renew, pin!(work)).await
}

/// The same for work that changes the world beside the store, and has no part in the store itself.
///
/// A process may be stopped (by a signal, by a machine that is moved, by swapping) for longer than its lease, and wakes
/// just before a call. So whenever the lease has run out by our own clock the work stands still until a renewal has said
/// that the claim is still ours. Whoever was overtaken sends nothing more, but for a request that was on its way.
pub(super) async fn holding_strictly<T, R>(
    term: Term,
    renew: impl Fn() -> R,
    work: impl Future<Output = T>,
) -> Option<T>
where
    R: Future<Output = Result<bool, StoreError>>,
{
    let lease = lease(term.lease_ms);
    held((lease, Some(Instant::from_std(term.since) + lease)), renew, pin!(work)).await
}

fn lease(lease_ms: i64) -> Duration {
    Duration::from_millis(u64::try_from(lease_ms).unwrap_or_default().max(3))
}

async fn held<T, R>(
    (lease, mut ends): (Duration, Option<Instant>),
    renew: impl Fn() -> R,
    mut work: Pin<&mut impl Future<Output = T>>,
) -> Option<T>
where
    R: Future<Output = Result<bool, StoreError>>,
{
    let mut turns = interval_at(Instant::now() + lease / 3, lease / 3);
    turns.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        let has_run_out = tokio::select! {
            done = before(ends, work.as_mut()) => match done {
                Some(done) => return Some(done),
                None => true,
            },
            _ = turns.tick() => false,
        };
        let asked = Instant::now();
        let mut renewal = pin!(renew());
        let renewed = if has_run_out {
            renewal.await
        } else {
            tokio::select! {
                done = before(ends, work.as_mut()) => {
                    // No statement is broken off; whatever it waited for the work has let go of by now.
                    let renewed = renewal.await;
                    match done {
                        Some(done) => return Some(done),
                        None => renewed,
                    }
                }
                renewed = &mut renewal => renewed,
            }
        };
        match renewed {
            Ok(true) => ends = ends.map(|_| asked + lease),
            Ok(false) => return None,
            Err(error) => {
                // That the store fails is told once, by the loops.
                tracing::debug!(%error, "a claim could not be renewed");
                if has_run_out {
                    sleep(RENEWAL_PAUSE).await;
                }
            }
        }
    }
}

/// What the work comes to, or `None` as soon as it would go on after `ends`.
async fn before<T>(ends: Option<Instant>, mut work: Pin<&mut impl Future<Output = T>>) -> Option<T> {
    poll_fn(|context| {
        let is_over = ends.is_some_and(|ends| Instant::now() >= ends);
        if is_over { Poll::Ready(None) } else { work.as_mut().poll(context).map(Some) }
    })
    .await
}

#[cfg(test)]
mod tests;
