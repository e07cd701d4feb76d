//! What sweeps remember of each repository, and what of it waits for things that no list of GitHub's shows.

use std::collections::{BTreeMap, BTreeSet};

use super::durable::Durable as _;
use super::subjects::QUIET_MS;
use super::{Bell, Store, StoreError};
use crate::model::{EnvironmentName, RepositoryId, Subject, Timestamp};

/// What was newest in a repository at its last sweep. Texts that are empty equal nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SweepMark {
    /// The issue or pull request that had changed last.
    pub newest: String,
    /// When something had been pushed last.
    pub pushed: String,
    /// When the repository itself was marked last.
    pub looked: Timestamp,
}

impl SweepMark {
    /// Of a repository that was never swept.
    pub const NONE: Self = Self { newest: String::new(), pushed: String::new(), looked: Timestamp(0) };
}

impl Store {
    /// What was noted of every repository that was ever swept.
    pub async fn sweep_marks(&self) -> Result<BTreeMap<RepositoryId, SweepMark>, StoreError> {
        let rows: Vec<(i64, String, String, i64)> =
            sqlx::query_as("SELECT repository_id, newest, pushed, looked_ms FROM sweeps")
                .fetch_all(self.database.reader())
                .await?;
        let marks = rows.into_iter().map(|(id, newest, pushed, looked_ms)| {
            (RepositoryId(id), SweepMark { newest, pushed, looked: Timestamp(looked_ms) })
        });
        Ok(marks.collect())
    }

    /// Notes that everything that changed in a repository before `at` has been marked, and what was newest then.
    pub async fn note_sweep(&self, id: RepositoryId, at: Timestamp, mark: &SweepMark) -> Result<(), StoreError> {
        let mut transaction = self.database.begin().await?;
        sqlx::query("UPDATE repositories SET swept_ms = $1 WHERE id = $2")
            .bind(at.ms())
            .bind(id.0)
            .execute(&mut *transaction)
            .await?;
        sqlx::query(
            "INSERT INTO sweeps (repository_id, newest, pushed, looked_ms) VALUES ($1, $2, $3, $4) \
             ON CONFLICT (repository_id) DO UPDATE SET newest = $2, pushed = $3, looked_ms = $4",
        )
        .bind(id.0)
        .bind(mark.newest.as_str())
        .bind(mark.pushed.as_str())
        .bind(mark.looked.ms())
        .execute(&mut *transaction)
        .await?;
        Ok(transaction.commit().durably("note_sweep").await?)
    }

    /// What may go on without anything that a list would show: releases that wait for checks, environments that are
    /// deployed to or want something. With `whole`, everything of the repository that is open.
    pub async fn unsettled(&self, repository: RepositoryId, whole: bool) -> Result<Vec<Subject>, StoreError> {
        let mut transaction = self.database.begin().await?;
        let lines: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM release_lines WHERE repository_id = $1")
            .bind(repository.0)
            .fetch_one(&mut *transaction)
            .await?;
        let busy: Vec<String> = sqlx::query_scalar(
            "SELECT name FROM environments WHERE repository_id = $1 \
             AND (record NOT LIKE '%\"wanted\":null%' OR record NOT LIKE '%\"current\":null%') ORDER BY name",
        )
        .bind(repository.0)
        .fetch_all(&mut *transaction)
        .await?;
        let mut subjects: BTreeSet<Subject> =
            (lines > 0).then_some(Subject::Releases(repository)).into_iter().collect();
        subjects.extend(busy.into_iter().map(|name| Subject::Environment(repository, EnvironmentName::new(name))));
        if whole {
            subjects.extend(self.open_tasks(&mut transaction, Some(repository)).await?);
            subjects.extend(self.release_subjects(&mut transaction, Some(repository)).await?);
            subjects.extend(self.open_pull_subjects(&mut transaction, Some(repository)).await?);
        }
        transaction.rollback().await?;
        Ok(subjects.into_iter().collect())
    }

    /// Subjects of a repository that are marked already and that nobody is looking at: whoever looks next sees all.
    pub async fn marked_subjects(&self, repository: RepositoryId) -> Result<BTreeSet<Subject>, StoreError> {
        let keys: Vec<String> = sqlx::query_scalar(
            "SELECT key FROM subjects WHERE repository_id = $1 AND first_mark_ms IS NOT NULL \
             AND due_ms IS NOT NULL AND lease_until_ms <= $2",
        )
        .bind(repository.0)
        .bind(self.clock.now().ms())
        .fetch_all(self.database.reader())
        .await?;
        keys.iter().map(|key| key.parse().map_err(StoreError::corrupt)).collect()
    }

    /// Marks each subject, to be looked at by then at the latest; a webhook brings that forward.
    pub async fn mark_for(&self, subjects: &[(Subject, Timestamp)]) -> Result<(), StoreError> {
        let now = self.clock.now();
        let mut transaction = self.database.begin().await?;
        for (subject, due) in subjects {
            sqlx::query(
                "INSERT INTO subjects (key, repository_id, first_mark_ms, due_ms, generation) \
                 VALUES ($1, $2, $3, $4, 1) \
                 ON CONFLICT (key) DO UPDATE SET generation = subjects.generation + 1, \
                   first_mark_ms = COALESCE(subjects.first_mark_ms, $3), \
                   due_ms = CASE WHEN subjects.due_ms IS NULL THEN $4 \
                     WHEN subjects.attempts > 0 OR subjects.due_ms < $4 THEN subjects.due_ms ELSE $4 END",
            )
            .bind(subject.to_string())
            .bind(subject.repository().0)
            .bind(now.ms())
            .bind(now.plus_ms(QUIET_MS).max(*due).ms())
            .execute(&mut *transaction)
            .await?;
        }
        transaction.commit().durably("mark_for").await?;
        self.database.ring(Bell::Subjects);
        Ok(())
    }
}
