//! Whether protection lets a pull merge or a branch move, and GitHub's words when it does not.

use super::{Judging, ReviewState};
use crate::simulator::github::entities::{AccountKind, Permission, Repository};
use crate::simulator::github::git::Git;
use crate::simulator::github::state::State;

/// How a required check stands; the words are GitHub's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Standing {
    Passed,
    Expected,
    Pending,
    InProgress,
    Failing,
}

impl Standing {
    const fn word(self) -> &'static str {
        match self {
            Self::Passed => "successful",
            Self::Expected => "expected",
            Self::Pending => "pending",
            Self::InProgress => "in progress",
            Self::Failing => "failing",
        }
    }
}

impl Judging {
    /// The worst that the newest run and the newest status of this name say; another App's does not count.
    fn standing(&self, sha: &str, (name, app): &(String, Option<i64>), own_app: i64) -> Standing {
        let from = |actual: Option<i64>| app.is_none_or(|app| actual == Some(app));
        let runs = self.latest_runs(sha).into_iter().filter(|run| run.name == *name && from(Some(run.app.id)));
        let runs = runs.map(|run| match run.status.as_str() {
            "completed" if run.passed() => Standing::Passed,
            "completed" => Standing::Failing,
            "in_progress" => Standing::InProgress,
            _ => Standing::Pending,
        });
        let statuses = self
            .latest_statuses(sha)
            .into_iter()
            .filter(|status| status.context == *name && from(status.via_app.then_some(own_app)));
        let statuses = statuses.map(|status| match status.state.as_str() {
            "success" => Standing::Passed,
            "pending" => Standing::Pending,
            _ => Standing::Failing,
        });
        let all: Vec<Standing> = runs.chain(statuses).collect();
        let order = [Standing::Failing, Standing::InProgress, Standing::Pending, Standing::Passed];
        order.into_iter().find(|one| all.contains(one)).unwrap_or(Standing::Expected)
    }

    /// Why the required checks of a branch are not content with a commit.
    fn checks_refusal(&self, branch: &str, sha: &str, own_app: i64) -> Option<String> {
        let required = self.required(branch).checks;
        let standings = required.iter().map(|check| (check, self.standing(sha, check, own_app)));
        let missing: Vec<_> = standings.filter(|(_, standing)| *standing != Standing::Passed).collect();
        let total = required.len();
        match missing.as_slice() {
            [] => None,
            [((name, _), standing)] if total == 1 => {
                Some(format!("Required status check \"{name}\" is {}.", standing.word()))
            }
            all => {
                let count = |standing: Standing| all.iter().filter(|(_, one)| *one == standing).count();
                let kinds = [Standing::Failing, Standing::InProgress, Standing::Pending, Standing::Expected];
                let counted: Vec<_> = kinds.into_iter().filter(|kind| count(*kind) > 0).collect();
                Some(match (all, counted.as_slice()) {
                    ([((name, _), standing)], _) => {
                        format!("Required status check \"{name}\" is {}.", standing.word())
                    }
                    (all, [kind]) => format!("{} of {total} required status checks are {}.", all.len(), kind.word()),
                    (all, kinds) => {
                        let list: Vec<String> =
                            kinds.iter().map(|kind| format!("{} {}", count(*kind), kind.word())).collect();
                        let list = list.join(" and ");
                        format!("{} of {total} required status checks have not succeeded: {list}.", all.len())
                    }
                })
            }
        }
    }
}

/// Whether a branch lacks commits of its base.
fn is_behind(git: &Git, base: &str, head_sha: &str) -> bool {
    git.head(base).is_some_and(|tip| !git.contains(head_sha, &tip))
}

impl State {
    /// Why protection and rulesets refuse to merge a pull, in the words of GitHub's 405; `None` when they do not.
    ///
    /// <https://docs.github.com/en/repositories/configuring-branches-and-merges-in-your-repository/managing-protected-branches/about-protected-branches>
    pub fn protection_refusal(&self, repository: i64, number: i64) -> Option<String> {
        let home = self.repository(repository).ok()?;
        let pull = home.issues.get(&number)?.pull.as_ref()?;
        let required = home.judging.required(&pull.base);
        if required.merge_queue {
            return Some("Changes must be made through the merge queue".to_owned());
        }
        if let Some(refusal) = home.judging.checks_refusal(&pull.base, &pull.head_sha, self.app.id) {
            return Some(refusal);
        }
        if required.strict && is_behind(&home.git, &pull.base, &pull.head_sha) {
            return Some("Head branch is out of date. Review and try the merge again.".to_owned());
        }
        if required.approvals == 0 {
            return None;
        }
        let (approvals, objections) = self.counted_reviews(home, number);
        if objections > 0 {
            return Some(
                "Changes must be made before merging: a reviewer with write access requested them.".to_owned(),
            );
        }
        if approvals >= required.approvals {
            return None;
        }
        let (plural, verb) = if required.approvals == 1 { ("", "is") } else { ("s", "are") };
        Some(format!(
            "At least {} approving review{plural} {verb} required by reviewers with write access.",
            required.approvals
        ))
    }

