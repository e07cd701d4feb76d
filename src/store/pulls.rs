//! Pull requests as the database knows them, and our reviews of their heads.

use sqlx::{AssertSqlSafe, FromRow};

use super::database::Tx;
use super::durable::Durable as _;
use super::{Store, StoreError};
use crate::model::{
    Blocker, BranchName, CommentId, Explanation, HeadReview, Login, ManagedPull, MergeBlocker, Number, PullRecord,
    PullState, Refusal, RepositoryId, Sha, Subject, Timestamp,
};

#[derive(FromRow)]
struct RecordRow {
    record: String,
    state: String,
    card: Option<i64>,
    refusal: Option<String>,
}

/// A pull request as it is listed.
#[derive(Debug, Clone, serde::Serialize)]
pub struct StoredPull {
    /// Its repository.
    pub repository: RepositoryId,
    /// Its number.
    pub number: Number,
    /// Its title.
    pub title: String,
    /// Who opened it.
    pub author: String,
    /// `open`, `closed` or `merged`.
    pub state: String,
    /// Its head when last looked at.
    pub head: Sha,
    /// The branch it merges into.
    pub base: BranchName,
    /// Why it is not merged, as of the last look.
    pub explanation: Explanation,
    /// When a decision last changed it.
    pub updated: Timestamp,
}

type ListRow = (i64, i64, String, String, String, String, String, String, i64);

/// What `pr status` counts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PullCounts {
    /// Pulls of which at least one head was reviewed.
    pub reviewed: i64,
    /// Pulls that are merged.
    pub merged: i64,
    /// Pulls whose newest review requests changes, or that were closed without a merge.
    pub rejected: i64,
    /// Reviews that approved.
    pub approvals: i64,
    /// All reviews.
    pub reviews: i64,
}

/// An open pull request as a sweep compares it with GitHub's list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SweptPull {
    /// Its number.
    pub number: Number,
    /// When GitHub's list last showed it changed, as of the last sweep.
    pub listed: Timestamp,
    /// Only something that people do to the pull itself can change what is decided about it.
    pub idle: bool,
}

impl Store {
    /// What is known of a pull request; `None` before its first decision.
    pub async fn pull(&self, repository: RepositoryId, number: Number) -> Result<Option<PullRecord>, StoreError> {
        let row: Option<RecordRow> =
            sqlx::query_as("SELECT record, state, card, refusal FROM pulls WHERE repository_id = $1 AND number = $2")
                .bind(repository.0)
                .bind(number.0)
                .fetch_optional(self.database.reader())
                .await?;
        row.map(|row| {
            let mut record: PullRecord = serde_json::from_str(&row.record).map_err(StoreError::corrupt)?;
            record.state = state(&row.state)?;
            record.card = row.card.map(CommentId);
            record.refused =
                row.refusal.map(|text| serde_json::from_str(&text)).transpose().map_err(StoreError::corrupt)?;
            Ok(record)
        })
        .transpose()
    }

