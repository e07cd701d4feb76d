//! How all tasks stand, for whoever asks for the status.

use super::{Store, StoreError};
use crate::model::{Number, Overview, OverviewLine, TaskState, TaskWork};

/// Repository, number, title, state, worker and work.
type Row = (String, i64, String, String, Option<String>, String);

impl Store {
    /// How many tasks are open in each state, and at most `limit` of those that are worked on or blocked.
    pub async fn overview(&self, limit: i64) -> Result<Overview, StoreError> {
        let counts: Vec<(String, i64)> = sqlx::query_as(
            "SELECT t.state, COUNT(*) FROM tasks t JOIN repositories r ON r.id = t.repository_id \
             WHERE r.usable = 1 GROUP BY t.state",
        )
        .fetch_all(self.database.reader())
        .await?;
        let rows: Vec<Row> = sqlx::query_as(
            "SELECT r.name, t.number, t.title, t.state, t.worker, t.work FROM tasks t \
             JOIN repositories r ON r.id = t.repository_id \
             WHERE r.usable = 1 AND t.state IN ('blocked', 'in-progress', 'waiting-approval', 'review', 'assigned') \
             ORDER BY CASE t.state WHEN 'blocked' THEN 0 WHEN 'waiting-approval' THEN 1 WHEN 'in-progress' THEN 2 \
               WHEN 'review' THEN 3 ELSE 4 END, t.created_ms, t.number LIMIT $1",
        )
        .bind(limit)
        .fetch_all(self.database.reader())
        .await?;
        let mut counted = Vec::with_capacity(counts.len());
        for (state, count) in counts {
            let state: TaskState = state.parse().map_err(StoreError::corrupt)?;
            counted.extend(state.is_open().then_some((state, count)));
        }
        counted.sort_by_key(|(state, _)| TaskState::ALL.iter().position(|known| known == state));
        Ok(Overview { counts: counted, tasks: rows.into_iter().map(line).collect::<Result<_, _>>()? })
    }
}

fn line((repository, number, title, state, worker, work): Row) -> Result<OverviewLine, StoreError> {
    let work: TaskWork = serde_json::from_str(&work).map_err(StoreError::corrupt)?;
    Ok(OverviewLine {
        repository: repository.parse().map_err(StoreError::corrupt)?,
        number: Number(number),
        title,
        state: state.parse().map_err(StoreError::corrupt)?,
        worker,
        percent: work.percent,
        obstacle: work.obstacle.map(|obstacle| obstacle.text),
    })
}
