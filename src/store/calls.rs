//! Calls of the API that named themselves, and what was answered.

use super::durable::Durable as _;
use super::{Store, StoreError};

/// What was answered to a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RememberedCall {
    /// A digest of method, path and body: another call under the same name is a mistake.
    pub digest: String,
    /// The HTTP status.
    pub status: u16,
    /// The body.
    pub answer: String,
}

impl Store {
    /// What was answered to the call that `caller` named so.
    pub async fn remembered_call(&self, caller: &str, name: &str) -> Result<Option<RememberedCall>, StoreError> {
        let row: Option<(String, i64, String)> =
            sqlx::query_as("SELECT digest, status, answer FROM calls WHERE caller = $1 AND name = $2")
                .bind(caller)
                .bind(name)
                .fetch_optional(self.database.reader())
                .await?;
        row.map(|(digest, status, answer)| {
            let status = u16::try_from(status).map_err(StoreError::corrupt)?;
            Ok(RememberedCall { digest, status, answer })
        })
        .transpose()
    }

    /// Remembers what was answered. `false` when something else was remembered meanwhile.
    pub async fn remember_call(&self, caller: &str, name: &str, call: &RememberedCall) -> Result<bool, StoreError> {
        let remembered = sqlx::query(
            "INSERT INTO calls (caller, name, digest, status, answer, at_ms) VALUES ($1, $2, $3, $4, $5, $6) \
             ON CONFLICT (caller, name) DO NOTHING",
        )
        .bind(caller)
        .bind(name)
        .bind(call.digest.as_str())
        .bind(i64::from(call.status))
        .bind(call.answer.as_str())
        .bind(self.clock.now().ms())
        .execute(self.database.writer())
        .durably("remember_call")
        .await?
        .rows_affected();
        Ok(remembered == 1 || self.remembered_call(caller, name).await?.as_ref() == Some(call))
    }
}
