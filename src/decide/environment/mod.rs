//! Decides about an environment: what is deployed there, whether it is healthy, and what is gone back to.
//!
//! One environment is one lane, so it is decided on by one server at a time. A deployment goes through the states of
//! [`crate::model::DeployState`]; each is recorded in the same transaction as the action that it stands for, and the
//! action's key holds the deployment's number, which is never used again. So a crash before the transaction leaves
//! nothing, and one after it leaves both; a report under another number, attempt or probe is not even read.
//!
//! - What is wanted is one version. A newer one takes its place, and with it goes every approval.
//! - It begins when nothing stands against it: see [`ready`]. Only a person's own word passes a freeze or a hold.
//! - A version that is found sick is held and left for the last verified one; that way back asks for no approval, and is
//!   not itself gone back from. A target that cannot be reached says nothing of the version, so it holds nothing.

mod approval;
mod ask;
mod checks;
mod ended;
mod fill;
mod health;
mod hear;
mod ready;
mod rollback;
mod step;
mod tell;
mod turn;
mod words;

use std::collections::BTreeMap;

use crate::model::{EnvironmentDecision, EnvironmentName, EnvironmentSnapshot, Sha, Timestamp, Trigger};
use crate::policy::{CheckSettings, EnvironmentSettings};
pub use approval::{may_approve, not_own_work};
pub use ask::may;
pub use rollback::rollback;
use turn::Turn;
pub use words::{ended, issue_url, progress, sentence, who};

/// What the policy says of an environment and of those around it.
#[derive(Debug, Clone, Copy)]
pub struct EnvironmentPolicy<'a> {
    /// Its own `[[environment]]`; `None` when the policy does not name it any more.
    pub settings: Option<&'a EnvironmentSettings>,
    /// Every `[[environment]]`.
    pub all: &'a [EnvironmentSettings],
    /// `[checks]`.
    pub checks: &'a CheckSettings,
    /// Whether a commit without any check is released.
    pub allow_no_checks: bool,
    /// The environment in which a pre-release must be verified to become a stable version.
    pub stable_after: Option<&'a crate::model::EnvironmentName>,
    /// Commands that the server's own rules allow as deploy targets.
    pub commands: &'a BTreeMap<String, Vec<String>>,
    /// The ntfy topic that tells people of this repository.
    pub topic: Option<&'a str>,
}

/// Decides about an environment.
#[must_use]
pub fn decide(snapshot: &EnvironmentSnapshot, policy: EnvironmentPolicy<'_>, now: Timestamp) -> EnvironmentDecision {
    let unnamed = unnamed(&snapshot.name);
    let mut turn = Turn::new(snapshot, policy, policy.settings.unwrap_or(&unnamed), now);
    turn.thaw();
    for report in &snapshot.reports {
        turn.hear(report);
    }
    turn.go_on();
    turn.begin_next();
    turn.finish()
}

/// The commit whose checks the next decision needs: what will be wanted once all that is in the snapshot was heard.
/// The snapshot's own checks are not looked at, so that it can be asked before they are read.
#[must_use]
pub fn wanted(snapshot: &EnvironmentSnapshot, policy: EnvironmentPolicy<'_>, now: Timestamp) -> Option<Sha> {
    let unchecked = EnvironmentSnapshot { checked: None, checks: Vec::new(), ..snapshot.clone() };
    decide(&unchecked, policy, now).record.wanted.map(|wanted| wanted.version.sha)
}

/// Stands for the settings of an environment that the policy names no more: what is under way is waited for, and
/// nothing else is done there.
fn unnamed(name: &EnvironmentName) -> EnvironmentSettings {
    EnvironmentSettings {
        name: name.clone(),
        auto: false,
        requires_approval: true,
        production: false,
        after: None,
        trigger: Trigger::None,
        url: None,
        timeout_s: 900,
        attempts: 1,
        health: None,
        soak_s: 0,
        approval_expires_s: 0,
        approvers: Vec::new(),
        freezes: Vec::new(),
        rollback: false,
        prereleases: false,
    }
}
