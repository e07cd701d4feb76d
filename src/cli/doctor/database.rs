//! Whether the database answers, fits to this program, takes changes and has room.

use std::path::Path;

use super::Look;
use super::report::Finding;
use crate::store::{DatabaseKind, DatabaseLook, inspect};

const WHAT: &str = "database";
const MEBIBYTE: u64 = 1024 * 1024;
/// With less room the server soon stops.
const ROOM_FAIL_BYTES: u64 = 100 * MEBIBYTE;
/// With less room somebody should look.
const ROOM_WARN_BYTES: u64 = 1024 * MEBIBYTE;
/// A log that is larger is not being written back.
const LOG_WARN_BYTES: u64 = 512 * MEBIBYTE;

/// A line for all that is well, or one for each fault.
pub(super) async fn check(look: &Look) -> Vec<Finding> {
    let address = &look.config.database_url;
    let seen = match inspect(address.expose()).await {
        Ok(seen) => seen,
        Err(error) => {
            let fix = "see whether DATABASE_URL is right and the database runs";
            return vec![Finding::fail(WHAT, format!("{address} cannot be used: {error}"), fix)];
        }
    };
    let mut found: Vec<Finding> =
        [schema(&seen), writable(&seen), journal(&seen), room(&seen)].into_iter().flatten().collect();
    if found.is_empty() {
        let size = seen.size_bytes / MEBIBYTE;
        found.push(Finding::ok(WHAT, format!("{address} is up to date and takes changes; it has {size} MiB")));
    }
    found
}

fn schema(seen: &DatabaseLook) -> Option<Finding> {
    if seen.unknown > 0 {
        let found = format!("a newer Stationmaster has changed it ({} times)", seen.unknown);
        return Some(Finding::fail(WHAT, found, "run the newer version, or restore a backup from before"));
    }
    let fix = "start the server, which does so";
    if !seen.exists {
        return Some(Finding::warn(WHAT, "it is not there yet", fix));
    }
    let found = || format!("{} changes of its schema are not applied yet", seen.pending);
    (seen.pending > 0).then(|| Finding::warn(WHAT, found(), fix))
}

fn writable(seen: &DatabaseLook) -> Option<Finding> {
    let fix = "see to it that the server's user may write the file and its folder, and that nothing else holds it";
    let fault = seen.read_only.as_ref()?;
    Some(Finding::fail(WHAT, format!("nothing can be written to it: {fault}"), fix))
}

fn journal(seen: &DatabaseLook) -> Option<Finding> {
    if seen.kind != DatabaseKind::Sqlite || !seen.exists {
        return None;
    }
    if !seen.has_wal {
        let fix = "put it on a local disk: a write-ahead log does not work over a network";
        return Some(Finding::warn(
            WHAT,
            "it keeps no write-ahead log, so readers and writers wait for each other",
            fix,
        ));
    }
    let found = || format!("its write-ahead log has grown to {} MiB", seen.log_bytes / MEBIBYTE);
    let fix = "find the process that reads it without end, and restart the server";
    (seen.log_bytes > LOG_WARN_BYTES).then(|| Finding::warn(WHAT, found(), fix))
}

fn room(seen: &DatabaseLook) -> Option<Finding> {
    let file = seen.file.as_deref()?;
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let free = free_bytes(folder)?;
    let found = format!("the disk of {} has only {} MiB left", file.display(), free / MEBIBYTE);
    let fix = "make room, or lower RETENTION_DAYS";
    if free < ROOM_FAIL_BYTES {
        Some(Finding::fail(WHAT, found, fix))
    } else {
        (free < ROOM_WARN_BYTES).then(|| Finding::warn(WHAT, found, fix))
    }
}

#[cfg(unix)]
fn free_bytes(folder: &Path) -> Option<u64> {
    let disk = rustix::fs::statvfs(folder).ok()?;
    Some(disk.f_bavail.saturating_mul(disk.f_frsize))
}

#[cfg(not(unix))]
fn free_bytes(_folder: &Path) -> Option<u64> {
    None
}
