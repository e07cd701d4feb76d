//! The way back to a version that was verified here.

use super::turn::Turn;
use crate::model::{Authority, Deploy, DeployKind, DeployState, Version};

impl Turn<'_> {
    /// The newest verified version that is another than this one and is not held.
    pub(super) fn way_back(&self, from: &Version) -> Option<Version> {
        let fits = |known: &&Version| known.sha != from.sha && self.held(known).is_none();
        self.record.verified.iter().rev().find(fits).cloned()
    }

    /// Goes back at once: no approval is asked for and no freeze keeps it, because what is left is sick or unwanted.
    pub(super) fn go_back(&mut self, target: Version, (from, why): (Version, String), by: Option<&Authority>) {
        let deploy = Deploy {
            number: self.record.last_number + 1,
            version: target,
            kind: DeployKind::Rollback { from, why },
            by: by.cloned(),
            approved_by: None,
            overrides: None,
            id: None,
            state: DeployState::Creating,
            attempt: 1,
            began: self.now,
        };
        if by.is_some() {
            self.tell_deploying(&deploy);
        }
        self.create(deploy);
    }
}
