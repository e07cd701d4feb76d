//! Single facts about the server itself, such as the rules that were last applied.

use super::database::Tx;
use super::durable::Durable as _;
use super::{Store, StoreError};

impl Store {
    /// A remembered fact.
    pub async fn fact(&self, name: &str) -> Result<Option<String>, StoreError> {
        Ok(sqlx::query_scalar("SELECT value FROM facts WHERE name = $1")
            .bind(name)
            .fetch_optional(self.database.reader())
            .await?)
    }

    /// Remembers a fact in the place of an older one.
    pub async fn remember_fact(&self, name: &str, value: &str) -> Result<(), StoreError> {
        let mut transaction = self.database.begin().await?;
        self.change_fact(&mut transaction, name, value).await?;
        Ok(transaction.commit().durably("remember_fact").await?)
    }

    /// Remembers a fact in the place of an older one. `false` when it was so before.
    pub(super) async fn change_fact(&self, transaction: &mut Tx, name: &str, value: &str) -> Result<bool, StoreError> {
        let changed = sqlx::query(
            "INSERT INTO facts (name, value, updated_ms) VALUES ($1, $2, $3) \
             ON CONFLICT (name) DO UPDATE SET value = $2, updated_ms = $3 WHERE facts.value <> $2",
        )
        .bind(name)
        .bind(value)
        .bind(self.clock.now().ms())
        .execute(&mut **transaction)
        .await?
        .rows_affected();
        Ok(changed == 1)
    }
}
