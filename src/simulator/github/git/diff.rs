//! What differs between two commits, file by file, within the limits that GitHub sets to patches.

use git2::{Delta, Diff, DiffDelta, DiffFindOptions, DiffFormat, Error, Patch};

use super::Git;

/// No patch of one file may be longer, nor all patches of one diff together.
///
/// <https://docs.github.com/en/repositories/creating-and-managing-repositories/repository-limits#diff-limits>
pub const MOST_LINES: usize = 20_000;
/// The bytes that one file's patch may have.
const MOST_BYTES_OF_A_FILE: usize = 500 * 1024;
/// The bytes that all patches of one diff may have together.
const MOST_BYTES: usize = 1024 * 1024;

/// What became of one file between two commits.
#[derive(Debug, Clone)]
pub struct FileDiff {
    pub path: String,
    /// The path before a renaming.
    pub previous: Option<String>,
    pub sha: String,
    pub status: &'static str,
    pub additions: usize,
    pub deletions: usize,
    /// From the first hunk on; none for binary files, for mere renamings, and beyond GitHub's limits.
    pub patch: Option<String>,
}

/// How much differs in all.
#[derive(Debug, Clone, Copy, Default)]
pub struct DiffCounts {
    pub files: usize,
    pub additions: usize,
    pub deletions: usize,
}

/// What is left of a diff's limits.
struct Budget {
    lines: usize,
    bytes: usize,
}

impl Budget {
    fn allows(&mut self, patch: &str) -> bool {
        let (lines, bytes) = (patch.lines().count(), patch.len());
        let fits = lines <= self.lines && bytes <= self.bytes.min(MOST_BYTES_OF_A_FILE);
        if fits {
            self.lines -= lines;
            self.bytes -= bytes;
        }
        fits
    }
}

impl Git {
    /// The files that differ between two commits; no `from` compares with nothing at all.
    pub fn diff(&self, from: Option<&str>, to: &str) -> Result<Vec<FileDiff>, Error> {
        let diff = self.compared(from, to)?;
        let mut budget = Budget { lines: MOST_LINES, bytes: MOST_BYTES };
        let mut files = Vec::new();
        for (index, delta) in diff.deltas().enumerate() {
            let mut file = FileDiff::of(&delta);
            if let Some(mut patch) = Patch::from_diff(&diff, index)? {
                (_, file.additions, file.deletions) = patch.line_stats()?;
                if patch.num_hunks() > 0 {
                    let whole = patch.to_buf()?;
                    file.patch = hunks(&String::from_utf8_lossy(&whole)).filter(|text| budget.allows(text));
                }
            }
            files.push(file);
        }
        Ok(files)
    }

    /// The whole difference as one text in Git's own format, and its counts.
    pub fn diff_text(&self, from: &str, to: &str) -> Result<(Vec<u8>, DiffCounts), Error> {
        let diff = self.compared(Some(from), to)?;
        let mut text = Vec::new();
        diff.print(DiffFormat::Patch, |_, _, line| {
            if matches!(line.origin(), '+' | '-' | ' ') {
                text.push(u8::try_from(line.origin()).unwrap_or(b' '));
            }
            text.extend_from_slice(line.content());
            true
        })?;
        Ok((text, self.diff_counts(from, to)?))
    }

    /// How much differs, without any text.
    pub fn diff_counts(&self, from: &str, to: &str) -> Result<DiffCounts, Error> {
        let stats = self.compared(Some(from), to)?.stats()?;
        Ok(DiffCounts { files: stats.files_changed(), additions: stats.insertions(), deletions: stats.deletions() })
    }

    /// The paths that a commit added, removed and modified, as a push lists them: a renaming is both of the former.
    pub fn touched(&self, parent: Option<&str>, sha: &str) -> Result<[Vec<String>; 3], Error> {
        let [mut added, mut removed, mut modified] = [const { Vec::new() }; 3];
        for file in self.compared(parent, sha)?.deltas().map(|delta| FileDiff::of(&delta)) {
            match file.status {
                "added" => added.push(file.path),
                "removed" => removed.push(file.path),
                "renamed" => {
                    added.push(file.path);
                    removed.extend(file.previous);
                }
                _ => modified.push(file.path),
            }
        }
        Ok([added, removed, modified])
    }

    fn compared(&self, from: Option<&str>, to: &str) -> Result<Diff<'_>, Error> {
        let old = from.map(|sha| self.find(sha)?.tree()).transpose()?;
        let new = self.find(to)?.tree()?;
        let mut diff = self.repository.diff_tree_to_tree(old.as_ref(), Some(&new), None)?;
        diff.find_similar(Some(DiffFindOptions::new().renames(true)))?;
        Ok(diff)
    }
}

impl FileDiff {
    fn of(delta: &DiffDelta<'_>) -> Self {
        let path = |file: git2::DiffFile<'_>| file.path().map(|path| path.to_string_lossy().into_owned());
        let kind = delta.status();
        let file = if kind == Delta::Deleted { delta.old_file() } else { delta.new_file() };
        Self {
            sha: file.id().to_string(),
            path: path(file).unwrap_or_default(),
            previous: path(delta.old_file()).filter(|_| kind == Delta::Renamed),
            status: status(kind),
            additions: 0,
            deletions: 0,
            patch: None,
        }
    }
}

/// GitHub's `patch` starts at the first hunk, without git's file header.
fn hunks(whole: &str) -> Option<String> {
    whole.find("\n@@ ").map(|at| whole[at + 1..].trim_end_matches('\n').to_owned())
}

/// GitHub's word.
fn status(kind: Delta) -> &'static str {
    let words = [
        (Delta::Added, "added"),
        (Delta::Deleted, "removed"),
        (Delta::Renamed, "renamed"),
        (Delta::Typechange, "changed"),
    ];
    words.into_iter().find(|(known, _)| *known == kind).map_or("modified", |(_, word)| word)
}
