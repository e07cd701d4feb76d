//! Whether what was handed in holds, by what looking at it has brought to light.

use super::links::belongs;
use crate::decide::task::Turn;
use crate::model::{Evidence, EvidenceSeen, Item, LinkedPull, PullState, Timestamp};

/// What evidence comes to.
pub(super) enum Verdict {
    /// It holds; what it shows, as a sentence part.
    Holds(String),
    /// It may come to hold; what it waits for, as a sentence part.
    Waits(String),
    /// It does not hold; why, a sentence part each.
    Refused(Vec<String>),
}

/// Whether somebody has to look before it can be judged.
pub(super) const fn needs_a_look(evidence: &Evidence) -> bool {
    match evidence {
        Evidence::Code { .. } | Evidence::Page { .. } | Evidence::File { .. } => true,
        Evidence::Verification { commit, .. } => commit.is_some(),
        Evidence::Test { .. } | Evidence::Research { .. } => false,
    }
}

/// Judges evidence; `seen` is `None` where nothing had to be looked at.
pub(super) fn verdict(turn: &Turn<'_>, evidence: &Evidence, seen: Option<&EvidenceSeen>) -> Verdict {
    match (evidence, seen) {
        (_, Some(EvidenceSeen::Missing { why })) => Verdict::Refused(vec![why.clone()]),
        (_, Some(EvidenceSeen::Unknown { why })) => Verdict::Waits(why.clone()),
        (Evidence::Code { .. }, Some(EvidenceSeen::Pull(pull))) => of_pull(turn, pull),
        (Evidence::Code { pull }, _) => Verdict::Waits(format!("{pull} to be looked at")),
        (Evidence::Test { passed, failed: 0 }, _) => Verdict::Holds(format!("{passed} tests passed and none failed")),
        (Evidence::Test { passed, failed }, _) => {
            Verdict::Refused(vec![format!("{failed} of {} tests failed", passed.saturating_add(*failed))])
        }
        (Evidence::Verification { checks, commit }, seen) => {
            let seen = seen.and_then(checks_of);
            if commit.is_some() && seen.is_none() {
                return Verdict::Waits("its checks to be looked at".to_owned());
            }
            of_checks(checks, seen.unwrap_or_default())
        }
        (Evidence::Research { sources, .. }, _) => {
            Verdict::Holds(format!("a summary with {} of its sources", sources.len()))
        }
        (Evidence::Page { url: place } | Evidence::File { path: place }, Some(EvidenceSeen::Exists)) => {
            Verdict::Holds(format!("`{place}` is there"))
        }
        (Evidence::Page { url: place } | Evidence::File { path: place }, _) => {
            Verdict::Waits(format!("`{place}` to be looked at"))
        }
    }
}

fn checks_of(seen: &EvidenceSeen) -> Option<&[(String, bool)]> {
    if let EvidenceSeen::Checks { checks } = seen { Some(checks) } else { None }
}

/// Every named check has to be said to have passed, and to be green where GitHub was asked.
fn of_checks(claimed: &[(String, bool)], seen: &[(String, bool)]) -> Verdict {
    let mut why: Vec<String> = Vec::new();
    why.extend(claimed.iter().filter(|(_, passed)| !passed).map(|(name, _)| format!("`{name}` did not pass")));
    why.extend(seen.iter().filter(|(_, green)| !green).map(|(name, _)| format!("`{name}` is not green on GitHub")));
    if why.is_empty() { Verdict::Holds(format!("{} passed", names(claimed))) } else { Verdict::Refused(why) }
}

fn names(checks: &[(String, bool)]) -> String {
    let names: Vec<String> = checks.iter().map(|(name, _)| format!("`{name}`")).collect();
    names.join(", ")
}

/// A pull of an allowed repository, of this task, merged into a branch of the policy after the task began.
pub(super) fn of_pull(turn: &Turn<'_>, pull: &LinkedPull) -> Verdict {
    let item = Item { repository: pull.repository.clone(), number: pull.number };
    let mut why = Vec::new();
    why.extend(wrong_repository(turn, &item));
    if !is_linked(turn, pull) {
        why.push(format!(
            "{item} is not linked to this task: neither `Fixes #{number}` in its text, nor `#{number}:` before its \
             title, nor a branch such as `task/{number}-…`",
            number = turn.task.number
        ));
    }
    if !turn.policy.evidence.takes_branch(&pull.base, &branches(turn)) {
        why.push(format!("{item} goes into `{}`, and counts when it is merged into {}", pull.base, told(turn)));
    }
    match pull.state {
        PullState::Closed => why.push(format!("{item} was closed without a merge")),
        PullState::Open if pull.changes_requested => why.push(format!("changes are requested on {item}")),
        PullState::Merged if pull.merged.is_none_or(|merged| merged < began(turn)) => {
            why.push(format!("{item} was merged before the task began"));
        }
        PullState::Open | PullState::Merged => {}
    }
    match (why.is_empty(), pull.state) {
        (false, _) => Verdict::Refused(why),
        (true, PullState::Merged) => Verdict::Holds(format!("{item} is merged into `{}`", pull.base)),
        (true, PullState::Open | PullState::Closed) => Verdict::Waits(format!("{item} to be merged")),
    }
}

/// Whether GitHub or the pull itself says that it belongs to this task.
pub(super) fn is_linked(turn: &Turn<'_>, pull: &LinkedPull) -> bool {
    let same = |other: &&LinkedPull| other.number == pull.number && other.repository.is(&pull.repository);
    belongs(pull, &turn.item()) || turn.snapshot.pulls.iter().filter(same).any(|other| other.closes)
}

/// Why pulls of this repository do not count; `None` where they do.
pub(super) fn wrong_repository(turn: &Turn<'_>, item: &Item) -> Option<String> {
    let home = &turn.snapshot.repository.name;
    let others = &turn.policy.evidence.repositories;
    let allowed = home.is(&item.repository) || others.iter().any(|other| other.is(&item.repository));
    let listed: Vec<String> = std::iter::once(home).chain(others).map(|repository| format!("`{repository}`")).collect();
    (!allowed).then(|| format!("{item} is in another repository, and pulls of {} count", listed.join(", ")))
}

/// Into which branches a pull is merged where the policy lists none.
fn branches(turn: &Turn<'_>) -> Vec<String> {
    let released = turn.policy.release.as_ref().and_then(|release| release.branch.as_ref());
    std::iter::once(&turn.snapshot.repository.default_branch)
        .chain(released)
        .map(|branch| branch.as_str().to_owned())
        .collect()
}

fn told(turn: &Turn<'_>) -> String {
    let listed: Vec<String> = turn.policy.evidence.branches.iter().map(|glob| glob.source().to_owned()).collect();
    let listed = if listed.is_empty() { branches(turn) } else { listed };
    listed.iter().map(|branch| format!("`{branch}`")).collect::<Vec<_>>().join(" or ")
}

/// When the task began, or was opened again. GitHub tells whole seconds, so what was merged within that second counts.
fn began(turn: &Turn<'_>) -> Timestamp {
    let since = turn.task.work.reopened.unwrap_or(turn.task.created).max(turn.task.created);
    Timestamp(since.ms() - since.ms().rem_euclid(1_000))
}
