//! A copy of the database is whole, is made while others write, and is put back only where nobody is at work.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{Connection, Executor};
use stationmaster::model::{ManualClock, Timestamp};
use stationmaster::store::{BackupError, Store, back_up, restore};

use crate::store_tasks::{HOME, know};

const NOW: Timestamp = Timestamp(1_795_262_400_000);

struct Yard {
    folder: tempfile::TempDir,
}

impl Yard {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn address(&self) -> String {
        format!("sqlite://{}", self.path("station.db").display())
    }

    async fn open(&self) -> Store {
        Store::open(&self.address(), Arc::new(ManualClock::at(NOW))).await.unwrap()
    }

    /// The names of everything in the folder.
    fn files(&self) -> Vec<String> {
        let entries = std::fs::read_dir(self.folder.path()).unwrap();
        let mut names: Vec<String> =
            entries.map(|entry| entry.unwrap().file_name().to_str().unwrap().to_owned()).collect();
        names.sort();
        names
    }
}

async fn facts(file: &Path) -> Vec<String> {
    let options = SqliteConnectOptions::new().filename(file).read_only(true).immutable(true);
    let mut database = SqliteConnection::connect_with(&options).await.unwrap();
    sqlx::query_scalar("SELECT value FROM facts ORDER BY name").fetch_all(&mut database).await.unwrap()
}

async fn note(file: &Path, name: &str, value: &str) {
    let mut database = SqliteConnection::connect_with(&SqliteConnectOptions::new().filename(file)).await.unwrap();
    let insert = sqlx::query("INSERT INTO facts (name, value, updated_ms) VALUES ($1, $2, 1)");
    insert.bind(name).bind(value).execute(&mut database).await.unwrap();
    database.close().await.unwrap();
}

#[tokio::test]
async fn a_copy_of_an_open_database_holds_what_was_written_up_to_then() {
    let yard = Yard::new();
    let store = yard.open().await;
    know(&store, HOME, "octo/station").await;
    note(&yard.path("station.db"), "a", "before").await;
    let kept = back_up(&yard.address(), &yard.path("kept.db"), false).await.unwrap();
    note(&yard.path("station.db"), "b", "after").await;
    assert_eq!(facts(&yard.path("kept.db")).await, ["before"]);
    assert!(kept.rows >= 2 && kept.tables > 20 && kept.schema >= 7, "{kept:?}");
    assert_eq!(kept.bytes, std::fs::metadata(yard.path("kept.db")).unwrap().len());
    assert!(!yard.files().iter().any(|name| name.contains(".part")), "{:?}", yard.files());
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = std::fs::metadata(yard.path("kept.db")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "only its owner may read it");
    }
    store.database().close().await;
}

#[tokio::test]
async fn a_file_that_is_there_is_kept_unless_force_is_given() {
    let yard = Yard::new();
    let store = yard.open().await;
    std::fs::write(yard.path("kept.db"), "something else").unwrap();
    let refused = back_up(&yard.address(), &yard.path("kept.db"), false).await.unwrap_err();
    assert!(refused.to_string().ends_with("is there already; name another file, or give --force"), "{refused}");
    assert_eq!(std::fs::read_to_string(yard.path("kept.db")).unwrap(), "something else");
    back_up(&yard.address(), &yard.path("kept.db"), true).await.unwrap();
    assert_eq!(facts(&yard.path("kept.db")).await, [""; 0]);
    store.database().close().await;
}

#[tokio::test]
async fn the_database_is_never_written_over_by_its_own_copy() {
    let yard = Yard::new();
    let store = yard.open().await;
    let roundabout = yard.folder.path().join("..").join(yard.folder.path().file_name().unwrap()).join("station.db");
    for file in [yard.path("station.db"), roundabout, yard.path("station.db-wal"), yard.path("station.db-journal")] {
        let refused = back_up(&yard.address(), &file, true).await.unwrap_err();
        assert!(matches!(refused, BackupError::Itself(_)), "{}: {refused}", file.display());
    }
    store.ping().await.unwrap();
    store.database().close().await;
}

#[tokio::test]
async fn what_cannot_be_copied_is_refused_in_a_sentence() {
    let yard = Yard::new();
    let missing = back_up(&yard.address(), &yard.path("kept.db"), false).await.unwrap_err();
    assert!(missing.to_string().ends_with("station.db is not there"), "{missing}");
    let postgres = back_up("postgres://u:secret@db/x", &yard.path("kept.db"), false).await.unwrap_err().to_string();
    assert!(postgres.contains("`pg_dump --format=custom`") && !postgres.contains("secret"), "{postgres}");
    let store = yard.open().await;
    let nowhere = back_up(&yard.address(), &yard.path("no/such/kept.db"), false).await.unwrap_err();
    assert!(nowhere.to_string().contains("no/such"), "{nowhere}");
    store.database().close().await;
    assert!(!yard.path("kept.db").exists());
}

