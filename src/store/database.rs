//! The one file that knows which database it is: connections, settings, locking clauses, and waking other servers.

use std::sync::Arc;
use std::time::Duration;

use sqlx::any::{AnyConnectOptions, AnyPoolOptions};
use sqlx::migrate::Migrator;
use sqlx::{Any, AnyConnection, AnyPool, Connection, Executor, Transaction};

use super::{StoreError, Wake};

pub(super) static MIGRATIONS: Migrator = sqlx::migrate!("./migrations");

/// The versions of all migrations.
pub(super) fn migration_versions() -> Vec<i64> {
    MIGRATIONS.iter().map(|migration| migration.version).collect()
}

/// Connections that one server keeps to PostgreSQL; its default limit for all is 100.
const POSTGRES_CONNECTIONS: u32 = 12;
/// Read-only connections beside the one writer of SQLite.
const SQLITE_READERS: u32 = 4;
/// How long SQLite waits for a lock that another process holds, such as a command beside the server.
const BUSY_TIMEOUT_MS: u32 = 10_000;

/// Set for every SQLite connection. WAL is not the default and must be asked for; FULL makes a commit durable, and
/// under group commit costs nothing that can be measured against NORMAL. 16 KiB pages hold a compressed body whole.
fn sqlite_settings() -> String {
    format!(
        "PRAGMA page_size = 16384; PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}; PRAGMA journal_mode = WAL; \
         PRAGMA synchronous = FULL; PRAGMA cache_size = -1024; PRAGMA temp_store = MEMORY;"
    )
}

/// Which database it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DatabaseKind {
    /// A file beside the server.
    Sqlite,
    /// A server that several replicas share.
    Postgres,
}

/// A transaction on either database.
pub(super) type Tx = Transaction<'static, Any>;

/// The connections.
#[derive(Debug, Clone)]
pub struct Database {
    kind: DatabaseKind,
    address: Arc<str>,
    writer: AnyPool,
    reader: AnyPool,
    wake: Arc<Wake>,
}

impl Database {
    pub(super) async fn connect(address: &str) -> Result<Self, StoreError> {
        sqlx::any::install_default_drivers();
        let kind = kind_of(address)?;
        let (writer, reader) = match kind {
            DatabaseKind::Sqlite => sqlite_pools(address).await?,
            DatabaseKind::Postgres => {
                let options: AnyConnectOptions = address.parse()?;
                let pool = AnyPoolOptions::new()
                    .max_connections(POSTGRES_CONNECTIONS)
                    .acquire_timeout(Duration::from_secs(10))
                    .connect_with(options.clone())
                    .await;
                let pool = match pool {
                    // The pool has tried for a while and does not tell why in vain; a connection of its own does.
                    Err(sqlx::Error::PoolTimedOut) => {
                        AnyConnection::connect_with(&options).await?.close().await?;
                        return Err(sqlx::Error::PoolTimedOut.into());
                    }
                    tried => tried?,
                };
                (pool.clone(), pool)
            }
        };
        Ok(Self { kind, address: address.into(), writer, reader, wake: Arc::new(Wake::default()) })
    }

    pub(super) async fn migrate(&self) -> Result<(), StoreError> {
        Ok(MIGRATIONS.run(&self.writer).await?)
    }

    /// Which database it is.
    #[must_use]
    pub const fn kind(&self) -> DatabaseKind {
        self.kind
    }

    /// The bells that are rung when there is something new to do.
    #[must_use]
    pub fn wake(&self) -> &Wake {
        &self.wake
    }

    /// Where the database is, with any password; only for connecting to it.
    pub(super) fn address(&self) -> &str {
        &self.address
    }

    pub(super) const fn reader(&self) -> &AnyPool {
        &self.reader
    }

    pub(super) const fn writer(&self) -> &AnyPool {
        &self.writer
    }

    /// Begins a transaction that may write.
    ///
    /// On SQLite it takes the write lock at once: a transaction that begins by reading and is then refused the lock
    /// could only be run again from the start.
    pub(super) async fn begin(&self) -> Result<Tx, StoreError> {
        Ok(match self.kind {
            DatabaseKind::Sqlite => self.writer.begin_with("BEGIN IMMEDIATE").await?,
            DatabaseKind::Postgres => self.writer.begin().await?,
        })
    }

    /// What a claiming subselect ends with, so that claims of several servers pass each other by.
    pub(super) const fn skip_locked(&self) -> &'static str {
        match self.kind {
            // One writer at a time: there is nothing to skip.
            DatabaseKind::Sqlite => "",
            DatabaseKind::Postgres => "FOR UPDATE SKIP LOCKED",
        }
    }

    /// Which index a subselect walks: SQLite, which keeps no statistics, would take another one and sort.
    pub(super) fn indexed_by(&self, index: &str) -> String {
        match self.kind {
            DatabaseKind::Sqlite => format!("INDEXED BY {index}"),
            DatabaseKind::Postgres => String::new(),
        }
    }

    /// Closes every connection, after writing back SQLite's log.
    pub async fn close(&self) {
        self.reader.close().await;
        self.writer.close().await;
    }
}

pub(super) fn kind_of(address: &str) -> Result<DatabaseKind, StoreError> {
    if address.starts_with("sqlite:") {
        Ok(DatabaseKind::Sqlite)
    } else if address.starts_with("postgres://") || address.starts_with("postgresql://") {
        Ok(DatabaseKind::Postgres)
    } else {
        Err(StoreError::Address(
            "DATABASE_URL must begin with sqlite:// or postgres://, such as sqlite://stationmaster.db".to_owned(),
        ))
    }
}

async fn sqlite_pools(address: &str) -> Result<(AnyPool, AnyPool), StoreError> {
    let joint = if address.contains('?') { '&' } else { '?' };
    let may_write: AnyConnectOptions = format!("{address}{joint}mode=rwc").parse()?;
    let read_only: AnyConnectOptions = format!("{address}{joint}mode=ro").parse()?;
    // A pool tries a failing connection again and again, and then does not tell why: a first one does so at once.
    let mut first = AnyConnection::connect_with(&may_write).await?;
    first.execute(sqlx::AssertSqlSafe(sqlite_settings())).await?;
    first.close().await?;
    let writer = sqlite_pool(1, sqlite_settings()).connect_with(may_write).await?;
    let reader = sqlite_pool(SQLITE_READERS, format!("PRAGMA busy_timeout = {BUSY_TIMEOUT_MS};"));
    Ok((writer, reader.connect_lazy_with(read_only)))
}

fn sqlite_pool(connections: u32, settings: String) -> AnyPoolOptions {
    AnyPoolOptions::new()
        .max_connections(connections)
        .acquire_timeout(Duration::from_secs(30))
        .idle_timeout(None)
        .max_lifetime(None)
        .after_connect(move |connection, _| {
            let settings = settings.clone();
            Box::pin(async move {
                connection.execute(sqlx::AssertSqlSafe(settings)).await?;
                Ok(())
            })
        })
}
