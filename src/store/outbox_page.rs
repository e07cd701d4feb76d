//! The outbox as a page lists it, and trying all dead actions of a kind once more.

use sqlx::FromRow;

use super::conditions::{Conditions, containing};
use super::durable::Durable as _;
use super::{Bell, OutboxState, Store, StoreError};
use crate::model::Timestamp;

/// So many actions are found by a part of their key.
const FOUND_MAX: i64 = 200;

/// Which actions are listed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OutboxQuery {
    /// In one state.
    pub state: Option<OutboxState>,
    /// Of one kind.
    pub kind: Option<String>,
    /// With this in their key, in whatever case.
    pub key: Option<String>,
    /// Only those that were queued before this one.
    pub before: Option<i64>,
    /// At most so many.
    pub limit: i64,
}

/// An action as it is listed.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct QueuedAction {
    /// Its place in the order of queueing.
    pub id: i64,
    /// Its unique key.
    pub key: String,
    /// The subject it belongs to.
    pub subject: String,
    /// What must happen in order happens in one lane.
    pub lane: String,
    /// The kind of effect.
    pub kind: String,
    /// How far it has come.
    pub state: String,
    created_ms: i64,
    due_ms: i64,
    finished_ms: Option<i64>,
    /// Failed attempts.
    pub attempts: i64,
    /// What came of the last attempt.
    pub note: Option<String>,
}

impl QueuedAction {
    /// When it was decided.
    #[must_use]
    pub const fn created(&self) -> Timestamp {
        Timestamp(self.created_ms)
    }

    /// When it is tried next, while it waits.
    #[must_use]
    pub const fn due(&self) -> Timestamp {
        Timestamp(self.due_ms)
    }

    /// When it came to its end.
    #[must_use]
    pub fn finished(&self) -> Option<Timestamp> {
        self.finished_ms.map(Timestamp)
    }
}

/// An action with what it holds and what was learned, both as JSON.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct WholeAction {
    /// The action as it is listed.
    #[sqlx(flatten)]
    pub listed: QueuedAction,
    /// The effect as JSON.
    pub payload: String,
    /// What was learned by performing it, as JSON.
    pub learned: Option<String>,
}

/// What came of trying all dead actions of a kind once more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Retried {
    /// All of them are tried again.
    All,
    /// There are so many now, which is not what was expected, and none is tried again.
    Otherwise(i64),
}

const LISTED: &str =
    "SELECT id, key, subject, lane, kind, state, created_ms, due_ms, finished_ms, attempts, note FROM outbox";
const WHOLE: &str = "SELECT id, key, subject, lane, kind, state, created_ms, due_ms, finished_ms, attempts, note, \
    payload, learned FROM outbox WHERE id = $1";

impl Store {
    /// Actions, the newest first.
    pub async fn outbox(&self, query: &OutboxQuery) -> Result<Vec<QueuedAction>, StoreError> {
        let mut conditions = Conditions::default();
        if let Some(state) = query.state {
            conditions.add("state = ?", [state.as_str().into()]);
        }
        if let Some(kind) = &query.kind {
            // Few actions are in these states, so the index of states leads to them, and must be taken.
            let few = matches!(query.state, Some(OutboxState::Pending | OutboxState::Running | OutboxState::Dead));
            conditions.add(if few { "(kind || '') = ?" } else { "kind = ?" }, [kind.as_str().into()]);
        }
        if let Some(key) = &query.key {
            // The keys alone are an index; the rows with what they hold would have to be read one by one.
            let found = r"key IN (SELECT key FROM outbox WHERE LOWER(key) LIKE ? ESCAPE '\' LIMIT ?)";
            conditions.add(found, [containing(key), FOUND_MAX.into()]);
        }
        if let Some(before) = query.before {
            conditions.add("id < ?", [before.into()]);
        }
        conditions.fetch(self, (LISTED, "id DESC"), query.limit).await
    }

    /// One action with all that it holds.
    pub async fn whole_action(&self, id: i64) -> Result<Option<WholeAction>, StoreError> {
        Ok(sqlx::query_as(WHOLE).bind(id).fetch_optional(self.database.reader()).await?)
    }

    /// How many actions of each kind are dead.
    pub async fn dead_kinds(&self) -> Result<Vec<(String, i64)>, StoreError> {
        let sql = "SELECT kind, COUNT(*) FROM outbox WHERE state = 'dead' GROUP BY kind ORDER BY kind";
        Ok(sqlx::query_as(sql).fetch_all(self.database.reader()).await?)
    }

    /// Has all dead actions of a kind tried once more, if there are as many as whoever asks has seen.
    pub async fn retry_kind(&self, kind: &str, seen: i64) -> Result<Retried, StoreError> {
        let mut transaction = self.database.begin().await?;
        let changed = sqlx::query(
            "UPDATE outbox SET state = 'pending', attempts = 0, finished_ms = NULL, due_ms = $1 \
             WHERE kind = $2 AND state = 'dead'",
        )
        .bind(self.clock.now().ms())
        .bind(kind)
        .execute(&mut *transaction)
        .await?
        .rows_affected();
        let changed = i64::try_from(changed).unwrap_or(i64::MAX);
        if changed != seen {
            transaction.rollback().await?;
            return Ok(Retried::Otherwise(changed));
        }
        transaction.commit().durably("retry_kind").await?;
        self.database.ring(Bell::Outbox);
        Ok(Retried::All)
    }
}