    /// Why a pull may not be merged by this method (`merge`, `squash`, `rebase`), in the words of GitHub's 405.
    pub fn merge_method_refusal(&self, repository: i64, number: i64, method: &str) -> Option<String> {
        let home = self.repository(repository).ok()?;
        let pull = home.issues.get(&number)?.pull.as_ref()?;
        let required = home.judging.required(&pull.base);
        let left_out = required.merge_methods.is_some_and(|left| !left.iter().any(|allowed| allowed == method));
        let bends = required.linear_history && method == "merge";
        if !left_out && !bends {
            return None;
        }
        let kind = match method {
            "squash" => "Squash merges",
            "rebase" => "Rebase merges",
            _ => "Merge commits",
        };
        Some(format!("{kind} are not allowed on this repository."))
    }

    /// Why protection refuses to move a branch to a commit by hand, in the words of GitHub's 422.
    pub fn ref_refusal(&self, repository: i64, branch: &str, sha: &str) -> Option<String> {
        let home = self.repository(repository).ok()?;
        if home.judging.protects(branch) && is_behind(&home.git, branch, sha) {
            return Some("Cannot force-push to this branch".to_owned());
        }
        let required = home.judging.required(branch);
        if required.pull_request || required.merge_queue {
            return Some("Changes must be made through a pull request.".to_owned());
        }
        home.judging.checks_refusal(branch, sha, self.app.id)
    }

    /// Approvals and requests for changes that count: the last word of each reviewer who may write.
    fn counted_reviews(&self, home: &Repository, number: i64) -> (usize, usize) {
        let bot = |login: &str| self.account(login).is_some_and(|account| account.kind == AccountKind::Bot);
        let counts = |login: &str| bot(login) || home.permission(login) >= Permission::Write;
        let decisive = home.judging.decisive_reviews(number);
        let of = |state: ReviewState| {
            decisive.iter().filter(|review| review.state == state && counts(&review.author)).count()
        };
        (of(ReviewState::Approved), of(ReviewState::ChangesRequested))
    }

    /// GraphQL's `reviewDecision`: `None` where no review is required and none decides anything.
    pub fn review_decision(&self, (repository, number): (i64, i64)) -> Option<&'static str> {
        let home = self.repository(repository).ok()?;
        let pull = home.issues.get(&number)?.pull.as_ref()?;
        let required = home.judging.required(&pull.base).approvals;
        match self.counted_reviews(home, number) {
            (_, objections) if objections > 0 => Some("CHANGES_REQUESTED"),
            (approvals, _) if approvals < required => Some("REVIEW_REQUIRED"),
            (0, _) => None,
            _ => Some("APPROVED"),
        }
    }

    /// GraphQL's `mergeStateStatus`, from what Git says and what protection says.
    pub fn merge_state_status(&self, (repository, number): (i64, i64), mergeable: Option<bool>) -> &'static str {
        let found = self.repository(repository).ok().and_then(|home| Some((home, home.issues.get(&number)?)));
        let Some((home, pull)) = found.and_then(|(home, issue)| Some((home, issue.pull.as_ref()?))) else {
            return "UNKNOWN";
        };
        match mergeable {
            None => return "UNKNOWN",
            Some(false) => return "DIRTY",
            Some(true) => {}
        }
        if pull.draft {
            return "DRAFT";
        }
        let strict = home.judging.required(&pull.base).strict;
        if strict && is_behind(&home.git, &pull.base, &pull.head_sha) {
            return "BEHIND";
        }
        if self.protection_refusal(repository, number).is_some() {
            return "BLOCKED";
        }
        let judging = &home.judging;
        let runs = judging.latest_runs(&pull.head_sha).iter().all(|run| run.passed());
        let statuses = judging.latest_statuses(&pull.head_sha).iter().all(|status| status.state == "success");
        if runs && statuses { "CLEAN" } else { "UNSTABLE" }
    }
}
