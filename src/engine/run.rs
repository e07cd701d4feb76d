//! The loops themselves: each does what is due, then waits for its bell or for what falls due next.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::Engine;
use crate::store::Bell;

/// Subjects that are looked at, and actions that are performed, at once.
const AT_ONCE: usize = 8;
/// Each loop looks by itself after so long, should a bell have been lost.
const LOOK_AGAIN: Duration = Duration::from_secs(1);
/// The pause while everything that is due waits behind something that is under way.
const BUSY_PAUSE: Duration = Duration::from_millis(50);
/// The pause after the store failed.
const STORE_PAUSE: Duration = Duration::from_secs(2);

impl Engine {
    /// Runs all loops until `stop`, then waits for what is under way.
    pub async fn run(self: Arc<Self>, stop: CancellationToken) {
        let tracker = TaskTracker::new();
        for bell in [Bell::Intake, Bell::Subjects, Bell::Outbox] {
            tracker.spawn(Arc::clone(&self).turn(bell, stop.clone(), tracker.clone()));
        }
        tracker.spawn(Arc::clone(&self).listen(stop.clone()));
        tracker.spawn(Arc::clone(&self).hear_until(stop.clone()));
        tracker.spawn(Arc::clone(&self).tick_until(stop.clone()));
        stop.cancelled().await;
        tracker.close();
        tracker.wait().await;
    }

    async fn turn(self: Arc<Self>, bell: Bell, stop: CancellationToken, tracker: TaskTracker) {
        let places = Arc::new(Semaphore::new(AT_ONCE));
        while !stop.is_cancelled() {
            let pause = match self.start_next(bell, &places, &tracker).await {
                Ok(true) => continue,
                Ok(false) => self.until_next(bell).await,
                Err(error) => {
                    tracing::error!(error = format!("{error:#}"), ?bell, "the store failed; tried again shortly");
                    STORE_PAUSE
                }
            };
            tokio::select! {
                () = stop.cancelled() => {}
                () = self.app.store.database().wake().bell(bell).notified() => {}
                () = tokio::time::sleep(pause) => {}
            }
        }
    }

    /// Starts one piece of work if there is one; waits for a free place first.
    async fn start_next(self: &Arc<Self>, bell: Bell, places: &Arc<Semaphore>, tracker: &TaskTracker) -> Result<bool> {
        if bell == Bell::Intake {
            return Ok(self.intake_step().await? > 0);
        }
        let place = Arc::clone(places).acquire_owned().await?;
        let engine = Arc::clone(self);
        if bell == Bell::Subjects {
            let Some(claimed) = self.claim_subject().await? else { return Ok(false) };
            tracker.spawn(async move {
                log_failure(engine.decide(claimed).await);
                drop(place);
            });
        } else {
            let Some(attempt) = self.claim_action().await? else { return Ok(false) };
            tracker.spawn(async move {
                log_failure(engine.perform(attempt).await);
                drop(place);
            });
        }
        Ok(true)
    }

    async fn until_next(&self, bell: Bell) -> Duration {
        let due = self.app.store.next_due(bell).await.ok().flatten();
        let wait_ms = due.map_or(i64::MAX, |due| due.since_ms(self.app.clock.now()));
        match u64::try_from(wait_ms) {
            Ok(wait_ms) if wait_ms > 0 => Duration::from_millis(wait_ms).min(LOOK_AGAIN),
            // Due and yet not claimed: its lane is busy, and whoever is at it rings when it is done.
            Ok(_) | Err(_) => BUSY_PAUSE,
        }
    }

    async fn listen(self: Arc<Self>, stop: CancellationToken) {
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                lost = self.app.store.database().listen() => {
                    tracing::debug!(?lost, "listening to other servers again after a lost connection");
                }
            }
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(STORE_PAUSE) => {}
            }
        }
    }
}

fn log_failure(result: Result<()>) {
    if let Err(error) = result {
        tracing::error!(error = format!("{error:#}"), "the store failed under a piece of work; its lease will run out");
    }
}
