//! The order to make a release, with everything that GitHub is to be given.

use semver::Version;

use super::landed;
use super::notes::{About, notes};
use super::people;
use super::tell::count;
use super::turn::Turn;
use crate::model::{Login, Number, ReleaseOrder, ReleaseRange, Sha, Tag, TagName};

/// A release that is about to begin.
pub(super) struct Plan<'a> {
    /// The commit.
    pub(super) sha: &'a Sha,
    /// The version.
    pub(super) version: Version,
    /// The stable version before.
    pub(super) previous: Option<&'a Tag>,
    /// What lies between the two.
    pub(super) range: &'a ReleaseRange,
    /// People who are known to have worked on it.
    pub(super) known: &'a [Login],
}

impl Turn<'_> {
    /// Records the release as under way, and plans it.
    pub(super) fn begin(&mut self, tag: TagName, plan: Plan<'_>) {
        let Plan { sha, version, previous, range, known } = plan;
        let settings = self.policy.release;
        let mut pulls: Vec<Number> =
            range.pulls.iter().filter(|pull| !landed::prepares_a_release(pull)).map(|pull| pull.number).collect();
        pulls.sort_unstable();
        let contents = contents(pulls.len(), previous, range);
        self.headline = Some(format!("{tag} is being released at {}: {contents}.", sha.short()));
        let order = ReleaseOrder {
            repository: self.snapshot.repository.clone(),
            sha: sha.clone(),
            title: tag.to_string(),
            notes: notes(About { range, previous, tag: &tag, settings }),
            prerelease: !version.pre.is_empty(),
            annotation: settings.annotated.then(|| format!("{tag}\n\n{contents}.")),
            authors: people::authors(range, known),
            pulls,
            tag,
        };
        self.record.underway = Some(order);
        self.resume();
    }
}

/// `3 pull requests since v0.1.0`.
fn contents(pulls: usize, previous: Option<&Tag>, range: &ReleaseRange) -> String {
    let what = match pulls {
        0 => count(range.commits.len(), "commit"),
        pulls => count(pulls, "pull request"),
    };
    match previous {
        Some(previous) => format!("{what} since {}", previous.name),
        None => format!("the first version, with {what}"),
    }
}
