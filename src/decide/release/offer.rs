//! Which environments a release is offered to, and when.

use super::turn::Turn;
use crate::model::{EnvironmentName, EnvironmentReport, Subject, Version};
use crate::policy::EnvironmentSettings;

/// So long is waited for the issue on which a release is followed; it may be that the repository takes no issues.
pub(super) const WITHOUT_ISSUE_MS: i64 = 120_000;

/// Whether two names are of one environment: GitHub compares them without case.
pub(super) fn same(one: &EnvironmentName, other: &EnvironmentName) -> bool {
    one.as_str().eq_ignore_ascii_case(other.as_str())
}

impl Turn<'_> {
    /// Offers the newest release where its time has come.
    pub(super) fn offer(&mut self) {
        let Some(version) = self.record.last.clone() else { return };
        let targets: Vec<EnvironmentName> = self.targets(&version).map(|one| one.name.clone()).collect();
        self.record.promotable.take_if(|verified| is_promotion(verified, &version));
        for name in targets {
            self.because(format!("{} is offered to {name}", version.tag));
            let subject = Subject::Environment(self.snapshot.repository.id, name);
            self.offers.push((subject, EnvironmentReport::Offered { version: version.clone() }));
        }
    }

    /// Environments that come first, for a release; what was promoted was there, so it goes where it would go next.
    pub(super) fn targets<'s>(&'s self, version: &'s Version) -> impl Iterator<Item = &'s EnvironmentSettings> {
        let promoted = self.record.promotable.as_ref().is_some_and(|verified| is_promotion(verified, version));
        let been = self.policy.release.stable_after.as_ref().filter(|_| promoted);
        self.policy.environments.iter().filter(move |one| {
            let next = match (&one.after, been) {
                (None, None) => true,
                (None, Some(been)) => !same(&one.name, been),
                (Some(after), Some(been)) => same(after, been),
                (Some(_), None) => false,
            };
            next && (one.prereleases || !version.prerelease)
        })
    }

    /// Offers a release whose issue did not come in time.
    pub(super) fn offer_late(&mut self) {
        match self.record.offer_by {
            Some(by) if by <= self.now => {
                self.record.offer_by = None;
                self.because("its issue was not opened in time");
                self.offer();
            }
            Some(by) => self.look_at(by),
            None => {}
        }
    }
}

/// Whether a stable version is the one that a verified pre-release became.
pub(super) fn is_promotion(verified: &Version, version: &Version) -> bool {
    !version.prerelease && verified.sha == version.sha
}
