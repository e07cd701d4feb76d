//! The few figures above the board: what was opened, what ended, and what somebody answered in time, by days.

use super::conditions::Conditions;
use super::{BoardQuery, Store, StoreError};
use crate::model::{RepositoryId, TaskState, Timestamp};

/// A day, in milliseconds.
const DAY_MS: i64 = 24 * 60 * 60 * 1000;

/// What happened to tasks within 24 hours.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct BoardDay {
    /// Came under management.
    pub opened: i64,
    /// Came to an end, whichever.
    pub ended: i64,
    /// Were done.
    pub done: i64,
    /// Of those that ended, how many somebody answered in time.
    pub in_time: i64,
}

impl Store {
    /// What happened to the tasks of these repositories in each of `days` spans of 24 hours up to `now`, oldest first.
    pub async fn board_days(
        &self,
        repositories: &[RepositoryId],
        (now, days): (Timestamp, usize),
    ) -> Result<Vec<BoardDay>, StoreError> {
        let mut found = vec![BoardDay::default(); days];
        if repositories.is_empty() {
            return Ok(found);
        }
        let since = now.ms() - i64::try_from(days).unwrap_or_default() * DAY_MS;
        let day = |index: i64| usize::try_from(index).ok().filter(|index| *index < days);
        let opened: Vec<(i64, i64)> = within(repositories, ("repository_id", "created_ms"), since)
            .fetch_grouped(self, (&format!("SELECT (created_ms - {since}) / {DAY_MS}, COUNT(*) FROM tasks"), "1"))
            .await?;
        for (index, count) in opened {
            if let Some(index) = day(index) {
                found[index].opened = count;
            }
        }
        let select = format!(
            "SELECT (e.ended_ms - {since}) / {DAY_MS}, e.state, COUNT(*), \
               SUM(CASE WHEN t.projected LIKE '%\"sla-breached\"%' THEN 0 ELSE 1 END) \
             FROM task_ends e JOIN tasks t ON t.repository_id = e.repository_id AND t.number = e.number"
        );
        let ended: Vec<(i64, String, i64, i64)> = within(repositories, ("e.repository_id", "e.ended_ms"), since)
            .fetch_grouped(self, (&select, "1, 2"))
            .await?;
        for (index, state, count, in_time) in ended {
            let Some(index) = day(index) else { continue };
            found[index].ended += count;
            found[index].in_time += in_time;
            if state == TaskState::Done.as_str() {
                found[index].done += count;
            }
        }
        Ok(found)
    }

    /// How many tasks a query finds.
    pub async fn board_count(&self, query: &BoardQuery) -> Result<i64, StoreError> {
        Ok(self.board_counts(query).await?.into_iter().map(|(_, count)| count).sum())
    }
}

fn within(repositories: &[RepositoryId], (repository, at): (&str, &str), since: i64) -> Conditions {
    let mut conditions = Conditions::default();
    conditions.one_of(repository, repositories.iter().map(|id| id.0.into()).collect());
    conditions.add(&format!("{at} >= ?"), [since.into()]);
    conditions
}
