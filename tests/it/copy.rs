//! Everything is copied from one kind of database to the other, value by value, or nothing is.

use std::collections::BTreeMap;
use std::sync::Arc;

use sqlx::any::AnyPoolOptions;
use sqlx::{AnyPool, AssertSqlSafe, Executor, Row};
use stationmaster::model::{ManualClock, Timestamp};
use stationmaster::store::{CopyError, Store, copy};

use crate::world::{On, drop_database, fresh_database};

/// Rows in each table: more than one statement takes.
const ROWS: i64 = 210;

async fn migrated(address: &str) {
    let clock = Arc::new(ManualClock::at(Timestamp(1_795_262_400_000)));
    Store::open(address, clock).await.unwrap().database().close().await;
}

async fn pool(address: &str) -> AnyPool {
    sqlx::any::install_default_drivers();
    AnyPoolOptions::new().max_connections(1).connect(address).await.unwrap()
}

/// Every table with its columns, as `text`, `bigint` or `bytea`, and whether they may be null.
async fn columns(pool: &AnyPool, on: On) -> BTreeMap<String, Vec<(String, String, bool)>> {
    let sql = match on {
        On::Sqlite => {
            "SELECT m.name, c.name, c.type, c.\"notnull\" FROM sqlite_master m, pragma_table_info(m.name) c \
             WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite%' ORDER BY m.name, c.cid"
        }
        On::Postgres => {
            "SELECT table_name::text, column_name::text, data_type::text, \
               CASE is_nullable WHEN 'NO' THEN 1::bigint ELSE 0::bigint END \
             FROM information_schema.columns WHERE table_schema = 'public' ORDER BY table_name, ordinal_position"
        }
    };
    let mut tables: BTreeMap<String, Vec<(String, String, bool)>> = BTreeMap::new();
    for row in pool.fetch_all(sql).await.unwrap() {
        let (table, column, kind): (String, String, String) = (row.get(0), row.get(1), row.get(2));
        tables.entry(table).or_default().push((column, kind.to_lowercase(), row.get::<i64, _>(3) == 0));
    }
    tables.remove("_sqlx_migrations");
    assert!(tables.len() > 25, "{tables:?}");
    tables
}

/// Fills every table with rows that hold what is awkward: nulls, empty texts, quotes, other scripts, zero bytes.
async fn fill(address: &str, on: On) {
    let pool = pool(address).await;
    let tables = columns(&pool, on).await;
    let mut begun = pool.begin().await.unwrap();
    for (table, columns) in tables {
        let names: Vec<&str> = columns.iter().map(|(name, ..)| name.as_str()).collect();
        let places: Vec<String> = (1..=names.len()).map(|place| format!("${place}")).collect();
        let sql = format!("INSERT INTO {table} ({}) VALUES ({})", names.join(", "), places.join(", "));
        for row in 0..ROWS {
            let mut query = sqlx::query(AssertSqlSafe(sql.clone()));
            for (place, (_, kind, nullable)) in columns.iter().enumerate() {
                let is_null = *nullable && (row + i64::try_from(place).unwrap()) % 3 == 0;
                query = match kind.as_str() {
                    "text" => query.bind((!is_null).then(|| format!("{row}/{place} “Ø” 'x' \"y\" \\ {{}} 🚉"))),
                    "bigint" => query.bind((!is_null).then_some(i64::MAX - row)),
                    "bytea" => query.bind((!is_null).then(|| vec![0, 255, u8::try_from(row % 256).unwrap(), 0])),
                    other => panic!("{table} has a column of the type {other}"),
                };
            }
            query.execute(&mut *begun).await.unwrap();
        }
    }
    begun.commit().await.unwrap();
    pool.close().await;
}

/// Every row of every table, as text.
async fn everything(address: &str, on: On) -> BTreeMap<String, Vec<String>> {
    let pool = pool(address).await;
    let mut all = BTreeMap::new();
    for (table, columns) in columns(&pool, on).await {
        let names: Vec<&str> = columns.iter().map(|(name, ..)| name.as_str()).collect();
        let sql = format!("SELECT {} FROM {table}", names.join(", "));
        let mut rows = Vec::new();
        for row in pool.fetch_all(AssertSqlSafe(sql)).await.unwrap() {
            let shown = columns.iter().enumerate().map(|(place, (name, kind, _))| match kind.as_str() {
                "text" => format!("{name}={:?}", row.get::<Option<String>, _>(place)),
                "bigint" => format!("{name}={:?}", row.get::<Option<i64>, _>(place)),
                _ => format!("{name}={:?}", row.get::<Option<Vec<u8>>, _>(place)),
            });
            let mut shown: Vec<String> = shown.collect();
            shown.sort();
            rows.push(shown.join(" "));
        }
        rows.sort();
        all.insert(table, rows);
    }
    pool.close().await;
    all
}

/// Two empty databases of our schema.
struct Pair {
    from: String,
    to: String,
    _folders: [tempfile::TempDir; 2],
}

