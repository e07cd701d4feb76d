//! Webhooks that GitHub's log names and the inbox does not have: noted, asked for again, come, or given up.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use sqlx::AssertSqlSafe;

use super::durable::Durable as _;
use super::{Bell, Store, StoreError};
use crate::model::{DeliveryGuid, Planned, Subject, Timestamp};

/// A webhook that did not come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MissedDelivery {
    /// The sender's id of it.
    pub guid: DeliveryGuid,
    /// GitHub's id of the attempt that was seen.
    pub attempt: i64,
    /// What it told of, as GitHub calls it.
    pub event: String,
    /// What came of the attempt, in GitHub's words.
    pub outcome: String,
    /// When GitHub sent it.
    pub delivered: Timestamp,
    /// How often it was asked for again.
    pub asks: i64,
}

type Row = (String, i64, String, String, i64, i64);

const COLUMNS: &str = "guid, attempt_id, event, outcome, delivered_ms, asks";

impl Store {
    /// Those of these ids that no delivery in the inbox has.
    pub async fn not_in_inbox(&self, guids: &[&str]) -> Result<BTreeSet<String>, StoreError> {
        let mut missing: BTreeSet<String> = guids.iter().map(|guid| (*guid).to_owned()).collect();
        if guids.is_empty() {
            return Ok(missing);
        }
        let mut sql = "SELECT guid FROM deliveries WHERE guid IN ($1".to_owned();
        for position in 2..=guids.len() {
            // Writing to a text cannot fail.
            let _ = write!(sql, ", ${position}");
        }
        sql.push(')');
        let mut query = sqlx::query_scalar::<_, String>(AssertSqlSafe(sql));
        for guid in guids {
            query = query.bind(*guid);
        }
        for found in query.fetch_all(self.database.reader()).await? {
            missing.remove(&found);
        }
        Ok(missing)
    }

    /// Notes webhooks that did not come; returns how many of them are news.
    pub async fn note_missed(&self, missed: &[MissedDelivery]) -> Result<u64, StoreError> {
        let mut transaction = self.database.begin().await?;
        let mut news = 0;
        for one in missed {
            news += sqlx::query(
                "INSERT INTO missed_deliveries (guid, attempt_id, event, outcome, delivered_ms, state, noted_ms) \
                 VALUES ($1, $2, $3, $4, $5, 'missing', $6) ON CONFLICT (guid) DO NOTHING",
            )
            .bind(one.guid.as_str())
            .bind(one.attempt)
            .bind(one.event.as_str())
            .bind(one.outcome.as_str())
            .bind(one.delivered.ms())
            .bind(self.clock.now().ms())
            .execute(&mut *transaction)
            .await?
            .rows_affected();
        }
        transaction.commit().durably("note_missed").await?;
        Ok(news)
    }

    /// Notes of those that are in the inbox by now that they came; returns how many.
    pub async fn settle_missed(&self) -> Result<u64, StoreError> {
        let came = sqlx::query(
            "UPDATE missed_deliveries SET state = 'came' WHERE state <> 'came' \
             AND EXISTS (SELECT 1 FROM deliveries d WHERE d.guid = missed_deliveries.guid)",
        );
        Ok(came.execute(self.database.writer()).durably("settle_missed").await?.rows_affected())
    }

    /// Those that are to be asked for, the oldest first: never asked for, or not since `before` and less than
    /// `asks_max` times.
    pub async fn missed_to_ask(
        &self,
        (before, asks_max): (Timestamp, i64),
        limit: i64,
    ) -> Result<Vec<MissedDelivery>, StoreError> {
        let sql = format!(
            "SELECT {COLUMNS} FROM missed_deliveries \
             WHERE state = 'missing' OR (state = 'asked' AND asks < $1 AND asked_ms <= $2) \
             ORDER BY delivered_ms, guid LIMIT $3"
        );
        let rows: Vec<Row> = sqlx::query_as(AssertSqlSafe(sql))
            .bind(asks_max)
            .bind(before.ms())
            .bind(limit)
            .fetch_all(self.database.reader())
            .await?;
        Ok(rows.into_iter().map(missed).collect())
    }

