//! The merge queue in the database: entries of pulls, the record of each branch, and what was reported of batches.

use super::database::Tx;
use super::durable::Durable as _;
use super::{Store, StoreError};
use crate::model::{
    BranchName, Login, Number, QueueEnd, QueueEntry, QueuePlace, QueueRecord, QueueStep, RepositoryId, Sha,
    StagingReport, Subject, Timestamp,
};

/// What is known of one branch's queue.
#[derive(Debug, Clone, Default)]
pub struct StoredQueue {
    /// What its own decisions have written.
    pub record: QueueRecord,
    /// What is reported of the batch under way, oldest first.
    pub reports: Vec<StagingReport>,
    /// What waits, in no particular order.
    pub entries: Vec<QueueEntry>,
    /// How often it was tried in vain to perform what the batch waits for.
    pub attempts: i64,
}

type EntryRow = (i64, String, i64, i64, String, String);

impl Store {
    /// All that is known of a branch's queue; empty where there never was one.
    pub async fn queue_of(&self, repository: RepositoryId, base: &BranchName) -> Result<StoredQueue, StoreError> {
        let record: Option<String> =
            sqlx::query_scalar("SELECT record FROM queues WHERE repository_id = $1 AND base = $2")
                .bind(repository.0)
                .bind(base.as_str())
                .fetch_optional(self.database.reader())
                .await?;
        let attempts: i64 = sqlx::query_scalar(
            "SELECT COALESCE(MAX(attempts), 0) FROM outbox \
             WHERE subject = $1 AND slot = 'staging' AND state IN ('pending', 'running')",
        )
        .bind(Subject::Branch(repository, base.clone()).to_string())
        .fetch_one(self.database.reader())
        .await?;
        let record: QueueRecord = record
            .map(|text| serde_json::from_str(&text))
            .transpose()
            .map_err(StoreError::corrupt)?
            .unwrap_or_default();
        let reports: Vec<String> = sqlx::query_scalar(
            "SELECT report FROM queue_reports WHERE repository_id = $1 AND base = $2 AND batch = $3 ORDER BY id",
        )
        .bind(repository.0)
        .bind(base.as_str())
        .bind(record.batch.as_ref().map_or(0, |batch| batch.id))
        .fetch_all(self.database.reader())
        .await?;
        let reports = reports.iter().map(|text| serde_json::from_str(text)).collect::<Result<_, _>>();
        let rows: Vec<EntryRow> = sqlx::query_as(
            "SELECT number, head, priority, entered_ms, title, author FROM queue_entries \
             WHERE repository_id = $1 AND base = $2 ORDER BY number",
        )
        .bind(repository.0)
        .bind(base.as_str())
        .fetch_all(self.database.reader())
        .await?;
        Ok(StoredQueue {
            record,
            reports: reports.map_err(StoreError::corrupt)?,
            entries: rows.into_iter().map(entry).collect(),
            attempts,
        })
    }

    /// Where a pull stands in a queue, and in which branch's; `None` when it is in none. Before the branch's decision
    /// has seen it, it has no place yet.
    pub async fn queue_place(
        &self,
        repository: RepositoryId,
        number: Number,
    ) -> Result<Option<(BranchName, QueuePlace)>, StoreError> {
        let row: Option<(String, String, Option<i64>, Option<String>)> = sqlx::query_as(
            "SELECT base, head, place, state FROM queue_entries WHERE repository_id = $1 AND number = $2",
        )
        .bind(repository.0)
        .bind(number.0)
        .fetch_optional(self.database.reader())
        .await?;
        Ok(row.map(|(base, head, place, state)| {
            let place = place.and_then(|place| u32::try_from(place).ok()).unwrap_or_default();
            let state = state.unwrap_or_else(|| "it has just entered".to_owned());
            (BranchName::new(base), QueuePlace { number, head: Sha::new(head), place, state })
        }))
    }

    /// How a pull's time in the queue ended, if its own decision has not taken note of it yet.
    pub async fn queue_end(&self, repository: RepositoryId, number: Number) -> Result<Option<QueueEnd>, StoreError> {
        let row: Option<(String, Option<String>)> =
            sqlx::query_as("SELECT head, put_out FROM queue_ends WHERE repository_id = $1 AND number = $2")
                .bind(repository.0)
                .bind(number.0)
                .fetch_optional(self.database.reader())
                .await?;
        Ok(row.map(|(head, put_out)| QueueEnd { head: Sha::new(head), put_out }))
    }

