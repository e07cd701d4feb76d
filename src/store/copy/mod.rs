//! Moves everything from one database to another, of the same kind or not: all of it or nothing.

mod schema;
mod source;
mod table;

use std::time::Duration;

use sqlx::Executor as _;

use super::database::DatabaseKind;
use super::{Database, StoreError};
use schema::Table;
use source::Source;

/// Why nothing was copied.
#[derive(Debug, thiserror::Error)]
pub enum CopyError {
    /// A database refused or could not be reached.
    #[error("the {side} database: {error}")]
    Store {
        /// Which of the two: `source` or `target`.
        side: &'static str,
        /// What it says.
        error: StoreError,
    },
    /// There is nothing to copy from.
    #[error("the source database is no Stationmaster database, or an empty one")]
    NoSource,
    /// The schemas differ.
    #[error(
        "the source database has schema {found} and this version works with {known}; start the server of this version \
         on it once, then copy"
    )]
    Schema {
        /// The schema of the source.
        found: i64,
        /// Ours.
        known: i64,
    },
    /// Somebody works with the source.
    #[error("the source database is in use; stop every server and command that works with it, then copy")]
    InUse,
    /// The target is no empty database.
    #[error("the target database holds data already ({rows} rows in `{table}`); give an empty database")]
    NotEmpty {
        /// A table that holds rows.
        table: String,
        /// How many.
        rows: i64,
    },
    /// What arrived is not what was sent.
    #[error("`{table}` has {source_rows} rows in the source and {target_rows} in the target; nothing was kept")]
    Counts {
        /// The table.
        table: String,
        /// Rows in the source.
        source_rows: i64,
        /// Rows in the target.
        target_rows: i64,
    },
    /// A row could not be carried over.
    #[error("a row of `{table}` could not be copied: {error}; nothing was kept")]
    Row {
        /// The table.
        table: String,
        /// What the database says.
        error: StoreError,
    },
}

/// A table that was copied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CopiedTable {
    /// Its name.
    pub name: String,
    /// Its rows, as counted in the target.
    pub rows: i64,
}

/// How far a copy has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CopyProgress<'t> {
    /// The table under way.
    pub table: &'t str,
    /// Rows copied so far, of all tables.
    pub rows: i64,
    /// Rows to copy, of all tables.
    pub of: i64,
}

/// A large table may take long, and whoever copies looks on.
const STATEMENT_TIMEOUT: Duration = Duration::from_hours(24);

/// What is told how far a copy has come.
pub type ShowProgress<'p> = dyn FnMut(CopyProgress<'_>) + Send + 'p;

fn source_fault(error: impl Into<StoreError>) -> CopyError {
    CopyError::Store { side: "source", error: error.into() }
}

fn target_fault(error: impl Into<StoreError>) -> CopyError {
    CopyError::Store { side: "target", error: error.into() }
}

/// Copies every table from the database at `from` to the empty one at `to`, whose schema is made first.
///
/// Nobody else may use the source: on SQLite it is locked, on PostgreSQL nobody else may be connected, and its tables are
/// locked against writers. The target gets all of it in one transaction, which is kept only if each table has as many
/// rows there as in the source.
pub async fn copy(from: &str, to: &str, progress: &mut ShowProgress<'_>) -> Result<Vec<CopiedTable>, CopyError> {
    sqlx::any::install_default_drivers();
    let mut source = Source::open(from).await?;
    let tables = source.tables().await?;
    let target = Database::connect(to, STATEMENT_TIMEOUT).await.map_err(target_fault)?;
    target.migrate().await.map_err(target_fault)?;
    let copied = fill(&mut source, &target, (&tables, progress)).await;
    target.close().await;
    source.close().await;
    copied
}

async fn fill(
    source: &mut Source,
    target: &Database,
    (tables, progress): (&[Table], &mut ShowProgress<'_>),
) -> Result<Vec<CopiedTable>, CopyError> {
    let mut into = target.begin().await.map_err(target_fault)?;
    let mut wanted = Vec::with_capacity(tables.len());
    for table in tables {
        let rows = table.count(&mut into).await.map_err(target_fault)?;
        if rows > 0 {
            return Err(CopyError::NotEmpty { table: table.name.clone(), rows });
        }
        wanted.push(table.count(source.connection()).await.map_err(source_fault)?);
    }
    let of = wanted.iter().sum();
    let mut copied = Vec::with_capacity(tables.len());
    let mut before = 0;
    for (table, source_rows) in tables.iter().zip(wanted) {
        let mut report = |done: i64| progress(CopyProgress { table: &table.name, rows: before + done, of });
        table::copy(table, source.connection(), (&mut into, &mut report)).await?;
        let target_rows = table.count(&mut into).await.map_err(target_fault)?;
        if target_rows != source_rows {
            return Err(CopyError::Counts { table: table.name.clone(), source_rows, target_rows });
        }
        before += source_rows;
        copied.push(CopiedTable { name: table.name.clone(), rows: target_rows });
    }
    into.commit().await.map_err(target_fault)?;
    if target.kind() == DatabaseKind::Postgres {
        // Without statistics its first hours would be slow.
        target.writer().execute("ANALYZE").await.map_err(target_fault)?;
    }
    Ok(copied)
}
