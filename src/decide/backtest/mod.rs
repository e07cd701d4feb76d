//! What rules and a policy would have done with issues and pull requests of the past, against what happened.
//!
//! The very functions are asked that decide about new ones: [`super::route`] and [`super::gate`].

mod change;
mod issues;
mod pulls;
mod rebuilt;
mod reverted;

pub use change::change;
pub use issues::{Confusion, IssueBacktest, IssueRow, issues};
pub use pulls::{Happened, PullBacktest, PullRow, PullVerdict, Wrong, pulls};

/// What GitHub does not tell of the past, as one sentence for whoever reads a backtest of pull requests.
pub const NOT_KNOWN: &str = "GitHub does not tell how a pull stood in the past: labels and draft are as they are now, \
                             permissions and what its base demands are today's, conflicts, holds and what it depends on \
                             are taken to be out of the way, and our own review to have found nothing.";
