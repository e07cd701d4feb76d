//! Releases and environments of many repositories at once, as a page lists them.

use std::collections::HashMap;

use sqlx::AssertSqlSafe;

use super::conditions::Conditions;
use super::releases::{ReleaseRow, released};
use super::{LastDecision, Store, StoreError};
use crate::model::{BranchName, EnvironmentName, EnvironmentRecord, Released, RepositoryId, Subject, Timestamp};

/// More environments than a page can show.
const ENVIRONMENTS_MAX: i64 = 1_000;
/// SQLite joins at most 500 queries to one (<https://www.sqlite.org/limits.html>).
const JOINED_MAX: usize = 100;

type OfRepository = (i64, String, String, String, i64, String, String, Option<i64>, i64);

impl Store {
    /// Those of these repositories that release or deploy, with the branch that their releases come from, once it is
    /// known.
    pub async fn releasing(
        &self,
        repositories: &[RepositoryId],
    ) -> Result<Vec<(RepositoryId, Option<BranchName>)>, StoreError> {
        let Some(conditions) = of(repositories, "id") else { return Ok(Vec::new()) };
        let select = "SELECT id, branch FROM (SELECT r.id AS id, l.branch AS branch FROM repositories r \
             LEFT JOIN release_lines l ON l.repository_id = r.id \
             WHERE l.repository_id IS NOT NULL OR EXISTS (SELECT 1 FROM environments e WHERE e.repository_id = r.id)) \
             AS releasing";
        let rows: Vec<(i64, Option<String>)> = conditions.fetch(self, (select, "id"), i64::MAX).await?;
        Ok(rows.into_iter().map(|(id, branch)| (RepositoryId(id), branch.map(BranchName::new))).collect())
    }

    /// What is known of every environment of these repositories.
    pub async fn environments_of(
        &self,
        repositories: &[RepositoryId],
    ) -> Result<Vec<(RepositoryId, EnvironmentName, EnvironmentRecord)>, StoreError> {
        let Some(conditions) = of(repositories, "repository_id") else { return Ok(Vec::new()) };
        let select = "SELECT repository_id, name, record FROM environments";
        let rows: Vec<(i64, String, String)> =
            conditions.fetch(self, (select, "repository_id, name"), ENVIRONMENTS_MAX).await?;
        let read = |(id, name, record): (i64, String, String)| {
            let record = serde_json::from_str(&record).map_err(StoreError::corrupt)?;
            Ok((RepositoryId(id), EnvironmentName::new(name), record))
        };
        rows.into_iter().map(read).collect()
    }

    /// The newest releases of each of these repositories, newest first, at most `each` of one.
    pub async fn releases_of(
        &self,
        repositories: &[RepositoryId],
        each: i64,
    ) -> Result<Vec<(RepositoryId, Released)>, StoreError> {
        let Some(mut conditions) = of(repositories, "repository_id") else { return Ok(Vec::new()) };
        conditions.add("place <= ?", [each.into()]);
        let select = "SELECT repository_id, tag, sha, url, prerelease, authors, pulls, issue, at_ms FROM \
             (SELECT repository_id, tag, sha, url, prerelease, authors, pulls, issue, at_ms, \
               ROW_NUMBER() OVER (PARTITION BY repository_id ORDER BY at_ms DESC, tag DESC) AS place FROM releases) \
             AS listed";
        let rows: Vec<OfRepository> = conditions.fetch(self, (select, "repository_id, place"), i64::MAX).await?;
        let read = |(id, tag, sha, url, prerelease, authors, pulls, issue, at_ms): OfRepository| {
            let row: ReleaseRow = (tag, sha, url, prerelease, authors, pulls, issue, at_ms);
            Ok((RepositoryId(id), released(row)?))
        };
        rows.into_iter().map(read).collect()
    }

    /// The newest decision about each of these subjects, by the subject's name; those without any are left out.
    pub async fn last_decisions(&self, subjects: &[Subject]) -> Result<HashMap<String, LastDecision>, StoreError> {
        let mut found = HashMap::new();
        for some in subjects.chunks(JOINED_MAX) {
            // Each is the end of an index, however many decisions there were.
            let one = |place: usize| {
                format!(
                    "SELECT * FROM (SELECT subject, at_ms, summary, explanation FROM audit \
                     WHERE subject = ${place} AND kind = 'decision' ORDER BY id DESC LIMIT 1) AS last{place}"
                )
            };
            let sql = (1..=some.len()).map(one).collect::<Vec<_>>().join(" UNION ALL ");
            let mut query = sqlx::query_as(AssertSqlSafe(sql));
            for subject in some {
                query = query.bind(subject.to_string());
            }
            let rows: Vec<(String, i64, String, Option<String>)> = query.fetch_all(self.database.reader()).await?;
            for (subject, at_ms, summary, explanation) in rows {
                let explanation = explanation.map(|text| serde_json::from_str(&text)).transpose();
                let explanation = explanation.map_err(StoreError::corrupt)?.unwrap_or_default();
                found.insert(subject, LastDecision { at: Timestamp(at_ms), summary, explanation });
            }
        }
        Ok(found)
    }
}

/// That a row is of one of these repositories; of none there is no row.
fn of(repositories: &[RepositoryId], column: &str) -> Option<Conditions> {
    let mut conditions = Conditions::default();
    conditions.one_of(column, repositories.iter().map(|id| id.0.into()).collect());
    (!repositories.is_empty()).then_some(conditions)
}
