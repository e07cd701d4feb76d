//! Whether anything changed that a page shows.

use super::{Store, StoreError};

/// Cheap whatever is in the tables: each is the end of an index, or counts what waits.
const LATEST: &str = "SELECT \
    COALESCE((SELECT MAX(id) FROM audit), 0), \
    COALESCE((SELECT MAX(id) FROM deliveries), 0), \
    COALESCE((SELECT MAX(id) FROM outbox), 0), \
    COALESCE((SELECT MAX(updated_ms) FROM tasks), 0), \
    COALESCE((SELECT MAX(updated_ms) FROM pulls), 0), \
    COALESCE((SELECT MAX(heartbeat_ms) FROM workers), 0), \
    (SELECT COUNT(*) FROM outbox WHERE state IN ('pending', 'running'))";

impl Store {
    /// A text that is another one once something has changed.
    pub async fn latest_change(&self) -> Result<String, StoreError> {
        let (audit, deliveries, actions, tasks, pulls, heartbeats, waiting): (i64, i64, i64, i64, i64, i64, i64) =
            sqlx::query_as(LATEST).fetch_one(self.database.reader()).await?;
        Ok(format!("{audit}.{deliveries}.{actions}.{tasks}.{pulls}.{heartbeats}.{waiting}"))
    }
}
