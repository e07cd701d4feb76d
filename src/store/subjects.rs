//! Lanes: which subjects wait for a look, and who is looking.

use std::time::Instant;

use sqlx::AssertSqlSafe;

use super::database::Tx;
use super::durable::Durable as _;
use super::many::{TOGETHER, places};
use super::{Bell, Store, StoreError};
use crate::model::{DeliveryGuid, Event, Subject, Timestamp};

/// A subject is looked at once it has been quiet for so long …
pub(super) const QUIET_MS: i64 = 150;
/// … and at the latest so long after the first mark (design §3).
const LATEST_MS: i64 = 2_000;

/// A subject that this server holds for one decision.
#[derive(Debug, Clone)]
pub struct ClaimedSubject {
    /// The subject.
    pub subject: Subject,
    /// How often it had been marked when it was claimed.
    pub generation: i64,
    /// The claim's number: whoever comes later has a greater one.
    pub fence: i64,
    /// Failed looks in a row.
    pub attempts: i64,
    /// Decisions so far.
    pub decisions: i64,
    /// When it was claimed, for measuring only.
    pub since: Instant,
}

/// A delivery that marked a claimed subject.
#[derive(Debug, Clone)]
pub struct MarkedDelivery {
    /// Its place in the order of arrival.
    pub id: i64,
    /// The sender's id for it.
    pub guid: DeliveryGuid,
    /// What it meant.
    pub event: Event,
}

type ClaimRow = (String, i64, i64, i64, i64);

/// What is due within so long is about to happen.
const SOON_MS: i64 = 60_000;

/// Marks so many subjects.
fn mark_sql(rows: usize) -> String {
    // After a failed look the pause stands: another mark is no reason to ask a failing GitHub sooner.
    format!(
        "INSERT INTO subjects (key, repository_id, first_mark_ms, due_ms, generation) VALUES {} \
         ON CONFLICT (key) DO UPDATE SET \
           generation = subjects.generation + 1, \
           first_mark_ms = COALESCE(subjects.first_mark_ms, excluded.first_mark_ms), \
           due_ms = CASE \
             WHEN subjects.attempts > 0 AND subjects.due_ms IS NOT NULL THEN subjects.due_ms \
             WHEN COALESCE(subjects.first_mark_ms, excluded.first_mark_ms) + {LATEST_MS} < excluded.due_ms \
               THEN COALESCE(subjects.first_mark_ms, excluded.first_mark_ms) + {LATEST_MS} \
             ELSE excluded.due_ms END",
        places(rows, 4, ", 1")
    )
}

impl Store {
    pub(super) async fn mark_in(
        &self,
        transaction: &mut Tx,
        subject: &Subject,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        self.mark_together(transaction, std::slice::from_ref(subject), now).await
    }

    /// Marks different subjects in the order in which they are given, many in a statement.
    pub(super) async fn mark_together(
        &self,
        transaction: &mut Tx,
        subjects: &[Subject],
        now: Timestamp,
    ) -> Result<(), StoreError> {
        for some in subjects.chunks(TOGETHER) {
            // A full statement or one for each: two statements to prepare rather than sixteen.
            let rows = if some.len() == TOGETHER { TOGETHER } else { 1 };
            let sql = mark_sql(rows);
            for marked in some.chunks(rows) {
                let mut query = sqlx::query(AssertSqlSafe(sql.as_str()));
                for subject in marked {
                    query = query
                        .bind(subject.to_string())
                        .bind(subject.repository().0)
                        .bind(now.ms())
                        .bind(now.plus_ms(QUIET_MS).ms());
                }
                query.execute(&mut **transaction).await?;
            }
        }
        Ok(())
    }

    /// Claims the subject that has been due longest; `None` when none is due or all of them are held.
    pub async fn claim_subject(&self, owner: &str, lease_ms: i64) -> Result<Option<ClaimedSubject>, StoreError> {
        let now = self.clock.now().ms();
        if !self.any_due("subjects", "due_ms <= $1 AND lease_until_ms <= $1", now).await? {
            return Ok(None);
        }
        let row: Option<ClaimRow> = sqlx::query_as(AssertSqlSafe(format!(
            "UPDATE subjects SET lease_owner = $1, lease_until_ms = $2, fence = fence + 1 \
             WHERE key = (SELECT key FROM subjects WHERE due_ms <= $3 AND lease_until_ms <= $3 \
                          ORDER BY due_ms, key LIMIT 1 {}) AND lease_until_ms <= $3 \
             RETURNING key, generation, fence, attempts, decisions",
            self.database.skip_locked()
        )))
        .bind(owner)
        .bind(now + lease_ms)
        .bind(now)
        .fetch_optional(self.database.writer())
        .durably("claim_subject")
        .await?;
        row.map(|(key, generation, fence, attempts, decisions)| {
            let subject = key.parse().map_err(StoreError::corrupt)?;
            Ok(ClaimedSubject { subject, generation, fence, attempts, decisions, since: Instant::now() })
        })
        .transpose()
    }

    /// What has marked the subject, in the order of arrival.
    pub async fn marked_deliveries(&self, subject: &Subject) -> Result<Vec<MarkedDelivery>, StoreError> {
        let rows: Vec<(i64, String, String)> = sqlx::query_as(
            "SELECT delivery_id, delivery_guid, event FROM marks WHERE subject = $1 ORDER BY delivery_id",
        )
        .bind(subject.to_string())
        .fetch_all(self.database.reader())
        .await?;
        rows.into_iter()
            .map(|(id, guid, event)| {
                let event = serde_json::from_str(&event).map_err(StoreError::corrupt)?;
                Ok(MarkedDelivery { id, guid: DeliveryGuid::new(guid), event })
            })
            .collect()
    }

