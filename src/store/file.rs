//! Notices that the file of a SQLite database was deleted or replaced while the server has it open.
//!
//! The server would notice nothing by itself: it holds the old file open and goes on writing to what nobody will ever
//! find again. So it compares what stands at the path with what it has opened, and writes nothing more once they differ.

use std::path::PathBuf;

use super::StoreError;

/// The file that was opened, by its path and by what the system knows it as.
#[derive(Debug)]
pub(super) struct OpenedFile {
    path: PathBuf,
    #[cfg_attr(not(unix), expect(dead_code, reason = "there is no number to compare"))]
    opened: Option<(u64, u64)>,
}

impl OpenedFile {
    /// The file at `path`, which is open.
    pub(super) fn at(path: PathBuf) -> Self {
        let opened = identity(&path);
        Self { path, opened }
    }

    /// # Errors
    /// [`StoreError::Moved`] where there is no file at the path any more, or another one.
    pub(super) fn check(&self) -> Result<(), StoreError> {
        // A file in memory has no number from the start.
        if self.opened.is_none() || identity(&self.path) == self.opened {
            return Ok(());
        }
        Err(StoreError::Moved(self.path.display().to_string()))
    }
}

#[cfg(unix)]
fn identity(path: &std::path::Path) -> Option<(u64, u64)> {
    use std::os::unix::fs::MetadataExt as _;
    let found = std::fs::metadata(path).ok()?;
    Some((found.dev(), found.ino()))
}

#[cfg(not(unix))]
fn identity(_path: &std::path::Path) -> Option<(u64, u64)> {
    None
}