#[tokio::test]
async fn a_copy_takes_the_place_of_the_database_and_the_one_before_is_kept() {
    let yard = Yard::new();
    let store = yard.open().await;
    note(&yard.path("station.db"), "a", "kept").await;
    back_up(&yard.address(), &yard.path("kept.db"), false).await.unwrap();
    note(&yard.path("station.db"), "b", "lost").await;
    let refused = restore(&yard.address(), &yard.path("kept.db"), NOW).await.unwrap_err();
    assert!(matches!(refused, BackupError::InUse(_)), "{refused}");
    assert!(refused.to_string().ends_with("is in use; stop the server first"), "{refused}");
    store.database().close().await;

    let restored = restore(&yard.address(), &yard.path("kept.db"), NOW).await.unwrap();
    let before = restored.before.unwrap();
    assert_eq!(before, yard.path("station.db.before-restore-20261121T120000Z"));
    assert_eq!(facts(&yard.path("station.db")).await, ["kept"]);
    assert_eq!(facts(&before).await, ["kept", "lost"]);
    assert_eq!(yard.files(), ["kept.db", "station.db", "station.db.before-restore-20261121T120000Z"]);
    // And it is a database to work with.
    let store = yard.open().await;
    know(&store, HOME, "octo/station").await;
    store.database().close().await;
}

#[tokio::test]
async fn a_copy_is_put_where_there_is_no_database_and_where_there_is_a_damaged_one() {
    let yard = Yard::new();
    let store = yard.open().await;
    note(&yard.path("station.db"), "a", "kept").await;
    back_up(&yard.address(), &yard.path("kept.db"), false).await.unwrap();
    store.database().close().await;
    std::fs::remove_file(yard.path("station.db")).unwrap();
    // What is left of an older database's log must not be taken for the new one's.
    std::fs::write(yard.path("station.db-wal"), "old").unwrap();
    assert_eq!(restore(&yard.address(), &yard.path("kept.db"), NOW).await.unwrap().before, None);
    assert_eq!(facts(&yard.path("station.db")).await, ["kept"]);
    assert!(!yard.path("station.db-wal").exists());

    std::fs::write(yard.path("station.db"), "This is no database any more, however long one looks at it.").unwrap();
    let later = NOW.plus_ms(60_000);
    let before = restore(&yard.address(), &yard.path("kept.db"), later).await.unwrap().before.unwrap();
    assert!(std::fs::read_to_string(before).unwrap().starts_with("This is no database"));
    assert_eq!(facts(&yard.path("station.db")).await, ["kept"]);
}

#[tokio::test]
async fn what_is_no_copy_of_ours_is_not_put_back() {
    let yard = Yard::new();
    yard.open().await.database().close().await;
    back_up(&yard.address(), &yard.path("kept.db"), false).await.unwrap();
    std::fs::write(yard.path("text.db"), "This is a text and not a database, however long one looks at it.").unwrap();
    let mut other = SqliteConnection::connect_with(
        &SqliteConnectOptions::new().filename(yard.path("other.db")).create_if_missing(true),
    )
    .await
    .unwrap();
    other.execute("CREATE TABLE recipes (name TEXT)").await.unwrap();
    other.close().await.unwrap();
    std::fs::copy(yard.path("kept.db"), yard.path("newer.db")).unwrap();
    let mut newer =
        SqliteConnection::connect_with(&SqliteConnectOptions::new().filename(yard.path("newer.db"))).await.unwrap();
    newer
        .execute(
            "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) \
             VALUES (9999, 'later', 1, x'00', 0)",
        )
        .await
        .unwrap();
    newer.close().await.unwrap();
    let whole = std::fs::read(yard.path("kept.db")).unwrap();
    std::fs::write(yard.path("half.db"), &whole[..whole.len() / 2]).unwrap();
    let before = std::fs::read(yard.path("station.db")).unwrap();
    for (file, expected) in [
        ("text.db", "is no copy of a Stationmaster database"),
        ("other.db", "it holds none of its tables"),
        ("newer.db", "has schema 9999, and this version knows none beyond"),
        ("half.db", "is no copy of a Stationmaster database"),
        ("missing.db", "is not there"),
        ("station.db", "is the database itself"),
    ] {
        let refused = restore(&yard.address(), &yard.path(file), NOW).await.unwrap_err().to_string();
        assert!(refused.contains(expected), "{file}: {refused}");
    }
    assert_eq!(std::fs::read(yard.path("station.db")).unwrap(), before);
}