    pub(super) async fn save_pull(
        &self,
        transaction: &mut Tx,
        pull: &ManagedPull,
        explanation: &Explanation,
    ) -> Result<(), StoreError> {
        let record = &pull.record;
        let refusal = record.refused.as_ref().map(serde_json::to_string).transpose().map_err(StoreError::corrupt)?;
        let shown = pull.shown.as_ref().map(serde_json::to_string).transpose().map_err(StoreError::corrupt)?;
        let waits = explanation.blockers.iter().filter_map(merge_blocker).collect::<Vec<_>>();
        let nobody = Login::new("");
        let waits_on =
            leading(&waits).map_or("nobody", |blocker| waits_on(blocker, pull.author.as_ref().unwrap_or(&nobody)));
        // The card is learned by performing an action, not decided: a decision never takes it back. The same holds
        // for a merge.
        sqlx::query(
            "INSERT INTO pulls (repository_id, number, title, author, state, head, head_branch, base, record, \
               explanation, refusal, idle, looks_at_base, created_ms, updated_ms, shown, waits_on, blockers, opened_ms, \
               ended_ms, changed_lines) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21) \
             ON CONFLICT (repository_id, number) DO UPDATE SET title = $3, author = $4, \
               state = CASE WHEN pulls.state = 'merged' THEN 'merged' ELSE $5 END, head = $6, head_branch = $7, \
               base = $8, record = $9, explanation = $10, refusal = $11, idle = $12, looks_at_base = $13, \
               updated_ms = $15, shown = COALESCE($16, pulls.shown), waits_on = $17, blockers = $18, opened_ms = $19, \
               changed_lines = COALESCE($21, pulls.changed_lines), \
               ended_ms = CASE WHEN $5 = 'open' AND pulls.state <> 'merged' THEN NULL \
                               ELSE COALESCE(pulls.ended_ms, $20) END",
        )
        .bind(record.repository.0)
        .bind(record.number.0)
        .bind(pull.title.as_str())
        .bind(pull.author.as_ref().map_or("", Login::as_str))
        .bind(word(record.state))
        .bind(record.head.as_str())
        .bind(record.head_branch.as_str())
        .bind(record.base.as_str())
        .bind(serde_json::to_string(record).map_err(StoreError::corrupt)?)
        .bind(serde_json::to_string(explanation).map_err(StoreError::corrupt)?)
        .bind(refusal)
        .bind(i64::from(pull.idle))
        .bind(i64::from(pull.looks_at_base))
        .bind(record.created.ms())
        .bind(record.updated.ms())
        .bind(shown)
        .bind(waits_on)
        .bind(i64::try_from(waits.len()).unwrap_or(i64::MAX))
        .bind(pull.shown.as_ref().map_or(record.created, |shown| shown.opened).ms())
        .bind((record.state != PullState::Open).then(|| self.clock.now().ms()))
        .bind(pull.shown.as_ref().and_then(|shown| shown.changed_lines).and_then(|lines| i64::try_from(lines).ok()))
        .execute(&mut **transaction)
        .await?;
        match record.state {
            PullState::Open => Ok(()),
            PullState::Closed | PullState::Merged => self.mark_dependents(transaction, record.repository).await,
        }
    }

    /// Has the open pulls of a repository looked at that wait for another pull or issue. What is in another repository
    /// is found by the sweep.
    async fn mark_dependents(&self, transaction: &mut Tx, repository: RepositoryId) -> Result<(), StoreError> {
        let sql = "SELECT number FROM pulls WHERE repository_id = $1 AND state = 'open' \
                   AND explanation LIKE '%\"reason\":\"dependency_open\"%' ORDER BY number";
        let numbers: Vec<i64> = sqlx::query_scalar(sql).bind(repository.0).fetch_all(&mut **transaction).await?;
        for number in numbers {
            self.mark_in(transaction, &Subject::Pull(repository, Number(number)), self.clock.now()).await?;
        }
        Ok(())
    }

    pub(super) async fn set_merged(&self, transaction: &mut Tx, subject: &Subject) -> Result<(), StoreError> {
        let Subject::Pull(repository, number) = subject else { return Ok(()) };
        sqlx::query(
            "UPDATE pulls SET state = 'merged', refusal = NULL, idle = 1, looks_at_base = 0, \
               ended_ms = COALESCE(ended_ms, $3) WHERE repository_id = $1 AND number = $2",
        )
        .bind(repository.0)
        .bind(number.0)
        .bind(self.clock.now().ms())
        .execute(&mut **transaction)
        .await?;
        self.mark_tasks_of_pull(transaction, *repository, *number).await?;
        self.mark_dependents(transaction, *repository).await
    }

    /// Notes a refusal and has the pull looked at again when it says, or at once, so that everybody sees it.
    pub(super) async fn set_refusal(
        &self,
        transaction: &mut Tx,
        subject: &Subject,
        refusal: &Refusal,
    ) -> Result<(), StoreError> {
        let Subject::Pull(repository, number) = subject else { return Ok(()) };
        sqlx::query("UPDATE pulls SET refusal = $1 WHERE repository_id = $2 AND number = $3")
            .bind(serde_json::to_string(refusal).map_err(StoreError::corrupt)?)
            .bind(repository.0)
            .bind(number.0)
            .execute(&mut **transaction)
            .await?;
        self.mark_in(transaction, subject, self.clock.now()).await
    }

