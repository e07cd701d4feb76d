//! What a repository remembers of judgements on its commits and pulls: checks, statuses, reviews and what is required.

mod checks;
mod protection;
mod refusal;
mod reviews;

use std::collections::BTreeMap;

pub use checks::{Annotation, CheckApp, CheckOutput, CheckRun, CheckSuite, CommitStatus};
pub use protection::{Protection, Rule, Ruleset};
pub use reviews::{Review, ReviewEvent, ReviewState};

/// The judgements of one repository.
#[derive(Debug, Default)]
pub struct Judging {
    pub suites: Vec<CheckSuite>,
    /// Oldest first, as their ids are.
    pub runs: Vec<CheckRun>,
    /// Every status that was ever set, oldest first.
    pub statuses: Vec<CommitStatus>,
    /// By the pull's number, oldest first.
    pub reviews: BTreeMap<i64, Vec<Review>>,
    /// By branch.
    pub protections: BTreeMap<String, Protection>,
    pub rulesets: Vec<Ruleset>,
}
