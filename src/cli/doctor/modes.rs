//! Whether files with secrets are for their owner alone.

use std::path::Path;

use super::report::Finding;
use crate::config::Config;

const WHAT: &str = "file modes";

/// A line for each file that others can read.
pub(super) fn check(config: Option<&Config>) -> Vec<Finding> {
    let key = config.and_then(Config::private_key_path);
    let files: Vec<&Path> = [Some(Path::new(".env")), key].into_iter().flatten().filter(|file| file.exists()).collect();
    let mut found: Vec<Finding> = files.iter().filter_map(|file| fault(file)).collect();
    if found.is_empty() {
        found.push(Finding::ok(
            WHAT,
            match files.len() {
                0 => "no secrets are in files".to_owned(),
                _ => format!(
                    "nobody else can read {}",
                    files.iter().map(|file| file.display().to_string()).collect::<Vec<_>>().join(" and ")
                ),
            },
        ));
    }
    found
}

#[cfg(unix)]
fn fault(file: &Path) -> Option<Finding> {
    use std::os::unix::fs::PermissionsExt as _;
    let mode = std::fs::metadata(file).ok()?.permissions().mode() & 0o777;
    let (shown, fix) = (file.display(), format!("chmod 600 {}", file.display()));
    if mode & 0o007 != 0 {
        return Some(Finding::fail(WHAT, format!("everybody on this machine can use {shown} (mode {mode:03o})"), fix));
    }
    (mode & 0o070 != 0).then(|| Finding::warn(WHAT, format!("a group can use {shown} (mode {mode:03o})"), fix))
}

#[cfg(not(unix))]
fn fault(_file: &Path) -> Option<Finding> {
    None
}
