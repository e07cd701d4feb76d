//! The one file that knows which database it is: connections, settings, locking clauses, and waking other servers.

use std::sync::{Arc, LazyLock};
use std::time::Duration;

use sqlx::any::{AnyConnectOptions, AnyPoolOptions};
use sqlx::migrate::{MigrateError, Migrator};
use sqlx::{AnyConnection, ConnectOptions as _, Connection, Executor};

use super::durable::Durable as _;
use super::file::OpenedFile;
use super::inspect::file_of;
pub(super) use super::patience::Tx;
use super::patience::{Connections, Patience};
use super::{StoreError, Wake};

/// What is in `migrations/`. Each adds and takes nothing away, so a server may well meet a schema that is newer than
/// its own, while others are upgraded one by one: what it does not know of is not in its way.
pub(super) static MIGRATIONS: LazyLock<Migrator> = LazyLock::new(|| {
    let mut migrations = sqlx::migrate!("./migrations");
    migrations.set_ignore_missing(true);
    migrations
});

/// The fact that a migration leaves which breaks that rule: the oldest version that a server has to know from then on.
pub const OLDEST_SCHEMA_FACT: &str = "schema/oldest";

/// The versions of all migrations.
pub(super) fn migration_versions() -> Vec<i64> {
    MIGRATIONS.iter().map(|migration| migration.version).collect()
}

/// Connections that one server keeps to PostgreSQL; its default limit for all is 100.
const POSTGRES_CONNECTIONS: u32 = 12;
/// How often a migration is tried that got into a deadlock with servers at work.
const MIGRATION_TURNS: u32 = 10;
/// A transaction that a server leaves open and does nothing in is ended after so long, in milliseconds: a server that
/// was stopped, or whose machine is gone, would keep others from the rows that it has locked.
const IDLE_TRANSACTION_MS: u32 = 10_000;
/// Read-only connections beside the one writer of SQLite. Each has a thread, a cache and statements of its own, some 4 MB.
const SQLITE_READERS: u32 = 2;
/// How long SQLite waits for a lock that another process holds, such as a command beside the server.
const BUSY_TIMEOUT_MS: u32 = 10_000;

