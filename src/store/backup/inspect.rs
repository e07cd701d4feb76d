//! What a copy holds, and whether it is whole and of a schema that this version knows.

use std::path::Path;

use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{AssertSqlSafe, Connection as _, Executor as _, Row as _};

use super::{BackupError, at};
use crate::store::database::MIGRATIONS;

/// What a copy holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inspected {
    /// Its size.
    pub bytes: u64,
    /// Its rows in all tables, those about the schema itself left out.
    pub rows: i64,
    /// Its tables.
    pub tables: usize,
    /// The number of its last migration.
    pub schema: i64,
}

/// Looks at every page of a file that nobody writes to.
pub(super) async fn inspect(file: &Path) -> Result<Inspected, BackupError> {
    let bytes = std::fs::metadata(file).map_err(at(file))?.len();
    let options = SqliteConnectOptions::new().filename(file).read_only(true).immutable(true);
    let looked = async {
        let mut database = SqliteConnection::connect_with(&options).await?;
        let found = look(&mut database).await;
        database.close().await?;
        found
    };
    let strange = |why: String| BackupError::Strange { file: file.to_owned(), why };
    let look = looked.await.map_err(|error: sqlx::Error| strange(crate::store::detail(&error)))?;
    if look.faults != ["ok"] {
        return Err(strange(format!("it is damaged: {}", look.faults.join("; "))));
    }
    let Some(schema) = look.schema else { return Err(strange("it holds none of its tables".to_owned())) };
    let known = MIGRATIONS.iter().map(|migration| migration.version).max().unwrap_or_default();
    if schema > known {
        return Err(BackupError::Newer { file: file.to_owned(), found: schema, known });
    }
    Ok(Inspected { bytes, rows: look.rows, tables: look.tables, schema })
}

struct Look {
    faults: Vec<String>,
    schema: Option<i64>,
    rows: i64,
    tables: usize,
}

async fn look(database: &mut SqliteConnection) -> Result<Look, sqlx::Error> {
    let faults = sqlx::query_scalar("PRAGMA integrity_check(5)").fetch_all(&mut *database).await?;
    let tables: Vec<String> = sqlx::query_scalar(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'",
    )
    .fetch_all(&mut *database)
    .await?;
    let ours = ["_sqlx_migrations", "deliveries", "outbox"];
    if !ours.iter().all(|name| tables.iter().any(|table| table == name)) {
        return Ok(Look { faults, schema: None, rows: 0, tables: 0 });
    }
    let schema = sqlx::query_scalar("SELECT MAX(version) FROM _sqlx_migrations").fetch_one(&mut *database).await?;
    let mut rows = 0;
    let counted: Vec<&String> = tables.iter().filter(|table| *table != "_sqlx_migrations").collect();
    for table in &counted {
        let count = database.fetch_one(AssertSqlSafe(format!("SELECT COUNT(*) FROM \"{table}\""))).await?;
        rows += count.try_get::<i64, _>(0)?;
    }
    Ok(Look { faults, schema, rows, tables: counted.len() })
}
