//! Tasks and what workers hold.

use sqlx::FromRow;

use super::database::Tx;
use super::{Store, StoreError};
use crate::model::{
    CommentId, LabelName, Lease, Level, Login, Number, Presence, RepositoryId, RoleName, Subject, Task, TaskChanges,
    TaskState, TaskType, TaskWork, Timestamp, Worker, WorkerId, WorkerLoad,
};

#[derive(FromRow)]
pub(super) struct TaskRow {
    repository_id: i64,
    number: i64,
    state: String,
    task_type: String,
    role: Option<String>,
    worker: Option<String>,
    priority: String,
    risk: Option<String>,
    type_pinned: i64,
    priority_pinned: i64,
    worker_pinned: i64,
    rule: Option<String>,
    assignment: String,
    fence: i64,
    projected: String,
    ours: String,
    assignees: String,
    card: Option<i64>,
    card_digest: Option<String>,
    policy_fingerprint: String,
    version: i64,
    work: String,
    lease_id: Option<String>,
    lease_until_ms: i64,
    claimed_ms: Option<i64>,
    created_ms: i64,
    updated_ms: i64,
}

/// Every column by its name: `*` would be another list once a newer server has added a column, and PostgreSQL refuses
/// a statement that was prepared before ("cached plan must not change result type").
pub(super) const SELECT_TASKS: &str = "SELECT repository_id, number, state, task_type, role, worker, priority, risk, \
    type_pinned, priority_pinned, worker_pinned, rule, assignment, fence, projected, ours, assignees, card, card_digest, \
    policy_fingerprint, version, work, lease_id, lease_until_ms, claimed_ms, created_ms, updated_ms, title, handoff \
    FROM tasks";

impl TryFrom<TaskRow> for Task {
    type Error = StoreError;

    fn try_from(row: TaskRow) -> Result<Self, StoreError> {
        let labels = |text: &str| serde_json::from_str::<Vec<LabelName>>(text).map_err(StoreError::corrupt);
        let mut work: TaskWork = serde_json::from_str(&row.work).map_err(StoreError::corrupt)?;
        if let (Some(at), Some(worker)) = (row.claimed_ms.map(Timestamp), &row.worker) {
            note_claim(&mut work, worker, at);
        }
        Ok(Self {
            repository: RepositoryId(row.repository_id),
            number: Number(row.number),
            state: row.state.parse::<TaskState>().map_err(StoreError::corrupt)?,
            task_type: TaskType::new(row.task_type),
            role: row.role.map(RoleName::new),
            worker: row.worker.map(WorkerId::new),
            priority: row.priority.parse::<Level>().map_err(StoreError::corrupt)?,
            risk: row.risk.map(|risk| risk.parse::<Level>()).transpose().map_err(StoreError::corrupt)?,
            type_pinned: row.type_pinned != 0,
            priority_pinned: row.priority_pinned != 0,
            worker_pinned: row.worker_pinned != 0,
            rule: row.rule,
            assignment: serde_json::from_str(&row.assignment).map_err(StoreError::corrupt)?,
            fence: row.fence,
            lease: row.lease_id.map(|id| Lease { id, until: Timestamp(row.lease_until_ms) }),
            version: row.version,
            work,
            projected: labels(&row.projected)?,
            ours: labels(&row.ours)?,
            assignees: serde_json::from_str::<Vec<Login>>(&row.assignees).map_err(StoreError::corrupt)?,
            card: row.card.map(CommentId),
            card_digest: row.card_digest,
            policy_fingerprint: row.policy_fingerprint,
            created: Timestamp(row.created_ms),
            updated: Timestamp(row.updated_ms),
        })
    }
}

/// What a claim means for the work, for which its one statement has no room. The next decision stores it.
fn note_claim(work: &mut TaskWork, worker: &str, at: Timestamp) {
    work.given.get_or_insert(at);
    work.begun = Some(at);
    work.clocks.progressed = Some(at);
    work.clocks.stuck = None;
    work.clocks.offline = None;
    let clocks = [&mut work.clocks.response, &mut work.clocks.urgent];
    for clock in clocks.into_iter().flatten() {
        clock.stopped.get_or_insert(at);
    }
    work.note(at, format!("worker {worker}"), "claimed it");
}

/// States in which a worker still has something to do; kept beside [`TaskState::is_open`] by a test.
pub(super) const OPEN_STATES: &str =
    "('triage', 'ready', 'assigned', 'in-progress', 'blocked', 'waiting-approval', 'review')";

