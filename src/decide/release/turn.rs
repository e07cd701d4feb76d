//! One decision in the making: the record as it becomes, and what follows from it.

use super::{ReleasePolicy, tell};
use crate::model::{
    Action, Blocker, EnvironmentReport, Explanation, Planned, ReleaseBlocker, ReleaseDecision, ReleaseRecord,
    ReleaseSnapshot, Released, Sha, Subject, Timestamp,
};

/// How soon to look at what changed since it was compared.
pub(super) const SOON_MS: i64 = 2_000;
/// How soon to look whether checks are over; a webhook brings it sooner.
pub(super) const CHECKS_MS: i64 = 300_000;
/// How soon to look at what GitHub refused.
pub(super) const REFUSED_MS: i64 = 3_600_000;

/// A decision in the making.
pub(super) struct Turn<'a> {
    pub(super) snapshot: &'a ReleaseSnapshot,
    pub(super) policy: ReleasePolicy<'a>,
    pub(super) now: Timestamp,
    pub(super) record: ReleaseRecord,
    /// A release was reported that the snapshot was not compared with.
    pub(super) outdated: bool,
    pub(super) headline: Option<String>,
    pub(super) released: Option<Released>,
    pub(super) offers: Vec<(Subject, EnvironmentReport)>,
    pub(super) actions: Vec<Planned>,
    reasons: Vec<String>,
    blockers: Vec<ReleaseBlocker>,
    look_again: Option<Timestamp>,
}

impl<'a> Turn<'a> {
    pub(super) fn new(snapshot: &'a ReleaseSnapshot, policy: ReleasePolicy<'a>, now: Timestamp) -> Self {
        Self {
            snapshot,
            policy,
            now,
            record: snapshot.record.clone(),
            outdated: false,
            headline: None,
            released: None,
            offers: Vec::new(),
            actions: Vec::new(),
            reasons: Vec::new(),
            blockers: Vec::new(),
            look_again: None,
        }
    }

    pub(super) fn because(&mut self, reason: impl Into<String>) {
        self.reasons.push(reason.into());
    }

    pub(super) fn block(&mut self, blocker: ReleaseBlocker) {
        if !self.blockers.contains(&blocker) {
            self.blockers.push(blocker);
        }
    }

    pub(super) fn look_in(&mut self, ms: i64) {
        self.look_at(self.now.plus_ms(ms));
    }

    pub(super) fn look_at(&mut self, at: Timestamp) {
        self.look_again = Some(self.look_again.map_or(at, |known| known.min(at)));
    }

    pub(super) const fn subject(&self) -> Subject {
        Subject::Releases(self.snapshot.repository.id)
    }

    pub(super) fn plan(&mut self, key: String, action: Action) {
        self.actions.push(Planned { key, slot: None, action });
    }

    /// Forgets commits that are no candidates any more: this one, and those that the branch pointed to before it.
    pub(super) fn forget(&mut self, sha: &Sha) {
        if let Some(place) = self.record.seen.iter().position(|seen| seen == sha) {
            self.record.seen.truncate(place);
        }
    }

    /// Keeps in mind which commits the branch points to.
    pub(super) fn follow(&mut self) {
        match &self.snapshot.tip {
            Some(tip) => {
                self.record.seen = super::candidates(tip, &self.record.seen);
                if let Some(last) = self.record.last.as_ref().map(|last| last.sha.clone()) {
                    self.forget(&last);
                }
            }
            None => self.block(ReleaseBlocker::NoBranch { branch: self.snapshot.branch.to_string() }),
        }
    }

    /// Plans the release under way, under the same name as before: it is performed once, and goes on after a crash.
    pub(super) fn resume(&mut self) -> bool {
        let Some(order) = self.record.underway.clone() else { return false };
        let (tag, short) = (&order.tag, order.sha.short());
        if self.headline.is_none() {
            self.headline = Some(format!("{tag} is being released at {short}."));
        }
        self.because(format!("{tag} is being released at {short}, and nothing else is begun meanwhile"));
        let key = format!("release/{}/{tag}/{}", self.subject(), order.sha);
        self.plan(key, Action::Release(Box::new(order)));
        self.look_in(CHECKS_MS);
        true
    }

    /// Tells people of what they must know, each cause once.
    pub(super) fn alert(&mut self, cause: &str, (title, text): (String, String)) {
        if self.record.alerted.as_deref() == Some(cause) {
            return;
        }
        self.record.alerted = Some(cause.to_owned());
        let planned = tell::alert(self, cause, (title, text));
        self.actions.push(planned);
    }

    pub(super) fn finish(mut self) -> ReleaseDecision {
        let name = &self.snapshot.repository.name;
        let summary = match self.headline.take() {
            Some(headline) => headline,
            None if self.blockers.is_empty() => match self.reasons.last() {
                Some(reason) => format!("Nothing is to be released from {name}: {reason}."),
                None => format!("Nothing is to be released from {name}."),
            },
            None => {
                let why: Vec<String> = self.blockers.iter().map(ToString::to_string).collect();
                format!("Nothing is released from {name}: {}.", why.join("; ").trim_end_matches('.'))
            }
        };
        let blockers = self.blockers.into_iter().map(|reason| Blocker::Release { reason }).collect();
        ReleaseDecision {
            summary,
            explanation: Explanation { reasons: self.reasons, blockers },
            record: self.record,
            released: self.released,
            offers: self.offers,
            actions: self.actions,
            look_again: self.look_again,
        }
    }
}
