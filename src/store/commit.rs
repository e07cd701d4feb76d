//! The one transaction that ends a decision: closes the marks, stores the task, fills the outbox, writes the audit.
//!
//! Decisions and claims want each other's rows. All take them in one order, so that none waits for another for ever:
//! workers' places, the task, then subjects by their names.

use sqlx::AssertSqlSafe;

use super::database::Tx;
use super::durable::Durable as _;
use super::many::{PLACES, TOGETHER, named};
use super::{AuditEntry, Bell, ClaimedSubject, MarkedDelivery, RouteRecord, Store, StoreError};
use crate::model::{Decision, PullState, QueueStep, Subject, Timestamp, WorkerLoad};

/// A decision and what it was made from.
#[derive(Debug)]
pub struct DecisionRecord<'a> {
    /// The claim under which it was made.
    pub claimed: &'a ClaimedSubject,
    /// The deliveries that it looked at.
    pub seen: &'a [MarkedDelivery],
    /// The decision.
    pub decision: &'a Decision,
    /// The newest report that it has read; 0 where it has read none.
    pub reports_read: i64,
    /// The title, stored beside the task for lists.
    pub title: &'a str,
    /// What it saw, as JSON.
    pub saw: &'a str,
    /// What it was made of beside that, and what it planned, as JSON; `None` where nothing was looked at.
    pub replay: Option<&'a str>,
    /// Workers who hold more or less afterwards, as they were seen, and whether each is given something.
    pub places: &'a [(WorkerLoad, bool)],
    /// What `router stats` is to count.
    pub route: Option<RouteRecord>,
    /// Whether anything changed that the audit should tell of.
    pub notable: bool,
}

/// What became of an attempt to commit a decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Committed {
    /// It is in force.
    Done,
    /// Somebody else has claimed the subject since; nothing was changed.
    Stale,
    /// The task was claimed, or a worker's place was taken by another decision meanwhile; nothing was changed: decide
    /// again.
    Overtaken,
}

impl Store {
    /// Puts a decision into force, all of it or nothing.
    pub async fn commit_decision(&self, record: DecisionRecord<'_>) -> Result<Committed, StoreError> {
        let now = self.clock.now();
        let mut transaction = self.database.begin().await?;
        for (load, gains) in record.places {
            if !self.take_place(&mut transaction, load, gains.then_some(now)).await? {
                transaction.rollback().await?;
                return Ok(Committed::Overtaken);
            }
        }
        if let Some(task) = &record.decision.task
            && !self.save_task(&mut transaction, (record.title, task), &record.decision.changes).await?
        {
            transaction.rollback().await?;
            return Ok(Committed::Overtaken);
        }
        let decision = record.decision;
        if !self.take_subjects(&mut transaction, (record.claimed, decision.look_again), &decision.changes.marks).await?
        {
            transaction.rollback().await?;
            return Ok(Committed::Stale);
        }
        self.close_marks(&mut transaction, record.claimed, record.seen).await?;
        self.forget_reports(&mut transaction, &record.claimed.subject, record.reports_read).await?;
        if let Some(task) = &decision.task {
            self.write_task_changes(&mut transaction, &record, task).await?;
        }
        if let Some(pull) = &record.decision.pull {
            let seen = (&pull.record, &record.decision.explanation);
            self.link_tasks(&mut transaction, seen, &record.decision.links).await?;
            self.save_pull(&mut transaction, pull, &record.decision.explanation).await?;
            self.write_deeds(&mut transaction, &record).await?;
        }
        if let Subject::Pull(repository, number) = record.claimed.subject {
            if let Some(end) = &record.decision.queue_end {
                self.forget_queue_end(&mut transaction, (repository, number), end).await?;
            }
            self.take_queue_step(&mut transaction, (repository, number), &record.decision.queue).await?;
        }
        // What has begun may be what merged it, only its answer was lost: it finds that out, and what follows follows.
        let merged = decision.pull.as_ref().is_some_and(|pull| pull.record.state == PullState::Merged);
        for slot in &record.decision.withdrawn {
            self.withdraw(&mut transaction, (&record.claimed.subject, slot), !merged).await?;
        }
        for planned in &record.decision.actions {
            self.queue(&mut transaction, &record.claimed.subject, planned).await?;
        }
        if let Some(route) = &record.route {
            self.save_route(&mut transaction, route).await?;
        }
        if record.notable {
            self.write_audit(
                &mut transaction,
                &AuditEntry::of_decision(
                    (record.claimed, record.seen),
                    (&record.decision.summary, &record.decision.explanation),
                    (record.saw, record.replay),
                )?,
            )
            .await?;
        }
        transaction.commit().durably("commit_decision").await?;
        self.database.ring(Bell::Outbox);
        let marked = !record.decision.changes.marks.is_empty() || !record.decision.links.is_empty();
        if record.decision.queue != QueueStep::Stay || marked {
            self.database.ring(Bell::Subjects);
        }
        Ok(Committed::Done)
    }

