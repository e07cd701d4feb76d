//! What a pull request changes: one file at a time, with the lines that it adds.

use serde::{Deserialize, Serialize};

use super::Sha;

/// What happened to a file (<https://docs.github.com/en/rest/pulls/pulls#list-pull-requests-files>).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChangeKind {
    /// It is new.
    Added,
    /// Its content changed in place.
    Modified,
    /// It is gone.
    Removed,
    /// It has another path, and perhaps another content.
    Renamed,
    /// It is a copy of another one.
    Copied,
    /// Only its mode changed.
    ModeChanged,
}

/// One changed file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileChange {
    /// Its path in the head.
    pub path: String,
    /// Its path in the base, where it has another one.
    pub previous_path: Option<String>,
    /// What happened to it.
    pub kind: ChangeKind,
    /// Its content in the head, as a git object; `None` where GitHub names none.
    pub blob: Option<Sha>,
    /// The hunks of its unified diff; `None` for a binary file, and for one whose diff GitHub leaves out for its size.
    pub patch: Option<String>,
    /// Lines added.
    pub additions: u32,
    /// Lines taken out.
    pub deletions: u32,
}

/// A line that a change adds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AddedLine<'a> {
    /// Its number in the head, beginning with 1.
    pub line: u32,
    /// Its text without the line's end.
    pub text: &'a str,
}

impl FileChange {
    /// Whether GitHub left out a diff that there must be: the content has to be read by other means.
    #[must_use]
    pub const fn lacks_patch(&self) -> bool {
        self.patch.is_none() && self.additions > 0
    }

    /// The lines that the change adds, in order, from its patch.
    pub fn added_lines(&self) -> impl Iterator<Item = AddedLine<'_>> {
        self.head_lines().filter_map(|(line, added)| added.then_some(line))
    }

    /// The lines of the head that the patch shows, in order, each with whether the change adds it.
    pub fn head_lines(&self) -> impl Iterator<Item = (AddedLine<'_>, bool)> {
        let mut next = 0_u32;
        let patch = self.patch.as_deref().unwrap_or_default();
        patch.strip_suffix('\n').unwrap_or(patch).split('\n').filter_map(move |line| {
            if let Some(start) = hunk_start(line) {
                next = start;
                return None;
            }
            let (added, text) = match line.as_bytes().first() {
                Some(b'+') => (true, &line[1..]),
                Some(b' ') => (false, &line[1..]),
                // An empty line that was there before, of which somebody has stripped the space.
                Some(b'\r') | None => (false, line),
                // `\ No newline at end of file` is no line of either side.
                Some(_) => return None,
            };
            let shown = AddedLine { line: next, text: text.strip_suffix('\r').unwrap_or(text) };
            next = next.saturating_add(1);
            Some((shown, added))
        })
    }

    /// The whole content, where the patch shows it: that of a new text file.
    #[must_use]
    pub fn whole_content(&self) -> Option<String> {
        if self.kind != ChangeKind::Added || self.patch.is_none() {
            return None;
        }
        let mut content = String::new();
        for added in self.added_lines() {
            content.push_str(added.text);
            content.push('\n');
        }
        Some(content)
    }
}

/// The first line of the head that a hunk shows: 7 in `@@ -3,2 +7,4 @@ fn name()`.
fn hunk_start(line: &str) -> Option<u32> {
    let ranges = line.strip_prefix("@@ -")?;
    let (_, added) = ranges.split_once(" +")?;
    added.split([',', ' ']).next()?.parse().ok()
}
