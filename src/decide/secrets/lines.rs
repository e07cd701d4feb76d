//! Lines and columns of byte offsets.

use std::cell::OnceCell;
use std::ops::Range;

/// More of a line than this beside a match tells nothing about it.
const NEAR_BYTES: usize = 16 << 10;

/// A text's lines, counted only when the first place is asked for.
pub(super) struct Lines<'t> {
    text: &'t [u8],
    starts: OnceCell<Vec<u32>>,
}

impl<'t> Lines<'t> {
    pub(super) const fn of(text: &'t [u8]) -> Self {
        Self { text, starts: OnceCell::new() }
    }

    fn starts(&self) -> &[u32] {
        self.starts.get_or_init(|| {
            let ends = self.text.iter().enumerate().filter(|(_, byte)| **byte == b'\n');
            std::iter::once(0).chain(ends.map(|(at, _)| count(at + 1))).collect()
        })
    }

    /// Line and column of an offset, both from 1, the column in bytes.
    pub(super) fn position(&self, offset: usize) -> (u32, u32) {
        let starts = self.starts();
        let line = starts.partition_point(|start| *start as usize <= offset).max(1);
        let start = starts.get(line - 1).copied().unwrap_or_default();
        (count(line), count(offset).saturating_sub(start).saturating_add(1))
    }

    /// The bytes of the lines that a range is on, without the last one's end; of very long lines no more than
    /// [`NEAR_BYTES`] on either side, so that a megabyte in one line is not read anew for each match in it.
    pub(super) fn around(&self, range: &Range<usize>) -> Range<usize> {
        let first = range.start.saturating_sub(NEAR_BYTES);
        let last = range.end.saturating_add(NEAR_BYTES).min(self.text.len());
        let before = self.text[first..range.start].iter().rposition(|byte| *byte == b'\n');
        let after = self.text[range.end..last].iter().position(|byte| *byte == b'\n');
        before.map_or(first, |at| first + at + 1)..after.map_or(last, |at| range.end + at)
    }
}

/// Texts of 4 GiB are never scanned.
fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}
