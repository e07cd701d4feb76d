//! A patch as texts to scan: what each hunk shows of the head, and which of its lines are new.

use crate::model::FileChange;

/// One hunk's side of the head.
#[derive(Default)]
pub(super) struct Hunk {
    /// Its lines, each with its end.
    pub(super) text: String,
    /// The number of its first line in the head.
    pub(super) first_line: u32,
    /// For each line, whether the change adds it.
    added: Vec<bool>,
}

impl Hunk {
    /// Whether the change adds one of these lines of the text, counted from 1.
    pub(super) fn adds(&self, lines: std::ops::RangeInclusive<u32>) -> bool {
        lines.into_iter().any(|line| self.added.get(line.saturating_sub(1) as usize).copied().unwrap_or_default())
    }
}

/// The hunks of a change that add something. Lines around the added ones are in the text, so that a secret whose
/// beginning was there before is seen whole.
pub(super) fn hunks(change: &FileChange) -> Vec<Hunk> {
    let mut hunks: Vec<Hunk> = Vec::new();
    for line in change.patch.as_deref().unwrap_or_default().split('\n') {
        if let Some(first_line) = first_line(line) {
            hunks.push(Hunk { first_line, ..Hunk::default() });
            continue;
        }
        let Some(hunk) = hunks.last_mut() else { continue };
        let (added, text) = match line.as_bytes().first() {
            Some(b'+') => (true, &line[1..]),
            Some(b' ') => (false, &line[1..]),
            // Removed lines are no part of the head, and `\ No newline at end of file` is a line of neither side.
            Some(b'-' | b'\\') => continue,
            // An empty line whose space somebody stripped.
            Some(_) | None => (false, line),
        };
        hunk.text.push_str(text);
        hunk.text.push('\n');
        hunk.added.push(added);
    }
    hunks.retain(|hunk| hunk.added.contains(&true));
    hunks
}

/// 7 in `@@ -3,2 +7,4 @@ fn name()`.
fn first_line(line: &str) -> Option<u32> {
    let (_, head) = line.strip_prefix("@@ -")?.split_once(" +")?;
    head.split([',', ' ']).next()?.parse().ok()
}
