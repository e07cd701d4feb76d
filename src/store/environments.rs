//! Environments in the database: what runs where, and every deployment.

use std::collections::BTreeMap;

use super::database::Tx;
use super::{Store, StoreError};
use crate::model::{
    DeployEnd, DeploymentId, DeploymentRow, EnvironmentName, EnvironmentRecord, RepositoryId, Sha, Subject, TagName,
    Timestamp,
};

#[derive(sqlx::FromRow)]
struct Row {
    environment: String,
    number: i64,
    tag: String,
    sha: String,
    rollback_from: Option<String>,
    asked_by: Option<String>,
    approved_by: Option<String>,
    github_id: Option<i64>,
    began_ms: i64,
    ended_ms: Option<i64>,
    outcome: Option<String>,
    note: String,
    errors: i64,
}

impl Store {
    /// What is known of an environment; empty where nothing was deployed.
    pub async fn environment(
        &self,
        repository: RepositoryId,
        name: &EnvironmentName,
    ) -> Result<EnvironmentRecord, StoreError> {
        let record: Option<String> =
            sqlx::query_scalar("SELECT record FROM environments WHERE repository_id = $1 AND name = $2")
                .bind(repository.0)
                .bind(name.as_str())
                .fetch_optional(self.database.reader())
                .await?;
        let record = record.map(|text| serde_json::from_str(&text)).transpose();
        Ok(record.map_err(StoreError::corrupt)?.unwrap_or_default())
    }

    /// What is known of every environment of a repository.
    pub async fn environments(
        &self,
        repository: RepositoryId,
    ) -> Result<BTreeMap<EnvironmentName, EnvironmentRecord>, StoreError> {
        let rows: Vec<(String, String)> =
            sqlx::query_as("SELECT name, record FROM environments WHERE repository_id = $1 ORDER BY name")
                .bind(repository.0)
                .fetch_all(self.database.reader())
                .await?;
        rows.into_iter()
            .map(|(name, record)| {
                Ok((EnvironmentName::new(name), serde_json::from_str(&record).map_err(StoreError::corrupt)?))
            })
            .collect()
    }

    pub(super) async fn save_environment(
        &self,
        transaction: &mut Tx,
        (repository, name): (RepositoryId, &EnvironmentName),
        record: &EnvironmentRecord,
    ) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO environments (repository_id, name, record, updated_ms) VALUES ($1, $2, $3, $4) \
             ON CONFLICT (repository_id, name) DO UPDATE SET record = $3, updated_ms = $4",
        )
        .bind(repository.0)
        .bind(name.as_str())
        .bind(serde_json::to_string(record).map_err(StoreError::corrupt)?)
        .bind(self.clock.now().ms())
        .execute(&mut **transaction)
        .await?;
        Ok(())
    }

    /// Lists a deployment, or brings its row up to date.
    pub(super) async fn save_deployment(
        &self,
        transaction: &mut Tx,
        (repository, name): (RepositoryId, &EnvironmentName),
        row: &DeploymentRow,
    ) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO deployments (repository_id, environment, number, tag, sha, rollback_from, asked_by, \
               approved_by, github_id, began_ms, ended_ms, outcome, note, errors) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14) \
             ON CONFLICT (repository_id, environment, number) DO UPDATE SET approved_by = $8, github_id = $9, \
               ended_ms = $11, outcome = $12, note = $13, errors = $14",
        )
        .bind(repository.0)
        .bind(name.as_str())
        .bind(row.number)
        .bind(row.tag.as_str())
        .bind(row.sha.as_str())
        .bind(row.rollback_from.as_ref().map(|tag| tag.as_str().to_owned()))
        .bind(row.by.clone())
        .bind(row.approved_by.clone())
        .bind(row.id.map(|id| id.0))
        .bind(row.began.ms())
        .bind(row.ended.map(Timestamp::ms))
        .bind(row.end.map(|end| end.as_str().to_owned()))
        .bind(row.note.as_str())
        .bind(i64::from(row.errors))
        .execute(&mut **transaction)
        .await?;
        Ok(())
    }

    /// Deployments of a repository, newest first.
    pub async fn deployments(
        &self,
        repository: RepositoryId,
        environment: Option<&EnvironmentName>,
        limit: i64,
    ) -> Result<Vec<(EnvironmentName, DeploymentRow)>, StoreError> {
        let rows: Vec<Row> = sqlx::query_as(
            "SELECT environment, number, tag, sha, rollback_from, asked_by, approved_by, github_id, began_ms, \
               ended_ms, outcome, note, errors FROM deployments \
             WHERE repository_id = $1 AND ($2 = '' OR environment = $2) ORDER BY began_ms DESC, number DESC LIMIT $3",
        )
        .bind(repository.0)
        .bind(environment.map_or("", EnvironmentName::as_str))
        .bind(limit)
        .fetch_all(self.database.reader())
        .await?;
        rows.into_iter().map(listed).collect()
    }

    /// Deployments of one environment, newest first, those before number `before`.
    pub async fn deployment_history(
        &self,
        (repository, name): (RepositoryId, &EnvironmentName),
        before: i64,
        limit: i64,
    ) -> Result<Vec<DeploymentRow>, StoreError> {
        let rows: Vec<Row> = sqlx::query_as(
            "SELECT environment, number, tag, sha, rollback_from, asked_by, approved_by, github_id, began_ms, \
               ended_ms, outcome, note, errors FROM deployments \
             WHERE repository_id = $1 AND environment = $2 AND number < $3 ORDER BY number DESC LIMIT $4",
        )
        .bind(repository.0)
        .bind(name.as_str())
        .bind(before)
        .bind(limit)
        .fetch_all(self.database.reader())
        .await?;
        rows.into_iter().map(|row| Ok(listed(row)?.1)).collect()
    }

    /// Environments that are being deployed to.
    pub(super) async fn deploying(
        &self,
        transaction: &mut Tx,
        repository: RepositoryId,
    ) -> Result<Vec<Subject>, StoreError> {
        let names: Vec<String> = sqlx::query_scalar(
            "SELECT environment FROM deployments WHERE repository_id = $1 AND outcome IS NULL GROUP BY environment",
        )
        .bind(repository.0)
        .fetch_all(&mut **transaction)
        .await?;
        Ok(names.into_iter().map(|name| Subject::Environment(repository, EnvironmentName::new(name))).collect())
    }
}

fn listed(row: Row) -> Result<(EnvironmentName, DeploymentRow), StoreError> {
    let end = match row.outcome {
        Some(word) => Some(
            DeployEnd::named(&word)
                .ok_or_else(|| StoreError::corrupt(format!("a deployment ended as {word:?}, which is no end")))?,
        ),
        None => None,
    };
    Ok((
        EnvironmentName::new(row.environment),
        DeploymentRow {
            number: row.number,
            tag: TagName::new(row.tag),
            sha: Sha::new(row.sha),
            rollback_from: row.rollback_from.map(TagName::new),
            by: row.asked_by,
            approved_by: row.approved_by,
            id: row.github_id.map(DeploymentId),
            began: Timestamp(row.began_ms),
            ended: row.ended_ms.map(Timestamp),
            end,
            note: row.note,
            errors: u32::try_from(row.errors).unwrap_or(u32::MAX),
        },
    ))
}
