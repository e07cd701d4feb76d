//! The registry: workers that registered, their heartbeats and leases.

use super::database::Tx;
use super::durable::Durable as _;
use super::{Bell, Store, StoreError};
use crate::model::{Item, Number, RegisteredWorker, RepositoryId, SaidStatus, Subject, Timestamp, Worker, WorkerId};

/// Who registers people that were given a task: nobody asked for it.
pub(super) const BY_GITHUB: &str = "github";

/// A lease that a worker holds.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct HeldLease {
    /// The task.
    pub item: Item,
    /// The lease's id.
    pub lease: String,
    /// Its fence.
    pub fence: i64,
    /// When it runs out without another heartbeat.
    pub until: Timestamp,
}

type Row = (String, String, Option<i64>, i64, i64, String);

const COLUMNS: &str = "worker, said, heartbeat_ms, registered_ms, updated_ms, registered_by";

impl Store {
    /// Registers a worker, or changes all that is known of it; counts as a heartbeat, except for people.
    pub async fn register_worker(
        &self,
        worker: &Worker,
        said: SaidStatus,
        by: &str,
    ) -> Result<RegisteredWorker, StoreError> {
        let now = self.clock.now();
        let is_person = by == BY_GITHUB || (!worker.agent && worker.login.is_some());
        let mut transaction = self.database.begin().await?;
        let before = self.registered(&mut transaction, &worker.id).await?;
        // A person who once sent heartbeats goes on being expected to.
        let row: Row = sqlx::query_as(
            "INSERT INTO workers (id, worker, said, heartbeat_ms, registered_ms, updated_ms, registered_by) \
             VALUES ($1, $2, $3, $4, $5, $5, $6) \
             ON CONFLICT (id) DO UPDATE SET worker = $2, said = $3, updated_ms = $5, registered_by = $6, \
               heartbeat_ms = CASE WHEN workers.heartbeat_ms IS NULL THEN $4 ELSE $5 END \
             RETURNING worker, said, heartbeat_ms, registered_ms, updated_ms, registered_by",
        )
        .bind(worker.id.as_str())
        .bind(serde_json::to_string(worker).map_err(StoreError::corrupt)?)
        .bind(said.as_str())
        .bind((!is_person).then_some(now.ms()))
        .bind(now.ms())
        .bind(by)
        .fetch_one(&mut *transaction)
        .await?;
        let after = read(row)?;
        let same = before.is_some_and(|before| before.worker == after.worker && before.said == said);
        if self.is_back(&mut transaction, &worker.id, said).await? || !same {
            self.mark_tasks_for(&mut transaction, &after.worker).await?;
        }
        transaction.commit().durably("register_worker").await?;
        self.database.ring(Bell::Subjects);
        Ok(after)
    }

    /// Notes that a worker is there, and has its leases run out `lease_ms` from now. `None` when nobody registered it.
    /// A lease that has run out already is not begun again.
    pub async fn heartbeat(
        &self,
        worker: &WorkerId,
        said: Option<SaidStatus>,
        lease_ms: i64,
    ) -> Result<Option<Vec<HeldLease>>, StoreError> {
        let now = self.clock.now();
        let mut transaction = self.database.begin().await?;
        let Some(before) = self.registered(&mut transaction, worker).await? else {
            transaction.rollback().await?;
            return Ok(None);
        };
        let said = said.unwrap_or(before.said);
        sqlx::query("UPDATE workers SET heartbeat_ms = $1, said = $2 WHERE id = $3")
            .bind(now.ms())
            .bind(said.as_str())
            .bind(worker.as_str())
            .execute(&mut *transaction)
            .await?;
        // The version stays: it is no other task for that, and a decision about it may be under way.
        sqlx::query(
            "UPDATE tasks SET lease_until_ms = $1 \
             WHERE worker = $2 AND lease_id IS NOT NULL AND lease_until_ms > $3 AND lease_until_ms < $1",
        )
        .bind(now.plus_ms(lease_ms).ms())
        .bind(worker.as_str())
        .bind(now.ms())
        .execute(&mut *transaction)
        .await?;
        let is_back = self.is_back(&mut transaction, worker, said).await?;
        let changed = is_back || before.said != said;
        if changed {
            self.mark_tasks_for(&mut transaction, &before.worker).await?;
        }
        transaction.commit().durably("heartbeat").await?;
        if changed {
            self.database.ring(Bell::Subjects);
        }
        Ok(Some(self.leases_of(worker).await?))
    }

