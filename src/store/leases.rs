//! Keeping a claim for as long as the work on it goes on.

use super::durable::Durable as _;
use super::{Attempt, ClaimedSubject, Store, StoreError};

impl Store {
    /// Has the claim of a subject run out `lease_ms` from now. `false` when somebody else has claimed it since.
    pub async fn renew_subject(&self, claimed: &ClaimedSubject, lease_ms: i64) -> Result<bool, StoreError> {
        let changed =
            sqlx::query("UPDATE subjects SET lease_until_ms = $1 WHERE key = $2 AND fence = $3 AND lease_until_ms > 0")
                .bind(self.clock.now().plus_ms(lease_ms).ms())
                .bind(claimed.subject.to_string())
                .bind(claimed.fence)
                .execute(self.database.writer())
                .durably("renew_subject")
                .await?
                .rows_affected();
        Ok(changed == 1)
    }

    /// Has the claim of an action run out `lease_ms` from now. `false` when somebody else has claimed it since.
    pub async fn renew_action(&self, attempt: &Attempt, lease_ms: i64) -> Result<bool, StoreError> {
        self.keep_action((attempt.id, attempt.fence), lease_ms).await
    }

    /// The same for the action of this id and fence.
    pub async fn keep_action(&self, (id, fence): (i64, i64), lease_ms: i64) -> Result<bool, StoreError> {
        let changed =
            sqlx::query("UPDATE outbox SET lease_until_ms = $1 WHERE id = $2 AND fence = $3 AND state = 'running'")
                .bind(self.clock.now().plus_ms(lease_ms).ms())
                .bind(id)
                .bind(fence)
                .execute(self.database.writer())
                .durably("renew_action")
                .await?
                .rows_affected();
        Ok(changed == 1)
    }
}
