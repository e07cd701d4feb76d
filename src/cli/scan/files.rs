//! Files of a folder, one at a time: what git would track, without what is binary or very large.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use anyhow::{Context as _, Result};
use ignore::WalkBuilder;

use super::Scan;
use crate::decide::secrets::{Leak, ScanOptions, scan_text};
use crate::policy::SecretRules;

/// A file with a NUL in its first bytes is binary, as git has it.
const HEAD_BYTES: u64 = 8 << 10;

/// Scans a file, or all files of a folder that git's ignore rules leave. Of binary and of very large files only the
/// names count.
pub(super) fn scan(rules: &SecretRules, path: &Path, how: (ScanOptions<'_>, u64)) -> Result<Scan> {
    std::fs::metadata(path).with_context(|| format!("{} cannot be read", path.display()))?;
    let mut scan = Scan::default();
    let walk = WalkBuilder::new(path)
        .hidden(false)
        .ignore(false)
        .require_git(false)
        .filter_entry(|entry| entry.file_name() != ".git")
        .sort_by_file_path(Ord::cmp)
        .build();
    for entry in walk {
        let entry = match entry {
            Ok(entry) => entry,
            Err(error) => {
                scan.warnings.push(format!("not looked at: {error}"));
                continue;
            }
        };
        if !entry.file_type().is_some_and(|kind| kind.is_file()) {
            continue;
        }
        let shown = shown(path, entry.path());
        scan.files += 1;
        match scan_file(rules, (entry.path(), &shown), how) {
            Ok((leaks, warning)) => {
                scan.leaks.extend(leaks);
                scan.warnings.extend(warning);
            }
            Err(error) => scan.warnings.push(format!("{shown} is not looked at: {error}")),
        }
    }
    Ok(scan)
}

/// The path within the folder, with slashes, as fingerprints have it; a file that was named itself as it was named.
fn shown(root: &Path, path: &Path) -> String {
    let inside = path.strip_prefix(root).ok().filter(|inside| !inside.as_os_str().is_empty()).unwrap_or(path);
    let shown = inside.to_string_lossy().replace(std::path::MAIN_SEPARATOR, "/");
    shown.strip_prefix("./").map(str::to_owned).unwrap_or(shown)
}

fn scan_file(
    rules: &SecretRules,
    (path, shown): (&Path, &str),
    (options, most_bytes): (ScanOptions<'_>, u64),
) -> std::io::Result<(Vec<Leak>, Option<String>)> {
    let mut file = File::open(path)?;
    let mut text = Vec::new();
    file.by_ref().take(HEAD_BYTES).read_to_end(&mut text)?;
    let mut warning = None;
    if text.contains(&0) {
        text.clear();
    } else {
        file.take(most_bytes.saturating_add(1).saturating_sub(text.len() as u64)).read_to_end(&mut text)?;
        if text.len() as u64 > most_bytes {
            let mib = most_bytes >> 20;
            warning = Some(format!("{shown} is larger than {mib} MiB and not looked at; raise --max-file-mib"));
            text = Vec::new();
        }
    }
    Ok((scan_text(rules, shown, &text, options), warning))
}
