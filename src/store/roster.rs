//! The roster: workers of the rule files with those that registered laid over them.

use super::{Store, StoreError};
use crate::model::{Presence, RegisteredWorker, Worker};

impl Store {
    /// Everybody of the roster, with those that registered laid over them, and how each can be reached.
    /// `silences` are how long a worker may be silent until it is stale, and until it is offline, in milliseconds.
    pub async fn roster(
        &self,
        files: &[Worker],
        silences: (i64, i64),
    ) -> Result<Vec<(Worker, Presence, Option<RegisteredWorker>)>, StoreError> {
        let mut registered = self.registered_workers().await?;
        if registered.is_empty() {
            return Ok(files.iter().map(|worker| (worker.clone(), Presence::Active, None)).collect());
        }
        let leases: Vec<(String, i64)> = sqlx::query_as(
            "SELECT worker, COUNT(*) FROM tasks WHERE lease_id IS NOT NULL AND worker IS NOT NULL GROUP BY worker",
        )
        .fetch_all(self.database.reader())
        .await?;
        let now = self.clock.now();
        let presence = |known: &RegisteredWorker| {
            let held = leases.iter().find(|(id, _)| id == known.worker.id.as_str()).map_or(0, |(_, count)| *count);
            known.presence(u32::try_from(held).unwrap_or(u32::MAX), silences, now)
        };
        let mut roster = Vec::with_capacity(files.len() + registered.len());
        for file in files {
            let known = registered.iter().position(|known| known.worker.id == file.id).map(|at| registered.remove(at));
            roster.push(match known {
                Some(known) => (laid_over(file, &known.worker), presence(&known), Some(known)),
                None => (file.clone(), Presence::Active, None),
            });
        }
        roster.extend(registered.into_iter().map(|known| (known.worker.clone(), presence(&known), Some(known))));
        Ok(roster)
    }
}

/// What a worker is for is said by whoever runs the server; how and when it works, by itself.
fn laid_over(file: &Worker, own: &Worker) -> Worker {
    Worker {
        id: file.id.clone(),
        role: file.role.clone(),
        capabilities: file.capabilities.clone(),
        login: file.login.clone().or_else(|| own.login.clone()),
        capacity: own.capacity,
        calendar: own.calendar,
        // Neither side can have an agent consent to anything.
        agent: file.agent || own.agent,
        tell: if own.tell.is_empty() { file.tell.clone() } else { own.tell.clone() },
    }
}
