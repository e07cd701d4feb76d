//! Tasks as the board shows them: by state, of repositories that somebody may see, as many as fit.

use super::conditions::{Conditions, containing};
use super::task_list::ListedRow;
use super::{ListedTask, Store, StoreError};
use crate::model::{LabelName, Level, RepositoryId, RoleName, TaskState, TaskType, WorkerId};

/// Which tasks are on the board. Only those of `repositories` are; of none, nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BoardQuery {
    /// In these repositories.
    pub repositories: Vec<RepositoryId>,
    /// Of this kind.
    pub task_type: Option<TaskType>,
    /// For whoever fills this role.
    pub role: Option<RoleName>,
    /// Held by this worker.
    pub worker: Option<WorkerId>,
    /// Of this priority.
    pub priority: Option<Level>,
    /// With this label of ours, such as `stuck`.
    pub flag: Option<LabelName>,
    /// Whose title contains this, in whatever case.
    pub text: Option<String>,
}

impl BoardQuery {
    fn conditions(&self) -> Conditions {
        let mut conditions = Conditions::default();
        conditions.one_of("repository_id", self.repositories.iter().map(|id| id.0.into()).collect());
        if let Some(task_type) = &self.task_type {
            conditions.add("task_type = ?", [task_type.as_str().into()]);
        }
        if let Some(role) = &self.role {
            conditions.add("role = ?", [role.as_str().into()]);
        }
        if let Some(worker) = &self.worker {
            conditions.add("worker = ?", [worker.as_str().into()]);
        }
        if let Some(priority) = self.priority {
            conditions.add("priority = ?", [priority.as_str().into()]);
        }
        if let Some(flag) = &self.flag {
            conditions.add(r"LOWER(projected) LIKE ? ESCAPE '\'", [containing(&format!("\"{}\"", flag.as_str()))]);
        }
        if let Some(text) = &self.text {
            conditions.add(r"LOWER(title) LIKE ? ESCAPE '\'", [containing(text)]);
        }
        conditions
    }
}

impl Store {
    /// How many tasks are in each state; states without any are left out.
    pub async fn board_counts(&self, query: &BoardQuery) -> Result<Vec<(TaskState, i64)>, StoreError> {
        if query.repositories.is_empty() {
            return Ok(Vec::new());
        }
        let select = "SELECT state, COUNT(*) FROM tasks";
        let rows: Vec<(String, i64)> = query.conditions().fetch_grouped(self, (select, "state")).await?;
        rows.into_iter().map(|(state, count)| Ok((state.parse().map_err(StoreError::corrupt)?, count))).collect()
    }

    /// Tasks in a state, as they would be taken: the urgent first, then by priority, then the oldest. Those that have come
    /// to their end are sorted by when, the latest first.
    pub async fn board_column(
        &self,
        query: &BoardQuery,
        state: TaskState,
        limit: i64,
    ) -> Result<Vec<ListedTask>, StoreError> {
        if query.repositories.is_empty() {
            return Ok(Vec::new());
        }
        let mut conditions = query.conditions();
        conditions.add("state = ?", [state.as_str().into()]);
        let order = if state.is_open() {
            "urgent DESC, priority_rank DESC, created_ms, repository_id, number"
        } else {
            "updated_ms DESC, repository_id, number"
        };
        let rows: Vec<ListedRow> = conditions.fetch(self, ("SELECT * FROM tasks", order), limit).await?;
        rows.into_iter().map(ListedTask::try_from).collect()
    }
}