    /// Forgets how a pull's time in the queue ended, within the transaction of the decision that has written it into
    /// the pull's own record. One that has come since stays.
    pub(super) async fn forget_queue_end(
        &self,
        transaction: &mut Tx,
        (repository, number): (RepositoryId, Number),
        seen: &QueueEnd,
    ) -> Result<(), StoreError> {
        sqlx::query(
            "DELETE FROM queue_ends WHERE repository_id = $1 AND number = $2 AND head = $3 \
               AND COALESCE(put_out, '') = $4",
        )
        .bind(repository.0)
        .bind(number.0)
        .bind(seen.head.as_str())
        .bind(seen.put_out.as_deref().unwrap_or_default())
        .execute(&mut **transaction)
        .await?;
        Ok(())
    }

    /// [`Store::forget_queue_end`] in a transaction of its own.
    pub async fn forget_queue_end_alone(
        &self,
        pull: (RepositoryId, Number),
        seen: &QueueEnd,
    ) -> Result<(), StoreError> {
        let mut transaction = self.database.begin().await?;
        self.forget_queue_end(&mut transaction, pull, seen).await?;
        Ok(transaction.commit().durably("forget_queue_end_alone").await?)
    }

    /// Branches in whose queue something waits or is under way.
    pub async fn queued_branches(&self, repository: RepositoryId) -> Result<Vec<BranchName>, StoreError> {
        let bases: Vec<String> = sqlx::query_scalar(
            "SELECT base FROM queue_entries WHERE repository_id = $1 \
             UNION SELECT base FROM queues WHERE repository_id = $1 AND record NOT LIKE '%\"batch\":null%' ORDER BY 1",
        )
        .bind(repository.0)
        .fetch_all(self.database.reader())
        .await?;
        Ok(bases.into_iter().map(BranchName::new).collect())
    }

    /// Enters a pull that was found ready, within the transaction of its own decision, and has the branch looked at.
    /// With the same head and branch it keeps its age; with another one it goes to the end. `false` when nothing
    /// changed, or when this head has left the queue and its own decision does not know it yet.
    ///
    /// Called after the pull's own subject row is written: every transaction takes the rows of pulls before those of
    /// branches, and those before entries, so that no two wait for each other.
    pub(super) async fn enter_queue(
        &self,
        transaction: &mut Tx,
        (repository, base): (RepositoryId, &BranchName),
        entry: &QueueEntry,
    ) -> Result<bool, StoreError> {
        let before: Option<(String, String, i64, String)> = sqlx::query_as(
            "SELECT base, head, priority, title FROM queue_entries WHERE repository_id = $1 AND number = $2",
        )
        .bind(repository.0)
        .bind(entry.number.0)
        .fetch_optional(&mut **transaction)
        .await?;
        let same = before.as_ref().is_some_and(|(known, head, priority, title)| {
            known == base.as_str()
                && head == entry.head.as_str()
                && *priority == entry.priority
                && *title == entry.title
        });
        if same {
            return Ok(false);
        }
        // A decision that was made before it knew that this head was put out must not bring it back.
        let ended: Option<String> =
            sqlx::query_scalar("SELECT head FROM queue_ends WHERE repository_id = $1 AND number = $2 AND head = $3")
                .bind(repository.0)
                .bind(entry.number.0)
                .bind(entry.head.as_str())
                .fetch_optional(&mut **transaction)
                .await?;
        if ended.is_some() {
            return Ok(false);
        }
        let mut branches = vec![base.clone()];
        branches.extend(before.map(|(known, ..)| BranchName::new(known)).filter(|known| known != base));
        self.mark_branches(transaction, repository, branches).await?;
        sqlx::query(
            "INSERT INTO queue_entries (repository_id, number, base, head, priority, entered_ms, title, author) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8) \
             ON CONFLICT (repository_id, number) DO UPDATE SET \
               entered_ms = CASE WHEN queue_entries.head = $4 AND queue_entries.base = $3 \
                                 THEN queue_entries.entered_ms ELSE $6 END, \
               base = $3, head = $4, priority = $5, title = $7",
        )
        .bind(repository.0)
        .bind(entry.number.0)
        .bind(base.as_str())
        .bind(entry.head.as_str())
        .bind(entry.priority)
        .bind(entry.entered.ms())
        .bind(entry.title.as_str())
        .bind(entry.author.as_str())
        .execute(&mut **transaction)
        .await?;
        Ok(true)
    }

