//! Whether what is wanted may be deployed now.

use super::checks;
use super::turn::Turn;
use super::words;
use crate::model::{Deploy, DeployBlocker, DeployKind, DeployState, Timestamp, Wanted};

/// How soon to look again at a commit whose checks were not read.
const UNREAD_MS: i64 = 1_000;
/// How soon to look again at a commit that is not green; a webhook mostly comes sooner.
const CHECKS_MS: i64 = 120_000;

impl Turn<'_> {
    /// Begins what is wanted, if nothing stands against it and the lane is free.
    pub(super) fn begin_next(&mut self) {
        self.expire_approval();
        let Some(wanted) = self.record.wanted.clone() else { return };
        if let Err(blocker) = self.named() {
            self.drop_wanted();
            self.block(blocker);
            return;
        }
        if self.is_pointless(&wanted) {
            self.touch(&wanted.version);
            self.drop_wanted();
            return;
        }
        if let Some(deploy) = &self.record.current {
            let tag = deploy.version.tag.clone();
            self.block(DeployBlocker::Busy { tag });
            return;
        }
        let frozen = self.frozen(&wanted);
        let green = self.is_green(&wanted);
        let first = self.may_follow(&wanted.version);
        let free = !frozen && green && first.is_ok();
        if let Err(blocker) = first {
            self.block(blocker);
        }
        let approved_by = self.approved_by(&wanted);
        let approved = !self.settings.requires_approval || approved_by.is_some();
        if !approved && (free || self.record.approval.is_some()) {
            self.ask_for_approval(&wanted);
        }
        if free && approved {
            self.begin(wanted, approved_by);
        }
    }

    /// Whether what is wanted is not to be deployed at all, whatever is waited for.
    fn is_pointless(&mut self, wanted: &Wanted) -> bool {
        let version = &wanted.version;
        if wanted.overrides.is_none()
            && let Err(blocker) = self.not_held(version)
        {
            self.block(blocker);
            return true;
        }
        if wanted.by.is_some() {
            return false;
        }
        if version.prerelease && !self.settings.prereleases {
            self.because(format!("{} is a pre-release, and none is deployed here", version.tag));
            return true;
        }
        let Some(running) = self.record.running.as_ref().map(|running| running.version.clone()) else { return false };
        if self.runs_verified(version) {
            if running.tag == version.tag {
                self.block(DeployBlocker::RunsAlready { tag: running.tag });
            } else if self.record.current.is_none() {
                self.rename_running(version);
            } else {
                return false;
            }
            return true;
        }
        let older = self.is_newer(&running, version) && !self.is_newer(version, &running);
        if older {
            self.because(format!("{} is older than {}, which runs", version.tag, running.tag));
        }
        older
    }

    /// Whether a freeze keeps it back, the policy's or somebody's.
    fn frozen(&mut self, wanted: &Wanted) -> bool {
        let by_policy = self.settings.freezes.iter();
        let by_policy = by_policy.filter_map(|freeze| Some((freeze.ends(self.now)?, freeze.why.clone())));
        let by_people = self
            .record
            .freezes
            .iter()
            .map(|freeze| (freeze.until, format!("{} ({})", freeze.why, words::who(&freeze.by))));
        let freezes: Vec<(Option<Timestamp>, String)> = by_policy.chain(by_people).collect();
        if freezes.is_empty() {
            return false;
        }
        if let Some(why) = &wanted.overrides {
            let by = wanted.by.as_ref().map(words::who).unwrap_or_default();
            self.because(format!("{by} overrides the freeze: {why}"));
            return false;
        }
        // All of them have to be over.
        let last = freezes.iter().max_by_key(|(until, _)| until.unwrap_or(Timestamp(i64::MAX))).cloned();
        if let Some((until, why)) = last {
            if let Some(until) = until {
                self.look_at(until);
            }
            self.tell_frozen(wanted, until, &why);
        }
        for (until, why) in freezes {
            self.block(DeployBlocker::Frozen { until, why });
        }
        true
    }

    fn is_green(&mut self, wanted: &Wanted) -> bool {
        if self.snapshot.checked.as_ref() != Some(&wanted.version.sha) {
            self.block(DeployBlocker::ChecksNotGreen { detail: "its checks were not read yet".to_owned() });
            self.look_at(self.now.plus_ms(UNREAD_MS));
            return false;
        }
        let against = checks::against(self.snapshot, self.policy.checks, self.policy.allow_no_checks);
        if !against.is_empty() {
            self.look_at(self.now.plus_ms(CHECKS_MS));
        }
        let green = against.is_empty();
        for detail in against {
            self.block(DeployBlocker::ChecksNotGreen { detail });
        }
        green
    }

    fn begin(&mut self, wanted: Wanted, approved_by: Option<crate::model::Authority>) {
        self.drop_wanted();
        if let (Some(held), Some(why)) = (self.held(&wanted.version), &wanted.overrides) {
            let reason = format!("the hold of {} is overridden: {why}", held.tag);
            self.because(reason);
            self.record.held.retain(|held| held.sha != wanted.version.sha);
        }
        let deploy = Deploy {
            number: self.record.last_number + 1,
            version: wanted.version,
            kind: DeployKind::Deploy,
            by: wanted.by,
            approved_by,
            overrides: wanted.overrides,
            id: None,
            state: DeployState::Creating,
            attempt: 1,
            began: self.now,
        };
        self.tell_deploying(&deploy);
        self.create(deploy);
    }
}
