//! What came in as messages: nonces that were used, and what was answered.

use super::{Store, StoreError};

impl Store {
    /// Uses a nonce up. `false` when it was used before.
    pub async fn use_nonce(&self, nonce: &str) -> Result<bool, StoreError> {
        let fresh = sqlx::query("INSERT INTO nonces (nonce, at_ms) VALUES ($1, $2) ON CONFLICT (nonce) DO NOTHING")
            .bind(nonce)
            .bind(self.clock.now().ms())
            .execute(self.database.writer())
            .await?
            .rows_affected();
        Ok(fresh == 1)
    }

    /// What was answered to a message, by its id.
    pub async fn message_answer(&self, message: &str) -> Result<Option<String>, StoreError> {
        Ok(sqlx::query_scalar("SELECT answer FROM message_answers WHERE message = $1")
            .bind(message)
            .fetch_optional(self.database.reader())
            .await?)
    }

    /// Remembers what is answered to a message. What was answered first stays.
    pub async fn remember_message_answer(&self, message: &str, answer: &str) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO message_answers (message, answer, at_ms) VALUES ($1, $2, $3) ON CONFLICT (message) DO NOTHING",
        )
        .bind(message)
        .bind(answer)
        .bind(self.clock.now().ms())
        .execute(self.database.writer())
        .await?;
        Ok(())
    }
}
