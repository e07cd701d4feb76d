//! How a commit lies to what was released: the version before it, or why it is not on the line.

use super::turn::Turn;
use crate::model::{Ancestry, ReleaseBlocker, Sha, Tag};

/// Where a commit lies among the stable versions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Line<'a> {
    /// There is no version yet.
    First,
    /// After this version.
    After(&'a Tag),
    /// At this version.
    At(&'a Tag),
    /// Older than this version.
    Before(&'a Tag),
    /// None of the versions is its ancestor; this is the highest.
    Beside(&'a Tag),
}

/// Reads the comparisons, highest version first. Versions of other lines, such as those of an older one that is still
/// kept up, are passed over.
pub(super) fn line(ancestry: &[(Tag, Ancestry)]) -> Line<'_> {
    for (tag, ancestry) in ancestry {
        match ancestry {
            Ancestry::Ahead => return Line::After(tag),
            Ancestry::Identical => return Line::At(tag),
            Ancestry::Behind => return Line::Before(tag),
            Ancestry::Diverged => {}
        }
    }
    ancestry.first().map_or(Line::First, |(highest, _)| Line::Beside(highest))
}

impl Turn<'_> {
    /// Why the branch's history does not lead on from what was released, if it does not. Our own last release, a
    /// pre-release too, has to be in it.
    pub(super) fn off_the_line(&self, line: Line<'_>) -> Option<ReleaseBlocker> {
        let off =
            |tag: &Tag, behind: bool| ReleaseBlocker::OffTheLine { tag: tag.name.clone(), at: tag.sha.clone(), behind };
        let last = self.record.last.as_ref().map(|last| Tag { name: last.tag.clone(), sha: last.sha.clone() });
        match (self.snapshot.since_last, last) {
            (Some(Ancestry::Behind), Some(last)) => return Some(off(&last, true)),
            (Some(Ancestry::Diverged), Some(last)) => return Some(off(&last, false)),
            (Some(Ancestry::Ahead | Ancestry::Identical) | None, _) | (Some(_), None) => {}
        }
        match line {
            Line::First | Line::After(_) | Line::At(_) => None,
            Line::Before(tag) => Some(off(tag, true)),
            Line::Beside(tag) => Some(off(tag, false)),
        }
    }

    /// Nothing is tagged, and people are told once for each tip.
    pub(super) fn leave_off_the_line(&mut self, blocker: ReleaseBlocker, sha: &Sha) {
        let branch = &self.snapshot.branch;
        let title = format!("{}: `{branch}` has left the line", self.snapshot.repository.name);
        let text = format!(
            "{blocker}. Nothing is released from {} until the branch leads on from it again, or somebody tags a commit \
             of the branch as the version to go on from.",
            sha.short()
        );
        self.block(blocker);
        let tip = self.snapshot.tip.clone().unwrap_or_else(|| sha.clone());
        self.alert(&format!("off-the-line/{tip}"), (title, text));
    }
}