    /// Everybody who registered, by id.
    pub async fn registered_workers(&self) -> Result<Vec<RegisteredWorker>, StoreError> {
        let sql = format!("SELECT {COLUMNS} FROM workers ORDER BY id");
        let rows: Vec<Row> = sqlx::query_as(sqlx::AssertSqlSafe(sql)).fetch_all(self.database.reader()).await?;
        rows.into_iter().map(read).collect()
    }

    /// The leases that a worker holds and that have not run out.
    pub async fn leases_of(&self, worker: &WorkerId) -> Result<Vec<HeldLease>, StoreError> {
        let rows: Vec<(String, i64, String, i64, i64)> = sqlx::query_as(
            "SELECT repositories.name, tasks.number, tasks.lease_id, tasks.fence, tasks.lease_until_ms \
             FROM tasks JOIN repositories ON repositories.id = tasks.repository_id \
             WHERE tasks.worker = $1 AND tasks.lease_id IS NOT NULL AND tasks.lease_until_ms > $2 \
             ORDER BY repositories.name, tasks.number",
        )
        .bind(worker.as_str())
        .bind(self.clock.now().ms())
        .fetch_all(self.database.reader())
        .await?;
        rows.into_iter()
            .map(|(repository, number, lease, fence, until_ms)| {
                let repository = repository.parse().map_err(StoreError::corrupt)?;
                let item = Item { repository, number: Number(number) };
                Ok(HeldLease { item, lease, fence, until: Timestamp(until_ms) })
            })
            .collect()
    }

    async fn registered(
        &self,
        transaction: &mut Tx,
        worker: &WorkerId,
    ) -> Result<Option<RegisteredWorker>, StoreError> {
        let row: Option<Row> =
            sqlx::query_as(sqlx::AssertSqlSafe(format!("SELECT {COLUMNS} FROM workers WHERE id = $1")))
                .bind(worker.as_str())
                .fetch_optional(&mut **transaction)
                .await?;
        row.map(read).transpose()
    }

    /// Has all looked at of which something else may be decided now: what the worker holds, and what waits for its role.
    async fn mark_tasks_for(&self, transaction: &mut Tx, worker: &Worker) -> Result<(), StoreError> {
        let rows: Vec<(i64, i64)> = sqlx::query_as(sqlx::AssertSqlSafe(format!(
            "SELECT repository_id, number FROM tasks WHERE state IN {} AND (worker = $1 OR (worker IS NULL AND role = $2))",
            super::tasks::OPEN_STATES
        )))
        .bind(worker.id.as_str())
        .bind(worker.role.as_str())
        .fetch_all(&mut **transaction)
        .await?;
        let mut subjects: Vec<Subject> =
            rows.into_iter().map(|(id, number)| Subject::Issue(RepositoryId(id), Number(number))).collect();
        subjects.sort_by_cached_key(ToString::to_string);
        for subject in &subjects {
            self.mark_in(transaction, subject, self.clock.now()).await?;
        }
        Ok(())
    }
}

fn read((worker, said, heartbeat_ms, registered_ms, updated_ms, by): Row) -> Result<RegisteredWorker, StoreError> {
    Ok(RegisteredWorker {
        worker: serde_json::from_str(&worker).map_err(StoreError::corrupt)?,
        said: said.parse().map_err(StoreError::corrupt)?,
        heartbeat: heartbeat_ms.map(Timestamp),
        registered: Timestamp(registered_ms),
        updated: Timestamp(updated_ms),
        by,
    })
}
