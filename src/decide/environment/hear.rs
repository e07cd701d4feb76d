//! What is reported to an environment, one report after the other.

use super::turn::Turn;
use crate::model::{EnvironmentReport, Subject, Version, Wanted};

impl Turn<'_> {
    /// Drops the freezes that are over.
    pub(super) fn thaw(&mut self) {
        let now = self.now;
        self.record.freezes.retain(|freeze| freeze.until.is_none_or(|until| now < until));
    }

    pub(super) fn hear(&mut self, report: &EnvironmentReport) {
        match report {
            EnvironmentReport::Offered { version } => self.offered(version),
            EnvironmentReport::Asked { ask, authority, at, request: _ } => self.asked(ask, authority, *at),
            EnvironmentReport::Created { number, id } => self.created(*number, *id),
            EnvironmentReport::NotCreated { number, why } => {
                if let Some(deploy) = self.current(*number).filter(|deploy| deploy.id.is_none()) {
                    self.end_in_error(&deploy, why);
                }
            }
            EnvironmentReport::Triggered { number, attempt, answer } => self.triggered(*number, *attempt, answer),
            EnvironmentReport::Probed { number, probe, healthy, detail } => {
                self.probed(*number, *probe, (*healthy, detail));
            }
        }
    }

    /// A version is there to be deployed. By itself nothing older than what is known here is ever taken.
    fn offered(&mut self, version: &Version) {
        let tag = &version.tag;
        if self.policy.settings.is_none() {
            return;
        }
        if version.prerelease && !self.settings.prereleases {
            self.because(format!("{tag} is a pre-release, and none is deployed here"));
            return;
        }
        let known = [
            self.record.running.as_ref().map(|running| &running.version),
            self.record.current.as_ref().map(|deploy| &deploy.version),
            self.record.wanted.as_ref().map(|wanted| &wanted.version),
        ];
        let newer = known.into_iter().flatten().find(|known| !self.is_newer(version, known));
        if let Some(newer) = newer.map(|newer| newer.tag.clone()) {
            self.because(format!("{tag} was offered, and {newer} is not older"));
            return;
        }
        if self.runs_verified(version) {
            self.rename_running(version);
            return;
        }
        if let Some(held) = self.held(version) {
            let reason = format!("{tag} was offered, but its commit is held back here: {}", held.why);
            self.because(reason);
            return;
        }
        if self.record.lapsed.contains(tag) {
            self.because(format!("{tag} was offered, but its approval was not given before; `/deploy` asks again"));
            return;
        }
        if !self.settings.auto {
            self.because(format!("{tag} is deployed here once somebody says `/deploy {} {tag}`", self.snapshot.name));
            self.touch(version);
            return;
        }
        self.want(Wanted { version: version.clone(), by: None, overrides: None, since: self.now });
    }

    /// What is wanted takes the place of what was. An approval was of that one alone.
    pub(super) fn want(&mut self, wanted: Wanted) {
        let same = |known: &Version| known.sha == wanted.version.sha && known.tag == wanted.version.tag;
        if let Some(before) = self.record.wanted.take() {
            self.touch(&before.version);
            if !same(&before.version) {
                self.record.approval = None;
                self.record.told = None;
                self.because(format!("{} takes the place of {}", wanted.version.tag, before.version.tag));
            }
        }
        self.record.wanted = Some(wanted);
    }

    /// The commit that runs here has become another version, such as a stable one: there is nothing to deploy, and what
    /// was verified is verified.
    pub(super) fn rename_running(&mut self, version: &Version) {
        let Some(running) = &mut self.record.running else { return };
        let before = std::mem::replace(&mut running.version, version.clone());
        self.because(format!("{} is the commit that runs here as {}", version.tag, before.tag));
        self.remember_verified(version);
        self.touch(version);
        self.offer_onwards(version);
    }

    /// Offers a version to the environments that come after this one.
    pub(super) fn offer_onwards(&mut self, version: &Version) {
        let name = self.snapshot.name.as_str();
        for next in self.policy.all {
            if next.after.as_ref().is_some_and(|after| after.as_str().eq_ignore_ascii_case(name)) {
                let subject = Subject::Environment(self.snapshot.repository.id, next.name.clone());
                self.offers.push((subject, EnvironmentReport::Offered { version: version.clone() }));
            }
        }
    }
}