/// Set for every SQLite connection. WAL is not the default and must be asked for; FULL makes a commit durable, and
/// under group commit costs nothing that can be measured against NORMAL. 16 KiB pages hold a compressed body whole.
fn sqlite_settings() -> String {
    format!(
        "PRAGMA page_size = 16384; PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}; PRAGMA journal_mode = WAL; \
         PRAGMA synchronous = FULL; PRAGMA temp_store = MEMORY;"
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

/// The connections.
#[derive(Debug, Clone)]
pub struct Database {
    kind: DatabaseKind,
    address: Arc<str>,
    writer: Connections,
    reader: Connections,
    file: Option<Arc<OpenedFile>>,
    wake: Arc<Wake>,
}

impl Database {
    /// Opens connections on which each answer is waited for at most `timeout`.
    pub(super) async fn connect(address: &str, timeout: Duration) -> Result<Self, StoreError> {
        sqlx::any::install_default_drivers();
        let kind = kind_of(address)?;
        let patience = Patience::of(timeout);
        let (writer, reader) = match kind {
            DatabaseKind::Sqlite => sqlite_pools(address, &patience).await?,
            DatabaseKind::Postgres => {
                let pool = postgres_pool(address, &patience).await?;
                (pool.clone(), pool)
            }
        };
        let file = (kind == DatabaseKind::Sqlite).then(|| Arc::new(OpenedFile::at(file_of(address))));
        Ok(Self { kind, address: address.into(), writer, reader, file, wake: Arc::new(Wake::default()) })
    }

    /// Whether the file of the database is still the one that was opened.
    pub(super) fn check_file(&self) -> Result<(), StoreError> {
        self.file.as_ref().map_or(Ok(()), |file| file.check())
    }

    pub(super) async fn migrate(&self) -> Result<(), StoreError> {
        match self.kind {
            DatabaseKind::Sqlite => MIGRATIONS.run(self.writer.unbounded()).durably("migrate").await?,
            DatabaseKind::Postgres => self.migrate_beside_others().await?,
        }
        self.refuse_if_too_old().await
    }

    /// Brings the schema up to date while other servers may be at work. sqlx holds an advisory lock meanwhile: of servers
    /// that start at once, one does it. A migration of several tables may wait for a server that waits for it; PostgreSQL
    /// then ends one of the two, and where that is the migration nothing of it is left and it is run again.
    async fn migrate_beside_others(&self) -> Result<(), StoreError> {
        let mut turn = 1;
        loop {
            // A session of its own, with which its lock goes whatever becomes of it.
            let options: AnyConnectOptions = self.address.parse()?;
            let session = AnyPoolOptions::new().max_connections(1).connect_with(options).await?;
            let migrated = MIGRATIONS.run(&session).durably("migrate").await;
            session.close().await;
            match migrated {
                Err(fault) if is_deadlock(&fault) && turn < MIGRATION_TURNS => {
                    tracing::info!(turn, "the schema could not be changed beside servers at work; tried again");
                    turn += 1;
                }
                done => return Ok(done?),
            }
        }
    }

    async fn refuse_if_too_old(&self) -> Result<(), StoreError> {
        let known = migration_versions().into_iter().max().unwrap_or_default();
        let oldest: Option<String> = sqlx::query_scalar("SELECT value FROM facts WHERE name = $1")
            .bind(OLDEST_SCHEMA_FACT)
            .fetch_optional(&self.writer)
            .await?;
        match oldest.and_then(|oldest| oldest.parse().ok()) {
            Some(oldest) if oldest > known => Err(StoreError::TooOld { oldest, known }),
            Some(_) | None => Ok(()),
        }
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

    pub(super) const fn reader(&self) -> &Connections {
        &self.reader
    }

    pub(super) const fn writer(&self) -> &Connections {
        &self.writer
    }

    /// Begins a transaction that may write.
    ///
    /// On SQLite it takes the write lock at once: a transaction that begins by reading and is then refused the lock
    /// could only be run again from the start.
    pub(super) async fn begin(&self) -> Result<Tx, StoreError> {
        self.check_file()?;
        Ok(match self.kind {
            DatabaseKind::Sqlite => self.writer.begin("BEGIN IMMEDIATE").await?,
            DatabaseKind::Postgres => self.writer.begin("BEGIN").await?,
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

    /// What a subselect ends with whose rows are taken by one server at a time, in their order.
    pub(super) const fn one_by_one(&self) -> &'static str {
        match self.kind {
            DatabaseKind::Sqlite => "",
            DatabaseKind::Postgres => "FOR UPDATE",
        }
    }

    /// What a select ends with that holds its rows until the transaction ends; `None` where the transaction holds all.
    pub(super) const fn locked(&self) -> Option<&'static str> {
        match self.kind {
            DatabaseKind::Sqlite => None,
            DatabaseKind::Postgres => Some("FOR UPDATE"),
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

/// `deadlock_detected` (<https://www.postgresql.org/docs/current/errcodes-appendix.html>).
fn is_deadlock(fault: &MigrateError) -> bool {
    let (MigrateError::Execute(fault) | MigrateError::ExecuteMigration(fault, _)) = fault else { return false };
    fault.as_database_error().is_some_and(|fault| fault.code().as_deref() == Some("40P01"))
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

/// How to connect. The driver tells of no statement: asking at each whether somebody wants to hear of it costs time, and
/// what is slow or fails is told by us.
fn options(address: &str) -> Result<AnyConnectOptions, StoreError> {
    Ok(address.parse::<AnyConnectOptions>()?.disable_statement_logging())
}

async fn postgres_pool(address: &str, patience: &Patience) -> Result<Connections, StoreError> {
    let options = options(address)?;
    // One connection by itself tells why it cannot be made; a pool tries again and again and then does not.
    patience.wait(AnyConnection::connect_with(&options)).await?.close().await?;
    let pool = AnyPoolOptions::new()
        .max_connections(POSTGRES_CONNECTIONS)
        .acquire_timeout(Duration::from_secs(10))
        .after_connect(|connection, _| {
            Box::pin(async move {
                let setting = format!("SET idle_in_transaction_session_timeout = {IDLE_TRANSACTION_MS}");
                connection.execute(sqlx::AssertSqlSafe(setting)).await?;
                Ok(())
            })
        });
    Ok(Connections::new(patience.guard(pool).connect_lazy_with(options), patience.clone()))
}

async fn sqlite_pools(address: &str, patience: &Patience) -> Result<(Connections, Connections), StoreError> {
    let joint = if address.contains('?') { '&' } else { '?' };
    let may_write = options(&format!("{address}{joint}mode=rwc"))?;
    let read_only = options(&format!("{address}{joint}mode=ro"))?;
    // A pool tries a failing connection again and again, and then does not tell why: a first one does so at once.
    let mut first = AnyConnection::connect_with(&may_write).await?;
    first.execute(sqlx::AssertSqlSafe(sqlite_settings())).await?;
    first.close().await?;
    let writer = patience.guard(sqlite_pool(1, sqlite_settings())).connect_with(may_write).await?;
    let reader = sqlite_pool(SQLITE_READERS, format!("PRAGMA busy_timeout = {BUSY_TIMEOUT_MS};"));
    // Not guarded: nothing of theirs can be left half done. While one of them is open the index of the log stays, which no
    // connection can make anew on a disk that takes nothing.
    let reader = reader.connect_lazy_with(read_only);
    Ok((Connections::new(writer, patience.clone()), Connections::new(reader, patience.clone())))
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
                // Half of SQLite's own cache: the file is in the kernel's anyway, and this is paid by each connection. It
                // looks into the file, and one that cannot be written to just then is to be read all the same.
                if let Err(error) = connection.execute("PRAGMA cache_size = -1024").await {
                    tracing::debug!(%error, "a connection keeps its large cache");
                }
                Ok(())
            })
        })
}
