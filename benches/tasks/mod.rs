//! Tasks in numbers, on both databases: 50 workers that claim at once, and a tick over 10,000 open tasks with clocks.

mod claims;
mod clocks;
mod fill;

pub use self::claims::rows as claim_rows;
pub use self::clocks::rows as clock_rows;

/// Rows in the store before each run.
const TASKS: i64 = 10_000;
