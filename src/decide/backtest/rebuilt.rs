//! A pull request as it was at some moment of its past, as far as that can be told.

use std::collections::BTreeSet;

use crate::decide::depends::depends_on;
use crate::model::{
    Check, CheckState, Dependency, HeadReview, Mergeability, PastCommit, PastPull, PastPulls, Pull, PullSnapshot,
    PullState, Review, Timestamp,
};
use crate::policy::Policy;

/// A commit that was the head, from when on.
#[derive(Debug)]
struct Head<'p> {
    commit: &'p PastCommit,
    from: Timestamp,
}

/// The heads of a pull, oldest first. Commits that were pushed together with a newer one were never its head; of those
/// nothing was checked, so a commit counts where something was, and the last one always.
#[derive(Debug)]
pub(super) struct Heads<'p>(Vec<Head<'p>>);

impl<'p> Heads<'p> {
    /// The heads; `None` where GitHub does not list the last one, as after a force-push that took it away.
    pub(super) fn of(pull: &'p PastPull) -> Option<Self> {
        let last = pull.commits.iter().position(|commit| commit.sha == pull.head)?;
        let mut heads: Vec<Head<'p>> = Vec::new();
        for (place, commit) in pull.commits.iter().take(last + 1).enumerate() {
            if place == last || !commit.checks.is_empty() {
                // A commit is often older than the pull; and it cannot have been pushed after the end.
                let earliest = heads.last().map_or(pull.created, |before| before.from);
                let from = commit.committed.max(earliest).min(pull.closed);
                heads.push(Head { commit, from });
            }
        }
        Some(Self(heads))
    }

    fn at(&self, moment: Timestamp) -> Option<&Head<'p>> {
        self.0.iter().rfind(|head| head.from <= moment).or_else(|| self.0.first())
    }

    /// Moments at which something changed that the gate looks at, from the opening to the end.
    pub(super) fn moments(&self, pull: &PastPull, policy: &Policy) -> BTreeSet<Timestamp> {
        let checks = self.0.iter().flat_map(|head| &head.commit.checks);
        let over = checks.filter_map(|check| check.completed.or(check.started));
        let freezes = policy.freezes.iter().flat_map(|freeze| [freeze.from, freeze.until]).flatten();
        let reviews = pull.reviews.iter().filter_map(|review| review.submitted);
        let heads = self.0.iter().map(|head| head.from);
        let all = heads.chain(over).chain(reviews).chain(freezes).chain([pull.created, pull.closed]);
        all.filter(|moment| pull.created <= *moment && *moment <= pull.closed).collect()
    }

    /// The pull as it was at this moment.
    pub(super) fn snapshot(&self, past: &PastPulls, pull: &PastPull, moment: Timestamp) -> Option<PullSnapshot> {
        let head = self.at(moment)?;
        let sha = head.commit.sha.clone();
        Some(PullSnapshot {
            repository: past.repository.clone(),
            pull: Pull {
                number: pull.number,
                title: pull.title.clone(),
                body: pull.body.clone(),
                state: PullState::Open,
                draft: pull.draft,
                author: pull.author.clone(),
                author_kind: pull.author_kind,
                labels: pull.labels.clone(),
                head: sha.clone(),
                head_branch: pull.head_branch.clone(),
                head_repository: None,
                base: pull.base.clone(),
                base_sha: sha.clone(),
                mergeability: Mergeability::Mergeable,
                behind: false,
                review_required: false,
                commits: Vec::new(),
                changed_files: 0,
                url: pull.url.clone(),
                created: pull.created,
                merge_commit: None,
            },
            decision: 1,
            checks: head.commit.checks.iter().map(|check| as_it_was(check, moment)).collect(),
            protection: past.protection.get(&pull.base).cloned().unwrap_or_default(),
            reviews: pull.reviews.iter().filter(|review| was_there(review, moment)).cloned().collect(),
            permissions: past.permissions.clone(),
            review: Some(found_nothing(sha)),
            dependencies: met(past, pull),
            freezes: Vec::new(),
            dependents: Vec::new(),
            own: past.own.clone(),
            record: None,
        })
    }
}

/// A check that was not over at this moment was waited for: GitHub tells when one began, not since when it was to be
/// expected.
fn as_it_was(check: &Check, moment: Timestamp) -> Check {
    let over = check.completed.or(check.started).is_some_and(|over| over <= moment);
    let state = match check.state {
        CheckState::Completed(_) if !over => CheckState::Running,
        other @ (CheckState::Completed(_) | CheckState::Queued | CheckState::Running) => other,
    };
    Check { state, ..check.clone() }
}

fn was_there(review: &Review, moment: Timestamp) -> bool {
    review.submitted.is_some_and(|submitted| submitted <= moment)
}

fn found_nothing(head: crate::model::Sha) -> HeadReview {
    HeadReview {
        head,
        rules: String::new(),
        findings: Vec::new(),
        total: 0,
        files: 0,
        lines: None,
        faults: Vec::new(),
        policy_change: None,
        backtest: None,
    }
}

fn met(past: &PastPulls, pull: &PastPull) -> Vec<Dependency> {
    let named = depends_on(&pull.body, &past.repository.name).found.into_iter();
    let met = |(repository, number)| Dependency { repository, number, met: true, state: "taken as met".to_owned() };
    named.map(met).collect()
}
