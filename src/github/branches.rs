//! What a branch demands of whatever is merged into it: branch protection and rulesets, as an App may read them.

use std::collections::BTreeSet;

use serde::Deserialize;

use super::request::Call;
use super::{GithubError, InstallationClient, Path};
use crate::model::{BranchName, BranchProtection, RepositoryName, RequiredCheck, Sha};

/// A branch's newest commit, and what its classic protection says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BranchHead {
    /// Its newest commit.
    pub sha: Sha,
    /// Whether anything protects it.
    pub protected: bool,
    /// The checks that classic protection demands.
    pub protection: Vec<RequiredCheck>,
}

/// A branch as GitHub tells it (<https://docs.github.com/en/rest/branches/branches#get-a-branch>).
#[derive(Deserialize)]
struct BranchBody {
    commit: CommitBody,
    protected: bool,
    #[serde(default)]
    protection: Option<ProtectionBody>,
}

#[derive(Deserialize)]
struct CommitBody {
    sha: Sha,
}

#[derive(Deserialize)]
struct ProtectionBody {
    #[serde(default)]
    required_status_checks: Option<StatusChecksBody>,
}

#[derive(Deserialize)]
struct StatusChecksBody {
    #[serde(default)]
    enforcement_level: Option<String>,
    #[serde(default)]
    contexts: Vec<String>,
    #[serde(default)]
    checks: Vec<CheckBody>,
}

#[derive(Deserialize)]
struct CheckBody {
    context: String,
    #[serde(default, alias = "integration_id")]
    app_id: Option<i64>,
}

impl CheckBody {
    fn demanded_by(self, who: &str) -> RequiredCheck {
        // GitHub writes -1 as well as null for "any App".
        let app = self.app_id.filter(|id| *id > 0);
        RequiredCheck { name: self.context, app, demanded_by: who.to_owned() }
    }
}

impl StatusChecksBody {
    fn into_required(self) -> Vec<RequiredCheck> {
        if self.enforcement_level.as_deref() == Some("off") {
            return Vec::new();
        }
        let named: BTreeSet<String> = self.checks.iter().map(|check| check.context.clone()).collect();
        // `contexts` is the older form of the same list, without Apps.
        let older = self.contexts.into_iter().filter(|context| !named.contains(context));
        let older = older.map(|context| CheckBody { context, app_id: None });
        self.checks.into_iter().chain(older).map(|check| check.demanded_by("branch protection")).collect()
    }
}

/// A rule in force (<https://docs.github.com/en/rest/repos/rules#get-rules-for-a-branch>).
#[derive(Deserialize)]
struct RuleBody {
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    parameters: Option<serde_json::Value>,
}

#[derive(Deserialize)]
struct RequiredChecksRule {
    required_status_checks: Vec<CheckBody>,
}

#[derive(Deserialize)]
struct PullRule {
    required_approving_review_count: u32,
    #[serde(default)]
    dismiss_stale_reviews_on_push: bool,
    #[serde(default)]
    allowed_merge_methods: Option<Vec<String>>,
}

impl RuleBody {
    /// Adds what this rule demands; those that are not read here are enforced by GitHub when it merges.
    fn add_to(self, demands: &mut BranchProtection) -> Result<(), serde_json::Error> {
        let parameters = self.parameters.unwrap_or_default();
        match self.kind.as_str() {
            "required_status_checks" => {
                let rule: RequiredChecksRule = serde_json::from_value(parameters)?;
                let checks = rule.required_status_checks.into_iter();
                demands.required_checks.extend(checks.map(|check| check.demanded_by("a ruleset")));
            }
            "pull_request" => {
                let rule: PullRule = serde_json::from_value(parameters)?;
                demands.required_approvals = demands.required_approvals.max(rule.required_approving_review_count);
                demands.dismisses_stale_approvals |= rule.dismiss_stale_reviews_on_push;
                if let Some(methods) = rule.allowed_merge_methods {
                    allow_only(demands, &methods);
                }
            }
            "required_linear_history" => allow_only(demands, &["squash".to_owned(), "rebase".to_owned()]),
            "merge_queue" => demands.github_queue = true,
            _ => {}
        }
        Ok(())
    }
}

/// A method is allowed when every rule that speaks of methods allows it.
fn allow_only(demands: &mut BranchProtection, methods: &[String]) {
    demands.allowed_methods = Some(match demands.allowed_methods.take() {
        Some(known) => known.into_iter().filter(|method| methods.contains(method)).collect(),
        None => methods.to_vec(),
    });
}

/// What GitHub's 403 begins with where a plan lacks a feature, as opposed to the App lacking a permission
/// (<https://docs.github.com/en/repositories/configuring-branches-and-merges-in-your-repository/managing-rulesets/about-rulesets>).
const NOT_ON_THIS_PLAN: &str = "Upgrade to GitHub ";

impl InstallationClient {
    /// A branch; `None` when there is none of this name.
    pub async fn branch(
        &self,
        repository: &RepositoryName,
        branch: &BranchName,
    ) -> Result<Option<BranchHead>, GithubError> {
        match self.existing_branch(repository, branch).await {
            Ok(head) => Ok(Some(head)),
            Err(GithubError::NotFound { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    async fn existing_branch(
        &self,
        repository: &RepositoryName,
        branch: &BranchName,
    ) -> Result<BranchHead, GithubError> {
        let body: BranchBody = self.caller.read(Path::repository(repository, ["branches", branch.as_str()])?).await?;
        let checks = body.protection.and_then(|protection| protection.required_status_checks);
        let protection = checks.map(StatusChecksBody::into_required).unwrap_or_default();
        Ok(BranchHead { sha: body.commit.sha, protected: body.protected, protection })
    }

    /// What the rulesets demand of a branch, those of its organisation included.
    ///
    /// # Errors
    /// [`GithubError::Decode`] for a rule that cannot be read: it must not pass for one that demands nothing.
    pub async fn branch_rules(
        &self,
        repository: &RepositoryName,
        branch: &BranchName,
    ) -> Result<BranchProtection, GithubError> {
        let path = Path::repository(repository, ["rules", "branches", branch.as_str()])?;
        let call = Call::get(path.clone());
        let rules: Vec<RuleBody> = match self.caller.list(path).await {
            Ok(rules) => rules,
            // A private repository on a free plan has no rulesets, and GitHub says so by advertising.
            Err(GithubError::Forbidden { message, .. }) if message.starts_with(NOT_ON_THIS_PLAN) => Vec::new(),
            Err(error) => return Err(error),
        };
        let mut demands = BranchProtection::default();
        for rule in rules {
            let kind = rule.kind.clone();
            rule.add_to(&mut demands).map_err(|fault| GithubError::Decode {
                call: call.to_string(),
                fault: format!("in the rule {kind}: {fault}"),
                performed: false,
            })?;
        }
        Ok(demands)
    }

    /// What branch protection and rulesets demand of a branch together.
    ///
    /// # Errors
    /// Whatever keeps either from being known, [`GithubError::NotFound`] for a branch that is not there among them.
    pub async fn branch_protection(
        &self,
        repository: &RepositoryName,
        branch: &BranchName,
    ) -> Result<BranchProtection, GithubError> {
        let (head, mut demands) =
            futures::future::try_join(self.existing_branch(repository, branch), self.branch_rules(repository, branch))
                .await?;
        demands.required_checks.extend(head.protection);
        demands.required_checks.sort();
        demands.required_checks.dedup();
        Ok(demands)
    }
}
