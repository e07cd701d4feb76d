//! Carries the rows of one table over, many in one statement.

use futures::TryStreamExt as _;
use sqlx::any::{AnyArguments, AnyRow};
use sqlx::query::Query;
use sqlx::{Any, AnyConnection, AssertSqlSafe, Row as _};

use super::schema::{ColumnKind, Table};
use super::{CopyError, source_fault};

/// Rows in one statement.
const ROWS_MAX: usize = 200;
/// Bound values in one statement: SQLite takes 32,766 (<https://www.sqlite.org/limits.html#max_variable_number>).
const VALUES_MAX: usize = 30_000;
/// Bytes in one statement: a delivery alone may have 25 MiB.
const BYTES_MAX: usize = 4 << 20;

/// A value on its way.
enum Cell {
    Text(Option<String>),
    Number(Option<i64>),
    Bytes(Option<Vec<u8>>),
}

impl Cell {
    fn read(row: &AnyRow, place: usize, kind: ColumnKind) -> Result<Self, sqlx::Error> {
        Ok(match kind {
            ColumnKind::Text => Self::Text(row.try_get(place)?),
            ColumnKind::Number => Self::Number(row.try_get(place)?),
            ColumnKind::Bytes => Self::Bytes(row.try_get(place)?),
        })
    }

    fn bytes(&self) -> usize {
        match self {
            Self::Text(text) => text.as_ref().map_or(0, String::len),
            Self::Number(_) => 8,
            Self::Bytes(bytes) => bytes.as_ref().map_or(0, Vec::len),
        }
    }

    fn bind(self, query: Query<'_, Any, AnyArguments>) -> Query<'_, Any, AnyArguments> {
        match self {
            Self::Text(text) => query.bind(text),
            Self::Number(number) => query.bind(number),
            Self::Bytes(bytes) => query.bind(bytes),
        }
    }
}

/// Copies all rows; `report` hears how many were copied so far.
pub(super) async fn copy(
    table: &Table,
    source: &mut AnyConnection,
    (target, report): (&mut AnyConnection, &mut (dyn FnMut(i64) + Send)),
) -> Result<(), CopyError> {
    let fault = |error: sqlx::Error| CopyError::Row { table: table.name.clone(), error: error.into() };
    let select = format!("SELECT {} FROM \"{}\"", table.column_list(), table.name);
    let mut rows = sqlx::query(AssertSqlSafe(select)).fetch(source);
    let rows_max = ROWS_MAX.min(VALUES_MAX / table.columns.len().max(1)).max(1);
    let (mut batch, mut bytes, mut copied) = (Vec::new(), 0, 0);
    report(0);
    while let Some(row) = rows.try_next().await.map_err(source_fault)? {
        let cells = table.columns.iter().enumerate().map(|(place, (_, kind))| Cell::read(&row, place, *kind));
        let cells: Vec<Cell> = cells.collect::<Result<_, _>>().map_err(fault)?;
        bytes += cells.iter().map(Cell::bytes).sum::<usize>();
        batch.push(cells);
        copied += 1;
        if batch.len() >= rows_max || bytes >= BYTES_MAX {
            insert(table, std::mem::take(&mut batch), target).await.map_err(fault)?;
            bytes = 0;
            report(copied);
        }
    }
    insert(table, batch, target).await.map_err(fault)?;
    report(copied);
    Ok(())
}

async fn insert(table: &Table, batch: Vec<Vec<Cell>>, target: &mut AnyConnection) -> Result<(), sqlx::Error> {
    if batch.is_empty() {
        return Ok(());
    }
    let width = table.columns.len();
    let row = |number: usize| {
        let places: Vec<String> = (1..=width).map(|place| format!("${}", number * width + place)).collect();
        format!("({})", places.join(", "))
    };
    let rows: Vec<String> = (0..batch.len()).map(row).collect();
    let sql = format!("INSERT INTO \"{}\" ({}) VALUES {}", table.name, table.column_list(), rows.join(", "));
    // Each size of a batch would be another statement to keep.
    let mut query = sqlx::query(AssertSqlSafe(sql)).persistent(false);
    for cell in batch.into_iter().flatten() {
        query = cell.bind(query);
    }
    query.execute(target).await?;
    Ok(())
}
