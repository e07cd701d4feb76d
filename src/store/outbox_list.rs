//! The outbox as people look at it: lists, single actions, and trying a dead one once more.

use super::durable::Durable as _;
use super::{Bell, OutboxState, Store, StoreError};
use crate::model::{Action, Fact, Number, RepositoryId, Subject, Timestamp};

/// An action as it is listed.
#[derive(Debug, Clone, serde::Serialize)]
pub struct OutboxRow {
    /// Its place in the order of queueing.
    pub id: i64,
    /// Its unique key.
    pub key: String,
    /// The subject it belongs to.
    pub subject: String,
    /// The kind of effect.
    pub kind: String,
    /// How far it has come.
    pub state: String,
    /// When it is tried next, while it waits.
    pub due: Timestamp,
    /// Failed attempts.
    pub attempts: i64,
    /// What came of the last attempt.
    pub note: Option<String>,
}

/// How many actions there are in each state.
pub type OutboxCounts = Vec<(String, i64)>;

type ListRow = (i64, String, String, String, String, i64, i64, Option<String>);

impl Store {
    /// Actions, newest first, of one state or of all.
    pub async fn actions(&self, state: Option<OutboxState>, limit: i64) -> Result<Vec<OutboxRow>, StoreError> {
        let rows: Vec<ListRow> = sqlx::query_as(
            "SELECT id, key, subject, kind, state, due_ms, attempts, note FROM outbox \
             WHERE $1 = '' OR state = $1 ORDER BY id DESC LIMIT $2",
        )
        .bind(state.map_or("", OutboxState::as_str))
        .bind(limit)
        .fetch_all(self.database.reader())
        .await?;
        Ok(rows
            .into_iter()
            .map(|(id, key, subject, kind, state, due_ms, attempts, note)| OutboxRow {
                id,
                key,
                subject,
                kind,
                state,
                due: Timestamp(due_ms),
                attempts,
                note,
            })
            .collect())
    }

    /// The stored action, its state, note and fact, by its key; `None` when there is none.
    pub async fn action(
        &self,
        key: &str,
    ) -> Result<Option<(Action, OutboxState, Option<String>, Option<Fact>)>, StoreError> {
        let row: Option<(String, String, Option<String>, Option<String>)> =
            sqlx::query_as("SELECT payload, state, note, learned FROM outbox WHERE key = $1")
                .bind(key)
                .fetch_optional(self.database.reader())
                .await?;
        row.map(|(payload, state, note, learned)| {
            let action = serde_json::from_str(&payload).map_err(StoreError::corrupt)?;
            let fact = learned.map(|text| serde_json::from_str(&text)).transpose().map_err(StoreError::corrupt)?;
            Ok((action, state.parse().map_err(StoreError::corrupt)?, note, fact))
        })
        .transpose()
    }

    /// Has a dead action tried once more. `false` when there is none of that key or it is not dead.
    pub async fn retry_action(&self, key: &str) -> Result<bool, StoreError> {
        let changed = sqlx::query(
            "UPDATE outbox SET state = 'pending', attempts = 0, finished_ms = NULL, due_ms = $1 \
             WHERE key = $2 AND state = 'dead'",
        )
        .bind(self.clock.now().ms())
        .bind(key)
        .execute(self.database.writer())
        .durably("retry_action")
        .await?
        .rows_affected();
        self.database.ring(Bell::Outbox);
        Ok(changed == 1)
    }

    /// Whether an issue has actions that are not finished: of those on GitHub any, of those elsewhere the ones that
    /// can be performed now and have not failed yet.
    pub async fn waits(&self, repository: RepositoryId, number: Number) -> Result<bool, StoreError> {
        let waiting: i64 = sqlx::query_scalar(
            "SELECT COUNT(*) FROM outbox WHERE subject = $1 AND state IN ('pending', 'running') \
               AND (lane LIKE 'github:%' OR (attempts = 0 AND due_ms <= $2))",
        )
        .bind(Subject::Issue(repository, number).to_string())
        .bind(self.clock.now().ms())
        .fetch_one(self.database.reader())
        .await?;
        Ok(waiting > 0)
    }

    /// How many actions there are in each state.
    pub async fn action_counts(&self) -> Result<OutboxCounts, StoreError> {
        Ok(sqlx::query_as("SELECT state, COUNT(*) FROM outbox GROUP BY state ORDER BY state")
            .fetch_all(self.database.reader())
            .await?)
    }
}
