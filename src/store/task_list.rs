//! Lists of tasks, how they ended, and when their clocks fall due.

use sqlx::FromRow;

use super::conditions::Conditions;
use super::tasks::{SELECT_TASKS, TaskRow};
use super::{Store, StoreError};
use crate::model::{Number, RepositoryId, Subject, Task, TaskEnd, TaskState, Timer, Timestamp, WorkerId};

/// Which tasks are listed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TaskQuery {
    /// In one repository.
    pub repository: Option<RepositoryId>,
    /// In one of these states; in any where none is named.
    pub states: Vec<TaskState>,
    /// Held by this worker.
    pub worker: Option<WorkerId>,
    /// Part of this issue, whose repository must be named too.
    pub parent: Option<Number>,
    /// Those that can be claimed now.
    pub claimable: bool,
    /// After this one, in the order of the list.
    pub after: Option<(RepositoryId, Number)>,
    /// At most so many.
    pub limit: i64,
}

/// A task with its title and its handoff package.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedTask {
    /// The task.
    pub task: Task,
    /// Its title.
    pub title: String,
    /// The handoff package as JSON, without lease and fence.
    pub handoff: String,
}

#[derive(FromRow)]
pub(super) struct ListedRow {
    #[sqlx(flatten)]
    task: TaskRow,
    title: String,
    handoff: String,
}

impl TryFrom<ListedRow> for ListedTask {
    type Error = StoreError;

    fn try_from(row: ListedRow) -> Result<Self, StoreError> {
        Ok(Self { task: row.task.try_into()?, title: row.title, handoff: row.handoff })
    }
}

/// A row of `task_ends`: repository, number, end, state, worker, priority, creation, beginning, error.
pub(super) type EndRow = (i64, i64, i64, String, Option<String>, String, i64, Option<i64>, Option<String>);

impl Store {
    /// Tasks, by repository and number.
    pub async fn list_tasks(&self, query: &TaskQuery) -> Result<Vec<ListedTask>, StoreError> {
        let mut conditions = Conditions::default();
        if let Some(repository) = query.repository {
            conditions.add("repository_id = ?", [repository.0.into()]);
        }
        if let Some(worker) = &query.worker {
            conditions.add("worker = ?", [worker.as_str().into()]);
        }
        if let Some(parent) = query.parent {
            conditions.add("parent = ?", [parent.0.into()]);
        }
        if query.claimable {
            conditions.add("claimable = 1", []);
        }
        if let Some((repository, number)) = query.after {
            conditions.add("(repository_id, number) > (?, ?)", [repository.0.into(), number.0.into()]);
        }
        conditions.one_of("state", query.states.iter().map(|state| state.as_str().into()).collect());
        let rows: Vec<ListedRow> = conditions.fetch(self, (SELECT_TASKS, "repository_id, number"), query.limit).await?;
        rows.into_iter().map(ListedTask::try_from).collect()
    }

    /// One task with its title and handoff package.
    pub async fn listed_task(
        &self,
        repository: RepositoryId,
        number: Number,
    ) -> Result<Option<ListedTask>, StoreError> {
        let sql = format!("{SELECT_TASKS} WHERE repository_id = $1 AND number = $2");
        let row: Option<ListedRow> = sqlx::query_as(sqlx::AssertSqlSafe(sql))
            .bind(repository.0)
            .bind(number.0)
            .fetch_optional(self.database.reader())
            .await?;
        row.map(ListedTask::try_from).transpose()
    }

    /// When the clocks of a task fall due, the next one first.
    pub async fn timers(&self, subject: &Subject) -> Result<Vec<Timer>, StoreError> {
        let rows: Vec<(String, i64)> =
            sqlx::query_as("SELECT clock, due_ms FROM timers WHERE subject = $1 ORDER BY due_ms, clock")
                .bind(subject.to_string())
                .fetch_all(self.database.reader())
                .await?;
        Ok(rows.into_iter().map(|(clock, due_ms)| Timer { clock, due: Timestamp(due_ms) }).collect())
    }

    /// How tasks ended since then, the newest first, at most `limit`.
    pub async fn task_ends(&self, since: Timestamp, limit: i64) -> Result<Vec<TaskEnd>, StoreError> {
        let rows: Vec<EndRow> = sqlx::query_as(
            "SELECT repository_id, number, ended_ms, state, worker, priority, created_ms, begun_ms, error \
             FROM task_ends WHERE ended_ms >= $1 ORDER BY ended_ms DESC, repository_id, number LIMIT $2",
        )
        .bind(since.ms())
        .bind(limit)
        .fetch_all(self.database.reader())
        .await?;
        rows.into_iter().map(ended).collect()
    }
}

pub(super) fn ended(row: EndRow) -> Result<TaskEnd, StoreError> {
    let (repository, number, ended_ms, state, worker, priority, created_ms, begun_ms, error) = row;
    Ok(TaskEnd {
        repository: RepositoryId(repository),
        number: Number(number),
        ended: Timestamp(ended_ms),
        state: state.parse().map_err(StoreError::corrupt)?,
        worker: worker.map(WorkerId::new),
        priority: priority.parse().map_err(StoreError::corrupt)?,
        created: Timestamp(created_ms),
        begun: begun_ms.map(Timestamp),
        error,
    })
}
