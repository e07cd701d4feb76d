//! What a decision about a task changes beside the task: timers, learnings, people, ends, downtimes, deeds.

use super::database::Tx;
use super::workers::BY_GITHUB;
use super::{AuditEntry, DecisionRecord, Store, StoreError};
use crate::model::{Downtime, SaidStatus, Task, TaskState, Timer, Timestamp, Worker, WorkerId};

impl Store {
    /// Writes what a decision about a task changes beside the task. Subjects that it marks are marked by then.
    pub(super) async fn write_task_changes(
        &self,
        transaction: &mut Tx,
        record: &DecisionRecord<'_>,
        task: &Task,
    ) -> Result<(), StoreError> {
        let changes = &record.decision.changes;
        self.replace_timers(transaction, &record.claimed.subject.to_string(), &changes.timers).await?;
        for learning in &changes.learnings {
            self.save_learning(transaction, task.repository, learning).await?;
        }
        for person in &changes.people {
            self.note_person(transaction, person).await?;
        }
        self.note_end(transaction, task, changes.gave_up.as_ref()).await?;
        self.note_responses(transaction, task).await?;
        if let Some((worker, since)) = &changes.downtime {
            let downtime = Downtime { worker: worker.clone(), from: *since, until: None, cause: "silent".to_owned() };
            self.begin_downtime_in(transaction, &downtime).await?;
        }
        self.write_deeds(transaction, record).await
    }

    async fn replace_timers(&self, transaction: &mut Tx, subject: &str, timers: &[Timer]) -> Result<(), StoreError> {
        sqlx::query("DELETE FROM timers WHERE subject = $1").bind(subject).execute(&mut **transaction).await?;
        for timer in timers {
            sqlx::query(
                "INSERT INTO timers (subject, clock, due_ms) VALUES ($1, $2, $3) \
                 ON CONFLICT (subject, clock) DO UPDATE SET \
                   due_ms = CASE WHEN timers.due_ms < $3 THEN timers.due_ms ELSE $3 END",
            )
            .bind(subject)
            .bind(timer.clock.as_str())
            .bind(timer.due.ms())
            .execute(&mut **transaction)
            .await?;
        }
        Ok(())
    }

    /// People who are given a task are workers from then on; they send no heartbeats.
    async fn note_person(&self, transaction: &mut Tx, person: &Worker) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO workers (id, worker, said, registered_ms, updated_ms, registered_by) \
             VALUES ($1, $2, $3, $4, $4, $5) ON CONFLICT (id) DO NOTHING",
        )
        .bind(person.id.as_str())
        .bind(serde_json::to_string(person).map_err(StoreError::corrupt)?)
        .bind(SaidStatus::Active.as_str())
        .bind(self.clock.now().ms())
        .bind(BY_GITHUB)
        .execute(&mut **transaction)
        .await?;
        Ok(())
    }

    /// Every end has a moment of its own, so a later decision about an ended task adds nothing.
    async fn note_end(&self, transaction: &mut Tx, task: &Task, gave_up: Option<&WorkerId>) -> Result<(), StoreError> {
        let error = match task.state {
            TaskState::Done | TaskState::Cancelled => None,
            TaskState::Failed => task.work.failure.as_deref(),
            TaskState::Triage
            | TaskState::Ready
            | TaskState::Assigned
            | TaskState::InProgress
            | TaskState::Blocked
            | TaskState::WaitingApproval
            | TaskState::Review
            | TaskState::Deferred => return Ok(()),
        };
        let Some(ended) = task.work.finished else { return Ok(()) };
        sqlx::query(
            "INSERT INTO task_ends (repository_id, number, ended_ms, state, worker, priority, task_type, created_ms, \
               begun_ms, error) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) \
             ON CONFLICT (repository_id, number, ended_ms) DO NOTHING",
        )
        .bind(task.repository.0)
        .bind(task.number.0)
        .bind(ended.ms())
        .bind(task.state.as_str())
        .bind(task.worker.as_ref().or(gave_up).map(WorkerId::as_str))
        .bind(task.priority.as_str())
        .bind(task.task_type.as_str())
        .bind(task.created.ms())
        .bind(task.work.begun.map(Timestamp::ms))
        .bind(error)
        .execute(&mut **transaction)
        .await?;
        Ok(())
    }

    /// Each time that somebody had to answer within is counted once, and is late once it was.
    async fn note_responses(&self, transaction: &mut Tx, task: &Task) -> Result<(), StoreError> {
        let clocks = &task.work.clocks;
        for (clock, name) in [(&clocks.response, "response"), (&clocks.urgent, "urgent")] {
            let Some(clock) = clock else { continue };
            sqlx::query(
                "INSERT INTO responses (repository_id, number, clock, began_ms, due_ms, priority, answered_ms, \
                   breached_ms, worker) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) \
                 ON CONFLICT (repository_id, number, clock, began_ms) DO UPDATE SET due_ms = $5, priority = $6, \
                   answered_ms = $7, breached_ms = $8, worker = COALESCE($9, responses.worker)",
            )
            .bind(task.repository.0)
            .bind(task.number.0)
            .bind(name)
            .bind(clock.began.ms())
            .bind(clock.due.ms())
            .bind(task.priority.as_str())
            .bind(clock.stopped.map(Timestamp::ms))
            .bind(clock.breached.map(Timestamp::ms))
            .bind(task.worker.as_ref().map(WorkerId::as_str))
            .execute(&mut **transaction)
            .await?;
        }
        Ok(())
    }

    /// What was done and refused, each a line of the audit, with the delivery that asked for it, or those that may have.
    pub(super) async fn write_deeds(
        &self,
        transaction: &mut Tx,
        record: &DecisionRecord<'_>,
    ) -> Result<(), StoreError> {
        let guids: Vec<&str> = record.seen.iter().map(|delivery| delivery.guid.as_str()).collect();
        for deed in &record.decision.changes.deeds {
            let guids = deed.request.as_ref().map_or_else(|| guids.clone(), |request| vec![request.as_str()]);
            let guids = serde_json::to_string(&guids).map_err(StoreError::corrupt)?;
            let entry = AuditEntry {
                actor: &deed.who,
                subject: Some(record.claimed.subject.to_string()),
                decision: Some(record.claimed.decisions + 1),
                kind: if deed.refused { "refused" } else { "ask" },
                summary: &deed.what,
                deliveries: Some(guids),
                door: Some(deed.door),
                ..AuditEntry::default()
            };
            self.write_audit(transaction, &entry).await?;
        }
        Ok(())
    }
}
