//! The code review: from a changed file and the rules to findings, and from findings to what people read.

mod directive;
mod examples;
mod file;
mod imports;
mod present;
mod pull;
mod sight;

pub use examples::check_examples;
pub use file::{FileToReview, PARSE_LIMIT_BYTES, review_file};
pub use present::{Presented, present, review_body};
pub use pull::{PullTotals, finish};

/// The ids of the rules that are code and not written in files; they can be disabled and weighed like any other.
pub mod rule {
    /// A file with more lines than `max_file_lines`.
    pub const LARGE_FILE: &str = "large-file";
    /// A file with more bytes than `max_file_bytes`.
    pub const HUGE_FILE: &str = "huge-file";
    /// A file that structural rules did not look at.
    pub const UNPARSED_FILE: &str = "unparsed-file";
    /// A directive that gives no reason.
    pub const ALLOW_WITHOUT_REASON: &str = "allow-without-reason";
    /// Python imports that are not grouped.
    pub const UNGROUPED_IMPORTS: &str = "python-ungrouped-imports";
    /// A pull with more lines than `max_pull_lines`, or more files than `max_pull_files`.
    pub const LARGE_PULL: &str = "large-pull";
}
