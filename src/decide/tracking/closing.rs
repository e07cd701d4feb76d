//! When there is nothing more to follow on the issue of a release.

use std::fmt;

use super::TrackingSeen;
use super::refusal::listed;
use super::standing::is_verified;
use crate::model::{EnvironmentName, EnvironmentRecord, Released, TagName, Version};
use crate::policy::EnvironmentSettings;

/// Why there is nothing more to follow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Over {
    /// It is verified wherever it goes.
    Verified(Vec<EnvironmentName>),
    /// A newer version is.
    Superseded(TagName),
}

impl fmt::Display for Over {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Verified(everywhere) => write!(out, "is verified in {}", listed(everywhere, "and")),
            Self::Superseded(newer) => write!(out, "is superseded by {newer}, which is verified wherever it would go"),
        }
    }
}

/// Why there is nothing more to follow; `None` while there is.
pub(super) fn over(seen: &TrackingSeen<'_>) -> Option<Over> {
    if seen.unreadable.is_some() || is_on_its_way(seen) {
        return None;
    }
    let goes_to = destinations(seen);
    let last: Vec<&EnvironmentSettings> = goes_to.iter().copied().filter(|one| is_last(one, &goes_to)).collect();
    if last.is_empty() {
        return None;
    }
    let verified_in = |version: &Version, places: &[&EnvironmentSettings]| {
        places.iter().all(|one| seen.snapshot.environments.get(&one.name).is_some_and(|record| stays(record, version)))
    };
    if verified_in(&seen.snapshot.release.version, &last) {
        return Some(Over::Verified(last.iter().map(|one| one.name.clone()).collect()));
    }
    let newer = newer(seen).find(|release| verified_in(&release.version, &goes_to))?;
    Some(Over::Superseded(newer.version.tag.clone()))
}

/// Whether it was verified there, and not left since.
fn stays(record: &EnvironmentRecord, version: &Version) -> bool {
    is_verified(record, version) && !record.held.iter().any(|held| held.sha == version.sha)
}

/// It is being deployed, or is what is to be deployed next.
fn is_on_its_way(seen: &TrackingSeen<'_>) -> bool {
    let sha = &seen.snapshot.release.version.sha;
    seen.environments.iter().filter_map(|one| seen.snapshot.environments.get(&one.name)).any(|record| {
        record.current.as_ref().is_some_and(|deploy| deploy.version.sha == *sha)
            || record.wanted.as_ref().is_some_and(|wanted| wanted.version.sha == *sha)
    })
}

/// Environments that the version reaches by itself or by approval; where there are none, all that take it.
fn destinations<'a>(seen: &TrackingSeen<'a>) -> Vec<&'a EnvironmentSettings> {
    let prerelease = seen.snapshot.release.version.prerelease;
    let takes = |one: &&EnvironmentSettings| one.prereleases || !prerelease;
    let all: Vec<&EnvironmentSettings> = seen.environments.iter().filter(takes).collect();
    let led_to: Vec<&EnvironmentSettings> =
        all.iter().copied().filter(|one| one.auto || one.requires_approval).collect();
    if led_to.is_empty() { all } else { led_to }
}

fn is_last(one: &EnvironmentSettings, all: &[&EnvironmentSettings]) -> bool {
    !all.iter().any(|other| other.after.as_ref() == Some(&one.name))
}

/// Releases that came after the one of the issue.
fn newer<'a>(seen: &TrackingSeen<'a>) -> impl Iterator<Item = &'a Released> {
    let this = &seen.snapshot.release;
    let before = |release: &&Released| release.version.tag != this.version.tag;
    seen.snapshot.releases.iter().take_while(before).filter(|release| release.at >= this.at)
}
