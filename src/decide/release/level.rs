//! How far the version moves: the most that anything which landed asks for.

use super::conventional::{self, Weight};
use super::landed::{self, Effect, Item};
use crate::model::{LabelName, LandedPull};
use crate::policy::Bump;

/// What the labels that say it begin with; `major`, `minor`, `patch` or `skip` follows.
const LABELS: &str = "release/";

/// How far, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Level {
    /// The step.
    pub(super) bump: Bump,
    /// What decided it, as a sentence part.
    pub(super) because: String,
}

/// The level of all that landed. Before 1.0 a breaking change moves the second number (<https://semver.org/#spec-item-4>);
/// only a label leads to 1.0, since that is for people to say.
pub(super) fn level(items: &[Item<'_>], default: Bump, before_one: bool) -> Level {
    let mut highest: Option<Level> = None;
    let (mut all_skip, mut any) = (true, false);
    for (item, effect) in items.iter().zip(landed::effects(items)) {
        let said = match effect {
            Effect::Whole => label(item).or_else(|| text(item, before_one)),
            Effect::TakesBack => label(item),
            Effect::TakenBack => None,
        };
        if effect != Effect::Whole && said.is_none() {
            continue;
        }
        any = true;
        all_skip &= said.as_ref().is_some_and(|said| said.bump == Bump::None);
        if let Some(said) = said
            && highest.as_ref().is_none_or(|highest| said.bump > highest.bump)
        {
            highest = Some(said);
        }
    }
    match highest {
        Some(highest) if highest.bump > Bump::None || (any && all_skip) => highest,
        Some(_) | None => {
            Level { bump: default, because: "nothing that landed says which step, so it is the policy's".to_owned() }
        }
    }
}

/// The highest of the labels that a person gave; a lone `skip` asks for nothing.
fn label(item: &Item<'_>) -> Option<Level> {
    let Item::Pull(pull, _) = item else { return None };
    let bump = pull.labels.iter().filter_map(labelled).max()?;
    let because = match bump {
        Bump::None => format!("#{} is labelled to be skipped", pull.number),
        Bump::Patch | Bump::Minor | Bump::Major => format!("#{} is labelled {}", pull.number, word(bump)),
    };
    Some(Level { bump, because })
}

fn labelled(label: &LabelName) -> Option<Bump> {
    let name = label.as_str().to_ascii_lowercase();
    match name.strip_prefix(LABELS)? {
        "major" => Some(Bump::Major),
        "minor" => Some(Bump::Minor),
        "patch" => Some(Bump::Patch),
        "skip" => Some(Bump::None),
        _ => None,
    }
}

/// Whether people labelled a pull request as a breaking change.
pub(super) fn is_labelled_major(pull: &LandedPull) -> bool {
    pull.labels.iter().filter_map(labelled).max() == Some(Bump::Major)
}

/// What title and commits say. A title that is conventional speaks for its commits, but for a breaking change that
/// they tell of in a footer.
fn text(item: &Item<'_>, before_one: bool) -> Option<Level> {
    let weight = weight(item)?;
    let (bump, what) = match weight {
        Weight::Patch => (Bump::Patch, "puts something right"),
        Weight::Minor => (Bump::Minor, "brings something new"),
        Weight::Breaking if before_one => (Bump::Minor, "breaks something, before 1.0"),
        Weight::Breaking => (Bump::Major, "breaks something"),
    };
    let who = match item {
        Item::Pull(pull, _) => format!("#{}", pull.number),
        Item::Commit(commit) => commit.sha.short().to_owned(),
    };
    Some(Level { bump, because: format!("{who} {what}") })
}

/// How much an item changes, by its title and commits alone.
pub(super) fn weight(item: &Item<'_>) -> Option<Weight> {
    match item {
        Item::Pull(pull, commits) => {
            if commits.iter().any(|commit| conventional::marks_breaking(&commit.message)) {
                return Some(Weight::Breaking);
            }
            if conventional::is_conventional(&pull.title) {
                return conventional::weight(&pull.title);
            }
            commits.iter().filter_map(|commit| conventional::message_weight(&commit.message)).max()
        }
        Item::Commit(commit) => conventional::message_weight(&commit.message),
    }
}

/// The word for a step.
pub(super) const fn word(bump: Bump) -> &'static str {
    match bump {
        Bump::None => "none",
        Bump::Patch => "patch",
        Bump::Minor => "minor",
        Bump::Major => "major",
    }
}
