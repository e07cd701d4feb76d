//! Tasks as the board shows them: by state, of repositories that somebody may see, as many as fit.

use std::collections::BTreeSet;

use super::conditions::{Bound, Conditions, containing};
use super::task_list::ListedRow;
use super::tasks::{OPEN_STATES, SELECT_TASKS};
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
    /// That wait for somebody.
    pub waits_for: Option<WaitsFor>,
}

/// Somebody for whom tasks wait.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WaitsFor {
    /// The workers that they are: what these hold waits for them.
    pub workers: Vec<WorkerId>,
    /// The repositories in which they may approve: what waits for approval there waits for them.
    pub approves_in: Vec<RepositoryId>,
}

impl WaitsFor {
    fn add_to(&self, conditions: &mut Conditions) {
        let places = |count: usize| vec!["?"; count].join(", ");
        let mut either = Vec::new();
        if !self.approves_in.is_empty() {
            let repositories = places(self.approves_in.len());
            either.push(format!("(state = 'waiting-approval' AND repository_id IN ({repositories}))"));
        }
        if !self.workers.is_empty() {
            either.push(format!("(state IN {OPEN_STATES} AND worker IN ({}))", places(self.workers.len())));
        }
        // Nothing waits for somebody who does nothing.
        let either = if either.is_empty() { "1 = 0".to_owned() } else { either.join(" OR ") };
        let repositories = self.approves_in.iter().map(|id| Bound::from(id.0));
        let values = repositories.chain(self.workers.iter().map(|id| id.as_str().into()));
        conditions.add_all(&format!("({either})"), values.collect());
    }
}

/// What the tasks of some repositories can be told apart by, each value once.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BoardFacets {
    /// Kinds of task.
    pub types: BTreeSet<String>,
    /// Roles.
    pub roles: BTreeSet<String>,
    /// Workers that hold something.
    pub workers: BTreeSet<String>,
}

impl BoardQuery {
    pub(super) fn conditions(&self) -> Conditions {
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
        if let Some(waits_for) = &self.waits_for {
            waits_for.add_to(&mut conditions);
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
    /// to their end are sorted by when, the latest first. At most `limit`, without the first `skipped`.
    pub async fn board_column(
        &self,
        query: &BoardQuery,
        state: TaskState,
        (limit, skipped): (i64, i64),
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
        let rows: Vec<ListedRow> = conditions.fetch_page(self, (SELECT_TASKS, order), (limit, skipped)).await?;
        rows.into_iter().map(ListedTask::try_from).collect()
    }
    /// What the tasks of these repositories can be told apart by.
    pub async fn board_facets(&self, repositories: &[RepositoryId]) -> Result<BoardFacets, StoreError> {
        let mut facets = BoardFacets::default();
        if repositories.is_empty() {
            return Ok(facets);
        }
        let query = BoardQuery { repositories: repositories.to_vec(), ..BoardQuery::default() };
        let columns = "task_type, role, worker";
        let select = format!("SELECT {columns} FROM tasks");
        let rows: Vec<(String, Option<String>, Option<String>)> =
            query.conditions().fetch_grouped(self, (&select, columns)).await?;
        for (task_type, role, worker) in rows {
            facets.types.insert(task_type);
            facets.roles.extend(role);
            facets.workers.extend(worker);
        }
        Ok(facets)
    }
}
