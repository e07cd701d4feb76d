//! Makes a copy of a SQLite database that a server may be writing to.

use std::path::Path;
use std::time::Duration;

use sqlx::Connection as _;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};

use super::inspect::{Inspected, inspect};
use super::{BackupError, at, file_of, folder_of, sync_folder, with_end};

/// Copies the SQLite database at `address` to `file`, as it stood at one moment, and proves that the copy is whole.
///
/// The copy is made beside `file`, with rights for its owner alone, and takes its name at the end: whatever fails, what
/// was there before is still there. A file that exists is replaced only with `force`.
pub async fn back_up(address: &str, file: &Path, force: bool) -> Result<Inspected, BackupError> {
    let database = file_of(address)?;
    if !database.is_file() {
        return Err(BackupError::Missing(database));
    }
    refuse_itself(&database, file)?;
    if file.exists() && (!force || !file.is_file()) {
        return Err(BackupError::Exists(file.to_owned()));
    }
    let folder = folder_of(file);
    // It is made for the owner alone.
    let made = tempfile::Builder::new().prefix(".stationmaster-").suffix(".part").tempfile_in(folder);
    let part = made.map_err(at(folder))?;
    copy(&database, part.path()).await?;
    let inspected = inspect(part.path()).await?;
    part.as_file().sync_all().map_err(at(part.path()))?;
    let kept = if force { part.persist(file) } else { part.persist_noclobber(file) };
    kept.map_err(|refused| {
        if refused.error.kind() == std::io::ErrorKind::AlreadyExists {
            BackupError::Exists(file.to_owned())
        } else {
            at(file)(refused.error)
        }
    })?;
    sync_folder(folder)?;
    Ok(inspected)
}

/// `VACUUM INTO` reads within one transaction, which stops nobody from writing meanwhile
/// (<https://www.sqlite.org/lang_vacuum.html#vacuuminto>).
async fn copy(database: &Path, part: &Path) -> Result<(), BackupError> {
    let options = SqliteConnectOptions::new().filename(database).busy_timeout(Duration::from_secs(10));
    let mut source = SqliteConnection::connect_with(&options).await?;
    let copied = sqlx::query("VACUUM INTO $1").bind(part.to_string_lossy()).execute(&mut source).await;
    source.close().await?;
    copied?;
    Ok(())
}

fn refuse_itself(database: &Path, file: &Path) -> Result<(), BackupError> {
    let real = |path: &Path| -> Option<std::path::PathBuf> {
        let folder = folder_of(path).canonicalize().ok()?;
        path.canonicalize().ok().or_else(|| Some(folder.join(path.file_name()?)))
    };
    let wanted = real(file);
    let own = ["", "-wal", "-shm", "-journal"].map(|end| with_end(database, end));
    let canonical = database.canonicalize().ok();
    let beside = canonical.iter().flat_map(|path| ["", "-wal", "-shm", "-journal"].map(|end| with_end(path, end)));
    let is_own =
        wanted.is_some() && own.iter().filter_map(|path| real(path)).chain(beside).any(|path| Some(path) == wanted);
    if is_own { Err(BackupError::Itself(file.to_owned())) } else { Ok(()) }
}
