//! Pruning: what came to rest long ago makes room; the audit stays.

use super::order::ArrivalOrder;
use super::{Store, StoreError};
use crate::model::Timestamp;

impl Store {
    /// Deletes deliveries and actions that came to rest before `before`. Dead ones stay until somebody has looked.
    /// Returns how many rows went.
    pub async fn prune(&self, before: Timestamp) -> Result<u64, StoreError> {
        let deliveries = sqlx::query("DELETE FROM deliveries WHERE state IN ('done', 'ignored') AND id < $1")
            .bind(ArrivalOrder::floor(before))
            .execute(self.database.writer())
            .await?;
        let actions = sqlx::query("DELETE FROM outbox WHERE state IN ('done', 'superseded') AND finished_ms < $1")
            .bind(before.ms())
            .execute(self.database.writer())
            .await?;
        Ok(deliveries.rows_affected() + actions.rows_affected())
    }
}
