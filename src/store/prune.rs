//! Pruning: what came to rest long ago makes room; the audit stays.

use super::durable::Durable as _;
use super::order::ArrivalOrder;
use super::{Store, StoreError};
use crate::model::Timestamp;

/// How long it is remembered that a call, a nonce or a message came before: 7 days.
const TWICE_MS: i64 = 7 * 24 * 60 * 60 * 1000;

impl Store {
    /// Deletes deliveries and actions that came to rest before `before`. Dead ones stay until somebody has looked.
    /// Returns how many rows went.
    pub async fn prune(&self, before: Timestamp) -> Result<u64, StoreError> {
        let deliveries = sqlx::query("DELETE FROM deliveries WHERE state IN ('done', 'ignored') AND id < $1")
            .bind(ArrivalOrder::floor(before))
            .execute(self.database.writer())
            .durably("prune")
            .await?;
        let actions = sqlx::query("DELETE FROM outbox WHERE state IN ('done', 'superseded') AND finished_ms < $1")
            .bind(before.ms())
            .execute(self.database.writer())
            .durably("prune/second")
            .await?;
        let short = self.prune_short().await?;
        let ended = self.prune_ended().await?;
        Ok(deliveries.rows_affected() + actions.rows_affected() + short + ended)
    }

    /// Deletes sessions that have ended, and sign-ins that nobody came back from.
    async fn prune_ended(&self) -> Result<u64, StoreError> {
        let now = self.clock.now().ms();
        let mut pruned = 0;
        for sql in ["DELETE FROM sessions WHERE ends_ms <= $1", "DELETE FROM sign_ins WHERE ends_ms <= $1"] {
            pruned += sqlx::query(sql)
                .bind(now)
                .execute(self.database.writer())
                .durably("prune_ended")
                .await?
                .rows_affected();
        }
        Ok(pruned)
    }

    /// Deletes what only guards against something being sent twice.
    async fn prune_short(&self) -> Result<u64, StoreError> {
        let before = self.clock.now().plus_ms(-TWICE_MS).ms();
        let mut pruned = 0;
        for sql in ["DELETE FROM calls WHERE at_ms < $1", "DELETE FROM nonces WHERE at_ms < $1"] {
            pruned += sqlx::query(sql)
                .bind(before)
                .execute(self.database.writer())
                .durably("prune_short")
                .await?
                .rows_affected();
        }
        Ok(pruned)
    }
}
