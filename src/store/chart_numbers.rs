//! Numbers of a span of time for charts, counted by the database and bound to repositories.

use super::conditions::Conditions;
use super::task_list::{EndRow, ended};
use super::{Store, StoreError};
use crate::model::{Level, RepositoryId, TaskEnd, Timestamp};

/// What is counted: in these repositories, from then on until then, in pieces of so many milliseconds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChartSpan {
    /// In these repositories; in none, nothing.
    pub repositories: Vec<RepositoryId>,
    /// The beginning of the first piece.
    pub from: Timestamp,
    /// The end of the last piece, which is not counted.
    pub until: Timestamp,
}

/// Answers that were due in one piece of the span.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// Which piece, beginning with 0.
    pub piece: i64,
    /// The priority of the tasks.
    pub priority: Level,
    /// How many came in time.
    pub kept: i64,
    /// How many did not.
    pub breached: i64,
}

/// What became of the deployments of an environment.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Deployed {
    /// The repository's id.
    pub repository_id: i64,
    /// The environment.
    pub environment: String,
    /// How many were found healthy.
    pub succeeded: i64,
    /// How many failed or were given up.
    pub failed: i64,
}

/// How long a pull request was open before it was merged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MergeTime {
    /// Which piece it was merged in, beginning with 0.
    pub piece: i64,
    /// How long, in milliseconds.
    pub ms: i64,
}

/// A check that failed and then passed on one commit.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct FlakyCheck {
    /// On how many commits it did, less than nothing: the order of the list.
    pub rank: i64,
    /// The repository's id.
    pub repository_id: i64,
    /// The check's name.
    pub name: String,
    /// The short name of the App that reports it.
    pub app: String,
    /// On how many commits it ran.
    pub commits: i64,
    /// How often it ran.
    pub runs: i64,
    /// On how many commits it failed and then passed.
    pub flaky: i64,
    /// When that was seen last, in milliseconds since 1970.
    pub last_ms: i64,
}

/// Nothing that is drawn has more values.
const ROWS_MAX: i64 = 10_000;
/// A list of flaky checks that is longer is read by nobody.
const FLAKY_MAX: i64 = 20;

/// Per commit and check: its runs, and whether one that failed came before one that passed.
const FLAKY_BEFORE: &str = "SELECT -CAST(SUM(flaky) AS BIGINT) AS rank, repository_id, name, app, COUNT(*) AS commits, \
      CAST(SUM(runs) AS BIGINT) AS runs, CAST(SUM(flaky) AS BIGINT) AS flaky, \
      MAX(CASE WHEN flaky = 1 THEN last_ms ELSE 0 END) AS last_ms \
    FROM (SELECT repository_id, name, app, sha, COUNT(*) AS runs, MAX(ended_ms) AS last_ms, \
      CASE WHEN MIN(CASE WHEN conclusion IN ('failure', 'timed_out') THEN ended_ms END) \
             < MAX(CASE WHEN conclusion = 'success' THEN ended_ms END) THEN 1 ELSE 0 END AS flaky \
    FROM check_history";
const FLAKY_AFTER: &str = " GROUP BY repository_id, name, app, sha) AS commits_of_checks GROUP BY repository_id, name, app HAVING SUM(flaky) > 0";

impl ChartSpan {
    fn conditions(&self, column: &str) -> Conditions {
        let mut conditions = Conditions::default();
        conditions.one_of("repository_id", self.repositories.iter().map(|id| id.0.into()).collect());
        conditions.add(&format!("{column} >= ? AND {column} < ?"), [self.from.ms().into(), self.until.ms().into()]);
        conditions
    }

    /// Which piece of this length a moment falls into, as SQL; both numbers are ours.
    fn piece(&self, column: &str, piece_ms: i64) -> String {
        format!("({column} - {}) / {}", self.from.ms(), piece_ms.max(1))
    }
}

impl Store {
    /// Tasks that were done, by piece.
    pub async fn tasks_done(&self, span: &ChartSpan, piece_ms: i64) -> Result<Vec<(i64, i64)>, StoreError> {
        let mut conditions = span.conditions("ended_ms");
        conditions.add("state = 'done'", []);
        self.count_pieces(span, conditions, ("task_ends", "ended_ms", piece_ms)).await
    }

