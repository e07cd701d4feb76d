//! Which commit is released next, and under which version.

use semver::Version;

use super::by_pull::{self, Next};
use super::landed::{self, Item};
use super::level::{self, Level};
use super::line::{Line, line};
use super::notes::{About, notes};
use super::order::Plan;
use super::turn::{CHECKS_MS, REFUSED_MS, SOON_MS, Turn};
use super::{checks, version};
use crate::model::{Ancestry, Candidate, ReleaseBlocker, ReleaseRange, Sha, Tag};
use crate::policy::Bump;

impl<'a> Turn<'a> {
    /// Begins the next release, if there is something to release.
    pub(super) fn release(&mut self) {
        let Some(newest) = self.snapshot.candidates.first() else { return };
        if self.is_our_last(&newest.sha) {
            return self.stands_at_our_last();
        }
        self.judge(newest);
        let (required, own_app) = (&self.snapshot.required, self.snapshot.own_app);
        let Some(candidate) = super::green(self.fresh_candidates(), required, own_app, self.policy) else { return };
        if !self.can_be_compared(candidate) {
            return;
        }
        let line = line(&self.snapshot.ancestry);
        if let Some(blocker) = self.off_the_line(line) {
            return self.leave_off_the_line(blocker, &candidate.sha);
        }
        let previous = match line {
            Line::At(tag) => {
                self.forget(&candidate.sha);
                return self.because(format!("{} is {}, so there is nothing new", candidate.sha.short(), tag.name));
            }
            Line::After(tag) => Some(tag),
            Line::First | Line::Before(_) | Line::Beside(_) => None,
        };
        let Some(range) = &self.snapshot.range else {
            self.because(format!("what landed up to {} was not read", candidate.sha.short()));
            return self.look_in(CHECKS_MS);
        };
        self.release_at(candidate, previous, range);
    }

    /// Whether this is what was released last, as it would be released again.
    fn is_our_last(&self, sha: &Sha) -> bool {
        let again = |prerelease: bool| !prerelease || self.policy.release.prerelease.is_some();
        self.record.last.as_ref().is_some_and(|last| last.sha == *sha && again(last.prerelease))
    }

    fn stands_at_our_last(&mut self) {
        let Some(last) = self.record.last.clone() else { return };
        self.because(format!("{} is {}, so there is nothing new", last.sha.short(), last.tag));
        if let Some(environment) = self.policy.release.stable_after.clone().filter(|_| last.prerelease) {
            self.block(ReleaseBlocker::NotVerified { tag: last.tag, environment });
        }
    }

