//! Databases for tests: each has one of its own, and most begin with a copy of one whose schema is up to date.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use sha2::{Digest as _, Sha256};
use sqlx::postgres::PgConnection;
use sqlx::{Connection as _, Executor as _};
use stationmaster::model::SystemClock;
use stationmaster::store::Store;
use tokio::sync::OnceCell;

use crate::world::On;

/// An address of a fresh, empty database.
pub async fn fresh_database(on: On, folder: &Path) -> String {
    match on {
        On::Sqlite => format!("sqlite://{}", folder.join("world.db").display()),
        On::Postgres => {
            let name = new_name();
            // FILE_COPY needs a checkpoint; copying the log does not, and what is copied is small.
            administer(&format!("CREATE DATABASE {name} STRATEGY wal_log")).await.unwrap();
            address(&name)
        }
    }
}

/// An address of a fresh database that holds nothing but the present schema.
pub async fn migrated_database(on: On, folder: &Path) -> String {
    match on {
        On::Sqlite => {
            static MIGRATED: OnceCell<(tempfile::TempDir, PathBuf)> = OnceCell::const_new();
            let (_, migrated) = MIGRATED.get_or_init(migrated_file).await;
            let file = folder.join("world.db");
            std::fs::copy(migrated, &file).unwrap();
            format!("sqlite://{}", file.display())
        }
        On::Postgres => {
            static MIGRATED: OnceCell<String> = OnceCell::const_new();
            let migrated = MIGRATED.get_or_init(migrated_template).await;
            let name = new_name();
            administer(&format!("CREATE DATABASE {name} TEMPLATE {migrated} STRATEGY wal_log")).await.unwrap();
            address(&name)
        }
    }
}

/// Drops what one of the two above made.
pub async fn drop_database(address: &str) {
    if address.starts_with("postgres") {
        let name = address.rsplit('/').next().unwrap();
        administer(&format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).await.unwrap();
    }
}

async fn migrated_file() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    migrate(&fresh_database(On::Sqlite, folder.path()).await).await;
    let file = folder.path().join("world.db");
    (folder, file)
}

/// A database under a name that tells its schema, so that the next run finds it again.
async fn migrated_template() -> String {
    let wanted = format!("migrated_{}", fingerprint());
    let mut admin = PgConnection::connect(&server()).await.unwrap();
    let is_there: Option<i32> = sqlx::query_scalar("SELECT 1 FROM pg_database WHERE datname = $1")
        .bind(&wanted)
        .fetch_optional(&mut admin)
        .await
        .unwrap();
    if is_there.is_none() {
        let made = fresh_database(On::Postgres, Path::new("")).await;
        migrate(&made).await;
        let name = made.rsplit('/').next().unwrap();
        if administer(&format!("ALTER DATABASE {name} RENAME TO {wanted}")).await.is_err() {
            // Another run was faster.
            drop_database(&made).await;
        }
    }
    wanted
}

async fn migrate(address: &str) {
    let store = Store::open(address, Arc::new(SystemClock)).await.unwrap();
    store.database().close().await;
}

/// Differs as soon as a migration does.
fn fingerprint() -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations");
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().path()).collect();
    files.sort();
    let mut hash = Sha256::new();
    for file in files {
        hash.update(std::fs::read(file).unwrap());
    }
    let first: [u8; 8] = hash.finalize()[..8].try_into().unwrap();
    format!("{:016x}", u64::from_be_bytes(first))
}

fn new_name() -> String {
    format!("world_{:016x}", rand::random::<u64>())
}

fn server() -> String {
    std::env::var("STATIONMASTER_TEST_POSTGRES").expect(
        "start the tests with tests/run, which starts a PostgreSQL server for them, or set \
         STATIONMASTER_TEST_POSTGRES to the address of one where databases may be created",
    )
}

fn address(name: &str) -> String {
    let server = server();
    let (server, _) = server.rsplit_once('/').unwrap();
    format!("{server}/{name}")
}

async fn administer(sql: &str) -> sqlx::Result<()> {
    let mut admin = PgConnection::connect(&server()).await?;
    admin.execute(sqlx::AssertSqlSafe(sql.to_owned())).await?;
    admin.close().await
}
