//! The one transaction that ends a decision about a branch's queue.
//!
//! # Why two servers cannot build twice
//!
//! The branch is a lane: [`Store::claim_subject`] gives it to one server, and the transaction here begins by ending
//! that claim under its fence, so of two servers that both think they hold it only the later one changes anything.
//! The batch's number is part of the record that this transaction writes, and part of its actions' unique keys.
//!
//! Entries come and go in other transactions, those of the pulls. So each member of the batch is written here too
//! (its place), which fails where the entry is gone or has another head: then the decision was made of what is no
//! longer so, and is made again. Whichever of two such transactions comes second sees the first one's doing.
//!
//! A landing is withdrawn only while it has certainly not happened. One that has ended in the moment between a
//! decision's look and its commit has reported what came of it, and the decision is made again with that report: made
//! without it, it would call off a batch that has landed, and nobody would be told of the merge.
//!
//! Rows are taken in one order everywhere: pulls' subjects, branches' subjects, entries.

use super::database::Tx;
use super::durable::Durable as _;
use super::{AuditEntry, Bell, ClaimedSubject, MarkedDelivery, Store, StoreError};
use crate::model::{BranchName, Check, Number, QueueDecision, QueuePlace, RepositoryId, Sha, Subject, Withdrawal};

/// A decision about a queue and what it was made from.
#[derive(Debug)]
pub struct QueueCommit<'a> {
    /// The claim under which it was made.
    pub claimed: &'a ClaimedSubject,
    /// The deliveries that it looked at.
    pub seen: &'a [MarkedDelivery],
    /// The decision.
    pub decision: &'a QueueDecision,
    /// What it saw, as JSON.
    pub saw: &'a str,
    /// What it was made of beside that, and what it planned, as JSON; `None` where nothing was looked at.
    pub replay: Option<&'a str>,
    /// The checks of the batch's commit, for the page.
    pub checks: &'a [Check],
    /// Whether anything changed that the audit should tell of.
    pub notable: bool,
}

/// What became of an attempt to commit a decision about a queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum QueueCommitted {
    /// It is in force.
    Done,
    /// Somebody else has claimed the branch since; nothing was changed.
    Stale,
    /// A pull has left or entered anew meanwhile, or the action to be withdrawn has ended; nothing was changed: decide
    /// again.
    Changed,
    /// The action to be withdrawn has begun; nothing was changed: decide again once it has ended.
    UnderWay,
}

/// What became of an attempt to withdraw an action.
enum Withdrawn {
    /// It is not performed.
    Yes,
    /// It has begun, or was tried without an answer, and nobody knows yet what comes of it.
    Begun,
    /// It has ended since the decision was made, and has reported how.
    Reported,
}

impl Store {
    /// Puts a decision about a queue into force, all of it or nothing.
    pub async fn commit_queue(&self, commit: QueueCommit<'_>) -> Result<QueueCommitted, StoreError> {
        let Subject::Branch(repository, base) = &commit.claimed.subject else {
            return Err(StoreError::corrupt(format!("{} has no queue", commit.claimed.subject)));
        };
        let mut transaction = self.database.begin().await?;
        let done = self.commit_queue_in(&mut transaction, (*repository, base), &commit).await?;
        if done == QueueCommitted::Done {
            transaction.commit().durably("commit_queue").await?;
            self.database.ring(Bell::Outbox);
            self.database.ring(Bell::Subjects);
        } else {
            transaction.rollback().await?;
        }
        Ok(done)
    }

    async fn commit_queue_in(
        &self,
        transaction: &mut Tx,
        (repository, base): (RepositoryId, &BranchName),
        commit: &QueueCommit<'_>,
    ) -> Result<QueueCommitted, StoreError> {
        let (now, decision) = (self.clock.now(), commit.decision);
        let mut pulls = self.to_be_told(transaction, repository, decision).await?;
        pulls.sort();
        for number in pulls {
            self.mark_in(transaction, &Subject::Pull(repository, number), now).await?;
        }
        if !self.close_claim(transaction, commit.claimed, decision.look_again).await? {
            return Ok(QueueCommitted::Stale);
        }
        if let Some(withdrawal) = &decision.withdraws {
            match self.withdraw_action(transaction, withdrawal).await? {
                Withdrawn::Yes => {}
                Withdrawn::Begun => return Ok(QueueCommitted::UnderWay),
                Withdrawn::Reported => return Ok(QueueCommitted::Changed),
            }
        }
        if !self.write_entries(transaction, repository, decision).await? {
            return Ok(QueueCommitted::Changed);
        }
        self.write_record(transaction, (repository, base), commit).await?;
        self.close_marks(transaction, commit.claimed, commit.seen).await?;
        for planned in &decision.actions {
            self.queue(transaction, &commit.claimed.subject, planned).await?;
        }
        if commit.notable {
            self.write_audit(
                transaction,
                &AuditEntry::of_decision(
                    (commit.claimed, commit.seen),
                    (&commit.decision.summary, &commit.decision.explanation),
                    (commit.saw, commit.replay),
                )?,
            )
            .await?;
        }
        Ok(QueueCommitted::Done)
    }