/// What is claimed first.
const fn rank(priority: Level) -> i64 {
    match priority {
        Level::Critical => 4,
        Level::High => 3,
        Level::Medium => 2,
        Level::Low => 1,
    }
}

impl Store {
    /// The task of an issue; `None` before its first decision.
    pub async fn task(&self, repository: RepositoryId, number: Number) -> Result<Option<Task>, StoreError> {
        let sql = format!("{SELECT_TASKS} WHERE repository_id = $1 AND number = $2");
        let row: Option<TaskRow> = sqlx::query_as(sqlx::AssertSqlSafe(sql))
            .bind(repository.0)
            .bind(number.0)
            .fetch_optional(self.database.reader())
            .await?;
        row.map(Task::try_from).transpose()
    }

    pub(super) async fn open_tasks(
        &self,
        transaction: &mut Tx,
        repository: Option<RepositoryId>,
    ) -> Result<Vec<Subject>, StoreError> {
        let rows: Vec<(i64, i64)> = sqlx::query_as(sqlx::AssertSqlSafe(format!(
            "SELECT repository_id, number FROM tasks WHERE state IN {OPEN_STATES} AND ($1 = 0 OR repository_id = $1) \
             ORDER BY repository_id, number"
        )))
        .bind(repository.map_or(0, |id| id.0))
        .fetch_all(&mut **transaction)
        .await?;
        Ok(rows.into_iter().map(|(id, number)| Subject::Issue(RepositoryId(id), Number(number))).collect())
    }

    /// Every worker of the roster with what it holds now.
    pub async fn worker_loads(&self, roster: &[(Worker, Presence)]) -> Result<Vec<WorkerLoad>, StoreError> {
        // The versions are read before the counts: a change in between makes the commit fail, never pass.
        let versions: Vec<(String, i64, Option<i64>)> =
            sqlx::query_as("SELECT worker, version, last_assigned_ms FROM worker_loads")
                .fetch_all(self.database.reader())
                .await?;
        let counts: Vec<(String, i64)> = sqlx::query_as(sqlx::AssertSqlSafe(format!(
            "SELECT worker, COUNT(*) FROM tasks WHERE worker IS NOT NULL AND state IN {OPEN_STATES} \
               AND repository_id IN (SELECT id FROM repositories WHERE usable = 1) GROUP BY worker"
        )))
        .fetch_all(self.database.reader())
        .await?;
        Ok(roster
            .iter()
            .map(|(worker, presence)| {
                let version = versions.iter().find(|(id, ..)| id == worker.id.as_str());
                let count = counts.iter().find(|(id, _)| id == worker.id.as_str()).map_or(0, |(_, count)| *count);
                WorkerLoad {
                    worker: worker.clone(),
                    presence: *presence,
                    open_tasks: u32::try_from(count).unwrap_or(u32::MAX),
                    last_assigned: version.and_then(|(_, _, at)| *at).map(Timestamp),
                    version: version.map_or(0, |(_, version, _)| *version),
                }
            })
            .collect())
    }

