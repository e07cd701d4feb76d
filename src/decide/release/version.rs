//! Versions and the tags that carry them: which are meant, which comes next.

use semver::{BuildMetadata, Prerelease, Version};

use crate::model::{Sha, Tag, TagName};
use crate::policy::Bump;

/// The version of a tag; `None` where it has another prefix or is no semantic version (<https://semver.org>).
pub(super) fn of_tag(tag: &TagName, prefix: &str) -> Option<Version> {
    Version::parse(tag.as_str().strip_prefix(prefix)?).ok()
}

/// The tag of a version.
pub(super) fn tag_of(version: &Version, prefix: &str) -> TagName {
    TagName::new(format!("{prefix}{version}"))
}

/// The tags that carry a stable version, highest first.
pub(super) fn stable(tags: &[Tag], prefix: &str) -> Vec<Tag> {
    let versioned = tags.iter().filter_map(|tag| Some((of_tag(&tag.name, prefix)?, tag)));
    let mut stable: Vec<(Version, &Tag)> = versioned.filter(|(version, _)| version.pre.is_empty()).collect();
    stable.sort_by(|(one, _), (other, _)| other.cmp(one));
    stable.into_iter().map(|(_, tag)| tag.clone()).collect()
}

/// The version one step on; `None` where no step is to be made.
pub(super) fn bumped(version: &Version, bump: Bump) -> Option<Version> {
    let Version { major, minor, patch, .. } = *version;
    match bump {
        Bump::None => None,
        Bump::Patch => Some(Version::new(major, minor, patch.saturating_add(1))),
        Bump::Minor => Some(Version::new(major, minor.saturating_add(1), 0)),
        Bump::Major => Some(Version::new(major.saturating_add(1), 0, 0)),
    }
}

/// A version without its pre-release and build parts.
pub(super) fn base(version: &Version) -> Version {
    Version { pre: Prerelease::EMPTY, build: BuildMetadata::EMPTY, ..version.clone() }
}

/// The pre-release of `base` for a commit: the one that stands there already, else the next free number, such as
/// `1.2.0-rc.2`. `None` where `word` cannot be part of a version.
pub(super) fn prerelease(base: &Version, word: &str, (tags, prefix): (&[Tag], &str), sha: &Sha) -> Option<Version> {
    let mut last = 0_u64;
    for tag in tags {
        let Some(number) = of_tag(&tag.name, prefix).and_then(|version| number(&version, base, word)) else { continue };
        if tag.sha == *sha {
            return numbered(base, word, number);
        }
        last = last.max(number);
    }
    numbered(base, word, last.saturating_add(1))
}

fn numbered(base: &Version, word: &str, number: u64) -> Option<Version> {
    let pre = Prerelease::new(&format!("{word}.{number}")).ok()?;
    Some(Version { pre, ..self::base(base) })
}

/// The number of a pre-release of `base` that is called `word`.
fn number(version: &Version, base: &Version, word: &str) -> Option<u64> {
    let same = (version.major, version.minor, version.patch) == (base.major, base.minor, base.patch);
    version.pre.as_str().strip_prefix(word)?.strip_prefix('.')?.parse().ok().filter(|_| same)
}