impl Pair {
    async fn new(from: On, to: On) -> Self {
        let folders = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
        let pair = Self {
            from: fresh_database(from, folders[0].path()).await,
            to: fresh_database(to, folders[1].path()).await,
            _folders: folders,
        };
        migrated(&pair.from).await;
        pair
    }

    async fn copy(&self) -> Result<Vec<stationmaster::store::CopiedTable>, CopyError> {
        copy(&self.from, &self.to, &mut |_| ()).await
    }

    async fn gone(self) {
        drop_database(&self.from).await;
        drop_database(&self.to).await;
    }
}

async fn arrives(from: On, to: On) {
    let pair = Pair::new(from, to).await;
    fill(&pair.from, from).await;
    let before = everything(&pair.from, from).await;
    let mut last = (0, 0);
    let copied = copy(&pair.from, &pair.to, &mut |at| {
        assert!(at.rows >= last.0, "it goes forward");
        last = (at.rows, at.of);
    })
    .await
    .unwrap();
    assert_eq!(copied.len(), before.len());
    assert!(copied.iter().all(|table| table.rows == ROWS), "{copied:?}");
    let all = ROWS * i64::try_from(before.len()).unwrap();
    assert_eq!(last, (all, all));
    assert!(everything(&pair.to, to).await == before, "every value is what it was");
    assert!(everything(&pair.from, from).await == before, "the source is as it was");
    // A second copy would mix two states.
    let again = pair.copy().await.unwrap_err();
    assert!(again.to_string().starts_with("the target database holds data already (210 rows in `"), "{again}");
    pair.gone().await;
}

#[tokio::test]
async fn everything_arrives_from_sqlite_on_postgres() {
    arrives(On::Sqlite, On::Postgres).await;
}

#[tokio::test]
async fn everything_arrives_from_postgres_on_sqlite() {
    arrives(On::Postgres, On::Sqlite).await;
}

async fn used(on: On) {
    let other = if on == On::Sqlite { On::Postgres } else { On::Sqlite };
    let pair = Pair::new(on, other).await;
    let store = Store::open(&pair.from, Arc::new(ManualClock::at(Timestamp(1)))).await.unwrap();
    let refused = pair.copy().await.unwrap_err();
    assert!(matches!(refused, CopyError::InUse), "{refused}");
    assert!(refused.to_string().starts_with("the source database is in use; stop every server"), "{refused}");
    // And whoever uses it goes on.
    store.ping().await.unwrap();
    crate::store_tasks::know(&store, crate::store_tasks::HOME, "octo/station").await;
    store.database().close().await;
    let copied = pair.copy().await.unwrap();
    assert_eq!(copied.iter().find(|table| table.name == "repositories").unwrap().rows, 1);
    pair.gone().await;
}

#[tokio::test]
async fn a_sqlite_database_that_a_server_uses_is_not_copied() {
    used(On::Sqlite).await;
}

#[tokio::test]
async fn a_postgres_database_that_a_server_uses_is_not_copied() {
    used(On::Postgres).await;
}

#[tokio::test]
async fn what_cannot_be_carried_over_leaves_the_target_empty() {
    let pair = Pair::new(On::Sqlite, On::Postgres).await;
    let source = pool(&pair.from).await;
    source.execute("INSERT INTO facts (name, value, updated_ms) VALUES ('a', 'good', 1)").await.unwrap();
    // PostgreSQL's texts hold no zero byte.
    let bad = "INSERT INTO worker_loads (worker, version) VALUES ('a' || char(0) || 'b', 1)";
    source.execute(bad).await.unwrap();
    source.close().await;
    let refused = pair.copy().await.unwrap_err().to_string();
    assert!(refused.starts_with("a row of `worker_loads` could not be copied"), "{refused}");
    assert!(everything(&pair.to, On::Postgres).await.values().all(Vec::is_empty), "nothing was kept");
    pair.gone().await;
}

#[tokio::test]
async fn a_source_that_is_not_ours_or_of_another_release_is_refused() {
    let pair = Pair::new(On::Sqlite, On::Sqlite).await;
    let source = pool(&pair.from).await;
    source
        .execute("DELETE FROM _sqlx_migrations WHERE version = (SELECT MAX(version) FROM _sqlx_migrations)")
        .await
        .unwrap();
    source.close().await;
    let older = pair.copy().await.unwrap_err().to_string();
    assert!(older.contains("start the server of this version on it once, then copy"), "{older}");
    let folder = tempfile::tempdir().unwrap();
    let missing = format!("sqlite://{}", folder.path().join("no.db").display());
    let refused = copy(&missing, &pair.to, &mut |_| ()).await.unwrap_err().to_string();
    assert!(refused.starts_with("the source database: "), "{refused}");
    assert!(!folder.path().join("no.db").exists(), "nothing is created");
    std::fs::write(folder.path().join("empty.db"), "").unwrap();
    let empty = format!("sqlite://{}", folder.path().join("empty.db").display());
    let refused = copy(&empty, &pair.to, &mut |_| ()).await.unwrap_err().to_string();
    assert_eq!(refused, "the source database is no Stationmaster database, or an empty one");
    pair.gone().await;
}