    /// Stores a task as a decision has left it. `false` when it was claimed or changed since the decision saw it.
    pub(super) async fn save_task(
        &self,
        transaction: &mut Tx,
        (title, task): (&str, &Task),
        changes: &TaskChanges,
    ) -> Result<bool, StoreError> {
        let json = |labels: &[LabelName]| serde_json::to_string(labels).map_err(StoreError::corrupt);
        // The card is learned by performing an action, not decided: a decision never takes it back. Nor does it shorten a
        // lease that a heartbeat has made longer meanwhile.
        let saved = sqlx::query(
            "INSERT INTO tasks (repository_id, number, title, state, task_type, role, worker, priority, risk, \
               type_pinned, priority_pinned, worker_pinned, rule, fence, projected, ours, assignees, card_digest, \
               policy_fingerprint, created_ms, updated_ms, assignment, version, work, lease_id, lease_until_ms, \
               claimable, urgent, priority_rank, parent, handoff) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, \
               $23 + 1, $24, $25, $26, $27, $28, $29, $30, $31) \
             ON CONFLICT (repository_id, number) DO UPDATE SET title = $3, state = $4, task_type = $5, role = $6, \
               worker = $7, priority = $8, risk = $9, type_pinned = $10, priority_pinned = $11, worker_pinned = $12, \
               rule = $13, fence = $14, projected = $15, ours = $16, assignees = $17, card_digest = $18, \
               policy_fingerprint = $19, updated_ms = $21, assignment = $22, version = $23 + 1, work = $24, \
               lease_until_ms = CASE WHEN tasks.lease_id = $25 AND tasks.lease_until_ms > $26 \
                 THEN tasks.lease_until_ms ELSE $26 END, \
               lease_id = $25, claimed_ms = NULL, claimable = $27, urgent = $28, priority_rank = $29, parent = $30, \
               handoff = $31 \
             WHERE tasks.version = $23",
        )
        .bind(task.repository.0)
        .bind(task.number.0)
        .bind(title)
        .bind(task.state.as_str())
        .bind(task.task_type.as_str())
        .bind(task.role.as_ref().map(RoleName::as_str))
        .bind(task.worker.as_ref().map(WorkerId::as_str))
        .bind(task.priority.as_str())
        .bind(task.risk.map(Level::as_str))
        .bind(i64::from(task.type_pinned))
        .bind(i64::from(task.priority_pinned))
        .bind(i64::from(task.worker_pinned))
        .bind(task.rule.as_deref())
        .bind(task.fence)
        .bind(json(&task.projected)?)
        .bind(json(&task.ours)?)
        .bind(serde_json::to_string(&task.assignees).map_err(StoreError::corrupt)?)
        .bind(task.card_digest.as_deref())
        .bind(task.policy_fingerprint.as_str())
        .bind(task.created.ms())
        .bind(task.updated.ms())
        .bind(serde_json::to_string(&task.assignment).map_err(StoreError::corrupt)?)
        .bind(task.version)
        .bind(serde_json::to_string(&task.work).map_err(StoreError::corrupt)?)
        .bind(task.lease.as_ref().map(|lease| lease.id.as_str()))
        .bind(task.lease.as_ref().map_or(0, |lease| lease.until.ms()))
        .bind(i64::from(changes.claimable))
        .bind(i64::from(task.work.urgent))
        .bind(rank(task.priority))
        .bind(task.work.parent.as_ref().map(|parent| parent.number.0))
        .bind(changes.handoff.as_str())
        .execute(&mut **transaction)
        .await?
        .rows_affected();
        Ok(saved == 1)
    }

    /// Notes that what `worker` holds has changed since `version`. `false` when another decision was first.
    pub(super) async fn take_place(
        &self,
        transaction: &mut Tx,
        load: &WorkerLoad,
        assigned: Option<Timestamp>,
    ) -> Result<bool, StoreError> {
        sqlx::query("INSERT INTO worker_loads (worker) VALUES ($1) ON CONFLICT (worker) DO NOTHING")
            .bind(load.worker.id.as_str())
            .execute(&mut **transaction)
            .await?;
        let changed = sqlx::query(
            "UPDATE worker_loads SET version = version + 1, last_assigned_ms = COALESCE($1, last_assigned_ms) \
             WHERE worker = $2 AND version = $3",
        )
        .bind(assigned.map(Timestamp::ms))
        .bind(load.worker.id.as_str())
        .bind(load.version)
        .execute(&mut **transaction)
        .await?
        .rows_affected();
        Ok(changed == 1)
    }

    pub(super) async fn set_card(
        &self,
        transaction: &mut Tx,
        subject: &Subject,
        comment: CommentId,
    ) -> Result<(), StoreError> {
        let (sql, repository, number) = match subject {
            Subject::Issue(repository, number) => {
                self.set_tracking_card(transaction, (*repository, *number), comment).await?;
                ("UPDATE tasks SET card = $1 WHERE repository_id = $2 AND number = $3", repository, number)
            }
            Subject::Pull(repository, number) => {
                ("UPDATE pulls SET card = $1 WHERE repository_id = $2 AND number = $3", repository, number)
            }
            Subject::Branch(..) | Subject::Repository(_) | Subject::Releases(_) | Subject::Environment(..) => {
                return Ok(());
            }
        };
        sqlx::query(sql).bind(comment.0).bind(repository.0).bind(number.0).execute(&mut **transaction).await?;
        Ok(())
    }

    /// GitHub shows `projection`: if that is still what is wanted, nothing else is in flight.
    pub(super) async fn settle_labels(
        &self,
        transaction: &mut Tx,
        subject: &Subject,
        projection: &[LabelName],
    ) -> Result<(), StoreError> {
        let Subject::Issue(repository, number) = subject else { return Ok(()) };
        sqlx::query("UPDATE tasks SET ours = projected WHERE repository_id = $1 AND number = $2 AND projected = $3")
            .bind(repository.0)
            .bind(number.0)
            .bind(serde_json::to_string(projection).map_err(StoreError::corrupt)?)
            .execute(&mut **transaction)
            .await?;
        Ok(())
    }
}
