//! Releases that are prepared by a pull request of ours, which writes changelog and version files.

use semver::Version;

use super::landed;
use super::turn::Turn;
use crate::decide::release_pull::{self, NextRelease, version_of_title};
use crate::model::{Action, ReleaseBlocker, ReleasePull, ReleasePullOrder, ReleaseRange, TagName};

/// The version to prepare.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Next {
    /// Its tag.
    pub tag: TagName,
    /// The version.
    pub version: Version,
    /// Its notes, in Markdown.
    pub notes: String,
}

/// The version of the release pull request that landed; the highest, where several did.
pub(super) fn landed_version(range: &ReleaseRange, prefix: &str) -> Option<Version> {
    let ours = range.pulls.iter().filter(|pull| landed::prepares_a_release(pull));
    ours.filter_map(|pull| version_of_title(&pull.title, prefix)).max()
}

/// Prepares a version by a pull request, whose merge releases it.
pub(super) fn prepare(turn: &mut Turn<'_>, next: &Next) {
    let Next { tag, version, notes } = next.clone();
    let wanted = NextRelease { tag, version, notes, today: turn.now };
    let order = release_pull::plan(turn.snapshot, turn.policy.release, &wanted);
    take(turn, next, order);
}

/// Has the pull request written as wanted; `None` where it is so already.
fn take(turn: &mut Turn<'_>, next: &Next, wanted: Result<Option<ReleasePullOrder>, Vec<String>>) {
    match wanted {
        Ok(Some(order)) => {
            let number = turn.record.pull.as_ref().and_then(|pull| pull.number);
            let (tag, digest) = (order.tag.clone(), order.digest.clone());
            turn.because(format!("the pull request that prepares {tag} is written"));
            let key = format!("release/pull/{}/{digest}", turn.subject());
            turn.record.pull = Some(ReleasePull { number, tag, digest, refused: None });
            turn.plan(key, Action::WriteReleasePull(Box::new(order)));
        }
        Ok(None) => {}
        Err(faults) => {
            let why = faults.join("; ");
            let title = format!("{} {} cannot be prepared", turn.snapshot.repository.name, next.tag);
            turn.alert(&format!("prepare/{}/{why}", next.tag), (title, why.clone()));
            turn.block(ReleaseBlocker::Refused { why });
        }
    }
    if let Some(why) = turn.record.pull.as_ref().and_then(|pull| pull.refused.clone()) {
        turn.block(ReleaseBlocker::Refused { why });
    }
    turn.block(ReleaseBlocker::ReleasePullOpen { tag: next.tag.clone() });
}
