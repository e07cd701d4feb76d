//! Claiming: one statement takes the best task that a worker is capable of, or none.
//!
//! # Why no task is claimed twice and nobody holds too much
//!
//! The statement that claims also says that the task is still free. Claims of one worker pass the row of its load one
//! after the other, so each counts what those before it took. What is given to a worker takes its room too, but never
//! keeps it from beginning just that. A claim takes its rows in the order of decisions: the worker's place, the task,
//! the subject.

use sqlx::AssertSqlSafe;

use super::database::Tx;
use super::durable::Durable as _;
use super::tasks::OPEN_STATES;
use super::{AuditEntry, Bell, Store, StoreError};
use crate::model::{Door, Number, RepositoryId, Subject, TaskAuthority, Timestamp, Worker};

/// A task that was claimed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClaimedTask {
    /// Its repository.
    pub repository: RepositoryId,
    /// Its number.
    pub number: Number,
    /// Its title.
    pub title: String,
    /// The lease's id.
    pub lease: String,
    /// The fence that the worker names with all it does.
    pub fence: i64,
    /// When the lease runs out without a heartbeat.
    pub until: Timestamp,
    /// The handoff package as JSON, without lease and fence.
    pub handoff: String,
}

/// Which tasks a statement chooses from.
#[derive(Debug, Clone, Copy)]
enum Among {
    /// Those given to the worker.
    Given(Option<RepositoryId>),
    /// Those that nobody has.
    Free(Option<RepositoryId>),
    /// This one.
    One(RepositoryId, Number),
}

/// A claim that is being made.
#[derive(Debug)]
struct Claim<'a> {
    worker: &'a Worker,
    lease: String,
    now: Timestamp,
    until: Timestamp,
}

/// What a claim is bound to: the worker, the lease, its end, now, the capacity, repository and number; then the words.
const FIRST_WORD: usize = 8;
// Asked row by row rather than joined: PostgreSQL then walks the index of free tasks in its order and stops at the first.
const CAN_BE_CLAIMED: &str =
    "claimable = 1 AND (SELECT usable FROM repositories WHERE repositories.id = tasks.repository_id) <> 0";

type Row = (i64, i64, String, i64, String);

impl Store {
    /// Claims the best task that the worker is capable of: those given to it first, then urgent ones, then by priority
    /// and age; in one repository or in all. `None` when there is none, or the worker has no room.
    pub async fn claim_next(
        &self,
        worker: &Worker,
        only: Option<RepositoryId>,
        lease_ms: i64,
    ) -> Result<Option<ClaimedTask>, StoreError> {
        let claim = self.new_claim(worker, lease_ms);
        let mut transaction = self.database.begin().await?;
        let given = self.enter(&mut transaction, &claim).await?;
        let mut row = None;
        if given > 0 {
            row = self.take_task(&mut transaction, &claim, Among::Given(only)).await?;
        }
        if row.is_none() {
            row = self.take_task(&mut transaction, &claim, Among::Free(only)).await?;
        }
        self.end_claim(transaction, claim, row).await
    }

    /// Claims this task, if the worker is capable of it and has room, and nobody else holds it.
    pub async fn claim_task(
        &self,
        worker: &Worker,
        (repository, number): (RepositoryId, Number),
        lease_ms: i64,
    ) -> Result<Option<ClaimedTask>, StoreError> {
        let claim = self.new_claim(worker, lease_ms);
        let mut transaction = self.database.begin().await?;
        self.enter(&mut transaction, &claim).await?;
        let row = self.take_task(&mut transaction, &claim, Among::One(repository, number)).await?;
        self.end_claim(transaction, claim, row).await
    }

