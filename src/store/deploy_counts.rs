//! What the database says of deployments as a whole: how many there were, how they ended, and when was looked last.

use super::{Store, StoreError};
use crate::model::{BranchName, DeployEnd, RepositoryId, Sha, Timestamp};

/// How many deployments there were, and how they ended.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DeployCounts {
    /// All of them, those under way included.
    pub deployments: i64,
    /// Those that run and were healthy.
    pub succeeded: i64,
    /// Those that were sick, or whose target said that they failed.
    pub failed: i64,
    /// Those whose target could not be reached.
    pub errors: i64,
    /// When releases or an environment were last decided on.
    pub last_checked: Option<Timestamp>,
    /// The commit that was last deployed successfully.
    pub last_commit: Option<Sha>,
}

impl Store {
    /// Counts deployments, of one repository or of all.
    pub async fn deploy_counts(&self, repository: Option<RepositoryId>) -> Result<DeployCounts, StoreError> {
        let only = repository.map_or(0, |id| id.0);
        let ends: Vec<(Option<String>, i64)> = sqlx::query_as(
            "SELECT outcome, COUNT(*) FROM deployments WHERE $1 = 0 OR repository_id = $1 GROUP BY outcome",
        )
        .bind(only)
        .fetch_all(self.database.reader())
        .await?;
        let ended = |end: DeployEnd| {
            let same = ends.iter().find(|(word, _)| word.as_deref() == Some(end.as_str()));
            same.map_or(0, |(_, count)| *count)
        };
        let last_commit: Option<String> = sqlx::query_scalar(
            "SELECT sha FROM deployments WHERE ($1 = 0 OR repository_id = $1) AND outcome = 'succeeded' \
             ORDER BY ended_ms DESC, began_ms DESC LIMIT 1",
        )
        .bind(only)
        .fetch_optional(self.database.reader())
        .await?;
        Ok(DeployCounts {
            deployments: ends.iter().map(|(_, count)| count).sum(),
            succeeded: ended(DeployEnd::Succeeded),
            failed: ended(DeployEnd::Failed),
            errors: ended(DeployEnd::Error),
            last_checked: self.releases_checked(only).await?,
            last_commit: last_commit.map(Sha::new),
        })
    }

    async fn releases_checked(&self, only: i64) -> Result<Option<Timestamp>, StoreError> {
        let releases: Option<i64> =
            sqlx::query_scalar("SELECT MAX(updated_ms) FROM release_lines WHERE $1 = 0 OR repository_id = $1")
                .bind(only)
                .fetch_one(self.database.reader())
                .await?;
        let environments: Option<i64> =
            sqlx::query_scalar("SELECT MAX(updated_ms) FROM environments WHERE $1 = 0 OR repository_id = $1")
                .bind(only)
                .fetch_one(self.database.reader())
                .await?;
        Ok(releases.into_iter().chain(environments).max().map(Timestamp))
    }

    /// The branch that a repository's releases come from, once they were looked at.
    pub async fn release_branch(&self, repository: RepositoryId) -> Result<Option<BranchName>, StoreError> {
        let branch: Option<Option<String>> =
            sqlx::query_scalar("SELECT branch FROM release_lines WHERE repository_id = $1")
                .bind(repository.0)
                .fetch_optional(self.database.reader())
                .await?;
        Ok(branch.flatten().map(BranchName::new))
    }
}
