//! What landed, put in order: pull requests with their commits, and commits that came by themselves.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use super::conventional::{taken_back, without_number};
use crate::model::{ActorKind, LandedCommit, LandedPull, Login, Number, RELEASE_PULL_BRANCH, ReleaseRange};

/// How git names the commit that a revert takes back.
const REVERTS: &str = "This reverts commit ";

/// One thing that landed.
#[derive(Debug, Clone)]
pub(super) enum Item<'r> {
    /// A pull request, with those of its commits that are in the range.
    Pull(&'r LandedPull, Vec<&'r LandedCommit>),
    /// A commit that no pull request brought.
    Commit(&'r LandedCommit),
}

impl<'r> Item<'r> {
    /// The title that people gave it.
    pub(super) fn title(&self) -> &'r str {
        match self {
            Self::Pull(pull, _) => pull.title.trim(),
            Self::Commit(commit) => title_of(commit),
        }
    }

    /// The commits that it is made of.
    pub(super) fn commits(&self) -> &[&'r LandedCommit] {
        match self {
            Self::Pull(_, commits) => commits,
            Self::Commit(commit) => std::slice::from_ref(commit),
        }
    }
}

/// A commit's first line.
pub(super) fn title_of(commit: &LandedCommit) -> &str {
    commit.message.trim_start().lines().next().unwrap_or_default().trim_end()
}

/// What landed, newest first. Release pull requests of ours are no change of their own, and neither are merges.
pub(super) fn items(range: &ReleaseRange) -> Vec<Item<'_>> {
    let known: BTreeSet<Number> = range.pulls.iter().map(|pull| pull.number).collect();
    let mut placed: Vec<(usize, Reverse<Number>, Item<'_>)> = Vec::new();
    for pull in range.pulls.iter().filter(|pull| !prepares_a_release(pull)) {
        let own = |commit: &&LandedCommit| commit.pulls.contains(&pull.number);
        let place = range.commits.iter().position(|commit| own(&commit)).unwrap_or(usize::MAX);
        placed.push((place, Reverse(pull.number), Item::Pull(pull, range.commits.iter().filter(own).collect())));
    }
    for (place, commit) in range.commits.iter().enumerate() {
        let brought = commit.pulls.iter().any(|number| known.contains(number));
        if !brought && !is_merge(title_of(commit)) {
            placed.push((place, Reverse(Number(0)), Item::Commit(commit)));
        }
    }
    placed.sort_by_key(|(place, number, _)| (*place, *number));
    placed.into_iter().map(|(_, _, item)| item).collect()
}

/// Titles that git and GitHub give to merges.
fn is_merge(title: &str) -> bool {
    ["Merge branch ", "Merge remote-tracking branch ", "Merge pull request ", "Merge tag "]
        .iter()
        .any(|start| title.starts_with(start))
}

/// Whether a pull request is one of ours that prepared a version. A branch of that name can stand in anybody's fork, so
/// it must be a bot's.
pub(super) fn prepares_a_release(pull: &LandedPull) -> bool {
    pull.head_branch.as_str().starts_with(RELEASE_PULL_BRANCH) && is_bot(pull)
}

pub(super) fn is_bot(pull: &LandedPull) -> bool {
    pull.author_kind == ActorKind::Bot || is_bot_login(&pull.author)
}

pub(super) fn is_bot_login(login: &Login) -> bool {
    login.as_str().ends_with("[bot]")
}

/// What is left of an item once those that take each other back are paired.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Effect {
    /// It counts.
    Whole,
    /// Another one took it back.
    TakenBack,
    /// It did nothing but take another one back.
    TakesBack,
}

/// Pairs what takes each other back, beginning with the newest: a revert that was reverted takes nothing back.
pub(super) fn effects(items: &[Item<'_>]) -> Vec<Effect> {
    let mut effects = vec![Effect::Whole; items.len()];
    for (place, item) in items.iter().enumerate() {
        let Some(of) = reverts(item).filter(|_| effects.get(place) == Some(&Effect::Whole)) else {
            continue;
        };
        let is_it = |older: usize| items.get(older).is_some_and(|older| takes_back(item, &of, older));
        let target =
            (place + 1..items.len()).find(|older| effects.get(*older) == Some(&Effect::Whole) && is_it(*older));
        let Some(target) = target else { continue };
        for (one, effect) in [(place, Effect::TakesBack), (target, Effect::TakenBack)] {
            if let Some(known) = effects.get_mut(one) {
                *known = effect;
            }
        }
    }
    effects
}

/// The title of what an item takes back; an empty one where only its message says that it does.
fn reverts(item: &Item<'_>) -> Option<String> {
    taken_back(item.title()).or_else(|| match item {
        Item::Commit(commit) => commit.message.lines().any(|line| line.starts_with(REVERTS)).then(String::new),
        Item::Pull(..) => None,
    })
}

/// Whether a revert is of this: by title, by commit, or by number, as its messages say.
fn takes_back(revert: &Item<'_>, title: &str, older: &Item<'_>) -> bool {
    let same = |other: &str| !title.is_empty() && without_number(other).eq_ignore_ascii_case(without_number(title));
    if same(older.title()) || older.commits().iter().any(|commit| same(title_of(commit))) {
        return true;
    }
    revert.commits().iter().flat_map(|commit| commit.message.lines()).any(|line| names(line.trim(), older))
}

fn names(line: &str, older: &Item<'_>) -> bool {
    if let Some(rest) = line.strip_prefix(REVERTS) {
        let digits = rest.split(|c: char| !c.is_ascii_hexdigit()).next().unwrap_or_default();
        return digits.len() >= 7 && older.commits().iter().any(|commit| commit.sha.as_str().starts_with(digits));
    }
    let number = line.strip_prefix("Reverts ").and_then(|rest| rest.rsplit_once('#')).map(|(_, number)| number);
    match older {
        Item::Pull(pull, _) => number.is_some_and(|number| number == pull.number.to_string()),
        Item::Commit(_) => false,
    }
}
