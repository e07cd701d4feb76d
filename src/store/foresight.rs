//! What happened before, for estimates: how long pulls took, which answers were late, and which checks are flaky.

use super::conditions::Conditions;
use super::{Store, StoreError};
use crate::model::{AnsweredBefore, FlakyNamed, Level, MergedBefore, RepositoryId, Sha, Timestamp, WorkerId};

/// Of so many of the newest estimates are made: what was long ago says little of today.
const NEWEST: i64 = 500;
/// A list of flaky checks that is longer is read by nobody.
const FLAKY_MAX: i64 = 50;

/// Per check: its runs, its commits, and on which of these one that failed came before one that passed.
const FLAKY_BEFORE: &str = "SELECT -CAST(SUM(flaky) AS BIGINT) AS rank, name, app, COUNT(*) AS commits, \
      CAST(SUM(runs) AS BIGINT) AS runs, CAST(SUM(flaky) AS BIGINT) AS flaky, \
      MAX(CASE WHEN flaky = 1 THEN last_ms ELSE 0 END) AS last_ms \
    FROM (SELECT name, app, sha, COUNT(*) AS runs, MAX(ended_ms) AS last_ms, \
      CASE WHEN MIN(CASE WHEN conclusion IN ('failure', 'timed_out') THEN ended_ms END) \
             < MAX(CASE WHEN conclusion = 'success' THEN ended_ms END) THEN 1 ELSE 0 END AS flaky \
    FROM check_history";
/// A check that failed and then passed once may have had bad luck, so it takes twice.
const FLAKY_AFTER: &str = " GROUP BY name, app, sha) AS commits_of_checks GROUP BY name, app HAVING SUM(flaky) >= 2";

type FlakyRow = (i64, String, String, i64, i64, i64, i64);

impl Store {
    /// How long the newest merged pulls of a repository were open, the newest first.
    pub async fn merged_before(&self, repository: RepositoryId) -> Result<Vec<MergedBefore>, StoreError> {
        let rows: Vec<(i64, Option<i64>)> = sqlx::query_as(
            "SELECT ended_ms - opened_ms, changed_lines FROM pulls \
             WHERE repository_id = $1 AND state = 'merged' AND opened_ms > 0 AND ended_ms >= opened_ms \
             ORDER BY ended_ms DESC LIMIT $2",
        )
        .bind(repository.0)
        .bind(NEWEST)
        .fetch_all(self.database.reader())
        .await?;
        let line = |(took_ms, lines): (i64, Option<i64>)| MergedBefore {
            took_ms,
            lines: lines.and_then(|lines| u64::try_from(lines).ok()),
        };
        Ok(rows.into_iter().map(line).collect())
    }

    /// The newest times within which somebody had to answer a task of this priority, that are over, by this clock:
    /// `response` or `urgent`.
    pub async fn answered_before(
        &self,
        repository: RepositoryId,
        (clock, priority): (&str, Level),
    ) -> Result<Vec<AnsweredBefore>, StoreError> {
        let rows: Vec<(Option<String>, i64)> = sqlx::query_as(
            "SELECT worker, CASE WHEN breached_ms IS NULL THEN 0 ELSE 1 END FROM responses \
             WHERE repository_id = $1 AND priority = $2 AND clock = $3 \
               AND (breached_ms IS NOT NULL OR answered_ms IS NOT NULL) \
             ORDER BY began_ms DESC LIMIT $4",
        )
        .bind(repository.0)
        .bind(priority.as_str())
        .bind(clock)
        .bind(NEWEST)
        .fetch_all(self.database.reader())
        .await?;
        let line = |(worker, late): (Option<String>, i64)| AnsweredBefore {
            worker: worker.map(WorkerId::new),
            late: late != 0,
        };
        Ok(rows.into_iter().map(line).collect())
    }

    /// Checks of a repository that failed and then passed on one commit, at least twice, the worst first.
    pub async fn flaky_named(&self, repository: RepositoryId) -> Result<Vec<FlakyNamed>, StoreError> {
        let mut conditions = Conditions::default();
        conditions.add("repository_id = ?", [repository.0.into()]);
        let rows: Vec<FlakyRow> = conditions.fetch_around(self, (FLAKY_BEFORE, FLAKY_AFTER), FLAKY_MAX).await?;
        let mut named = Vec::with_capacity(rows.len());
        for (_, name, app, commits, runs, flaky, last_ms) in rows {
            let (example, sha) = self.flaky_example(repository, (&name, &app), last_ms).await?;
            named.push(FlakyNamed { name, app, commits, runs, flaky, last: Timestamp(last_ms), example, sha });
        }
        Ok(named)
    }

    /// Where the failure is read about that was seen last, and its commit.
    pub async fn flaky_example(
        &self,
        repository: RepositoryId,
        (name, app): (&str, &str),
        last_ms: i64,
    ) -> Result<(Option<String>, Option<Sha>), StoreError> {
        let row: Option<(Option<String>, String)> = sqlx::query_as(
            "SELECT f.url, f.sha FROM check_history f WHERE f.repository_id = $1 AND f.name = $2 AND f.app = $3 \
               AND f.conclusion IN ('failure', 'timed_out') AND f.sha IN (SELECT p.sha FROM check_history p \
                 WHERE p.repository_id = $1 AND p.name = $2 AND p.app = $3 AND p.ended_ms = $4) \
             ORDER BY f.ended_ms DESC LIMIT 1",
        )
        .bind(repository.0)
        .bind(name)
        .bind(app)
        .bind(last_ms)
        .fetch_optional(self.database.reader())
        .await?;
        Ok(row.map_or((None, None), |(url, sha)| (url, Some(Sha::new(sha)))))
    }
}