    /// The open pulls whose head is this commit: GitHub names none for a head in a fork.
    pub(super) async fn pulls_of_head(
        &self,
        transaction: &mut Tx,
        repository: RepositoryId,
        head: &Sha,
    ) -> Result<Vec<Subject>, StoreError> {
        let index = self.database.indexed_by("pulls_by_head");
        let sql = format!(
            "SELECT number FROM pulls {index} WHERE repository_id = $1 AND head = $2 AND state = 'open' ORDER BY number"
        );
        let numbers: Vec<i64> = sqlx::query_scalar(AssertSqlSafe(sql))
            .bind(repository.0)
            .bind(head.as_str())
            .fetch_all(&mut **transaction)
            .await?;
        Ok(numbers.into_iter().map(|number| Subject::Pull(repository, Number(number))).collect())
    }

    /// The open pulls of which a push to this branch may change what is decided.
    pub(super) async fn pulls_looking_at(
        &self,
        transaction: &mut Tx,
        repository: RepositoryId,
        base: &BranchName,
    ) -> Result<Vec<Subject>, StoreError> {
        let sql = "SELECT number FROM pulls WHERE repository_id = $1 AND base = $2 AND state = 'open' \
                   AND looks_at_base = 1 ORDER BY number";
        let numbers: Vec<i64> =
            sqlx::query_scalar(sql).bind(repository.0).bind(base.as_str()).fetch_all(&mut **transaction).await?;
        Ok(numbers.into_iter().map(|number| Subject::Pull(repository, Number(number))).collect())
    }

    /// The open pulls of a repository, for a sweep.
    pub async fn open_pulls(&self, repository: RepositoryId) -> Result<Vec<SweptPull>, StoreError> {
        let rows: Vec<(i64, i64, i64)> = sqlx::query_as(
            "SELECT number, listed_ms, idle FROM pulls WHERE repository_id = $1 AND state = 'open' ORDER BY number",
        )
        .bind(repository.0)
        .fetch_all(self.database.reader())
        .await?;
        let swept =
            |(number, listed, idle)| SweptPull { number: Number(number), listed: Timestamp(listed), idle: idle != 0 };
        Ok(rows.into_iter().map(swept).collect())
    }

    /// Notes when GitHub's list showed a pull changed.
    pub async fn set_listed(&self, repository: RepositoryId, number: Number, at: Timestamp) -> Result<(), StoreError> {
        sqlx::query("UPDATE pulls SET listed_ms = $1 WHERE repository_id = $2 AND number = $3")
            .bind(at.ms())
            .bind(repository.0)
            .bind(number.0)
            .execute(self.database.writer())
            .durably("set_listed")
            .await?;
        Ok(())
    }

    pub(super) async fn open_pull_subjects(
        &self,
        transaction: &mut Tx,
        repository: Option<RepositoryId>,
    ) -> Result<Vec<Subject>, StoreError> {
        let rows: Vec<(i64, i64)> = sqlx::query_as(
            "SELECT repository_id, number FROM pulls WHERE state = 'open' AND ($1 = 0 OR repository_id = $1) \
             ORDER BY repository_id, number",
        )
        .bind(repository.map_or(0, |id| id.0))
        .fetch_all(&mut **transaction)
        .await?;
        Ok(rows.into_iter().map(|(id, number)| Subject::Pull(RepositoryId(id), Number(number))).collect())
    }

    /// Pulls, newest first, of one state or of all.
    pub async fn pulls(&self, state: Option<PullState>, limit: i64) -> Result<Vec<StoredPull>, StoreError> {
        let rows: Vec<ListRow> = sqlx::query_as(
            "SELECT repository_id, number, title, author, state, head, base, explanation, updated_ms FROM pulls \
             WHERE $1 = '' OR state = $1 ORDER BY updated_ms DESC, number DESC LIMIT $2",
        )
        .bind(state.map_or("", word))
        .bind(limit)
        .fetch_all(self.database.reader())
        .await?;
        rows.into_iter()
            .map(|(repository, number, title, author, state, head, base, explanation, updated)| {
                Ok(StoredPull {
                    repository: RepositoryId(repository),
                    number: Number(number),
                    title,
                    author,
                    state,
                    head: Sha::new(head),
                    base: BranchName::new(base),
                    explanation: serde_json::from_str(&explanation).map_err(StoreError::corrupt)?,
                    updated: Timestamp(updated),
                })
            })
            .collect()
    }

