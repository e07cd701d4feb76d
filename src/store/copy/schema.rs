//! Which tables a database has, and of what their columns are.

use sqlx::{AnyConnection, AssertSqlSafe, Row as _};

use crate::store::StoreError;
use crate::store::database::DatabaseKind;

/// What a column holds; the schema knows no more than these.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ColumnKind {
    Text,
    Number,
    Bytes,
}

/// A table with its columns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Table {
    pub(super) name: String,
    pub(super) columns: Vec<(String, ColumnKind)>,
}

impl Table {
    pub(super) async fn count(&self, connection: &mut AnyConnection) -> Result<i64, sqlx::Error> {
        let sql = format!("SELECT COUNT(*) FROM \"{}\"", self.name);
        sqlx::query_scalar(AssertSqlSafe(sql)).fetch_one(connection).await
    }

    /// The columns' names, as both databases write them.
    pub(super) fn column_list(&self) -> String {
        self.columns.iter().map(|(name, _)| format!("\"{name}\"")).collect::<Vec<_>>().join(", ")
    }
}

/// The names of all tables of ours, sorted; what the migrations note about themselves is the target's own.
pub(super) async fn names(connection: &mut AnyConnection, kind: DatabaseKind) -> Result<Vec<String>, sqlx::Error> {
    let sql = match kind {
        DatabaseKind::Sqlite => {
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' \
             AND name <> '_sqlx_migrations' ORDER BY name"
        }
        DatabaseKind::Postgres => {
            "SELECT table_name::text FROM information_schema.tables WHERE table_schema = current_schema() \
             AND table_type = 'BASE TABLE' AND table_name <> '_sqlx_migrations' ORDER BY table_name"
        }
    };
    sqlx::query_scalar(sql).fetch_all(connection).await
}

/// All tables with their columns.
pub(super) async fn tables(connection: &mut AnyConnection, kind: DatabaseKind) -> Result<Vec<Table>, StoreError> {
    let mut tables = Vec::new();
    for name in names(connection, kind).await? {
        let sql = match kind {
            DatabaseKind::Sqlite => "SELECT name, type FROM pragma_table_info($1) ORDER BY cid",
            DatabaseKind::Postgres => {
                "SELECT column_name::text, data_type::text FROM information_schema.columns \
                 WHERE table_schema = current_schema() AND table_name = $1 ORDER BY ordinal_position"
            }
        };
        let mut columns = Vec::new();
        for row in sqlx::query(sql).bind(name.as_str()).fetch_all(&mut *connection).await? {
            let (column, written): (String, String) = (row.try_get(0)?, row.try_get(1)?);
            let kind = match written.to_ascii_lowercase().as_str() {
                "text" => ColumnKind::Text,
                "bigint" => ColumnKind::Number,
                "bytea" => ColumnKind::Bytes,
                other => return Err(StoreError::corrupt(format!("column {name}.{column} is of the type {other}"))),
            };
            columns.push((column, kind));
        }
        tables.push(Table { name, columns });
    }
    Ok(tables)
}