    /// Pulls whose own decision has something new to see.
    async fn to_be_told(
        &self,
        transaction: &mut Tx,
        repository: RepositoryId,
        decision: &QueueDecision,
    ) -> Result<Vec<Number>, StoreError> {
        let mut pulls: Vec<Number> = decision.landed.iter().map(|member| member.number).collect();
        pulls.extend(decision.put_out.iter().map(|out| out.number));
        for place in &decision.places {
            let state: Option<Option<String>> =
                sqlx::query_scalar("SELECT state FROM queue_entries WHERE repository_id = $1 AND number = $2")
                    .bind(repository.0)
                    .bind(place.number.0)
                    .fetch_optional(&mut **transaction)
                    .await?;
            // A place that changes while the state stays is not worth a look at GitHub.
            if state.flatten().as_ref() != Some(&place.state) {
                pulls.push(place.number);
            }
        }
        Ok(pulls)
    }

    /// Keeps an action from being performed, unless it has begun: what may have happened already cannot be taken back.
    async fn withdraw_action(
        &self,
        transaction: &mut Tx,
        Withdrawal { key, harmless_attempts }: &Withdrawal,
    ) -> Result<Withdrawn, StoreError> {
        sqlx::query(
            "UPDATE outbox SET state = 'superseded', finished_ms = $1, note = 'withdrawn' \
             WHERE key = $2 AND state = 'pending' AND attempts <= $3",
        )
        .bind(self.clock.now().ms())
        .bind(key.as_str())
        .bind(harmless_attempts)
        .execute(&mut **transaction)
        .await?;
        let state: Option<String> = sqlx::query_scalar("SELECT state FROM outbox WHERE key = $1")
            .bind(key.as_str())
            .fetch_optional(&mut **transaction)
            .await?;
        Ok(match state.as_deref() {
            Some("pending" | "running") => Withdrawn::Begun,
            Some("done") => Withdrawn::Reported,
            Some(_) | None => Withdrawn::Yes,
        })
    }

    /// Writes what becomes of entries. `false` when one that the batch is made of is not there as it was seen.
    async fn write_entries(
        &self,
        transaction: &mut Tx,
        repository: RepositoryId,
        decision: &QueueDecision,
    ) -> Result<bool, StoreError> {
        let landed = decision.landed.iter().map(|member| (member.number, &member.head, None));
        let put_out = decision.put_out.iter().map(|out| (out.number, &out.head, Some(out.why.as_str())));
        for end in landed.chain(put_out) {
            self.drop_entry(transaction, repository, end.0).await?;
            self.write_end(transaction, repository, end).await?;
        }
        let members = decision.record.batch.as_ref().map(|batch| batch.members.as_slice()).unwrap_or_default();
        for place in &decision.places {
            let written = self.write_place(transaction, repository, place).await?;
            if !written && members.iter().any(|member| member.number == place.number) {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Tells the pull's own decision how its time in the queue ended.
    async fn write_end(
        &self,
        transaction: &mut Tx,
        repository: RepositoryId,
        (number, head, put_out): (Number, &Sha, Option<&str>),
    ) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO queue_ends (repository_id, number, head, put_out, at_ms) VALUES ($1, $2, $3, $4, $5) \
             ON CONFLICT (repository_id, number) DO UPDATE SET head = $3, put_out = $4, at_ms = $5",
        )
        .bind(repository.0)
        .bind(number.0)
        .bind(head.as_str())
        .bind(put_out)
        .bind(self.clock.now().ms())
        .execute(&mut **transaction)
        .await?;
        Ok(())
    }

    async fn write_place(
        &self,
        transaction: &mut Tx,
        repository: RepositoryId,
        place: &QueuePlace,
    ) -> Result<bool, StoreError> {
        let written = sqlx::query(
            "UPDATE queue_entries SET place = $1, state = $2 WHERE repository_id = $3 AND number = $4 AND head = $5",
        )
        .bind(i64::from(place.place))
        .bind(place.state.as_str())
        .bind(repository.0)
        .bind(place.number.0)
        .bind(place.head.as_str())
        .execute(&mut **transaction)
        .await?
        .rows_affected();
        Ok(written == 1)
    }

    async fn write_record(
        &self,
        transaction: &mut Tx,
        (repository, base): (RepositoryId, &BranchName),
        commit: &QueueCommit<'_>,
    ) -> Result<(), StoreError> {
        let decision = commit.decision;
        sqlx::query(
            "INSERT INTO queues (repository_id, base, record, updated_ms, checks) VALUES ($1, $2, $3, $4, $5) \
             ON CONFLICT (repository_id, base) DO UPDATE SET record = $3, updated_ms = $4, checks = $5",
        )
        .bind(repository.0)
        .bind(base.as_str())
        .bind(serde_json::to_string(&decision.record).map_err(StoreError::corrupt)?)
        .bind(self.clock.now().ms())
        .bind(serde_json::to_string(commit.checks).map_err(StoreError::corrupt)?)
        .execute(&mut **transaction)
        .await?;
        // Nothing reads what is reported of a batch that is over.
        sqlx::query("DELETE FROM queue_reports WHERE repository_id = $1 AND base = $2 AND batch < $3")
            .bind(repository.0)
            .bind(base.as_str())
            .bind(decision.record.batch.as_ref().map_or(decision.record.last_batch + 1, |batch| batch.id))
            .execute(&mut **transaction)
            .await?;
        Ok(())
    }
}
