//! SQLite is for one server: a second one on the same file is refused before it has read anything.

use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};
use std::str::FromStr as _;
use std::time::{Duration, Instant};

use sqlx::sqlite::SqliteConnectOptions;

use super::StoreError;
use super::database::{DatabaseKind, kind_of};

/// How long the place is waited for, and how often it is looked at meanwhile.
const PATIENCE: Duration = Duration::from_secs(2);
const PAUSE: Duration = Duration::from_millis(50);

/// The place of the only server, for as long as this lives; the operating system gives it up when the process dies.
#[derive(Debug)]
pub struct OnlyServer {
    _lock: Option<File>,
}

impl OnlyServer {
    /// Takes the place of the only server on a SQLite file. On PostgreSQL there is no such place, and nothing is taken.
    ///
    /// The lock is on a file beside the database: SQLite has locks of its own on the database, which a process would lose
    /// by closing any other handle of it (<https://www.sqlite.org/howtocorrupt.html>, 2.2).
    ///
    /// # Errors
    /// [`StoreError::Taken`] when another server has it.
    pub fn take(address: &str) -> Result<Self, StoreError> {
        let file = match kind_of(address)? {
            DatabaseKind::Sqlite => SqliteConnectOptions::from_str(address)?.get_filename().to_owned(),
            DatabaseKind::Postgres => return Ok(Self { _lock: None }),
        };
        // Whatever else is wrong with the place is said better by SQLite itself, a moment later.
        let Ok(lock) = File::options().create(true).append(true).open(beside(&file)) else {
            return Ok(Self { _lock: None });
        };
        match patiently(&lock) {
            Ok(()) => Ok(Self { _lock: Some(lock) }),
            Err(TryLockError::WouldBlock) => Err(StoreError::Taken(file)),
            // Some network file systems have no locks.
            Err(TryLockError::Error(error)) => {
                tracing::warn!(%error, "nothing keeps a second server off the database, for its folder has no locks");
                Ok(Self { _lock: None })
            }
        }
    }
}

/// A server that was just killed may not be gone altogether, so its place is waited for a little.
fn patiently(lock: &File) -> Result<(), TryLockError> {
    let until = Instant::now() + PATIENCE;
    loop {
        match lock.try_lock() {
            Err(TryLockError::WouldBlock) if Instant::now() < until => std::thread::sleep(PAUSE),
            tried => return tried,
        }
    }
}

fn beside(file: &Path) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push("-server");
    PathBuf::from(name)
}
