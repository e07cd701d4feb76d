//! What the checks of a candidate say: the gate's rules, applied to a commit that has landed.

use super::ReleasePolicy;
use crate::decide::gate::{OWN_CHECK, newest};
use crate::model::{Candidate, Check, CheckOrigin, CheckState, ReleaseBlocker, RequiredCheck};

/// Everything that the checks of a commit have against its release; nothing where it is green. What is required
/// counts, and where nothing is, every check does that is neither ours nor ignored.
pub(super) fn judge(
    candidate: &Candidate,
    required: &[RequiredCheck],
    own_app: i64,
    policy: ReleasePolicy<'_>,
) -> Vec<ReleaseBlocker> {
    let checks: Vec<&Check> = newest(&candidate.checks).into_iter().filter(|check| !is_ours(check, own_app)).collect();
    let required = demanded(required, own_app, policy);
    if required.is_empty() {
        return judge_all(candidate, &checks, policy);
    }
    let mut blockers = Vec::new();
    for wanted in &required {
        let fitting: Vec<&&Check> = checks.iter().filter(|check| fits(check, wanted)).collect();
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

/// Required by GitHub's settings, by `[checks]` and by `[release]`, each name and App once. What only we ourselves
/// could report is left out: it is said of pull requests, never of what landed.
fn demanded(required: &[RequiredCheck], own_app: i64, policy: ReleasePolicy<'_>) -> Vec<RequiredCheck> {
    let by_policy = policy.release.checks.iter().map(|name| RequiredCheck {
        name: name.clone(),
        app: None,
        demanded_by: "the policy".to_owned(),
    });
    let mut demanded: Vec<RequiredCheck> = Vec::new();
    for one in required.iter().cloned().chain(by_policy) {
        let ours = one.name == OWN_CHECK || one.app == Some(own_app);
        // A demand for an App includes the same demand for anybody.
        let included = demanded.iter().any(|kept| kept.name == one.name && (one.app.is_none() || kept.app == one.app));
        if !ours && !included {
            demanded.push(one);
        }
    }
    demanded
}

fn fits(check: &Check, wanted: &RequiredCheck) -> bool {
    let from = |app: i64| matches!(&check.origin, CheckOrigin::App { id, .. } if *id == app);
    check.name == wanted.name && wanted.app.is_none_or(from)
}

fn is_ours(check: &Check, own_app: i64) -> bool {
    check.name == OWN_CHECK || matches!(&check.origin, CheckOrigin::App { id, .. } if *id == own_app)
}