    fn new_claim<'a>(&self, worker: &'a Worker, lease_ms: i64) -> Claim<'a> {
        let now = self.clock.now();
        Claim { worker, lease: format!("{:032x}", rand::random::<u128>()), now, until: now.plus_ms(lease_ms) }
    }

    /// Waits for other claims of the worker, and lets decisions notice that it holds more. Returns how many tasks are
    /// given to it.
    async fn enter(&self, transaction: &mut Tx, claim: &Claim<'_>) -> Result<i64, StoreError> {
        Ok(sqlx::query_scalar(
            "INSERT INTO worker_loads (worker, version, last_assigned_ms) VALUES ($1, 1, $2) \
             ON CONFLICT (worker) DO UPDATE SET version = worker_loads.version + 1, last_assigned_ms = $2 \
             RETURNING (SELECT COUNT(*) FROM tasks WHERE worker = $1 AND state IN ('ready', 'assigned') AND claimable = 1)",
        )
        .bind(claim.worker.id.as_str())
        .bind(claim.now.ms())
        .fetch_one(&mut **transaction)
        .await?)
    }

    async fn take_task(
        &self,
        transaction: &mut Tx,
        claim: &Claim<'_>,
        among: Among,
    ) -> Result<Option<Row>, StoreError> {
        let worker = claim.worker;
        let mut words = vec![worker.role.as_str()];
        words.extend(worker.capabilities.iter().map(String::as_str));
        let (repository, number) = match among {
            Among::Given(only) => {
                words.clear();
                (only.map_or(0, |id| id.0), 0)
            }
            Among::Free(only) => (only.map_or(0, |id| id.0), 0),
            Among::One(repository, number) => (repository.0, number.0),
        };
        let mut query = sqlx::query_as(AssertSqlSafe(self.claim_sql(among, words.len())))
            .bind(worker.id.as_str())
            .bind(claim.lease.as_str())
            .bind(claim.until.ms())
            .bind(claim.now.ms())
            .bind(i64::from(worker.capacity))
            .bind(repository)
            .bind(number);
        for word in words {
            query = query.bind(word);
        }
        Ok(query.fetch_optional(&mut **transaction).await?)
    }

    fn claim_sql(&self, among: Among, words: usize) -> String {
        let places: Vec<String> = (FIRST_WORD..FIRST_WORD + words).map(|place| format!("${place}")).collect();
        let places = places.join(", ");
        let free = format!("(worker IS NULL AND (role IN ({places}) OR task_type IN ({places})))");
        let who = match among {
            Among::Given(_) => "worker = $1".to_owned(),
            Among::Free(_) => free,
            Among::One(..) => format!("(worker = $1 OR {free})"),
        };
        let index = match among {
            Among::Free(_) => self.database.indexed_by("tasks_to_claim"),
            Among::Given(_) | Among::One(..) => String::new(),
        };
        let which = match among {
            Among::Given(_) | Among::Free(_) => format!(
                "(repository_id, number) = (SELECT repository_id, number FROM tasks {index} \
                   WHERE {CAN_BE_CLAIMED} AND {who} AND ($6 = 0 OR repository_id = $6) AND $7 = 0 \
                   ORDER BY urgent DESC, priority_rank DESC, created_ms, repository_id, number LIMIT 1 {})",
                self.database.skip_locked()
            ),
            Among::One(..) => "repository_id = $6 AND number = $7".to_owned(),
        };
        format!(
            "UPDATE tasks SET state = 'in-progress', worker = $1, fence = fence + 1, lease_id = $2, \
               lease_until_ms = $3, claimed_ms = $4, updated_ms = $4, claimable = 0, version = version + 1 \
             WHERE {which} AND {CAN_BE_CLAIMED} AND {who} \
               AND CASE WHEN worker IS NULL \
                 THEN (SELECT COUNT(*) FROM tasks held WHERE held.worker = $1 AND held.state IN {OPEN_STATES}) \
                 ELSE (SELECT COUNT(*) FROM tasks held WHERE held.worker = $1 AND held.lease_id IS NOT NULL) END < $5 \
             RETURNING repository_id, number, title, fence, handoff"
        )
    }

    async fn end_claim(
        &self,
        mut transaction: Tx,
        claim: Claim<'_>,
        row: Option<Row>,
    ) -> Result<Option<ClaimedTask>, StoreError> {
        let Some((repository, number, title, fence, handoff)) = row else {
            transaction.rollback().await?;
            return Ok(None);
        };
        let (repository, number) = (RepositoryId(repository), Number(number));
        let subject = Subject::Issue(repository, number);
        self.mark_in(&mut transaction, &subject, claim.now).await?;
        let entry = AuditEntry {
            actor: &TaskAuthority::Worker { id: claim.worker.id.clone(), fence: None }.to_string(),
            subject: Some(subject.to_string()),
            kind: "claim",
            summary: &format!("Claimed by `{}` with fence {fence}.", claim.worker.id),
            door: Some(Door::Api),
            ..AuditEntry::default()
        };
        self.write_audit(&mut transaction, &entry).await?;
        transaction.commit().durably("end_claim").await?;
        self.database.ring(Bell::Subjects);
        let Claim { lease, until, .. } = claim;
        Ok(Some(ClaimedTask { repository, number, title, lease, fence, until, handoff }))
    }
}
