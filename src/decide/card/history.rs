//! What happened to a task, folded at the end of its card; the audit has all of it.

use std::fmt::Write as _;

use crate::decide::quote::{cell, moment};
use crate::model::Task;

pub(super) fn history(text: &mut String, task: &Task) {
    if task.work.timeline.is_empty() {
        return;
    }
    text.push_str("\n<details><summary>Timeline</summary>\n\n");
    for entry in &task.work.timeline {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "- {} · {} {}", moment(entry.at), cell(&entry.who), cell(&entry.what));
    }
    text.push_str("\n</details>");
}
