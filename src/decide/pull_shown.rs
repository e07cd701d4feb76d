//! What pages show of a pull request beside why it is not merged.

use super::gate;
use crate::model::{Check, Number, PullShown, PullSnapshot};
use crate::policy::{MergeStrategy, Policy};

/// What pages show of a pull request that belongs to these tasks.
pub(super) fn shown(snapshot: &PullSnapshot, policy: &Policy, tasks: &[Number]) -> PullShown {
    let (pull, own) = (&snapshot.pull, snapshot.own.1);
    let others = |check: &&Check| check.name != gate::OWN_CHECK && !check.is_by(own);
    PullShown {
        url: pull.url.clone(),
        opened: pull.created,
        labels: pull.labels.clone(),
        checks: gate::newest(&snapshot.checks).into_iter().filter(others).cloned().collect(),
        counted: gate::counted(snapshot, policy).into_iter().map(|check| check.name.clone()).collect(),
        demanded: gate::demanded(&snapshot.protection.required_checks, &policy.checks.required, own),
        reviews: snapshot.reviews.iter().filter(|review| !review.author.is(&snapshot.own.0)).cloned().collect(),
        dependencies: snapshot.dependencies.clone(),
        dependents: snapshot.dependents.clone(),
        base_sha: pull.base_sha.clone(),
        tasks: tasks.to_vec(),
        method: policy.merge.method_for(&snapshot.protection).as_str().to_owned(),
        queued: match policy.merge.strategy {
            MergeStrategy::Queue => true,
            MergeStrategy::Direct => false,
        },
        base: pull.base.clone(),
        merge_commit: pull.merge_commit.clone(),
        changed_lines: snapshot.review.as_ref().and_then(|review| review.lines),
        own_app: own,
    }
}
