//! What an optional model said, and the tokens that asking it may cost in a day.

use super::database::Tx;
use super::durable::Durable as _;
use super::{Store, StoreError};
use crate::model::{Advice, ModelDay, Subject, Timestamp};

const DAY_MS: i64 = 86_400_000;

/// The day in UTC, counted from 1970.
const fn day_of(at: Timestamp) -> i64 {
    at.ms().div_euclid(DAY_MS)
}

type DayRow = (i64, i64, i64, i64, Option<String>, Option<i64>);

impl Store {
    /// What a model said about a head or a text; `None` while it has not.
    pub async fn advice(&self, subject: &Subject, about: &str) -> Result<Option<Advice>, StoreError> {
        let row: Option<String> = sqlx::query_scalar("SELECT advice FROM advice WHERE subject = $1 AND about = $2")
            .bind(subject.to_string())
            .bind(about)
            .fetch_optional(self.database.reader())
            .await?;
        row.map(|text| serde_json::from_str(&text)).transpose().map_err(StoreError::corrupt)
    }

    /// Keeps what a model said, and has its subject looked at.
    pub(super) async fn keep_advice(
        &self,
        transaction: &mut Tx,
        subject: &Subject,
        (about, advice): (&str, &Advice),
    ) -> Result<(), StoreError> {
        self.mark_in(transaction, subject, self.clock.now()).await?;
        sqlx::query(
            "INSERT INTO advice (subject, about, name, advice, at_ms) VALUES ($1, $2, $3, $4, $5) \
             ON CONFLICT (subject, about) DO UPDATE SET name = $3, advice = $4, at_ms = $5",
        )
        .bind(subject.to_string())
        .bind(about)
        .bind(advice.name.as_str())
        .bind(serde_json::to_string(advice).map_err(StoreError::corrupt)?)
        .bind(self.clock.now().ms())
        .execute(&mut **transaction)
        .await?;
        Ok(())
    }

    /// Sets tokens of today aside for a call, so that servers together do not use more than `most` in a day; returns
    /// the day, or `None` where so many are not left.
    pub async fn set_tokens_aside(&self, tokens: i64, most: i64) -> Result<Option<i64>, StoreError> {
        let day = day_of(self.clock.now());
        let mut transaction = self.database.begin().await?;
        sqlx::query("INSERT INTO model_days (day) VALUES ($1) ON CONFLICT (day) DO NOTHING")
            .bind(day)
            .execute(&mut *transaction)
            .await?;
        let set_aside = sqlx::query(
            "UPDATE model_days SET tokens = tokens + $1, calls = calls + 1 WHERE day = $2 AND tokens + $1 <= $3",
        )
        .bind(tokens)
        .bind(day)
        .bind(most)
        .execute(&mut *transaction)
        .await?
        .rows_affected();
        if set_aside == 0 {
            sqlx::query("UPDATE model_days SET over_budget = over_budget + 1 WHERE day = $1")
                .bind(day)
                .execute(&mut *transaction)
                .await?;
        }
        transaction.commit().durably("set_tokens_aside").await?;
        Ok((set_aside == 1).then_some(day))
    }

    /// Says what a call for which tokens were set aside has used, and what went wrong with it.
    pub async fn settle_tokens(
        &self,
        (day, set_aside): (i64, i64),
        used: i64,
        fault: Option<&str>,
    ) -> Result<(), StoreError> {
        let now = self.clock.now().ms();
        sqlx::query(
            "UPDATE model_days SET tokens = tokens - $1 + $2, failures = failures + $3, \
               last_fault = COALESCE($4, last_fault), \
               last_fault_ms = CASE WHEN $3 = 1 THEN $5 ELSE last_fault_ms END WHERE day = $6",
        )
        .bind(set_aside)
        .bind(used)
        .bind(i64::from(fault.is_some()))
        .bind(fault)
        .bind(now)
        .bind(day)
        .execute(self.database.writer())
        .durably("settle_tokens")
        .await?;
        Ok(())
    }

    /// What asking a model has come to today.
    pub async fn model_today(&self) -> Result<ModelDay, StoreError> {
        let row: Option<DayRow> = sqlx::query_as(
            "SELECT tokens, calls, failures, over_budget, last_fault, last_fault_ms FROM model_days WHERE day = $1",
        )
        .bind(day_of(self.clock.now()))
        .fetch_optional(self.database.reader())
        .await?;
        let Some((tokens, calls, failures, over_budget, fault, at)) = row else { return Ok(ModelDay::default()) };
        Ok(ModelDay { tokens, calls, failures, over_budget, last_fault: fault.zip(at) })
    }

    /// Deletes what was said, and days that ended, before then.
    pub async fn prune_advice(&self, before: Timestamp) -> Result<u64, StoreError> {
        let said = sqlx::query("DELETE FROM advice WHERE at_ms < $1")
            .bind(before.ms())
            .execute(self.database.writer())
            .durably("prune")
            .await?;
        let days = sqlx::query("DELETE FROM model_days WHERE day < $1")
            .bind(day_of(before))
            .execute(self.database.writer())
            .durably("prune/second")
            .await?;
        Ok(said.rows_affected() + days.rows_affected())
    }
}
