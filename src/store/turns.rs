//! What only one server does: at intervals, or for as long as it holds on to it.

use super::durable::Durable as _;
use super::{Store, StoreError};

/// Servers that share a database have clocks that differ by less.
const CLOCKS_APART_MS: i64 = 60_000;

/// Where it is remembered which server does something alone.
fn alone(name: &str) -> String {
    format!("alone/{name}")
}

impl Store {
    /// Takes the turn at something that only one server should do every `interval_ms`. `false` when the last turn is
    /// not so long ago, whoever took it.
    pub async fn take_turn(&self, name: &str, interval_ms: i64) -> Result<bool, StoreError> {
        let now = self.clock.now().ms();
        let taken = sqlx::query(
            "INSERT INTO facts (name, value, updated_ms) VALUES ($1, 'turn', $2) \
             ON CONFLICT (name) DO UPDATE SET updated_ms = $2 WHERE facts.updated_ms <= $3 OR facts.updated_ms > $4",
        )
        .bind(format!("turn/{name}"))
        .bind(now)
        .bind(now - interval_ms)
        // A turn of the future was taken before the clock was set back; clocks of several servers differ by less.
        .bind(now + CLOCKS_APART_MS)
        .execute(self.database.writer())
        .durably("take_turn")
        .await?
        .rows_affected();
        Ok(taken == 1)
    }

    /// Gives a turn back that came to nothing: whoever looks next takes it.
    pub async fn give_turn_back(&self, name: &str) -> Result<(), StoreError> {
        sqlx::query("UPDATE facts SET updated_ms = 0 WHERE name = $1")
            .bind(format!("turn/{name}"))
            .execute(self.database.writer())
            .durably("give_turn_back")
            .await?;
        Ok(())
    }

    /// Whether `owner` alone does this for the next `lease_ms`: because nobody else did, or because it was them before.
    pub async fn hold_alone(&self, name: &str, owner: &str, lease_ms: i64) -> Result<bool, StoreError> {
        let now = self.clock.now();
        // Whoever stands by asks every second, and has nothing to write.
        let held: Option<(String, i64)> = sqlx::query_as("SELECT value, updated_ms FROM facts WHERE name = $1")
            .bind(alone(name))
            .fetch_optional(self.database.reader())
            .await?;
        if held.is_some_and(|(holder, until_ms)| holder != owner && until_ms > now.ms()) {
            return Ok(false);
        }
        let holds = sqlx::query(
            "INSERT INTO facts (name, value, updated_ms) VALUES ($1, $2, $3) \
             ON CONFLICT (name) DO UPDATE SET value = $2, updated_ms = $3 \
             WHERE facts.value = $2 OR facts.updated_ms <= $4",
        )
        .bind(alone(name))
        .bind(owner)
        .bind(now.plus_ms(lease_ms).ms())
        .bind(now.ms())
        .execute(self.database.writer())
        .durably("hold_alone")
        .await?
        .rows_affected();
        Ok(holds == 1)
    }

    /// Lets go of what `owner` did alone, so that nobody waits for it to run out.
    pub async fn let_go_alone(&self, name: &str, owner: &str) -> Result<(), StoreError> {
        sqlx::query("UPDATE facts SET updated_ms = 0 WHERE name = $1 AND value = $2")
            .bind(alone(name))
            .bind(owner)
            .execute(self.database.writer())
            .durably("let_go_alone")
            .await?;
        Ok(())
    }
}
