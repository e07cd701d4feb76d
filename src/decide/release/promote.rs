//! A pre-release that was verified becomes a stable version, at the very commit that was verified.

use super::landed;
use super::level;
use super::line::{Line, line};
use super::offer;
use super::order::Plan;
use super::turn::{SOON_MS, Turn};
use super::version;
use crate::model::{ReleaseRange, ReleaseSnapshot, Sha, Tag, Version};
use crate::policy::{Bump, ReleaseSettings};

/// What is to become of a verified pre-release.
enum Fate<'a> {
    /// It becomes this version, which follows on that tag.
    Becomes(semver::Version, Option<&'a Tag>),
    /// A stable version stands at it or holds it.
    Held(&'a Tag),
    /// The line has moved away from it, with this version.
    Beside(&'a Tag),
}

impl Turn<'_> {
    /// Begins the stable release of what was verified; `false` where nothing waits for it.
    pub(super) fn promote(&mut self) -> bool {
        let Some(verified) = self.record.promotable.clone() else { return false };
        let released = self.record.last.as_ref().is_some_and(|last| offer::is_promotion(&verified, last));
        if released {
            return false;
        }
        if self.outdated || self.compared() != Some(&verified.sha) {
            self.because(format!("{} is to become a stable version, and is looked at next", verified.tag));
            self.look_in(SOON_MS);
            return true;
        }
        let empty = ReleaseRange::default();
        let range = self.snapshot.range.as_ref().unwrap_or(&empty);
        match fate(self.snapshot, self.policy.release, &verified, range) {
            Some(Fate::Becomes(version, previous)) => {
                let plan = Plan { sha: &verified.sha, version, previous, range, known: &verified.authors };
                self.try_to_begin(plan);
                true
            }
            Some(Fate::Held(tag)) => {
                self.because(format!("{} is in {} already", verified.tag, tag.name));
                self.record.promotable = None;
                false
            }
            Some(Fate::Beside(tag)) => {
                self.because(format!("{} does not lie on the line of {}", verified.tag, tag.name));
                self.record.promotable = None;
                false
            }
            None => {
                self.because(format!("{} is no version of this policy's", verified.tag));
                self.record.promotable = None;
                false
            }
        }
    }

    /// The commit that comparisons and range are of.
    fn compared(&self) -> Option<&Sha> {
        let (required, own_app) = (&self.snapshot.required, self.snapshot.own_app);
        let green = || super::green(&self.snapshot.candidates, required, own_app, self.policy);
        self.snapshot.compared.as_ref().or_else(|| green().map(|candidate| &candidate.sha))
    }
}

/// What becomes of a verified pre-release; `None` where the policy does not know its tag as a version.
fn fate<'a>(
    snapshot: &'a ReleaseSnapshot,
    settings: &ReleaseSettings,
    verified: &Version,
    range: &ReleaseRange,
) -> Option<Fate<'a>> {
    let Version { tag, sha, .. } = verified;
    let base = version::base(&version::of_tag(tag, &settings.prefix)?);
    let name = version::tag_of(&base, &settings.prefix);
    let previous = match line(&snapshot.ancestry) {
        Line::Before(holding) => return Some(Fate::Held(holding)),
        Line::At(standing) if standing.name != name => return Some(Fate::Held(standing)),
        Line::Beside(other) => return Some(Fate::Beside(other)),
        Line::At(_) | Line::First => return Some(Fate::Becomes(base, None)),
        Line::After(previous) => previous,
    };
    let before = version::of_tag(&previous.name, &settings.prefix)?;
    let taken = snapshot.tags.iter().any(|known| known.name == name && known.sha != *sha);
    if base > before && !taken {
        return Some(Fate::Becomes(base, Some(previous)));
    }
    // An older pre-release of the same version was promoted meanwhile: this one comes after it.
    let level = level::level(&landed::items(range), Bump::Patch, before.major == 0);
    let next = version::bumped(&before, level.bump.max(Bump::Patch))?;
    Some(Fate::Becomes(next, Some(previous)))
}
