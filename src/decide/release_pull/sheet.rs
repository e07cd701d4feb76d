//! A file that is changed at a few places and stays as it is everywhere else, with the faults found in it.

use std::ops::Range;
use std::sync::Arc;

use crate::policy::{Complaint, RuleFault, RuleFile};

/// The byte order mark that some editors write before everything else; no parser needs it, and it is put back.
pub(super) const BYTE_ORDER_MARK: char = '\u{feff}';

/// One file under change.
#[derive(Debug)]
pub(super) struct Sheet {
    file: Arc<RuleFile>,
    marked: bool,
    edits: Vec<(Range<usize>, String)>,
    faults: Vec<RuleFault>,
}

impl Sheet {
    pub(super) fn new(path: &str, text: &str) -> Self {
        let bare = text.strip_prefix(BYTE_ORDER_MARK);
        let file = Arc::new(RuleFile::new(path, bare.unwrap_or(text)));
        Self { file, marked: bare.is_some(), edits: Vec::new(), faults: Vec::new() }
    }

    /// The file as it was, without byte order mark: what places count in.
    pub(super) fn file(&self) -> Arc<RuleFile> {
        Arc::clone(&self.file)
    }

    /// Its path.
    pub(super) fn path(&self) -> &str {
        &self.file.name
    }

    /// Notes what is to stand at a place instead.
    pub(super) fn replace(&mut self, span: Range<usize>, new: String) {
        self.edits.push((span, new));
    }

    /// Notes a fault at a place, or of the file as a whole.
    pub(super) fn fault(&mut self, span: Option<Range<usize>>, complaint: Complaint) {
        self.faults.push(match span {
            Some(span) => RuleFault::at(&self.file, span, complaint),
            None => RuleFault::of_file(&self.file.name, complaint),
        });
    }

    pub(super) fn is_faulty(&self) -> bool {
        !self.faults.is_empty()
    }

    /// Path and new text, or every fault as a sentence.
    pub(super) fn finish(mut self) -> Result<(String, String), Vec<String>> {
        if !self.faults.is_empty() {
            return Err(self.faults.iter().map(ToString::to_string).collect());
        }
        // From the end, so that the places before stay where they are.
        self.edits.sort_by_key(|(span, _)| std::cmp::Reverse(span.start));
        let mut text = self.file.text.clone();
        for (span, new) in self.edits {
            text.replace_range(span, &new);
        }
        if self.marked {
            text.insert(0, BYTE_ORDER_MARK);
        }
        Ok((self.file.name.clone(), text))
    }
}