    /// Candidates that are newer than what was released last.
    fn fresh_candidates(&self) -> &'a [Candidate] {
        let all = &self.snapshot.candidates;
        let end = all.iter().position(|candidate| self.is_our_last(&candidate.sha)).unwrap_or(all.len());
        all.get(..end).unwrap_or_default()
    }

    /// Whatever keeps the newest commit from being released by its checks.
    fn judge(&mut self, newest: &Candidate) {
        let blockers = checks::judge(newest, &self.snapshot.required, self.snapshot.own_app, self.policy);
        for blocker in blockers {
            if !matches!(blocker, ReleaseBlocker::CheckFailed { .. }) {
                self.look_in(CHECKS_MS);
            }
            self.block(blocker);
        }
    }

    /// Whether the snapshot's comparisons hold for this commit, and it can still be released.
    fn can_be_compared(&mut self, candidate: &Candidate) -> bool {
        let sha = &candidate.sha;
        let other = self.snapshot.compared.as_ref().is_some_and(|compared| compared != sha);
        if self.outdated || other {
            self.because(format!("{} is looked at next", sha.short()));
            self.look_in(SOON_MS);
            return false;
        }
        let is_tip = self.snapshot.tip.as_ref() == Some(sha);
        if !is_tip && matches!(self.snapshot.tip_since, Some(Ancestry::Behind | Ancestry::Diverged)) {
            self.because(format!("{} is not on `{}` any more", sha.short(), self.snapshot.branch));
            self.record.seen.retain(|seen| seen != sha);
            self.look_in(SOON_MS);
            return false;
        }
        true
    }

    fn release_at(&mut self, candidate: &Candidate, previous: Option<&Tag>, range: &ReleaseRange) {
        let items = landed::items(range);
        let settings = self.policy.release;
        if range.cut {
            self.because("more commits landed than were read, and the newest of them count");
        }
        let prepared = if settings.by_pull() { by_pull::landed_version(range, &settings.prefix) } else { None };
        let before = previous.and_then(|tag| version::of_tag(&tag.name, &settings.prefix));
        let prepared = prepared.filter(|version| before.as_ref().is_none_or(|before| version > before));
        let is_prepared = prepared.is_some();
        let Some(version) = prepared.or_else(|| self.next_version(candidate, before.as_ref(), &items)) else {
            return self.block(ReleaseBlocker::NothingReleasable);
        };
        let sha = &candidate.sha;
        let plan = Plan { sha, version, previous, range, known: &[] };
        if settings.by_pull() && !is_prepared {
            let tag = version::tag_of(&plan.version, &settings.prefix);
            // It is written on the tip, where the one that prepared this very version may just have landed.
            if self.snapshot.tip.as_ref() != Some(sha) {
                return self.because(format!("{tag} is prepared once the newest commit is green as well"));
            }
            let notes = notes(About { range, previous, tag: &tag, settings });
            return by_pull::prepare(self, &Next { tag, version: plan.version, notes });
        }
        if let Some((environment, tag)) = self.snapshot.deploying.clone() {
            self.look_in(CHECKS_MS);
            return self.block(ReleaseBlocker::Deploying { tag, environment });
        }
        if self.record.offer_by.is_some() {
            return self.because("the release before is about to be deployed, and what landed since comes after it");
        }
        self.try_to_begin(plan);
    }

    /// The version of what landed; `None` where it asks for none.
    fn next_version(&mut self, candidate: &Candidate, before: Option<&Version>, items: &[Item<'_>]) -> Option<Version> {
        let settings = self.policy.release;
        let before_one = before.is_none_or(|before| before.major == 0);
        let Level { bump, because } = level::level(items, settings.default_bump, before_one);
        if bump == Bump::None || self.since_last_skips(items, before_one) {
            self.because(because);
            return None;
        }
        let next = if let Some(before) = before {
            self.because(format!("the step is {}: {because}", level::word(bump)));
            version::bumped(&self.no_lower_than_ours(before), bump)?
        } else {
            self.because(format!("there is no version yet, and the first is {}", settings.first));
            settings.first.clone()
        };
        // A pre-release of a higher version may be out already, and versions do not fall.
        let next = match self.last_version().filter(|last| !last.pre.is_empty()) {
            Some(last) => version::base(&last).max(next),
            None => next,
        };
        match &settings.prerelease {
            Some(word) => version::prerelease(&next, word, (&self.snapshot.tags, &settings.prefix), &candidate.sha),
            None => Some(next),
        }
    }

    /// GitHub may not list yet, or not any more, what we have released.
    fn no_lower_than_ours(&self, before: &Version) -> Version {
        match self.last_version().filter(|last| last.pre.is_empty()) {
            Some(last) => last.max(before.clone()),
            None => before.clone(),
        }
    }

    /// The version of our own last release, where it is in the candidate.
    fn last_version(&self) -> Option<Version> {
        let holds = matches!(self.snapshot.since_last, Some(Ancestry::Ahead | Ancestry::Identical));
        let last = self.record.last.as_ref().filter(|_| holds)?;
        version::of_tag(&last.tag, &self.policy.release.prefix)
    }

    /// Whether all that landed since the last pre-release is labelled to be skipped.
    fn since_last_skips(&self, items: &[Item<'_>], before_one: bool) -> bool {
        let Some(last) = self.record.last.as_ref().filter(|last| last.prerelease) else { return false };
        let is_last = |item: &Item<'_>| item.commits().iter().any(|commit| commit.sha == last.sha);
        let Some(place) = items.iter().position(is_last) else { return false };
        let since = items.get(..place).unwrap_or_default();
        !since.is_empty() && level::level(since, Bump::Patch, before_one).bump == Bump::None
    }

    /// Begins the release, unless its tag is taken or GitHub has refused it for this commit.
    pub(super) fn try_to_begin(&mut self, plan: Plan<'_>) {
        let tag = version::tag_of(&plan.version, &self.policy.release.prefix);
        let standing = self.snapshot.tags.iter().find(|known| known.name == tag);
        if let Some(standing) = standing.filter(|standing| standing.sha != *plan.sha) {
            let at = standing.sha.clone();
            return self.tag_is_taken((&tag, &at), plan.sha);
        }
        let refused = self.record.refused.as_ref().filter(|refused| refused.tag == tag && refused.sha == *plan.sha);
        if let Some(refused) = refused {
            let why = refused.why.clone();
            self.block(ReleaseBlocker::Refused { why });
            return self.look_in(REFUSED_MS);
        }
        if standing.is_some() {
            self.because(format!("{tag} stands at {} already", plan.sha.short()));
        }
        self.begin(tag, plan);
    }
}
