//! The database that is copied from, held so that nobody writes to it meanwhile.

use sqlx::any::AnyConnectOptions;
use sqlx::{AnyConnection, AssertSqlSafe, Connection as _, Executor as _};

use super::schema::{self, Table};
use super::{CopyError, source_fault};
use crate::store::alone::{is_locked, keep_others_out};
use crate::store::database::{DatabaseKind, MIGRATIONS, kind_of};

/// The one connection to it.
pub(super) struct Source {
    connection: AnyConnection,
    kind: DatabaseKind,
}

impl Source {
    /// Connects, without creating or changing anything, and keeps everybody else from writing.
    pub(super) async fn open(address: &str) -> Result<Self, CopyError> {
        let kind = kind_of(address).map_err(source_fault)?;
        let address = match kind {
            DatabaseKind::Sqlite => format!("{address}{}mode=rw", if address.contains('?') { '&' } else { '?' }),
            DatabaseKind::Postgres => address.to_owned(),
        };
        let options: AnyConnectOptions = address.parse().map_err(|error: sqlx::Error| source_fault(error))?;
        let connection = AnyConnection::connect_with(&options).await.map_err(source_fault)?;
        let mut source = Self { connection, kind };
        match source.check_and_hold().await {
            Ok(()) => Ok(source),
            Err(refused) => {
                // Closed here and now: one that is only dropped is closed a moment later, and is in the next one's way.
                let _ = source.connection.close().await;
                Err(refused)
            }
        }
    }

    pub(super) const fn connection(&mut self) -> &mut AnyConnection {
        &mut self.connection
    }

    pub(super) async fn tables(&mut self) -> Result<Vec<Table>, CopyError> {
        schema::tables(&mut self.connection, self.kind).await.map_err(source_fault)
    }

    /// Lets go of it, and leaves it as it was.
    pub(super) async fn close(mut self) {
        // Whatever fails here, nothing was written: a lock goes with its connection.
        let _ = self.connection.execute("ROLLBACK").await;
        if self.kind == DatabaseKind::Sqlite {
            let _ = self.connection.execute("PRAGMA journal_mode = WAL").await;
        }
        let _ = self.connection.close().await;
    }

    async fn check_and_hold(&mut self) -> Result<(), CopyError> {
        self.check_schema().await?;
        self.hold().await
    }

    async fn check_schema(&mut self) -> Result<(), CopyError> {
        let last = "SELECT MAX(version) FROM _sqlx_migrations";
        let found: Option<i64> = match sqlx::query_scalar(last).fetch_one(&mut self.connection).await {
            Ok(found) => found,
            Err(error) if is_locked(&error) => return Err(CopyError::InUse),
            Err(sqlx::Error::Database(_)) => None,
            Err(error) => return Err(source_fault(error)),
        };
        let found = found.ok_or(CopyError::NoSource)?;
        let known = MIGRATIONS.iter().map(|migration| migration.version).max().unwrap_or_default();
        if found == known { Ok(()) } else { Err(CopyError::Schema { found, known }) }
    }

    async fn hold(&mut self) -> Result<(), CopyError> {
        match self.kind {
            DatabaseKind::Sqlite => keep_others_out(&mut self.connection)
                .await
                .map_err(|error| if is_locked(&error) { CopyError::InUse } else { source_fault(error) }),
            DatabaseKind::Postgres => self.hold_postgres().await,
        }
    }

    /// A server keeps connections open, so whoever is connected may be one.
    async fn hold_postgres(&mut self) -> Result<(), CopyError> {
        let others: i64 = sqlx::query_scalar(
            "SELECT COUNT(*) FROM pg_stat_activity WHERE datname = current_database() \
             AND pid <> pg_backend_pid() AND backend_type = 'client backend'",
        )
        .fetch_one(&mut self.connection)
        .await
        .map_err(source_fault)?;
        if others > 0 {
            return Err(CopyError::InUse);
        }
        self.connection.execute("BEGIN ISOLATION LEVEL REPEATABLE READ").await.map_err(source_fault)?;
        self.connection.execute("SET LOCAL lock_timeout = '5s'").await.map_err(source_fault)?;
        for table in schema::names(&mut self.connection, self.kind).await.map_err(source_fault)? {
            let lock = format!("LOCK TABLE \"{table}\" IN SHARE MODE");
            self.connection.execute(AssertSqlSafe(lock)).await.map_err(|_| CopyError::InUse)?;
        }
        Ok(())
    }
}
