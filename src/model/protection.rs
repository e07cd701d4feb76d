//! What a branch demands of whatever is merged into it: GitHub's protection, its rulesets and our policy together.

use serde::{Deserialize, Serialize};

use super::Check;

/// A check that must be green.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct RequiredCheck {
    /// The check run's name or the status's context.
    pub name: String,
    /// The App it must come from; `None` when anybody may report it.
    pub app: Option<i64>,
    /// Who demands it, as a sentence part: `branch protection`, `a ruleset`, `the policy`.
    pub demanded_by: String,
}

impl RequiredCheck {
    /// A check that our policy demands, whoever reports it.
    #[must_use]
    pub fn by_policy(name: &str) -> Self {
        Self { name: name.to_owned(), app: None, demanded_by: "the policy".to_owned() }
    }

    /// Whether this check is one that is demanded, however it ended.
    #[must_use]
    pub fn is_met_by(&self, check: &Check) -> bool {
        check.name == self.name && self.app.is_none_or(|app| check.is_by(app))
    }
}

/// What GitHub's protection and rulesets demand of a branch, as far as they can be read beforehand.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct BranchProtection {
    /// Checks that must be green.
    pub required_checks: Vec<RequiredCheck>,
    /// Approving reviews that a ruleset demands.
    pub required_approvals: u32,
    /// Approvals for an older head do not count, says a ruleset.
    pub dismisses_stale_approvals: bool,
    /// Merge methods that rulesets allow: `merge`, `squash`, `rebase`; `None` when nothing is said.
    pub allowed_methods: Option<Vec<String>>,
    /// GitHub's own merge queue is switched on for this branch, so GitHub merges nothing directly.
    pub github_queue: bool,
}