    /// Ends the claim and marks other subjects, in the order of their names. `false` when the claim counts no more.
    pub(super) async fn take_subjects(
        &self,
        transaction: &mut Tx,
        (claimed, look_again): (&ClaimedSubject, Option<Timestamp>),
        marks: &[Subject],
    ) -> Result<bool, StoreError> {
        let own = &claimed.subject;
        let mut subjects: Vec<&Subject> = marks.iter().chain([own]).collect();
        subjects.sort_by_cached_key(std::string::ToString::to_string);
        subjects.dedup();
        for subject in subjects {
            if subject != own {
                self.mark_in(transaction, subject, self.clock.now()).await?;
            } else if !self.close_claim(transaction, claimed, look_again).await? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Ends the claim. A mark that came meanwhile leaves the subject due; else it is due when the decision says.
    pub(super) async fn close_claim(
        &self,
        transaction: &mut Tx,
        claimed: &ClaimedSubject,
        look_again: Option<Timestamp>,
    ) -> Result<bool, StoreError> {
        let now = self.clock.now();
        let changed = sqlx::query(
            "UPDATE subjects SET lease_owner = NULL, lease_until_ms = 0, attempts = 0, last_error = NULL, \
               decisions = decisions + 1, \
               first_mark_ms = CASE WHEN generation = $1 THEN NULL ELSE $2 END, \
               due_ms = CASE WHEN generation = $1 THEN $5 WHEN due_ms > $2 THEN due_ms ELSE $2 END \
             WHERE key = $3 AND fence = $4",
        )
        .bind(claimed.generation)
        .bind(now.ms())
        .bind(claimed.subject.to_string())
        .bind(claimed.fence)
        .bind(look_again.map(Timestamp::ms))
        .execute(&mut **transaction)
        .await?
        .rows_affected();
        Ok(changed == 1)
    }

    pub(super) async fn close_marks(
        &self,
        transaction: &mut Tx,
        claimed: &ClaimedSubject,
        seen: &[MarkedDelivery],
    ) -> Result<(), StoreError> {
        let Some(last) = seen.last() else { return Ok(()) };
        // The deliveries are held first: of two subjects that one delivery has marked, the later one to end then sees
        // that the other's mark is gone.
        let guids: Vec<&str> = seen.iter().map(|delivery| delivery.guid.as_str()).collect();
        if let Some(held) = self.database.locked() {
            let sql = format!("SELECT guid FROM deliveries WHERE guid IN ({PLACES}) ORDER BY id {held}");
            for some in guids.chunks(TOGETHER) {
                named(sqlx::query(AssertSqlSafe(sql.as_str())), some).fetch_all(&mut **transaction).await?;
            }
        }
        sqlx::query("DELETE FROM marks WHERE subject = $1 AND delivery_id <= $2")
            .bind(claimed.subject.to_string())
            .bind(last.id)
            .execute(&mut **transaction)
            .await?;
        // The state is compared as an expression: SQLite would look through all marked deliveries for these few.
        let sql = format!(
            "UPDATE deliveries SET state = 'done' WHERE guid IN ({PLACES}) AND COALESCE(state, '') = 'marked' \
             AND NOT EXISTS (SELECT 1 FROM marks WHERE delivery_guid = deliveries.guid)"
        );
        for some in guids.chunks(TOGETHER) {
            named(sqlx::query(AssertSqlSafe(sql.as_str())), some).execute(&mut **transaction).await?;
        }
        Ok(())
    }
}
