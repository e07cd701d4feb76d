//! Puts a copy in the place of a SQLite database that nobody uses.

use std::path::{Path, PathBuf};
use std::time::Duration;

use sqlx::Connection as _;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};

use super::inspect::{Inspected, inspect};
use super::{BackupError, at, file_of, folder_of, sync_folder, with_end};
use crate::model::Timestamp;
use crate::store::alone::{is_locked, keep_others_out};

/// What was put back, and where what it replaced is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Restored {
    /// The database.
    pub database: PathBuf,
    /// What it holds now.
    pub holds: Inspected,
    /// Where the database from before is, if there was one.
    pub before: Option<PathBuf>,
}

/// Puts the copy `file` in the place of the SQLite database at `address`. The one that was there is kept beside it under
/// a name with the time `now`. Refused while anybody has it open.
pub async fn restore(address: &str, file: &Path, now: Timestamp) -> Result<Restored, BackupError> {
    let database = file_of(address)?;
    if !file.is_file() {
        return Err(BackupError::Missing(file.to_owned()));
    }
    if file.canonicalize().ok().is_some_and(|file| database.canonicalize().ok() == Some(file)) {
        return Err(BackupError::Itself(file.to_owned()));
    }
    let holds = inspect(file).await?;
    let folder = folder_of(&database);
    let part = tempfile::Builder::new().prefix(".stationmaster-").suffix(".part").tempfile_in(folder);
    let mut part = part.map_err(at(folder))?;
    let mut source = std::fs::File::open(file).map_err(at(file))?;
    std::io::copy(&mut source, part.as_file_mut()).map_err(at(part.path()))?;
    part.as_file().sync_all().map_err(at(part.path()))?;
    // Held until the new one is in place, so that no server begins on what is being replaced.
    let held = if database.is_file() { held_alone(&database).await? } else { None };
    let before = put_aside(&database, now)?;
    part.persist(&database).map_err(|refused| at(&database)(refused.error))?;
    sync_folder(folder)?;
    if let Some(held) = held {
        held.close().await?;
    }
    Ok(Restored { database, holds, before })
}

/// The database with everything in its one file and nobody else in it; `None` where it is too damaged to say.
async fn held_alone(database: &Path) -> Result<Option<SqliteConnection>, BackupError> {
    let options = SqliteConnectOptions::new().filename(database).busy_timeout(Duration::from_secs(1));
    let tried = async {
        let mut connection = SqliteConnection::connect_with(&options).await?;
        keep_others_out(&mut connection).await?;
        Ok(connection)
    };
    match tried.await {
        Ok(connection) => Ok(Some(connection)),
        Err(error) if is_locked(&error) => Err(BackupError::InUse(database.to_owned())),
        // A database that cannot be read any more is the very reason to restore one.
        Err(_) => Ok(None),
    }
}

/// Moves the database aside, and with it what is left of a log, which the new one would take for its own.
fn put_aside(database: &Path, now: Timestamp) -> Result<Option<PathBuf>, BackupError> {
    let time: String = now.to_rfc3339().chars().filter(char::is_ascii_alphanumeric).collect();
    let before = with_end(database, &format!(".before-restore-{time}"));
    if before.exists() {
        return Err(BackupError::Exists(before));
    }
    for end in ["-wal", "-shm", "-journal"] {
        let beside = with_end(database, end);
        if beside.exists() {
            std::fs::rename(&beside, with_end(&before, end)).map_err(at(&beside))?;
        }
    }
    if !database.exists() {
        return Ok(None);
    }
    // A second name first, so that at no moment there is no database; not every file system has second names.
    if std::fs::hard_link(database, &before).is_err() {
        std::fs::rename(database, &before).map_err(at(database))?;
    }
    Ok(Some(before))
}