    /// Takes a pull out, within the transaction of its own decision, and has the branch looked at: what is under way
    /// with it must not land. `false` when it was in no queue.
    pub(super) async fn leave_queue(
        &self,
        transaction: &mut Tx,
        repository: RepositoryId,
        number: Number,
    ) -> Result<bool, StoreError> {
        let base: Option<String> =
            sqlx::query_scalar("SELECT base FROM queue_entries WHERE repository_id = $1 AND number = $2")
                .bind(repository.0)
                .bind(number.0)
                .fetch_optional(&mut **transaction)
                .await?;
        let Some(base) = base else { return Ok(false) };
        self.mark_branches(transaction, repository, vec![BranchName::new(base)]).await?;
        self.drop_entry(transaction, repository, number).await
    }

    /// What a pull's decision says about its place in the queue, within its transaction.
    pub(super) async fn take_queue_step(
        &self,
        transaction: &mut Tx,
        (repository, number): (RepositoryId, Number),
        step: &QueueStep,
    ) -> Result<(), StoreError> {
        match step {
            QueueStep::Stay => {}
            QueueStep::Enter { base, entry } => drop(self.enter_queue(transaction, (repository, base), entry).await?),
            QueueStep::Leave => drop(self.leave_queue(transaction, repository, number).await?),
        }
        Ok(())
    }

    /// [`Store::enter_queue`] in a transaction of its own.
    pub async fn enter_queue_alone(
        &self,
        place: (RepositoryId, &BranchName),
        entry: &QueueEntry,
    ) -> Result<bool, StoreError> {
        let mut transaction = self.database.begin().await?;
        let changed = self.enter_queue(&mut transaction, place, entry).await?;
        transaction.commit().durably("enter_queue_alone").await?;
        self.database.ring(super::Bell::Subjects);
        Ok(changed)
    }

    /// [`Store::leave_queue`] in a transaction of its own.
    pub async fn leave_queue_alone(&self, repository: RepositoryId, number: Number) -> Result<bool, StoreError> {
        let mut transaction = self.database.begin().await?;
        let changed = self.leave_queue(&mut transaction, repository, number).await?;
        transaction.commit().durably("leave_queue_alone").await?;
        self.database.ring(super::Bell::Subjects);
        Ok(changed)
    }

    async fn mark_branches(
        &self,
        transaction: &mut Tx,
        repository: RepositoryId,
        mut branches: Vec<BranchName>,
    ) -> Result<(), StoreError> {
        branches.sort();
        for branch in branches {
            self.mark_in(transaction, &Subject::Branch(repository, branch), self.clock.now()).await?;
        }
        Ok(())
    }

    pub(super) async fn drop_entry(
        &self,
        transaction: &mut Tx,
        repository: RepositoryId,
        number: Number,
    ) -> Result<bool, StoreError> {
        let dropped = sqlx::query("DELETE FROM queue_entries WHERE repository_id = $1 AND number = $2")
            .bind(repository.0)
            .bind(number.0)
            .execute(&mut **transaction)
            .await?
            .rows_affected();
        Ok(dropped == 1)
    }

    /// Keeps what came of building or landing a batch, and has its branch looked at.
    pub(super) async fn keep_report(
        &self,
        transaction: &mut Tx,
        subject: &Subject,
        (batch, report): (i64, &StagingReport),
    ) -> Result<(), StoreError> {
        let Subject::Branch(repository, base) = subject else { return Ok(()) };
        self.mark_in(transaction, subject, self.clock.now()).await?;
        sqlx::query("INSERT INTO queue_reports (id, repository_id, base, batch, report) VALUES ($1, $2, $3, $4, $5)")
            .bind(self.next_id())
            .bind(repository.0)
            .bind(base.as_str())
            .bind(batch)
            .bind(serde_json::to_string(report).map_err(StoreError::corrupt)?)
            .execute(&mut **transaction)
            .await?;
        Ok(())
    }
}

fn entry((number, head, priority, entered_ms, title, author): EntryRow) -> QueueEntry {
    QueueEntry {
        number: Number(number),
        head: Sha::new(head),
        priority,
        entered: Timestamp(entered_ms),
        title,
        author: Login::new(author),
    }
}
