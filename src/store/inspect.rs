//! A look at the database as it is: nothing is created, migrated or changed.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use sqlx::any::AnyConnectOptions;
use sqlx::{AnyConnection, Connection, Executor};

use super::StoreError;
use super::database::{DatabaseKind, kind_of, migration_versions};

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DatabaseLook {
    /// Which database it is.
    pub kind: DatabaseKind,
    /// The file, where it is one.
    pub file: Option<PathBuf>,
    /// Whether there is a database; a SQLite file is made by the first server.
    pub exists: bool,
    /// How many migrations are still to be applied; the next server does so.
    pub pending: usize,
    /// How many were applied that this program does not know, as it is older than the one that applied them.
    pub unknown: usize,
    /// Why nothing can be written, if so.
    pub read_only: Option<String>,
    /// Whether the journal is a write-ahead log, without which readers and writers wait for each other.
    pub has_wal: bool,
    /// How large it is, in bytes.
    pub size_bytes: u64,
    /// How large its log is, in bytes, where it is a file of its own.
    pub log_bytes: u64,
}

/// Looks at the database at `address`.
///
/// # Errors
/// Whatever keeps it from being opened or read.
pub async fn inspect(address: &str) -> Result<DatabaseLook, StoreError> {
    sqlx::any::install_default_drivers();
    let kind = kind_of(address)?;
    let file = (kind == DatabaseKind::Sqlite).then(|| file_of(address));
    let empty = DatabaseLook {
        kind,
        file: file.clone(),
        exists: false,
        pending: migration_versions().len(),
        unknown: 0,
        read_only: None,
        has_wal: true,
        size_bytes: 0,
        log_bytes: 0,
    };
    if file.as_deref().is_some_and(|file| !file.exists()) {
        return Ok(empty);
    }
    let mut connection = AnyConnection::connect_with(&options(address, kind)?).await?;
    let (pending, unknown) = migrations(&mut connection, kind).await?;
    let found = DatabaseLook { exists: true, pending, unknown, ..empty };
    let found = match (kind, file) {
        (DatabaseKind::Sqlite, Some(file)) => sqlite(&mut connection, &file, found).await?,
        (DatabaseKind::Sqlite, None) | (DatabaseKind::Postgres, _) => postgres(&mut connection, found).await?,
    };
    connection.close().await?;
    Ok(found)
}

fn options(address: &str, kind: DatabaseKind) -> Result<AnyConnectOptions, StoreError> {
    let address = match kind {
        // Neither made where it is not there, nor opened for reading only, which would need no lock.
        DatabaseKind::Sqlite => format!("{address}{}mode=rw", if address.contains('?') { '&' } else { '?' }),
        DatabaseKind::Postgres => address.to_owned(),
    };
    Ok(address.parse()?)
}

/// The file of a SQLite address (`sqlite://path?parameters`).
pub(super) fn file_of(address: &str) -> PathBuf {
    let path = address.trim_start_matches("sqlite:");
    let path = path.strip_prefix("//").unwrap_or(path);
    PathBuf::from(path.split('?').next().unwrap_or_default())
}

/// How many migrations are missing, and how many there are beyond those that are known.
async fn migrations(connection: &mut AnyConnection, kind: DatabaseKind) -> Result<(usize, usize), StoreError> {
    let table = match kind {
        DatabaseKind::Sqlite => "SELECT COUNT(*) FROM sqlite_master WHERE name = '_sqlx_migrations'",
        DatabaseKind::Postgres => {
            "SELECT COUNT(*) FROM information_schema.tables WHERE table_name = '_sqlx_migrations'"
        }
    };
    let is_there: i64 = sqlx::query_scalar(table).fetch_one(&mut *connection).await?;
    let mut applied = BTreeSet::new();
    if is_there > 0 {
        let rows = sqlx::query_scalar::<_, i64>("SELECT version FROM _sqlx_migrations");
        applied.extend(rows.fetch_all(&mut *connection).await?);
    }
    let known: BTreeSet<i64> = migration_versions().into_iter().collect();
    Ok((known.difference(&applied).count(), applied.difference(&known).count()))
}

async fn sqlite(connection: &mut AnyConnection, file: &Path, found: DatabaseLook) -> Result<DatabaseLook, StoreError> {
    let journal: String = sqlx::query_scalar("PRAGMA journal_mode").fetch_one(&mut *connection).await?;
    // The write lock is only given where something could be written; nothing is.
    let locked = connection.execute("PRAGMA busy_timeout = 3000; BEGIN IMMEDIATE; ROLLBACK;").await;
    let size = |path: &Path| std::fs::metadata(path).map_or(0, |found| found.len());
    let mut log = file.as_os_str().to_owned();
    log.push("-wal");
    Ok(DatabaseLook {
        read_only: locked.err().map(|fault| StoreError::from(fault).to_string()),
        has_wal: journal == "wal",
        size_bytes: size(file),
        log_bytes: size(Path::new(&log)),
        ..found
    })
}

async fn postgres(connection: &mut AnyConnection, found: DatabaseLook) -> Result<DatabaseLook, StoreError> {
    let size: i64 =
        sqlx::query_scalar("SELECT pg_database_size(current_database())").fetch_one(&mut *connection).await?;
    let read_only: String =
        sqlx::query_scalar("SELECT current_setting('transaction_read_only')").fetch_one(&mut *connection).await?;
    let read_only = (read_only == "on").then(|| "it takes no changes: it is a standby, or set to read only".to_owned());
    Ok(DatabaseLook { read_only, size_bytes: u64::try_from(size).unwrap_or_default(), ..found })
}
