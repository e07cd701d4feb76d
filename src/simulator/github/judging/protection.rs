//! What must hold before a branch moves: branch protection and rulesets, and both taken together.

use globset::Glob;
use serde_json::{Value, json};

use super::Judging;

/// The protection of one branch.
#[derive(Debug, Clone, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a box on GitHub's page of settings")]
pub struct Protection {
    /// The required checks, each with the App that must report it, if it matters.
    pub required_checks: Vec<(String, Option<i64>)>,
    /// Whether the head must contain the base's tip.
    pub strict: bool,
    /// How many approving reviews are required.
    pub required_approvals: usize,
    /// Whether a push dismisses approvals.
    pub dismiss_stale: bool,
    /// Whether merge commits are forbidden.
    pub linear_history: bool,
    /// Whether the App may move the branch without a pull request, as GitHub's list of who may bypass them allows.
    pub app_bypasses_pulls: bool,
    /// Whether administrators are held to it too.
    pub enforce_admins: bool,
}

/// One rule of a ruleset.
///
/// <https://docs.github.com/en/rest/repos/rules#get-rules-for-a-branch>
#[derive(Debug, Clone)]
pub enum Rule {
    /// Checks that must pass.
    RequiredStatusChecks {
        /// Each with the App that must report it, if it matters.
        checks: Vec<(String, Option<i64>)>,
        /// Whether the head must contain the base's tip.
        strict: bool,
    },
    /// Changes come by pull requests.
    PullRequest {
        /// How many approving reviews are required.
        approvals: usize,
        /// Whether a push dismisses approvals.
        dismiss_stale: bool,
        /// `merge`, `squash`, `rebase`: those that are allowed.
        allowed_merge_methods: Vec<String>,
    },
    /// Changes come by GitHub's own merge queue.
    MergeQueue,
    /// The branch is never forced.
    NonFastForward,
    /// No merge commits.
    RequiredLinearHistory,
    /// Any other rule, by its type and parameters.
    Other(String, Option<Value>),
}

/// Rules for the branches that a glob names.
#[derive(Debug, Clone)]
pub struct Ruleset {
    pub id: i64,
    pub branches: String,
    pub rules: Vec<Rule>,
}

/// All that protection and rulesets together require of a branch.
#[derive(Debug, Clone, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a rule that is there or not")]
pub struct Required {
    pub checks: Vec<(String, Option<i64>)>,
    pub strict: bool,
    pub approvals: usize,
    pub dismiss_stale: bool,
    pub merge_queue: bool,
    /// Whether the App, too, must come by a pull request.
    pub pull_request: bool,
    pub linear_history: bool,
    /// What rulesets leave of `merge`, `squash` and `rebase`; `None` leaves them all.
    pub merge_methods: Option<Vec<String>>,
}

impl Judging {
    /// The rules that apply to a branch, each with its ruleset's id.
    pub fn rules_for<'a>(&'a self, branch: &'a str) -> impl Iterator<Item = (i64, &'a Rule)> {
        let applies = move |set: &&Ruleset| {
            set.branches == branch || Glob::new(&set.branches).is_ok_and(|glob| glob.compile_matcher().is_match(branch))
        };
        self.rulesets.iter().filter(applies).flat_map(|set| set.rules.iter().map(|rule| (set.id, rule)))
    }

    /// Whether anything protects the branch.
    pub fn protects(&self, branch: &str) -> bool {
        self.protections.contains_key(branch) || self.rules_for(branch).next().is_some()
    }

    /// The strictest of everything that applies.
    pub fn required(&self, branch: &str) -> Required {
        let mut required = Required::default();
        if let Some(own) = self.protections.get(branch) {
            required.checks.clone_from(&own.required_checks);
            required.strict = own.strict;
            required.approvals = own.required_approvals;
            required.dismiss_stale = own.dismiss_stale;
            required.pull_request = own.required_approvals > 0 && !own.app_bypasses_pulls;
            required.linear_history = own.linear_history;
        }
        for (_, rule) in self.rules_for(branch) {
            match rule {
                Rule::RequiredStatusChecks { checks, strict } => {
                    let known = required.checks.clone();
                    required.checks.extend(checks.iter().filter(|check| !known.contains(check)).cloned());
                    required.strict |= strict;
                }
                Rule::PullRequest { approvals, dismiss_stale, allowed_merge_methods } => {
                    let left = required.merge_methods.get_or_insert_with(|| allowed_merge_methods.clone());
                    left.retain(|method| allowed_merge_methods.contains(method));
                    required.approvals = required.approvals.max(*approvals);
                    required.dismiss_stale |= dismiss_stale;
                    required.pull_request = true;
                }
                Rule::MergeQueue => required.merge_queue = true,
                Rule::RequiredLinearHistory => required.linear_history = true,
                Rule::NonFastForward | Rule::Other(..) => {}
            }
        }
        required
    }
}

impl Rule {
    /// Its type and parameters in GitHub's words.
    #[must_use]
    pub fn shown(&self) -> (&str, Option<Value>) {
        match self {
            Self::RequiredStatusChecks { checks, strict } => {
                let show = |(context, app): &(String, Option<i64>)| match app {
                    Some(app) => json!({"context": context, "integration_id": app}),
                    None => json!({"context": context}),
                };
                let parameters = json!({
                    "strict_required_status_checks_policy": strict,
                    "do_not_enforce_on_create": false,
                    "required_status_checks": checks.iter().map(show).collect::<Vec<_>>(),
                });
                ("required_status_checks", Some(parameters))
            }
            Self::PullRequest { approvals, dismiss_stale, allowed_merge_methods } => {
                let parameters = json!({
                    "required_approving_review_count": approvals,
                    "dismiss_stale_reviews_on_push": dismiss_stale,
                    "require_code_owner_review": false,
                    "require_last_push_approval": false,
                    "required_review_thread_resolution": false,
                    "allowed_merge_methods": allowed_merge_methods,
                });
                ("pull_request", Some(parameters))
            }
            Self::MergeQueue => {
                let parameters = json!({
                    "check_response_timeout_minutes": 60,
                    "grouping_strategy": "ALLGREEN",
                    "max_entries_to_build": 5,
                    "max_entries_to_merge": 5,
                    "merge_method": "MERGE",
                    "min_entries_to_merge": 1,
                    "min_entries_to_merge_wait_minutes": 5,
                });
                ("merge_queue", Some(parameters))
            }
            Self::NonFastForward => ("non_fast_forward", None),
            Self::RequiredLinearHistory => ("required_linear_history", None),
            Self::Other(kind, parameters) => (kind, parameters.clone()),
        }
    }
}
