//! Copies of a SQLite database: made while a server runs, looked at, and put back.

mod inspect;
mod keep;
mod restore;

use std::path::{Path, PathBuf};
use std::str::FromStr as _;

use sqlx::sqlite::SqliteConnectOptions;

pub use inspect::Inspected;
pub use keep::back_up;
pub use restore::{Restored, restore};

use super::StoreError;

/// Why a copy could not be made or put back.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// The state is kept in PostgreSQL, which has tools of its own.
    #[error(
        "the state is kept in PostgreSQL, which `pg_dump --format=custom` backs up and `pg_restore` restores; this \
         command is for SQLite"
    )]
    Postgres,
    /// There is no such database.
    #[error("{} is not there", .0.display())]
    Missing(PathBuf),
    /// It would overwrite the very thing that it is to keep.
    #[error("{} is the database itself or belongs to it; name another file", .0.display())]
    Itself(PathBuf),
    /// Something is there already.
    #[error("{} is there already; name another file, or give --force", .0.display())]
    Exists(PathBuf),
    /// The file is not what it should be.
    #[error("{} is no copy of a Stationmaster database: {why}", .file.display())]
    Strange {
        /// The file.
        file: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// It was written by a later version than this one.
    #[error("{} has schema {found}, and this version knows none beyond {known}; take a newer one", .file.display())]
    Newer {
        /// The file.
        file: PathBuf,
        /// The schema of the file.
        found: i64,
        /// The newest schema that is known here.
        known: i64,
    },
    /// Somebody works with the database.
    #[error("{} is in use; stop the server first", .0.display())]
    InUse(PathBuf),
    /// The file system refused.
    #[error("{}: {error}", .path.display())]
    Files {
        /// What was to be read or written.
        path: PathBuf,
        /// What the operating system says.
        error: std::io::Error,
    },
    /// The database refused.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<sqlx::Error> for BackupError {
    fn from(error: sqlx::Error) -> Self {
        Self::Store(error.into())
    }
}

/// A fault of the file system, with the path that it is about.
fn at(path: &Path) -> impl FnOnce(std::io::Error) -> BackupError {
    move |error| BackupError::Files { path: path.to_owned(), error }
}

/// The file behind an address such as `sqlite://stationmaster.db`.
fn file_of(address: &str) -> Result<PathBuf, BackupError> {
    if !address.starts_with("sqlite:") {
        return Err(BackupError::Postgres);
    }
    Ok(SqliteConnectOptions::from_str(address)?.get_filename().to_owned())
}

/// `name` with this at its end, such as SQLite's `-wal`.
fn with_end(path: &Path, end: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(end);
    PathBuf::from(name)
}

/// The folder that a file is in; a bare name is in the working directory.
fn folder_of(file: &Path) -> &Path {
    file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// A rename is on disk once its folder is.
fn sync_folder(folder: &Path) -> Result<(), BackupError> {
    // Windows opens no folders as files, and needs none of it.
    if cfg!(unix) {
        std::fs::File::open(folder).and_then(|folder| folder.sync_all()).map_err(at(folder))?;
    }
    Ok(())
}
