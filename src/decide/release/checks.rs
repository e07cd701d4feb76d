//! What the checks of a candidate say: the gate's rules, applied to a commit that has landed.

use super::ReleasePolicy;
use crate::decide::gate::{OWN_CHECK, demanded, newest};
use crate::model::{Candidate, Check, CheckState, ReleaseBlocker, RequiredCheck};

/// Everything that the checks of a commit have against its release; nothing where it is green. What is required
/// counts, and where nothing is, every check does that is neither ours nor ignored.
pub(super) fn judge(
    candidate: &Candidate,
    required: &[RequiredCheck],
    own_app: i64,
    policy: ReleasePolicy<'_>,
) -> Vec<ReleaseBlocker> {
    let checks: Vec<&Check> = newest(&candidate.checks).into_iter().filter(|check| !is_ours(check, own_app)).collect();
    let required = demanded(required, &policy.release.checks, own_app);
    if required.is_empty() {
        return judge_all(candidate, &checks, policy);
    }
    let mut blockers = Vec::new();
    for wanted in &required {
        let fitting: Vec<&&Check> = checks.iter().filter(|check| wanted.is_met_by(check)).collect();
        if fitting.is_empty() {
            let (name, demanded_by) = (wanted.name.clone(), wanted.demanded_by.clone());
            blockers.push(ReleaseBlocker::CheckMissing { name, demanded_by });
        }
        for blocker in fitting.into_iter().filter_map(|check| verdict(check, policy)) {
            if !blockers.contains(&blocker) {
                blockers.push(blocker);
            }
        }
    }
    blockers
}

fn judge_all(candidate: &Candidate, checks: &[&Check], policy: ReleasePolicy<'_>) -> Vec<ReleaseBlocker> {
    let counted: Vec<&&Check> = checks.iter().filter(|check| !policy.checks.ignores(&check.name)).collect();
    if counted.is_empty() && !policy.release.allow_no_checks && !policy.checks.allow_none {
        return vec![ReleaseBlocker::NoChecks { sha: candidate.sha.clone() }];
    }
    counted.into_iter().filter_map(|check| verdict(check, policy)).collect()
}

fn verdict(check: &Check, policy: ReleasePolicy<'_>) -> Option<ReleaseBlocker> {
    let name = check.name.clone();
    match check.state {
        state if policy.checks.passes(state) => None,
        CheckState::Queued | CheckState::Running => Some(ReleaseBlocker::CheckRunning { name }),
        CheckState::Completed(conclusion) => {
            Some(ReleaseBlocker::CheckFailed { name, conclusion: conclusion.as_str().to_owned() })
        }
    }
}

fn is_ours(check: &Check, own_app: i64) -> bool {
    check.name == OWN_CHECK || check.is_by(own_app)
}