    /// Our review of a head by these rules; `None` when it is not made yet.
    pub async fn head_review(
        &self,
        (repository, number): (RepositoryId, Number),
        head: &Sha,
        rules: &str,
    ) -> Result<Option<HeadReview>, StoreError> {
        let text: Option<String> = sqlx::query_scalar(
            "SELECT review FROM head_reviews WHERE repository_id = $1 AND number = $2 AND head = $3 AND rules = $4",
        )
        .bind(repository.0)
        .bind(number.0)
        .bind(head.as_str())
        .bind(rules)
        .fetch_optional(self.database.reader())
        .await?;
        text.map(|text| serde_json::from_str(&text)).transpose().map_err(StoreError::corrupt)
    }

    /// Keeps our review of a head.
    pub async fn save_head_review(
        &self,
        (repository, number): (RepositoryId, Number),
        review: &HeadReview,
    ) -> Result<(), StoreError> {
        let approved = review.faults.is_empty() && !review.findings.iter().any(crate::model::Finding::blocks);
        sqlx::query(
            "INSERT INTO head_reviews (repository_id, number, head, rules, approved, review, at_ms) \
             VALUES ($1, $2, $3, $4, $5, $6, $7) \
             ON CONFLICT (repository_id, number, head, rules) DO UPDATE SET approved = $5, review = $6, at_ms = $7",
        )
        .bind(repository.0)
        .bind(number.0)
        .bind(review.head.as_str())
        .bind(review.rules.as_str())
        .bind(i64::from(approved))
        .bind(serde_json::to_string(review).map_err(StoreError::corrupt)?)
        .bind(self.clock.now().ms())
        .execute(self.database.writer())
        .durably("save_head_review")
        .await?;
        Ok(())
    }

    /// Counts for `pr status`.
    pub async fn pull_counts(&self) -> Result<PullCounts, StoreError> {
        const NEWEST: &str = "SELECT r.approved FROM head_reviews r WHERE r.repository_id = p.repository_id \
                              AND r.number = p.number ORDER BY r.at_ms DESC LIMIT 1";
        let (reviewed, merged, rejected, approvals, reviews): (i64, i64, i64, i64, i64) =
            sqlx::query_as(AssertSqlSafe(format!(
                "SELECT \
                   (SELECT COUNT(*) FROM pulls p WHERE EXISTS (SELECT 1 FROM head_reviews r \
                      WHERE r.repository_id = p.repository_id AND r.number = p.number)), \
                   (SELECT COUNT(*) FROM pulls WHERE state = 'merged'), \
                   (SELECT COUNT(*) FROM pulls p WHERE p.state = 'closed' \
                      OR (p.state = 'open' AND ({NEWEST}) = 0)), \
                   (SELECT COUNT(*) FROM head_reviews WHERE approved = 1), \
                   (SELECT COUNT(*) FROM head_reviews)"
            )))
            .fetch_one(self.database.reader())
            .await?;
        Ok(PullCounts { reviewed, merged, rejected, approvals, reviews })
    }
}

/// What keeps a pull from being merged, among all that keeps anything.
pub(super) const fn merge_blocker(blocker: &Blocker) -> Option<&MergeBlocker> {
    if let Blocker::Merge { because } = blocker { Some(because) } else { None }
}

/// The blocker that a pull is listed by: the first, but what GitHub computes in a moment only where nothing else is.
pub(super) fn leading<'b>(blockers: &[&'b MergeBlocker]) -> Option<&'b MergeBlocker> {
    let passes = |blocker: &&&MergeBlocker| !matches!(blocker, MergeBlocker::MergeabilityUnknown);
    blockers.iter().find(passes).or_else(|| blockers.first()).copied()
}

/// The word by which pulls are found that wait for the same.
fn waits_on(blocker: &MergeBlocker, author: &Login) -> &'static str {
    if let MergeBlocker::Queued { .. } = blocker { "queue" } else { blocker.waits_on(author).kind() }
}

/// The word in the database.
pub(super) const fn word(state: PullState) -> &'static str {
    match state {
        PullState::Open => "open",
        PullState::Closed => "closed",
        PullState::Merged => "merged",
    }
}

pub(super) fn state(word: &str) -> Result<PullState, StoreError> {
    match word {
        "open" => Ok(PullState::Open),
        "closed" => Ok(PullState::Closed),
        "merged" => Ok(PullState::Merged),
        other => Err(StoreError::corrupt(format!("a pull request in an unknown state {other:?}"))),
    }
}
