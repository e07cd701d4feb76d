//! What a subject is told by actions that ended, by other decisions and by people, until its decision has read it.

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::database::Tx;
use super::{Store, StoreError};
use crate::model::Subject;

/// Reports with the id of the newest: what a decision has read.
#[derive(Debug, Clone)]
pub struct Reports<T> {
    /// Oldest first.
    pub list: Vec<T>,
    /// The newest one's id; 0 where there are none.
    pub last: i64,
}

impl Store {
    /// Keeps a report, and has its subject looked at.
    pub(super) async fn report<T: Serialize + Sync>(
        &self,
        transaction: &mut Tx,
        subject: &Subject,
        report: &T,
    ) -> Result<(), StoreError> {
        self.mark_in(transaction, subject, self.clock.now()).await?;
        sqlx::query("INSERT INTO reports (id, subject, report, at_ms) VALUES ($1, $2, $3, $4)")
            .bind(self.next_id())
            .bind(subject.to_string())
            .bind(serde_json::to_string(report).map_err(StoreError::corrupt)?)
            .bind(self.clock.now().ms())
            .execute(&mut **transaction)
            .await?;
        Ok(())
    }

    /// What a subject is told, oldest first.
    pub async fn reports<T: DeserializeOwned>(&self, subject: &Subject) -> Result<Reports<T>, StoreError> {
        let rows: Vec<(i64, String)> = sqlx::query_as("SELECT id, report FROM reports WHERE subject = $1 ORDER BY id")
            .bind(subject.to_string())
            .fetch_all(self.database.reader())
            .await?;
        let last = rows.last().map_or(0, |(id, _)| *id);
        let read = rows.iter().map(|(_, text)| serde_json::from_str(text)).collect::<Result<_, _>>();
        Ok(Reports { list: read.map_err(StoreError::corrupt)?, last })
    }

    /// Forgets what a decision has read.
    pub(super) async fn forget_reports(
        &self,
        transaction: &mut Tx,
        subject: &Subject,
        last: i64,
    ) -> Result<(), StoreError> {
        sqlx::query("DELETE FROM reports WHERE subject = $1 AND id <= $2")
            .bind(subject.to_string())
            .bind(last)
            .execute(&mut **transaction)
            .await?;
        Ok(())
    }
}
