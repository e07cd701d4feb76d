//! What workers hold and how their tasks ended, as far as somebody may see it.

use sqlx::AssertSqlSafe;

use super::conditions::{Conditions, places};
use super::tasks::OPEN_STATES;
use super::{Store, StoreError};
use crate::model::{Level, Number, RepositoryId, TaskState, Timestamp, WorkerId};

/// A task that a worker has, and that is not finished.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldTask {
    /// The worker.
    pub worker: WorkerId,
    /// The task's repository.
    pub repository: RepositoryId,
    /// Its number.
    pub number: Number,
    /// Its title.
    pub title: String,
    /// Where it stands.
    pub state: TaskState,
    /// When its lease runs out; `None` where it has none.
    pub leased_until: Option<Timestamp>,
    /// How many such tasks the worker has in the repositories that were asked for.
    pub all: i64,
}

/// How many tasks of a worker ended in one way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EndCount {
    /// The worker.
    pub worker: WorkerId,
    /// `done`, `failed` or `cancelled`.
    pub state: TaskState,
    /// How many.
    pub count: i64,
    /// From coming under management to their end, all together, in milliseconds.
    pub took_ms: i64,
}

/// A task of a worker that came to its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EndedTask {
    /// Its repository.
    pub repository: RepositoryId,
    /// Its number.
    pub number: Number,
    /// Its title, where it is still known.
    pub title: Option<String>,
    /// How it ended.
    pub state: TaskState,
    /// How soon it was wanted.
    pub priority: Level,
    /// When.
    pub ended: Timestamp,
    /// From coming under management until then, in milliseconds.
    pub took_ms: i64,
    /// Why it was given up.
    pub error: Option<String>,
}

type HeldRow = (String, i64, i64, String, String, Option<i64>, i64);
type EndedRow = (i64, i64, Option<String>, String, String, i64, i64, Option<String>);

impl Store {
    /// What workers hold in these repositories, as they would take it, at most `each` of one worker; of one worker or of
    /// all.
    pub async fn held_tasks(
        &self,
        repositories: &[RepositoryId],
        worker: Option<&WorkerId>,
        each: i64,
    ) -> Result<Vec<HeldTask>, StoreError> {
        if repositories.is_empty() {
            return Ok(Vec::new());
        }
        let sql = format!(
            "SELECT worker, repository_id, number, title, state, leased_until_ms, held FROM \
             (SELECT worker, repository_id, number, title, state, \
                CASE WHEN lease_id IS NULL THEN NULL ELSE lease_until_ms END AS leased_until_ms, \
                COUNT(*) OVER (PARTITION BY worker) AS held, \
                ROW_NUMBER() OVER (PARTITION BY worker \
                  ORDER BY urgent DESC, priority_rank DESC, created_ms, repository_id, number) AS place \
              FROM tasks WHERE worker IS NOT NULL AND ($1 = '' OR worker = $1) AND state IN {OPEN_STATES} \
                AND repository_id IN ({})) AS listed \
             WHERE place <= $2 ORDER BY worker, place",
            places(3, repositories.len())
        );
        let mut query = sqlx::query_as(AssertSqlSafe(sql)).bind(worker.map_or("", WorkerId::as_str)).bind(each);
        for repository in repositories {
            query = query.bind(repository.0);
        }
        let rows: Vec<HeldRow> = query.fetch_all(self.database.reader()).await?;
        let read = |(worker, repository, number, title, state, until_ms, all): HeldRow| {
            Ok(HeldTask {
                worker: WorkerId::new(worker),
                repository: RepositoryId(repository),
                number: Number(number),
                title,
                state: state.parse().map_err(StoreError::corrupt)?,
                leased_until: until_ms.map(Timestamp),
                all,
            })
        };
        rows.into_iter().map(read).collect()
    }

    /// How tasks of these repositories ended since then, by worker.
    pub async fn end_counts(
        &self,
        repositories: &[RepositoryId],
        worker: Option<&WorkerId>,
        since: Timestamp,
    ) -> Result<Vec<EndCount>, StoreError> {
        if repositories.is_empty() {
            return Ok(Vec::new());
        }
        let mut conditions = Conditions::default();
        conditions.add("worker IS NOT NULL", []);
        if let Some(worker) = worker {
            conditions.add("worker = ?", [worker.as_str().into()]);
        }
        conditions.add("ended_ms >= ?", [since.ms().into()]);
        conditions.one_of("repository_id", repositories.iter().map(|id| id.0.into()).collect());
        // A sum of bigints is a numeric on PostgreSQL.
        let select = "SELECT worker, state, COUNT(*), CAST(SUM(ended_ms - created_ms) AS BIGINT) FROM task_ends";
        let rows: Vec<(String, String, i64, i64)> = conditions.fetch_grouped(self, (select, "worker, state")).await?;
        let read = |(worker, state, count, took_ms): (String, String, i64, i64)| {
            let state = state.parse().map_err(StoreError::corrupt)?;
            Ok(EndCount { worker: WorkerId::new(worker), state, count, took_ms })
        };
        rows.into_iter().map(read).collect()
    }

    /// Tasks of a worker in these repositories that came to their end, the newest first.
    pub async fn ended_tasks(
        &self,
        repositories: &[RepositoryId],
        worker: &WorkerId,
        limit: i64,
    ) -> Result<Vec<EndedTask>, StoreError> {
        if repositories.is_empty() {
            return Ok(Vec::new());
        }
        let mut conditions = Conditions::default();
        conditions.add("e.worker = ?", [worker.as_str().into()]);
        conditions.one_of("e.repository_id", repositories.iter().map(|id| id.0.into()).collect());
        let select = "SELECT e.repository_id, e.number, t.title, e.state, e.priority, e.ended_ms, e.created_ms, e.error \
             FROM task_ends e LEFT JOIN tasks t ON t.repository_id = e.repository_id AND t.number = e.number";
        let order = "e.ended_ms DESC, e.repository_id, e.number";
        let rows: Vec<EndedRow> = conditions.fetch(self, (select, order), limit).await?;
        let read = |(repository, number, title, state, priority, ended_ms, created_ms, error): EndedRow| {
            Ok(EndedTask {
                repository: RepositoryId(repository),
                number: Number(number),
                title,
                state: state.parse().map_err(StoreError::corrupt)?,
                priority: priority.parse().map_err(StoreError::corrupt)?,
                ended: Timestamp(ended_ms),
                took_ms: Timestamp(ended_ms).since_ms(Timestamp(created_ms)),
                error,
            })
        };
        rows.into_iter().map(read).collect()
    }
}