    /// Pull requests that were merged, by piece.
    pub async fn pulls_merged(&self, span: &ChartSpan, piece_ms: i64) -> Result<Vec<(i64, i64)>, StoreError> {
        let mut conditions = span.conditions("ended_ms");
        conditions.add("state = 'merged'", []);
        self.count_pieces(span, conditions, ("pulls", "ended_ms", piece_ms)).await
    }

    async fn count_pieces(
        &self,
        span: &ChartSpan,
        conditions: Conditions,
        (table, column, piece_ms): (&str, &str, i64),
    ) -> Result<Vec<(i64, i64)>, StoreError> {
        if span.repositories.is_empty() {
            return Ok(Vec::new());
        }
        let select = format!("SELECT {}, COUNT(*) FROM {table}", span.piece(column, piece_ms));
        conditions.fetch_grouped(self, (&select, "1")).await
    }

    /// Answers that were due, by piece and priority. What is still waited for is neither kept nor breached.
    pub async fn answers_due(&self, span: &ChartSpan, piece_ms: i64) -> Result<Vec<Kept>, StoreError> {
        if span.repositories.is_empty() {
            return Ok(Vec::new());
        }
        let select = format!(
            "SELECT {}, priority, COUNT(CASE WHEN breached_ms IS NULL AND answered_ms IS NOT NULL THEN 1 END), \
               COUNT(breached_ms) FROM responses",
            span.piece("due_ms", piece_ms)
        );
        let rows: Vec<(i64, String, i64, i64)> =
            span.conditions("due_ms").fetch_grouped(self, (&select, "1, 2")).await?;
        rows.into_iter()
            .map(|(piece, priority, kept, breached)| {
                Ok(Kept { piece, priority: priority.parse().map_err(StoreError::corrupt)?, kept, breached })
            })
            .collect()
    }

    /// What became of deployments that were begun, by environment. Those under way are not counted.
    pub async fn deployed(&self, span: &ChartSpan) -> Result<Vec<Deployed>, StoreError> {
        if span.repositories.is_empty() {
            return Ok(Vec::new());
        }
        let mut conditions = span.conditions("began_ms");
        conditions.add("outcome IS NOT NULL", []);
        let select = "SELECT repository_id, environment, COUNT(CASE WHEN outcome = 'succeeded' THEN 1 END) AS succeeded, \
                      COUNT(CASE WHEN outcome <> 'succeeded' THEN 1 END) AS failed FROM deployments";
        conditions.fetch_grouped(self, (select, "repository_id, environment")).await
    }

    /// How long pull requests were open that were merged; of very many the newest.
    pub async fn merge_times(&self, span: &ChartSpan, piece_ms: i64) -> Result<Vec<MergeTime>, StoreError> {
        if span.repositories.is_empty() {
            return Ok(Vec::new());
        }
        let mut conditions = span.conditions("ended_ms");
        conditions.add("state = 'merged' AND opened_ms > 0", []);
        let select = format!("SELECT {}, ended_ms - opened_ms FROM pulls", span.piece("ended_ms", piece_ms));
        let rows: Vec<(i64, i64)> = conditions.fetch(self, (&select, "ended_ms DESC"), ROWS_MAX).await?;
        Ok(rows.into_iter().map(|(piece, ms)| MergeTime { piece, ms: ms.max(0) }).collect())
    }

    /// Checks that failed and then passed on one commit, the worst first.
    pub async fn flaky_checks(&self, span: &ChartSpan) -> Result<Vec<FlakyCheck>, StoreError> {
        if span.repositories.is_empty() {
            return Ok(Vec::new());
        }
        span.conditions("seen_ms").fetch_around(self, (FLAKY_BEFORE, FLAKY_AFTER), FLAKY_MAX).await
    }

    /// How tasks ended, the newest first; of very many only those.
    pub async fn ends_in(&self, span: &ChartSpan) -> Result<Vec<TaskEnd>, StoreError> {
        if span.repositories.is_empty() {
            return Ok(Vec::new());
        }
        let select = "SELECT repository_id, number, ended_ms, state, worker, priority, created_ms, begun_ms, \
                      CAST(NULL AS TEXT) FROM task_ends";
        let rows: Vec<EndRow> = span.conditions("ended_ms").fetch(self, (select, "ended_ms DESC"), ROWS_MAX).await?;
        rows.into_iter().map(ended).collect()
    }
}
