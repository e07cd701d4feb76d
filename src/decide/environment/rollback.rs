//! The way back to a version that was verified here.

use super::turn::Turn;
use crate::model::{Authority, Deploy, DeployBlocker, DeployKind, DeployState, EnvironmentRecord, Version};

/// What going back would do now: the version that is left, and the one that it is left for.
///
/// # Errors
/// Why there is no going back.
pub fn rollback(record: &EnvironmentRecord) -> Result<(&Version, &Version), DeployBlocker> {
    let back = |from| way_back(record, from).map(|to| (from, to)).ok_or(DeployBlocker::NoWayBack);
    if let Some(deploy) = &record.current {
        let tag = deploy.version.tag.clone();
        return match (&deploy.kind, &deploy.state) {
            (DeployKind::Rollback { .. }, _) => Err(DeployBlocker::RollbackOfRollback { tag }),
            (DeployKind::Deploy, DeployState::Checking { .. } | DeployState::Soaking { .. }) => back(&deploy.version),
            // What its target is at work on cannot be taken back from it.
            (
                DeployKind::Deploy,
                DeployState::Creating
                | DeployState::Triggering
                | DeployState::Running { .. }
                | DeployState::Retrying { .. },
            ) => Err(DeployBlocker::Busy { tag }),
        };
    }
    let running = &record.running.as_ref().ok_or(DeployBlocker::NoWayBack)?.version;
    if record.left.is_some() {
        return Err(DeployBlocker::RollbackOfRollback { tag: running.tag.clone() });
    }
    back(running)
}

/// The newest verified version that is another than this one and is not held.
fn way_back<'a>(record: &'a EnvironmentRecord, from: &Version) -> Option<&'a Version> {
    let is_held = |known: &Version| record.held.iter().any(|held| held.sha == known.sha);
    record.verified.iter().rev().find(|known| known.sha != from.sha && !is_held(known))
}

impl Turn<'_> {
    /// The newest verified version that is another than this one and is not held.
    pub(super) fn way_back(&self, from: &Version) -> Option<Version> {
        way_back(&self.record, from).cloned()
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