    /// Lets go of a subject that could not be decided on, to be looked at again at `until`. With `failed`, the
    /// attempt counts. `false` when somebody else holds it by now.
    pub async fn put_back(
        &self,
        claimed: &ClaimedSubject,
        until: Timestamp,
        failed: Option<&str>,
    ) -> Result<bool, StoreError> {
        let changed = sqlx::query(
            "UPDATE subjects SET lease_owner = NULL, lease_until_ms = 0, due_ms = $1, \
               attempts = attempts + $2, last_error = COALESCE($3, last_error) \
             WHERE key = $4 AND fence = $5",
        )
        .bind(until.ms())
        .bind(i64::from(failed.is_some()))
        .bind(failed)
        .bind(claimed.subject.to_string())
        .bind(claimed.fence)
        .execute(self.database.writer())
        .durably("put_back")
        .await?
        .rows_affected();
        Ok(changed == 1)
    }

    /// Whether nothing waits for a subject: no delivery that names it, no look at it, no action of its own. A look that
    /// is due only in a while waits for time, not for anything that was done.
    pub async fn is_quiet(&self, subject: &Subject) -> Result<bool, StoreError> {
        let waiting: i64 = sqlx::query_scalar(
            "SELECT (SELECT COUNT(*) FROM deliveries WHERE state = 'new') \
                  + (SELECT COUNT(*) FROM subjects WHERE key = $1 AND (due_ms <= $2 OR lease_until_ms > 0)) \
                  + (SELECT COUNT(*) FROM outbox WHERE subject = $1 AND state IN ('pending', 'running'))",
        )
        .bind(subject.to_string())
        .bind(self.clock.now().plus_ms(SOON_MS).ms())
        .fetch_one(self.database.reader())
        .await?;
        Ok(waiting == 0)
    }

    /// Why the last look failed, while it has not succeeded since.
    pub async fn last_error(&self, subject: &Subject) -> Result<Option<String>, StoreError> {
        let error: Option<Option<String>> = sqlx::query_scalar("SELECT last_error FROM subjects WHERE key = $1")
            .bind(subject.to_string())
            .fetch_optional(self.database.reader())
            .await?;
        Ok(error.flatten())
    }

    /// How often the subject was decided on.
    pub async fn decisions_about(&self, subject: &Subject) -> Result<i64, StoreError> {
        let decisions: Option<i64> = sqlx::query_scalar("SELECT decisions FROM subjects WHERE key = $1")
            .bind(subject.to_string())
            .fetch_optional(self.database.reader())
            .await?;
        Ok(decisions.unwrap_or_default())
    }

    /// When the next subject or action falls due, if any waits.
    pub async fn next_due(&self, bell: Bell) -> Result<Option<Timestamp>, StoreError> {
        let sql = match bell {
            Bell::Intake => "SELECT MIN(received_ms) FROM deliveries WHERE state = 'new'".to_owned(),
            Bell::Subjects => "SELECT MIN(CASE WHEN lease_until_ms > due_ms THEN lease_until_ms ELSE due_ms END) \
                               FROM subjects WHERE due_ms IS NOT NULL"
                .to_owned(),
            Bell::Outbox => {
                let index = self.database.indexed_by("outbox_pending");
                format!("SELECT MIN(due_ms) FROM outbox {index} WHERE state = 'pending'")
            }
        };
        let due: Option<i64> = sqlx::query_scalar(AssertSqlSafe(sql)).fetch_one(self.database.reader()).await?;
        Ok(due.map(Timestamp))
    }

    /// Frees what a server of the same name held when it died. Only right where no other server has that name: on
    /// SQLite, where there is one server.
    pub async fn free_leases(&self) -> Result<u64, StoreError> {
        let subjects =
            sqlx::query("UPDATE subjects SET lease_until_ms = 0, lease_owner = NULL WHERE lease_until_ms > 0")
                .execute(self.database.writer())
                .durably("free_leases/subjects")
                .await?;
        // What was under way may have been done: it counts as an attempt, and the next one looks first.
        let actions = sqlx::query(
            "UPDATE outbox SET state = 'pending', attempts = attempts + 1, lease_until_ms = 0 WHERE state = 'running'",
        )
        .execute(self.database.writer())
        .durably("free_leases/actions")
        .await?;
        sqlx::query("UPDATE facts SET updated_ms = 0 WHERE name LIKE 'alone/%'")
            .execute(self.database.writer())
            .durably("free_leases/alone")
            .await?;
        Ok(subjects.rows_affected() + actions.rows_affected())
    }

    /// Lets go of the subjects that a server looks at, which stops before it has made up its mind. Nothing was changed
    /// by looking, so another may begin at once.
    pub async fn let_go_of_subjects(&self, owner: &str) -> Result<u64, StoreError> {
        let freed = sqlx::query(
            "UPDATE subjects SET lease_until_ms = 0, lease_owner = NULL WHERE lease_owner = $1 AND lease_until_ms > 0",
        )
        .bind(owner)
        .execute(self.database.writer())
        .durably("let_go_of_subjects")
        .await?
        .rows_affected();
        if freed > 0 {
            self.database.ring(Bell::Subjects);
        }
        Ok(freed)
    }

    /// A cheap look before a claim, on a connection that never waits for the writer.
    pub(super) async fn any_due(&self, table: &str, condition: &str, now_ms: i64) -> Result<bool, StoreError> {
        let found: Option<i64> =
            sqlx::query_scalar(AssertSqlSafe(format!("SELECT due_ms FROM {table} WHERE {condition} LIMIT 1")))
                .bind(now_ms)
                .fetch_optional(self.database.reader())
                .await?;
        Ok(found.is_some())
    }
}
