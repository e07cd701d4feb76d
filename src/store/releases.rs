//! Releases in the database: the record of each repository, and the list of them.

use super::database::Tx;
use super::durable::Durable as _;
use super::outbox::Attempt;
use super::{Store, StoreError};
use crate::model::{
    Action, BranchName, EnvironmentName, Number, ReleaseRecord, ReleaseReport, Released, RepositoryId, Sha, Subject,
    TagName, Timestamp, Version,
};

/// Releases that a decision may see.
pub(super) const RELEASES_SEEN: i64 = 50;

pub(super) type ReleaseRow = (String, String, String, i64, String, String, Option<i64>, i64);

impl Store {
    /// Notes that a repository releases, so that pushes and checks find its releases.
    pub async fn open_release_line(&self, repository: RepositoryId) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO release_lines (repository_id, record, updated_ms) VALUES ($1, $2, $3) \
             ON CONFLICT (repository_id) DO NOTHING",
        )
        .bind(repository.0)
        .bind(serde_json::to_string(&ReleaseRecord::default()).map_err(StoreError::corrupt)?)
        .bind(self.clock.now().ms())
        .execute(self.database.writer())
        .durably("open_release_line")
        .await?;
        Ok(())
    }

    /// What is known of a repository's releases; empty where nothing was released.
    pub async fn release_record(&self, repository: RepositoryId) -> Result<ReleaseRecord, StoreError> {
        let record: Option<String> = sqlx::query_scalar("SELECT record FROM release_lines WHERE repository_id = $1")
            .bind(repository.0)
            .fetch_optional(self.database.reader())
            .await?;
        let record = record.map(|text| serde_json::from_str(&text)).transpose();
        Ok(record.map_err(StoreError::corrupt)?.unwrap_or_default())
    }

    pub(super) async fn save_release_record(
        &self,
        transaction: &mut Tx,
        (repository, branch): (RepositoryId, &BranchName),
        record: &ReleaseRecord,
    ) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO release_lines (repository_id, branch, record, updated_ms) VALUES ($1, $2, $3, $4) \
             ON CONFLICT (repository_id) DO UPDATE SET branch = $2, record = $3, updated_ms = $4",
        )
        .bind(repository.0)
        .bind(branch.as_str())
        .bind(serde_json::to_string(record).map_err(StoreError::corrupt)?)
        .bind(self.clock.now().ms())
        .execute(&mut **transaction)
        .await?;
        Ok(())
    }

    /// Lists a release, or brings its row up to date.
    pub(super) async fn save_release(
        &self,
        transaction: &mut Tx,
        repository: RepositoryId,
        released: &Released,
    ) -> Result<(), StoreError> {
        let version = &released.version;
        sqlx::query(
            "INSERT INTO releases (repository_id, tag, sha, url, prerelease, authors, pulls, issue, at_ms) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) \
             ON CONFLICT (repository_id, tag) DO UPDATE SET url = $4, issue = $8",
        )
        .bind(repository.0)
        .bind(version.tag.as_str())
        .bind(version.sha.as_str())
        .bind(version.url.as_str())
        .bind(i64::from(version.prerelease))
        .bind(serde_json::to_string(&version.authors).map_err(StoreError::corrupt)?)
        .bind(serde_json::to_string(&released.pulls).map_err(StoreError::corrupt)?)
        .bind(version.issue.map(|issue| issue.0))
        .bind(released.at.ms())
        .execute(&mut **transaction)
        .await?;
        Ok(())
    }

    /// The newest releases of a repository, newest first; at most 50.
    pub async fn releases(&self, repository: RepositoryId) -> Result<Vec<Released>, StoreError> {
        let rows: Vec<ReleaseRow> = sqlx::query_as(
            "SELECT tag, sha, url, prerelease, authors, pulls, issue, at_ms FROM releases \
             WHERE repository_id = $1 ORDER BY at_ms DESC, tag DESC LIMIT $2",
        )
        .bind(repository.0)
        .bind(RELEASES_SEEN)
        .fetch_all(self.database.reader())
        .await?;
        rows.into_iter().map(released).collect()
    }

    /// The release that is followed on this issue, if it is such an issue.
    pub async fn release_of_issue(
        &self,
        repository: RepositoryId,
        issue: Number,
    ) -> Result<Option<Released>, StoreError> {
        let row: Option<ReleaseRow> = sqlx::query_as(
            "SELECT tag, sha, url, prerelease, authors, pulls, issue, at_ms FROM releases \
             WHERE repository_id = $1 AND issue = $2",
        )
        .bind(repository.0)
        .bind(issue.0)
        .fetch_optional(self.database.reader())
        .await?;
        row.map(released).transpose()
    }

    /// Tells the releases of a repository which issue follows one: it was opened for them.
    pub(super) async fn note_tracking(
        &self,
        transaction: &mut Tx,
        attempt: &Attempt,
        issue: Number,
    ) -> Result<(), StoreError> {
        let (Subject::Releases(repository), Action::OpenIssue { .. }) = (&attempt.subject, &attempt.action) else {
            return Ok(());
        };
        let Some(tag) = attempt.key.strip_prefix(&format!("release/issue/{}/", attempt.subject)) else { return Ok(()) };
        let tag = TagName::new(tag);
        // From this moment on the issue is known as one that is no task, even before the next decision.
        sqlx::query("UPDATE releases SET issue = $1 WHERE repository_id = $2 AND tag = $3")
            .bind(issue.0)
            .bind(repository.0)
            .bind(tag.as_str())
            .execute(&mut **transaction)
            .await?;
        self.report(transaction, &attempt.subject, &ReleaseReport::TrackedBy { tag, issue }).await
    }

    /// The releases of a repository, if this is the branch that they come from.
    pub(super) async fn releases_of_branch(
        &self,
        transaction: &mut Tx,
        repository: RepositoryId,
        branch: &BranchName,
    ) -> Result<Vec<Subject>, StoreError> {
        // Before the first look nobody knows the branch.
        let known: i64 = sqlx::query_scalar(
            "SELECT COUNT(*) FROM release_lines WHERE repository_id = $1 AND (branch = $2 OR branch IS NULL)",
        )
        .bind(repository.0)
        .bind(branch.as_str())
        .fetch_one(&mut **transaction)
        .await?;
        Ok((known > 0).then_some(Subject::Releases(repository)).into_iter().collect())
    }

    /// Whatever has this commit in its record: the releases that may make a version of it, environments that want it.
    pub(super) async fn candidates(
        &self,
        transaction: &mut Tx,
        repository: RepositoryId,
        sha: &Sha,
    ) -> Result<Vec<Subject>, StoreError> {
        let holds = format!("%\"{sha}\"%");
        let known: i64 =
            sqlx::query_scalar("SELECT COUNT(*) FROM release_lines WHERE repository_id = $1 AND record LIKE $2")
                .bind(repository.0)
                .bind(holds.as_str())
                .fetch_one(&mut **transaction)
                .await?;
        let names: Vec<String> =
            sqlx::query_scalar("SELECT name FROM environments WHERE repository_id = $1 AND record LIKE $2")
                .bind(repository.0)
                .bind(holds.as_str())
                .fetch_all(&mut **transaction)
                .await?;
        let releases = (known > 0).then_some(Subject::Releases(repository));
        let environments = names.into_iter().map(|name| Subject::Environment(repository, EnvironmentName::new(name)));
        Ok(releases.into_iter().chain(environments).collect())
    }

    /// Releases and environments whose decisions a new policy may change; of one repository or of all.
    pub(super) async fn release_subjects(
        &self,
        transaction: &mut Tx,
        repository: Option<RepositoryId>,
    ) -> Result<Vec<Subject>, StoreError> {
        let only = repository.map_or(0, |id| id.0);
        let lines: Vec<i64> =
            sqlx::query_scalar("SELECT repository_id FROM release_lines WHERE $1 = 0 OR repository_id = $1")
                .bind(only)
                .fetch_all(&mut **transaction)
                .await?;
        let environments: Vec<(i64, String)> =
            sqlx::query_as("SELECT repository_id, name FROM environments WHERE $1 = 0 OR repository_id = $1")
                .bind(only)
                .fetch_all(&mut **transaction)
                .await?;
        let lines = lines.into_iter().map(|id| Subject::Releases(RepositoryId(id)));
        let environments = environments
            .into_iter()
            .map(|(id, name)| Subject::Environment(RepositoryId(id), EnvironmentName::new(name)));
        Ok(lines.chain(environments).collect())
    }
}

pub(super) fn released(row: ReleaseRow) -> Result<Released, StoreError> {
    let (tag, sha, url, prerelease, authors, pulls, issue, at_ms) = row;
    Ok(Released {
        version: Version {
            tag: TagName::new(tag),
            sha: Sha::new(sha),
            url,
            authors: serde_json::from_str(&authors).map_err(StoreError::corrupt)?,
            issue: issue.map(Number),
            prerelease: prerelease != 0,
        },
        pulls: serde_json::from_str(&pulls).map_err(StoreError::corrupt)?,
        at: Timestamp(at_ms),
    })
}
