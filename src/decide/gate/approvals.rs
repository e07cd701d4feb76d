//! Whose word counts for a pull request, and for which head it was given.

use super::Gate;
use crate::model::{Login, MergeBlocker, Permission, PullSnapshot, RULES_PULL_BRANCH, Review, ReviewState, Sha};
use crate::policy::Policy;

pub(super) fn judge(gate: &mut Gate, snapshot: &PullSnapshot, policy: &Policy) {
    if snapshot.pull.review_required {
        gate.block(MergeBlocker::ReviewRequired);
    }
    let head = &snapshot.pull.head;
    let (mut have, mut stale) = (0, Vec::new());
    for review in words_that_count(snapshot) {
        match review.state {
            ReviewState::ChangesRequested => gate.block(MergeBlocker::ChangesRequested { by: review.author.clone() }),
            ReviewState::Approved if review.commit.as_ref() == Some(head) => {
                have += 1;
                gate.because(format!("{} approved this head", review.author));
            }
            ReviewState::Approved => stale.push((review.author.clone(), review.commit.clone())),
            ReviewState::Commented | ReviewState::Dismissed | ReviewState::Pending => {}
        }
    }
    let trusted = is_trusted(gate, snapshot, policy, have > 0);
    let need = policy.merge.approvals.max(snapshot.protection.required_approvals);
    if have < need {
        gate.block(MergeBlocker::ApprovalsMissing { have, need });
    }
    if have < need || !trusted {
        let told = |(by, commit): (Login, Option<Sha>)| MergeBlocker::ApprovalStale { by, commit };
        gate.blockers.extend(stale.into_iter().map(told));
    }
}

/// The newest word of each person who may write and is neither the author nor ourselves. Remarks are no word.
fn words_that_count(snapshot: &PullSnapshot) -> Vec<&Review> {
    let mut newest: Vec<&Review> = Vec::new();
    for review in &snapshot.reviews {
        let says = match review.state {
            ReviewState::Approved | ReviewState::ChangesRequested | ReviewState::Dismissed => true,
            ReviewState::Commented | ReviewState::Pending => false,
        };
        let independent = !review.author.is(&snapshot.pull.author) && !review.author.is(&snapshot.own.0);
        if !says || !independent || !may_write(snapshot, &review.author) {
            continue;
        }
        match newest.iter_mut().find(|kept| kept.author.is(&review.author)) {
            Some(kept) if (review.submitted, review.id) >= (kept.submitted, kept.id) => *kept = review,
            Some(_) => {}
            None => newest.push(review),
        }
    }
    newest
}

/// Whether the pull may be merged without a look by somebody else, or somebody has looked.
fn is_trusted(gate: &mut Gate, snapshot: &PullSnapshot, policy: &Policy, approved: bool) -> bool {
    let author = &snapshot.pull.author;
    if may_write(snapshot, author) {
        gate.because(format!("its author {author} has write permission"));
    } else if !proposes_rules(snapshot) && policy.trust.lists(author, snapshot.pull.author_kind) {
        gate.because(format!("the policy lists its author {author} as trusted"));
    } else if !approved {
        if proposes_rules(snapshot) {
            gate.because("it changes the policy, and nobody but a person decides on that, whomever the policy trusts");
        }
        gate.block(MergeBlocker::AuthorNotTrusted { author: author.clone() });
        return false;
    }
    true
}

/// A pull request of ours that changes the policy it is judged by: by its review, or because it is where such are.
fn proposes_rules(snapshot: &PullSnapshot) -> bool {
    let (pull, review) = (&snapshot.pull, snapshot.review.as_ref());
    let changes_policy = review.is_some_and(|review| review.policy_change.is_some());
    pull.author.is(&snapshot.own.0) && (changes_policy || pull.head_branch.as_str().starts_with(RULES_PULL_BRANCH))
}

/// A permission that is not known is none.
fn may_write(snapshot: &PullSnapshot, login: &Login) -> bool {
    let known = snapshot.permissions.iter().find(|(known, _)| known.is(login));
    known.is_some_and(|(_, permission)| *permission >= Permission::Write)
}
