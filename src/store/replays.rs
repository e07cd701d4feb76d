//! Decisions as they are read to be made again.

use super::order::ArrivalOrder;
use super::{Store, StoreError};
use crate::model::{StoredDecision, Subject, Timestamp};

/// A row as it is read: id, time, subject, number, summary, explanation, snapshot, record.
type Row = (i64, i64, String, i64, String, Option<String>, Option<String>, Option<String>);

const SELECT: &str = "SELECT id, at_ms, subject, decision, summary, explanation, saw, replay FROM audit";

fn stored(row: Row) -> Result<StoredDecision, StoreError> {
    let (id, at_ms, subject, number, summary, explanation, saw, record) = row;
    Ok(StoredDecision {
        id,
        at: Timestamp(at_ms),
        subject: subject.parse().map_err(StoreError::corrupt)?,
        number,
        summary,
        explanation: explanation.unwrap_or_else(|| "{\"reasons\":[],\"blockers\":[]}".to_owned()),
        saw: saw.unwrap_or_default(),
        record,
    })
}

impl Store {
    /// Decisions that were stored at or after `from`, newest first, at most `limit`; with `before`, only those that were
    /// written before that one. What was decided about a repository as a whole is left out: which rules were proposed
    /// follows from every title that was ever seen, and those are not kept with it.
    pub async fn decisions_since(
        &self,
        from: Timestamp,
        before: Option<i64>,
        limit: i64,
    ) -> Result<Vec<StoredDecision>, StoreError> {
        let sql = format!(
            "{SELECT} WHERE id >= $1 AND id < $2 AND at_ms >= $3 AND kind = 'decision' AND subject IS NOT NULL \
             AND subject NOT LIKE 'repository/%' AND decision IS NOT NULL ORDER BY id DESC LIMIT $4"
        );
        let rows: Vec<Row> = sqlx::query_as(sqlx::AssertSqlSafe(sql))
            .bind(ArrivalOrder::floor(from))
            .bind(before.unwrap_or(i64::MAX))
            .bind(from.ms())
            .bind(limit)
            .fetch_all(self.database.reader())
            .await?;
        rows.into_iter().map(stored).collect()
    }

    /// Decisions about a subject, newest first, at most `limit`; with a number, that one alone.
    pub async fn decisions_of(
        &self,
        subject: &Subject,
        number: Option<i64>,
        limit: i64,
    ) -> Result<Vec<StoredDecision>, StoreError> {
        let sql = format!(
            "{SELECT} WHERE subject = $1 AND kind = 'decision' AND decision IS NOT NULL AND ($2 = 0 OR decision = $2) \
             ORDER BY id DESC LIMIT $3"
        );
        let rows: Vec<Row> = sqlx::query_as(sqlx::AssertSqlSafe(sql))
            .bind(subject.to_string())
            .bind(number.unwrap_or_default())
            .bind(limit)
            .fetch_all(self.database.reader())
            .await?;
        rows.into_iter().map(stored).collect()
    }
}