    /// Notes that it is asked for and queues that, both or neither. `false` when another server has done so.
    pub async fn ask_for_missed(
        &self,
        missed: &MissedDelivery,
        (subject, planned): (&Subject, &Planned),
    ) -> Result<bool, StoreError> {
        let mut transaction = self.database.begin().await?;
        let changed = sqlx::query(
            "UPDATE missed_deliveries SET state = 'asked', asks = asks + 1, asked_ms = $1 \
             WHERE guid = $2 AND asks = $3 AND state IN ('missing', 'asked')",
        )
        .bind(self.clock.now().ms())
        .bind(missed.guid.as_str())
        .bind(missed.asks)
        .execute(&mut *transaction)
        .await?
        .rows_affected();
        if changed == 0 {
            transaction.rollback().await?;
            return Ok(false);
        }
        self.queue(&mut transaction, subject, planned).await?;
        transaction.commit().durably("ask_for_missed").await?;
        self.database.ring(Bell::Outbox);
        Ok(true)
    }

    /// Those that were asked for `asks` times, the last time before `before`, and did not come; the oldest first.
    pub async fn missed_for_good(&self, asks: i64, before: Timestamp) -> Result<Vec<MissedDelivery>, StoreError> {
        let sql = format!(
            "SELECT {COLUMNS} FROM missed_deliveries \
             WHERE state = 'asked' AND asks >= $1 AND asked_ms <= $2 ORDER BY delivered_ms, guid"
        );
        let rows: Vec<Row> =
            sqlx::query_as(AssertSqlSafe(sql)).bind(asks).bind(before.ms()).fetch_all(self.database.reader()).await?;
        Ok(rows.into_iter().map(missed).collect())
    }

    /// Gives those up.
    pub async fn give_up_missed(&self, asks: i64, before: Timestamp) -> Result<(), StoreError> {
        sqlx::query(
            "UPDATE missed_deliveries SET state = 'given_up' WHERE state = 'asked' AND asks >= $1 AND asked_ms <= $2",
        )
        .bind(asks)
        .bind(before.ms())
        .execute(self.database.writer())
        .durably("give_up_missed")
        .await?;
        Ok(())
    }

    /// How many there are in each state, of those that GitHub sent since `since`.
    pub async fn missed_counts(&self, since: Timestamp) -> Result<Vec<(String, i64)>, StoreError> {
        // One that came since the last turn is not noted so yet.
        let counts = sqlx::query_as(
            "SELECT shown, COUNT(*) FROM (SELECT CASE \
               WHEN EXISTS (SELECT 1 FROM deliveries d WHERE d.guid = m.guid) THEN 'came' ELSE m.state END AS shown \
             FROM missed_deliveries m WHERE m.delivered_ms >= $1) AS counted GROUP BY shown ORDER BY shown",
        );
        Ok(counts.bind(since.ms()).fetch_all(self.database.reader()).await?)
    }

    /// When the newest webhook came.
    pub async fn newest_webhook(&self) -> Result<Option<Timestamp>, StoreError> {
        let newest: Option<i64> =
            sqlx::query_scalar("SELECT received_ms FROM deliveries WHERE source = 'github' ORDER BY id DESC LIMIT 1")
                .fetch_optional(self.database.reader())
                .await?;
        Ok(newest.map(Timestamp))
    }

    /// Forgets those that were noted before `before`; returns how many.
    pub async fn prune_missed(&self, before: Timestamp) -> Result<u64, StoreError> {
        let pruned = sqlx::query("DELETE FROM missed_deliveries WHERE noted_ms < $1").bind(before.ms());
        Ok(pruned.execute(self.database.writer()).durably("prune_missed").await?.rows_affected())
    }
}

fn missed((guid, attempt, event, outcome, delivered_ms, asks): Row) -> MissedDelivery {
    MissedDelivery { guid: DeliveryGuid::new(guid), attempt, event, outcome, delivered: Timestamp(delivered_ms), asks }
}
