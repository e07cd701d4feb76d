//! Times in which workers were offline.

use super::database::Tx;
use super::durable::Durable as _;
use super::{Store, StoreError};
use crate::model::{Downtime, SaidStatus, Timestamp, WorkerId};

impl Store {
    /// Notes that a worker is not there, since then. `false` when that was known.
    pub async fn begin_downtime(&self, downtime: &Downtime) -> Result<bool, StoreError> {
        let mut transaction = self.database.begin().await?;
        let begun = self.begin_downtime_in(&mut transaction, downtime).await?;
        transaction.commit().durably("begin_downtime").await?;
        Ok(begun)
    }

    /// A worker is offline once, however many of its tasks find out.
    pub(super) async fn begin_downtime_in(
        &self,
        transaction: &mut Tx,
        downtime: &Downtime,
    ) -> Result<bool, StoreError> {
        let begun = sqlx::query(
            "INSERT INTO downtimes (worker, from_ms, cause) \
             SELECT $1, $2, $3 WHERE NOT EXISTS (SELECT 1 FROM downtimes WHERE worker = $1 AND until_ms IS NULL) \
             ON CONFLICT (worker, from_ms) DO NOTHING",
        )
        .bind(downtime.worker.as_str())
        .bind(downtime.from.ms())
        .bind(downtime.cause.as_str())
        .execute(&mut **transaction)
        .await?;
        Ok(begun.rows_affected() == 1)
    }

    /// Whoever is heard of again is offline no more, unless they say so. `true` when they were.
    pub(super) async fn is_back(
        &self,
        transaction: &mut Tx,
        worker: &WorkerId,
        said: SaidStatus,
    ) -> Result<bool, StoreError> {
        if said == SaidStatus::Offline {
            return Ok(false);
        }
        let ended = sqlx::query("UPDATE downtimes SET until_ms = $1 WHERE worker = $2 AND until_ms IS NULL")
            .bind(self.clock.now().ms())
            .bind(worker.as_str())
            .execute(&mut **transaction)
            .await?
            .rows_affected();
        Ok(ended > 0)
    }

    /// Notes that a downtime is over.
    pub async fn end_downtime(&self, downtime: &Downtime) -> Result<(), StoreError> {
        sqlx::query("UPDATE downtimes SET until_ms = $1 WHERE worker = $2 AND from_ms = $3 AND until_ms IS NULL")
            .bind(downtime.until.unwrap_or(self.clock.now()).ms())
            .bind(downtime.worker.as_str())
            .bind(downtime.from.ms())
            .execute(self.database.writer())
            .durably("end_downtime")
            .await?;
        Ok(())
    }

    /// Downtimes that last, oldest first.
    pub async fn open_downtimes(&self) -> Result<Vec<Downtime>, StoreError> {
        let rows: Vec<(String, i64, Option<i64>, String)> = sqlx::query_as(
            "SELECT worker, from_ms, until_ms, cause FROM downtimes WHERE until_ms IS NULL ORDER BY from_ms, worker",
        )
        .fetch_all(self.database.reader())
        .await?;
        Ok(rows.into_iter().map(downtime).collect())
    }

    /// Downtimes of one worker, the newest first, at most `limit`.
    pub async fn downtimes(&self, worker: &WorkerId, limit: i64) -> Result<Vec<Downtime>, StoreError> {
        let rows: Vec<(String, i64, Option<i64>, String)> = sqlx::query_as(
            "SELECT worker, from_ms, until_ms, cause FROM downtimes WHERE worker = $1 ORDER BY from_ms DESC LIMIT $2",
        )
        .bind(worker.as_str())
        .bind(limit)
        .fetch_all(self.database.reader())
        .await?;
        Ok(rows.into_iter().map(downtime).collect())
    }
}

fn downtime((worker, from_ms, until_ms, cause): (String, i64, Option<i64>, String)) -> Downtime {
    Downtime { worker: WorkerId::new(worker), from: Timestamp(from_ms), until: until_ms.map(Timestamp), cause }
}
