//! The loops themselves: each does what is due, then waits for its bell or for what falls due next.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::Engine;
use crate::store::{Bell, StoreError};

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
        tracker.spawn(Arc::clone(&self).catch_up_until(stop.clone()));
        tracker.spawn(Arc::clone(&self).take_over_until(stop.clone()));
        tracker.spawn(Arc::clone(&self).check_itself_until(stop.clone()));
        stop.cancelled().await;
        tracker.close();
        tracker.wait().await;
    }

    /// Lets go of what this server has begun and cannot finish before it ends. What is being performed keeps its lease:
    /// GitHub may still do it, and whoever looks for it too soon does not find it.
    pub async fn hand_over(&self) -> Result<u64> {
        Ok(self.app.store.let_go_of_subjects(&self.owner).await?)
    }

    /// Hands back the work of servers that are gone. It waits for nothing else: neither a sweep nor GitHub is in its way.
    async fn take_over_until(self: Arc<Self>, stop: CancellationToken) {
        while !stop.is_cancelled() {
            if let Err(error) = self.take_over().await {
                tracing::debug!(%error, "leases that ran out are looked at again in a moment");
            }
            tokio::select! {
                () = stop.cancelled() => {}
                () = tokio::time::sleep(LOOK_AGAIN) => {}
            }
        }
    }

    /// Frees what servers held that are gone. First comes a look at the clock: one that was set forward makes what this
    /// server is at look as if nobody held it.
    pub(super) async fn take_over(&self) -> Result<()> {
        self.look_at_clock().await?;
        self.app.store.free_expired_actions().await?;
        Ok(())
    }

    async fn turn(self: Arc<Self>, bell: Bell, stop: CancellationToken, tracker: TaskTracker) {
        let places = Arc::new(Semaphore::new(AT_ONCE));
        let who = match bell {
            Bell::Intake => "intake",
            Bell::Subjects => "subjects",
            Bell::Outbox => "outbox",
        };
        while !stop.is_cancelled() {
            let pause = match self.start_next(bell, &places, &tracker).await {
                Ok(started) => {
                    self.app.troubles.passed(who);
                    if started {
                        continue;
                    }
                    self.until_next(bell).await
                }
                Err(error) => {
                    self.store_failed(who, &error);
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
        self.app.store.check_file()?;
        if bell == Bell::Intake {
            return Ok(self.intake_step().await? > 0);
        }
        let place = Arc::clone(places).acquire_owned().await?;
        let engine = Arc::clone(self);
        if bell == Bell::Subjects {
            let Some(claimed) = self.claim_subject().await? else { return Ok(false) };
            tracker.spawn(async move {
                engine.note_end("decisions", engine.decide(claimed).await);
                drop(place);
            });
        } else {
            let Some(attempt) = self.claim_action().await? else { return Ok(false) };
            tracker.spawn(async move {
                engine.note_end("performing", engine.perform(attempt).await);
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

    /// A piece of work that the store failed under is taken up again once its lease has run out.
    fn note_end(&self, who: &str, result: Result<()>) {
        match result {
            Ok(()) => self.app.troubles.passed(who),
            Err(error) => self.store_failed(who, &error),
        }
    }

    /// Notes that a part of the server failed; where that is for the database, it is told once for all of them.
    pub(super) fn store_failed(&self, who: &str, error: &anyhow::Error) {
        if let Some(fault) = error.chain().find_map(|cause| cause.downcast_ref::<StoreError>()) {
            self.app.store.struck(who, fault);
        } else {
            tracing::error!(who, error = format!("{error:#}"), "something failed and is tried again shortly");
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
