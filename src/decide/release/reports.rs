//! What is reported to the releases of a repository, and what becomes of it.

use super::offer;
use super::tell;
use super::turn::{REFUSED_MS, Turn};
use crate::model::{
    Action, EnvironmentName, Number, RefusedRelease, ReleaseBlocker, ReleaseOrder, ReleasePull, ReleaseReport,
    Released, Sha, TagName, Version,
};

impl Turn<'_> {
    /// Takes note of every report, oldest first.
    pub(super) fn read_reports(&mut self) {
        for report in &self.snapshot.reports {
            match report {
                ReleaseReport::Released { tag, sha, url } => self.is_released(tag, sha, url),
                ReleaseReport::Elsewhere { tag, at } => self.stands_elsewhere(tag, at),
                ReleaseReport::Refused { tag, sha, why } => self.is_refused((tag, sha), why),
                ReleaseReport::TrackedBy { tag, issue } => self.is_tracked(tag, *issue),
                ReleaseReport::PullWritten { number, tag, digest } => self.pull_is_written(*number, tag, digest),
                ReleaseReport::PullRefused { tag, digest, why } => self.pull_is_refused(tag, digest, why),
                ReleaseReport::Verified { environment, version } => self.is_verified(environment, version),
            }
        }
    }

    fn is_released(&mut self, tag: &TagName, sha: &Sha, url: &str) {
        let Some(order) = self.record.underway.take_if(|order| order.tag == *tag && order.sha == *sha) else {
            return self.because(format!("{tag} was reported as released, which is known already"));
        };
        let ReleaseOrder { tag, sha, prerelease, authors, pulls, .. } = order;
        let version = Version { tag, sha, url: url.to_owned(), authors, issue: None, prerelease };
        self.because(format!("{} is released at {}", version.tag, version.sha.short()));
        self.headline = Some(format!("{} is released.", version.tag));
        self.forget(&version.sha);
        self.record.refused = None;
        self.record.alerted = None;
        self.record.pull = None;
        self.record.last = Some(version.clone());
        self.outdated = true;
        let released = Released { version, pulls, at: self.now };
        let told = tell::released(self, &released);
        self.actions.push(told);
        self.record.listed = Some(released.clone());
        self.released = Some(released);
        self.offer_or_track();
    }

    fn stands_elsewhere(&mut self, tag: &TagName, at: &Sha) {
        let Some(order) = self.record.underway.take_if(|order| order.tag == *tag) else { return };
        let blocker = ReleaseBlocker::TagElsewhere { tag: tag.clone(), at: at.clone() };
        self.record.refused = Some(RefusedRelease { tag: order.tag, sha: order.sha.clone(), why: blocker.to_string() });
        self.tag_is_taken((tag, at), &order.sha);
    }

    /// A tag that the release needs stands at another commit.
    pub(super) fn tag_is_taken(&mut self, (tag, at): (&TagName, &Sha), sha: &Sha) {
        let blocker = ReleaseBlocker::TagElsewhere { tag: tag.clone(), at: at.clone() };
        let text = format!("{} cannot be released: {blocker}.", sha.short());
        self.block(blocker);
        self.look_in(REFUSED_MS);
        let title = format!("{} {tag} stands elsewhere", self.snapshot.repository.name);
        // What lands meanwhile changes nothing about it, so it is told once for each place.
        self.alert(&format!("elsewhere/{tag}/{at}"), (title, text));
    }

    fn is_refused(&mut self, (tag, sha): (&TagName, &Sha), why: &str) {
        let Some(order) = self.record.underway.take_if(|order| order.tag == *tag && order.sha == *sha) else { return };
        self.record.refused = Some(RefusedRelease { tag: order.tag, sha: order.sha, why: why.to_owned() });
        self.block(ReleaseBlocker::Refused { why: why.to_owned() });
        self.look_in(REFUSED_MS);
        let title = format!("{} {tag} was not released", self.snapshot.repository.name);
        self.alert(&format!("refused/{tag}/{sha}"), (title, why.to_owned()));
    }

    fn is_tracked(&mut self, tag: &TagName, issue: Number) {
        let Some(last) = self.record.last.as_mut().filter(|last| last.tag == *tag) else {
            return self.because(format!("#{issue} follows {tag}, which is not the newest release any more"));
        };
        last.issue = Some(issue);
        let version = last.clone();
        self.because(format!("{tag} is followed on #{issue}"));
        if self.headline.is_none() {
            self.headline = Some(format!("{tag} is followed on #{issue}."));
        }
        let listed = self.record.listed.take().filter(|listed| listed.version.tag == *tag);
        let (pulls, at) = listed.map_or_else(|| (Vec::new(), self.now), |listed| (listed.pulls, listed.at));
        let listed = Released { version, pulls, at };
        self.record.listed = Some(listed.clone());
        self.released = Some(listed);
        if self.record.offer_by.take().is_some() {
            self.offer();
        }
    }

    fn pull_is_written(&mut self, number: Number, tag: &TagName, digest: &str) {
        self.because(format!("#{number} prepares {tag}"));
        let written = ReleasePull { number: Some(number), tag: tag.clone(), digest: digest.to_owned(), refused: None };
        self.record.pull = Some(written);
    }

    fn pull_is_refused(&mut self, tag: &TagName, digest: &str, why: &str) {
        let number = self.record.pull.as_ref().and_then(|pull| pull.number);
        let refused = Some(why.to_owned());
        self.record.pull = Some(ReleasePull { number, tag: tag.clone(), digest: digest.to_owned(), refused });
        let title = format!("{} {tag} could not be prepared", self.snapshot.repository.name);
        self.alert(&format!("pull/{tag}/{digest}"), (title, why.to_owned()));
    }

    fn is_verified(&mut self, environment: &EnvironmentName, version: &Version) {
        let here = |wanted: &EnvironmentName| offer::same(wanted, environment);
        if version.prerelease && self.policy.release.stable_after.as_ref().is_some_and(here) {
            self.because(format!("{} is verified in {environment}, so it becomes a stable version", version.tag));
            self.record.promotable = Some(version.clone());
        }
    }

    fn offer_or_track(&mut self) {
        let Some((title, body)) = tell::tracking_issue(self) else {
            self.record.offer_by = None;
            return self.offer();
        };
        let Some(tag) = self.record.last.as_ref().map(|last| last.tag.clone()) else { return };
        let key = format!("release/issue/{}/{tag}", self.subject());
        let repository = self.snapshot.repository.clone();
        self.plan(key, Action::OpenIssue { repository, title, body, labels: Vec::new(), parent: None });
        let until = self.now.plus_ms(offer::WITHOUT_ISSUE_MS);
        self.record.offer_by = Some(until);
        self.look_at(until);
    }
}
