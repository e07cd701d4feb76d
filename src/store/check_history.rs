//! The checks of each commit as they were seen to end: a memory for flaky tests and coverage.

use sqlx::FromRow;

use super::database::Tx;
use super::durable::Durable as _;
use super::{Store, StoreError};
use crate::model::{CheckAttempt, CheckRunId, CommitTests, Conclusion, Coverage, RepositoryId, Sha, Timestamp};

#[derive(FromRow)]
struct AttemptRow {
    app: String,
    name: String,
    run: i64,
    conclusion: String,
    started_ms: Option<i64>,
    completed_ms: Option<i64>,
    url: Option<String>,
    annotations: String,
}

impl TryFrom<AttemptRow> for CheckAttempt {
    type Error = StoreError;

    fn try_from(row: AttemptRow) -> Result<Self, StoreError> {
        Ok(Self {
            name: row.name,
            app: row.app,
            run: (row.run != 0).then_some(CheckRunId(row.run)),
            conclusion: Conclusion::named(&row.conclusion),
            started: row.started_ms.map(Timestamp),
            completed: row.completed_ms.map(Timestamp),
            url: row.url,
            annotations: serde_json::from_str(&row.annotations).map_err(StoreError::corrupt)?,
        })
    }
}

impl Store {
    /// Remembers what is known of the checks of a commit, in a transaction of its own. The same thing told twice is
    /// remembered once, and annotations that were read once stay when they are not told again.
    pub async fn remember_checks(&self, repository: RepositoryId, tests: &CommitTests) -> Result<(), StoreError> {
        if tests.attempts.is_empty() && tests.coverage.is_empty() {
            return Ok(());
        }
        let mut transaction = self.database.begin().await?;
        self.save_checks(&mut transaction, repository, tests).await?;
        transaction.commit().durably("remember_checks").await?;
        Ok(())
    }

    /// As [`Store::remember_checks`], within the transaction of a decision.
    pub(super) async fn save_checks(
        &self,
        transaction: &mut Tx,
        repository: RepositoryId,
        tests: &CommitTests,
    ) -> Result<(), StoreError> {
        let now = self.clock.now();
        for attempt in &tests.attempts {
            let kept = &attempt.annotations[..attempt.annotations.len().min(CheckAttempt::ANNOTATIONS_MAX)];
            sqlx::query(
                "INSERT INTO check_history (repository_id, sha, app, name, run, ended_ms, conclusion, started_ms, \
                   completed_ms, url, annotations, seen_ms) \
                 VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) \
                 ON CONFLICT (repository_id, sha, app, name, run, ended_ms) DO UPDATE SET conclusion = $7, \
                   started_ms = $8, completed_ms = $9, url = $10, \
                   annotations = CASE WHEN $11 = '[]' THEN check_history.annotations ELSE $11 END",
            )
            .bind(repository.0)
            .bind(tests.commit.as_str())
            .bind(attempt.app.as_str())
            .bind(attempt.name.as_str())
            .bind(attempt.run.map_or(0, |run| run.0))
            .bind(attempt.ended().ms())
            .bind(attempt.conclusion.as_str())
            .bind(attempt.started.map(Timestamp::ms))
            .bind(attempt.completed.map(Timestamp::ms))
            .bind(attempt.url.as_deref())
            .bind(serde_json::to_string(kept).map_err(StoreError::corrupt)?)
            .bind(now.ms())
            .execute(&mut **transaction)
            .await?;
        }
        for coverage in &tests.coverage {
            sqlx::query(
                "INSERT INTO check_coverage (repository_id, sha, name, hundredths, seen_ms) \
                 VALUES ($1, $2, $3, $4, $5) \
                 ON CONFLICT (repository_id, sha, name) DO UPDATE SET hundredths = $4",
            )
            .bind(repository.0)
            .bind(tests.commit.as_str())
            .bind(coverage.check.as_str())
            .bind(coverage.hundredths)
            .bind(now.ms())
            .execute(&mut **transaction)
            .await?;
        }
        Ok(())
    }

    /// What is remembered of the checks of a commit; empty where nothing is.
    pub async fn checks_of(&self, repository: RepositoryId, commit: &Sha) -> Result<CommitTests, StoreError> {
        let attempts: Vec<AttemptRow> = sqlx::query_as(
            "SELECT app, name, run, conclusion, started_ms, completed_ms, url, annotations FROM check_history \
             WHERE repository_id = $1 AND sha = $2 ORDER BY ended_ms, run, app, name",
        )
        .bind(repository.0)
        .bind(commit.as_str())
        .fetch_all(self.database.reader())
        .await?;
        let coverage: Vec<(String, i64)> = sqlx::query_as(
            "SELECT name, hundredths FROM check_coverage WHERE repository_id = $1 AND sha = $2 ORDER BY name",
        )
        .bind(repository.0)
        .bind(commit.as_str())
        .fetch_all(self.database.reader())
        .await?;
        Ok(CommitTests {
            commit: commit.clone(),
            attempts: attempts.into_iter().map(CheckAttempt::try_from).collect::<Result<_, _>>()?,
            coverage: coverage.into_iter().map(|(check, hundredths)| Coverage { check, hundredths }).collect(),
        })
    }

    /// The commits of a repository whose checks were seen last, the newest first, without `except`.
    pub async fn checks_before(
        &self,
        repository: RepositoryId,
        except: &Sha,
        limit: i64,
    ) -> Result<Vec<CommitTests>, StoreError> {
        let commits: Vec<(String,)> = sqlx::query_as(
            "SELECT sha FROM check_history WHERE repository_id = $1 AND sha <> $2 \
             GROUP BY sha ORDER BY MAX(seen_ms) DESC, sha LIMIT $3",
        )
        .bind(repository.0)
        .bind(except.as_str())
        .bind(limit)
        .fetch_all(self.database.reader())
        .await?;
        let mut found = Vec::with_capacity(commits.len());
        for (commit,) in commits {
            found.push(self.checks_of(repository, &Sha::new(commit)).await?);
        }
        Ok(found)
    }

    /// Forgets what was seen before `before`. Returns how many rows went.
    pub async fn prune_checks(&self, before: Timestamp) -> Result<u64, StoreError> {
        let mut gone = 0;
        for statement in
            ["DELETE FROM check_history WHERE seen_ms < $1", "DELETE FROM check_coverage WHERE seen_ms < $1"]
        {
            let pruned = sqlx::query(statement)
                .bind(before.ms())
                .execute(self.database.writer())
                .durably("prune_checks")
                .await?;
            gone += pruned.rows_affected();
        }
        Ok(gone)
    }
}
