//! Files that are there whole or not at all.

use std::fs;
use std::io::{ErrorKind, Write as _};
use std::path::Path;

use anyhow::{Context as _, Result};
use serde_json::Value;
use tempfile::NamedTempFile;

/// What keeps the bridge, and the leases in it, out of a repository that it lies in.
const IGNORED: &str = "# Written by `stationmaster worker`; nothing in here belongs into a commit.\n*\n";

/// A file's text; `None` where there is none.
pub(super) fn read(path: &Path) -> Result<Option<String>> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error).with_context(|| format!("{} cannot be read", path.display())),
    }
}

/// A file's JSON; `None` where there is no file.
pub(super) fn read_json(path: &Path) -> Result<Option<Value>> {
    let Some(text) = read(path)? else { return Ok(None) };
    let value = serde_json::from_str(&text);
    value.map(Some).with_context(|| format!("{} holds no JSON and is left as it is", path.display()))
}

/// Writes a file beside its place and moves it there, so that nobody reads half of it.
pub(super) fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    let not_written = || format!("{} cannot be written", path.display());
    let folder = path.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder).with_context(not_written)?;
    let mut file = NamedTempFile::new_in(folder).with_context(not_written)?;
    file.write_all(bytes).with_context(not_written)?;
    file.as_file().sync_all().with_context(not_written)?;
    file.persist(path).with_context(not_written)?;
    Ok(())
}

/// Writes JSON that people can read.
pub(super) fn write_json(path: &Path, value: &Value) -> Result<()> {
    write(path, format!("{}\n", serde_json::to_string_pretty(value)?).as_bytes())
}

/// Makes the bridge's folder, which git ignores from then on.
pub(super) fn make_folder(folder: &Path) -> Result<()> {
    let not_made = || format!("{} cannot be made", folder.display());
    if !folder.exists() {
        fs::create_dir_all(folder).with_context(not_made)?;
        fs::write(folder.join(".gitignore"), IGNORED).with_context(not_made)?;
    }
    Ok(())
}
