//! Which checks of a head count, and what they say.

use std::collections::BTreeMap;

use super::Gate;
use crate::model::{
    ActorKind, Check, CheckOrigin, CheckState, Login, MergeBlocker, PullSnapshot, RequiredCheck, Timestamp,
};
use crate::policy::Policy;

/// The check run by which our own review is published. What counts is the review itself, never a check of this name.
pub const OWN_CHECK: &str = "stationmaster/review";

/// Whoever reports a check under a name: each is judged by its newest report. All statuses of one name are one, as
/// on GitHub, where the newest of a context replaces the others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Reporter {
    App(i64),
    Status,
}

/// The newest check of each App and name, in the order of the names.
#[must_use]
pub fn newest(checks: &[Check]) -> Vec<&Check> {
    let mut groups: BTreeMap<(&str, Reporter), &Check> = BTreeMap::new();
    for check in checks {
        let reporter = match &check.origin {
            CheckOrigin::App { id, .. } => Reporter::App(*id),
            CheckOrigin::Status { .. } => Reporter::Status,
        };
        groups
            .entry((&check.name, reporter))
            .and_modify(|kept| {
                if age(check) >= age(kept) {
                    *kept = check;
                }
            })
            .or_insert(check);
    }
    groups.into_values().collect()
}

/// What orders the reports of one check: GitHub numbers check runs as they are made, so that an old run which ends
/// late stays old. Times tell statuses apart.
fn age(check: &Check) -> (Option<i64>, Option<Timestamp>, Option<Timestamp>) {
    (check.run.map(|run| run.0), check.started, check.completed)
}

/// The newest checks that count for a pull: those that are required, else all that are not ours and not ignored.
#[must_use]
pub fn counted<'s>(snapshot: &'s PullSnapshot, policy: &Policy) -> Vec<&'s Check> {
    let others = of_others(snapshot);
    let required = required(snapshot, policy);
    if required.is_empty() {
        return others.into_iter().filter(|check| counts_by_default(check, snapshot, policy)).collect();
    }
    let wanted = |check: &Check| required.iter().any(|required| required.is_met_by(check));
    others.into_iter().filter(|check| wanted(check)).collect()
}

pub(super) fn judge(gate: &mut Gate, snapshot: &PullSnapshot, policy: &Policy) {
    for check in snapshot.checks.iter().filter(|check| check.name == OWN_CHECK && !is_ours(check, snapshot)) {
        gate.because(format!("{} reported a check under our own name, which does not count", reporter(check)));
    }
    let others = of_others(snapshot);
    let required = required(snapshot, policy);
    if required.is_empty() {
        judge_all(gate, &others, snapshot, policy);
    }
    for one in &required {
        judge_required(gate, one, &others, policy);
    }
    let green: Vec<String> = counted(snapshot, policy)
        .into_iter()
        .filter(|check| policy.checks.passes(check.state))
        .map(|check| format!("`{}`", check.name))
        .collect();
    if !green.is_empty() {
        let verb = if green.len() == 1 { "check is" } else { "checks are" };
        gate.because(format!("{} {verb} green: {}", green.len(), green.join(", ")));
    }
}

/// Every reported check must be green, and there must be one.
fn judge_all(gate: &mut Gate, others: &[&Check], snapshot: &PullSnapshot, policy: &Policy) {
    let mut any = false;
    for check in others {
        if counts_by_default(check, snapshot, policy) {
            any = true;
            gate.blockers.extend(verdict(check, policy));
        } else if is_of_author(check, snapshot) {
            gate.because(format!("the check `{}` is the author's own, so it is not waited for", check.name));
        } else {
            gate.because(format!("the check `{}` does not count, says the policy", check.name));
        }
    }
    if any {
        return;
    }
    if policy.checks.allow_none {
        gate.because("no check has been reported, which the policy allows");
    } else {
        gate.block(MergeBlocker::NoChecks);
    }
}

