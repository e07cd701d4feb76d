//! Notices that the clock was set, and keeps that from stalling what waits or from having things done twice.
//!
//! Times are the wall clock's, since people and GitHub speak of it and since they outlive a restart. A clock that is set
//! forward ends every lease at once, also of what this very server is still at; a clock that is set back has everything
//! wait that was put off before.

use std::sync::PoisonError;
use std::time::Instant;

use anyhow::Result;

use super::Engine;
use crate::model::Timestamp;
use crate::store::{Attempt, SetBack};

/// A step back that is smaller is one of those that keep a clock right.
const BACK_MS: i64 = 5_000;
/// So much more than went by is told as a jump; a machine that slept looks the same.
const FORWARD_MS: i64 = 120_000;

/// An action that is being performed, for as long as this is held.
pub(super) struct UnderWay<'e> {
    engine: &'e Engine,
    id: i64,
}

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        self.engine.under_way.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.id);
    }
}

impl Engine {
    pub(super) fn under_way(&self, attempt: &Attempt) -> UnderWay<'_> {
        let mut under_way = self.under_way.lock().unwrap_or_else(PoisonError::into_inner);
        under_way.insert(attempt.id, attempt.fence);
        UnderWay { engine: self, id: attempt.id }
    }

    /// Looks whether the clock was set since the last look, by whichever server that was.
    pub(super) async fn look_at_clock(&self) -> Result<()> {
        // Several loops look, and a jump is to be borne once.
        let mut last_look = self.last_look.lock().await;
        let (now, here) = (self.app.clock.now(), Instant::now());
        let last = *last_look;
        let before = match last {
            Some((before, _)) => Some(before),
            None => self.app.store.last_run().await?,
        };
        if let Some(before) = before {
            self.compare(before, now, last.map(|(_, there)| here.duration_since(there))).await?;
        }
        *last_look = Some((now, here));
        Ok(())
    }

    async fn compare(&self, before: Timestamp, now: Timestamp, took: Option<std::time::Duration>) -> Result<()> {
        let by_ms = before.since_ms(now);
        if by_ms > BACK_MS {
            let clocks = self.app.rules.current().roster.clocks.clone();
            let task_lease_ms = clocks.stale_ms.saturating_add(clocks.grace_ms);
            self.app.store.set_back(SetBack { by_ms, lease_ms: self.lease_ms(), task_lease_ms }).await?;
            tracing::warn!(
                by_s = by_ms / 1000,
                %before,
                "the clock was set back; what waits does so by the new one, and nothing is done twice. See that the \
                 machine's clock is kept right, by NTP for instance"
            );
        }
        // What a lease guards may still be under way in this process.
        if now.since_ms(before) > self.lease_ms() / 2 {
            self.keep_under_way().await?;
        }
        let took_ms = took.map_or(i64::MAX, |took| i64::try_from(took.as_millis()).unwrap_or(i64::MAX));
        if now.since_ms(before).saturating_sub(took_ms) > FORWARD_MS {
            let ahead_s = now.since_ms(before).saturating_sub(took_ms) / 1000;
            tracing::warn!(by_s = ahead_s, %before, "the clock was set forward, or the machine slept; what has fallen due is done now");
        }
        Ok(())
    }

    /// Has the claims of the actions that this server performs at present run out a lease from now.
    async fn keep_under_way(&self) -> Result<()> {
        let held: Vec<(i64, i64)> = {
            let under_way = self.under_way.lock().unwrap_or_else(PoisonError::into_inner);
            under_way.iter().map(|(id, fence)| (*id, *fence)).collect()
        };
        for (id, fence) in held {
            self.app.store.keep_action((id, fence), self.lease_ms()).await?;
        }
        Ok(())
    }
}
