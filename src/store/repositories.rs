//! Where the App is installed, as webhooks and sweeps tell.

use sqlx::AssertSqlSafe;

use super::database::Tx;
use super::durable::Durable as _;
use super::{Store, StoreError};
use crate::model::{InstallationId, RepositoryId, RepositoryName, Timestamp};

/// A repository that the App was installed on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownRepository {
    /// Its id.
    pub id: RepositoryId,
    /// Its name when we last heard of it.
    pub name: RepositoryName,
    /// The installation through which it is reached.
    pub installation: InstallationId,
    /// When it was last swept.
    pub swept: Timestamp,
    /// When we first heard of it.
    pub known_since: Timestamp,
}

/// What a delivery or a sweep says about repositories.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RepositoryUpdate {
    /// It is reached through this installation under this name.
    Seen(RepositoryId, RepositoryName, InstallationId),
    /// It is gone, or the App was taken off it.
    Gone(RepositoryId),
    /// The installation can be used, or not.
    Installation(InstallationId, bool),
}

const COLUMNS: &str = "id, name, installation_id, swept_ms, known_ms";

type Row = (i64, String, i64, i64, i64);

impl Store {
    pub(super) async fn note_repository(
        &self,
        transaction: &mut Tx,
        update: &RepositoryUpdate,
    ) -> Result<(), StoreError> {
        let query = match update {
            RepositoryUpdate::Seen(id, name, installation) => sqlx::query(
                // Swept from now on: what happened before the App came is not for it to act on. Every delivery says where
                // it comes from and nearly none says anything new: then the row is left alone, or servers that take in
                // at once would wait for each other at it.
                "INSERT INTO repositories (id, name, installation_id, usable, swept_ms, known_ms) \
                 SELECT $1, $2, $3, 1, $4, $4 WHERE NOT EXISTS \
                   (SELECT 1 FROM repositories WHERE id = $1 AND name = $2 AND installation_id = $3 AND usable = 1) \
                 ON CONFLICT (id) DO UPDATE SET name = $2, installation_id = $3, usable = 1",
            )
            .bind(id.0)
            .bind(name.to_string())
            .bind(installation.0)
            .bind(self.clock.now().ms()),
            RepositoryUpdate::Gone(id) => sqlx::query("UPDATE repositories SET usable = 0 WHERE id = $1").bind(id.0),
            RepositoryUpdate::Installation(installation, usable) => {
                sqlx::query("UPDATE repositories SET usable = $1 WHERE installation_id = $2")
                    .bind(i64::from(*usable))
                    .bind(installation.0)
            }
        };
        query.execute(&mut **transaction).await?;
        Ok(())
    }

    /// Notes what a sweep found.
    pub async fn note_repositories(&self, updates: &[RepositoryUpdate]) -> Result<(), StoreError> {
        let mut transaction = self.database.begin().await?;
        for update in updates {
            self.note_repository(&mut transaction, update).await?;
        }
        Ok(transaction.commit().durably("note_repositories").await?)
    }

    /// A usable repository by its id.
    pub async fn repository(&self, id: RepositoryId) -> Result<Option<KnownRepository>, StoreError> {
        let row: Option<Row> =
            sqlx::query_as(AssertSqlSafe(format!("SELECT {COLUMNS} FROM repositories WHERE id = $1 AND usable = 1")))
                .bind(id.0)
                .fetch_optional(self.database.reader())
                .await?;
        row.map(known).transpose()
    }

    /// A usable repository by its name, in whatever case it is written.
    pub async fn repository_named(&self, name: &RepositoryName) -> Result<Option<KnownRepository>, StoreError> {
        Ok(self.repositories().await?.into_iter().find(|known| known.name.is(name)))
    }

    /// All usable repositories.
    pub async fn repositories(&self) -> Result<Vec<KnownRepository>, StoreError> {
        let sql = format!("SELECT {COLUMNS} FROM repositories WHERE usable = 1 ORDER BY id");
        let rows: Vec<Row> = sqlx::query_as(AssertSqlSafe(sql)).fetch_all(self.database.reader()).await?;
        rows.into_iter().map(known).collect()
    }
}

fn known((id, name, installation, swept_ms, known_ms): Row) -> Result<KnownRepository, StoreError> {
    Ok(KnownRepository {
        id: RepositoryId(id),
        name: name.parse().map_err(StoreError::corrupt)?,
        installation: InstallationId(installation),
        swept: Timestamp(swept_ms),
        known_since: Timestamp(known_ms),
    })
}