/// Each report of a required check must be green; one by the wrong App is none.
fn judge_required(gate: &mut Gate, required: &RequiredCheck, others: &[&Check], policy: &Policy) {
    let named: Vec<&&Check> = others.iter().filter(|check| check.name == required.name).collect();
    let fitting: Vec<&&Check> = named.iter().copied().filter(|check| required.is_met_by(check)).collect();
    for check in &fitting {
        gate.blockers.extend(verdict(check, policy).filter(|blocker| !gate.blockers.contains(blocker)));
    }
    if !fitting.is_empty() {
        return;
    }
    let blocker = match named.first() {
        Some(forged) => MergeBlocker::CheckForged { name: required.name.clone(), by: reporter(forged) },
        None => MergeBlocker::CheckMissing { name: required.name.clone(), demanded_by: required.demanded_by.clone() },
    };
    gate.block(blocker);
}

/// What a check that counts has against the merge.
fn verdict(check: &Check, policy: &Policy) -> Option<MergeBlocker> {
    match check.state {
        state if policy.checks.passes(state) => None,
        CheckState::Queued | CheckState::Running => Some(MergeBlocker::CheckRunning { name: check.name.clone() }),
        CheckState::Completed(conclusion) => {
            Some(MergeBlocker::CheckFailed { name: check.name.clone(), conclusion, url: check.url.clone() })
        }
    }
}

/// Required by GitHub's settings and by the policy, each name and App once; what only we ourselves could report is
/// left out, since our review speaks for itself, and of pull requests alone.
pub(in crate::decide) fn demanded(
    by_github: &[RequiredCheck],
    by_policy: &[String],
    own_app: i64,
) -> Vec<RequiredCheck> {
    let by_policy = by_policy.iter().map(|name| RequiredCheck::by_policy(name));
    let mut demanded: Vec<RequiredCheck> = Vec::new();
    for one in by_github.iter().cloned().chain(by_policy) {
        let ours = one.name == OWN_CHECK || one.app == Some(own_app);
        // A demand for an App includes the same demand for anybody.
        let included = demanded.iter().any(|kept| kept.name == one.name && (one.app.is_none() || kept.app == one.app));
        if !ours && !included {
            demanded.push(one);
        }
    }
    demanded
}

fn required(snapshot: &PullSnapshot, policy: &Policy) -> Vec<RequiredCheck> {
    demanded(&snapshot.protection.required_checks, &policy.checks.required, snapshot.own.1)
}

fn of_others(snapshot: &PullSnapshot) -> Vec<&Check> {
    let others = |check: &&Check| check.name != OWN_CHECK && !is_ours(check, snapshot);
    newest(&snapshot.checks).into_iter().filter(others).collect()
}

fn counts_by_default(check: &Check, snapshot: &PullSnapshot, policy: &Policy) -> bool {
    !is_of_author(check, snapshot) && !policy.checks.ignores(&check.name)
}

fn is_ours(check: &Check, snapshot: &PullSnapshot) -> bool {
    match &check.origin {
        CheckOrigin::App { id, .. } => *id == snapshot.own.1,
        CheckOrigin::Status { creator } => creator.as_ref().is_some_and(|creator| creator.is(&snapshot.own.0)),
    }
}

/// Whether the App that reported it is the one that opened the pull: a bot that waits for its own pull to be merged
/// would never be done.
fn is_of_author(check: &Check, snapshot: &PullSnapshot) -> bool {
    let pull = &snapshot.pull;
    match &check.origin {
        CheckOrigin::App { slug, .. } => {
            let author = pull.author.as_str();
            let name = author.strip_suffix("[bot]").unwrap_or(author);
            pull.author_kind == ActorKind::Bot && name.eq_ignore_ascii_case(slug)
        }
        CheckOrigin::Status { .. } => false,
    }
}

fn reporter(check: &Check) -> String {
    match &check.origin {
        CheckOrigin::App { slug, .. } => format!("the App {slug}"),
        CheckOrigin::Status { creator } => {
            format!("a status of {}", creator.as_ref().map_or("somebody who is gone", Login::as_str))
        }
    }
}
