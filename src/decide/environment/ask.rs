//! What people ask of an environment, and whether they may.

use super::rollback::rollback;
use super::turn::Turn;
use super::words;
use crate::model::{
    Authority, DeployBlocker, EnvironmentAsk, EnvironmentFreeze, Permission, Timestamp, Version, Wanted,
};

/// The issues of so many of the newest releases show what was refused.
const ISSUES_TOLD: usize = 10;

impl Turn<'_> {
    /// Follows a request, or remembers in one sentence why not.
    pub(super) fn asked(&mut self, ask: &EnvironmentAsk, authority: &Authority, at: Timestamp) {
        let answer = match ask {
            EnvironmentAsk::Deploy { version, overrides } => {
                let overrides = overrides.clone().filter(|why| !why.trim().is_empty());
                let wanted = Wanted { version: version.clone(), by: Some(authority.clone()), overrides, since: at };
                self.asked_to_deploy(wanted, authority)
            }
            EnvironmentAsk::Rollback { why } => self.asked_to_go_back(why, authority),
            EnvironmentAsk::Freeze { until, why } => {
                self.asked_to_freeze(EnvironmentFreeze { until: *until, why: why.clone(), by: authority.clone() })
            }
            EnvironmentAsk::Unfreeze => self.asked_to_unfreeze(authority),
            EnvironmentAsk::Approve { tag } => self.approve(tag.as_ref(), authority, at),
            EnvironmentAsk::Reject { why } => self.reject(why, authority, at),
        };
        match answer {
            Ok(()) => self.record.last_refusal = None,
            Err(blocker) => {
                let sentence = format!("{} asked to {}, but {blocker}", words::who(authority), verb(ask));
                self.record.last_refusal = Some(words::ended(&sentence));
                self.block(blocker);
                self.touch_newest();
            }
        }
    }

    /// Whoever was refused reads it on the card of the issue where they asked, and which one that was is not known here.
    fn touch_newest(&mut self) {
        let snapshot = self.snapshot;
        for release in snapshot.releases.iter().take(ISSUES_TOLD) {
            self.touch(&release.version);
        }
    }

    fn asked_to_deploy(&mut self, wanted: Wanted, authority: &Authority) -> Result<(), DeployBlocker> {
        let least = if wanted.overrides.is_some() { Permission::Maintain } else { Permission::Write };
        may(authority, least)?;
        self.named()?;
        self.fits_here(&wanted.version, authority)?;
        self.may_follow(&wanted.version)?;
        if wanted.overrides.is_none() {
            self.not_held(&wanted.version)?;
        }
        let current = self.record.current.as_ref().map(|deploy| &deploy.version);
        if let Some(current) = current.filter(|current| current.sha == wanted.version.sha) {
            return Err(DeployBlocker::Busy { tag: current.tag.clone() });
        }
        self.record.lapsed.retain(|lapsed| *lapsed != wanted.version.tag);
        self.because(format!("{} wants {}", words::who(authority), wanted.version.tag));
        self.want(wanted);
        Ok(())
    }

    fn asked_to_go_back(&mut self, why: &str, authority: &Authority) -> Result<(), DeployBlocker> {
        may(authority, Permission::Write)?;
        self.named()?;
        let why = match why.trim() {
            "" => format!("{} left it", words::who(authority)),
            why => format!("{} left it: {why}", words::who(authority)),
        };
        let (left, target) = rollback(&self.record)?;
        let (left, target) = (left.clone(), target.clone());
        if let Some(deploy) = self.record.current.clone() {
            self.fail(&deploy, &why, Some(authority));
            return Ok(());
        }
        self.hold(&left, &why);
        self.go_back(target, (left, why), Some(authority));
        Ok(())
    }

    fn asked_to_freeze(&mut self, freeze: EnvironmentFreeze) -> Result<(), DeployBlocker> {
        may(&freeze.by, Permission::Write)?;
        self.named()?;
        if let Some(until) = freeze.until.filter(|until| *until <= self.now) {
            let lacks = format!("a freeze until {until} would be over already");
            return Err(DeployBlocker::NotAllowed { who: words::who(&freeze.by), lacks });
        }
        self.because(format!("{} freezes it: {}", words::who(&freeze.by), freeze.why));
        self.record.freezes.push(freeze);
        Ok(())
    }

    fn asked_to_unfreeze(&mut self, authority: &Authority) -> Result<(), DeployBlocker> {
        may(authority, Permission::Write)?;
        let frozen = !self.record.freezes.is_empty();
        self.record.freezes.clear();
        let who = words::who(authority);
        self.because(if frozen {
            format!("{who} ends the freeze")
        } else {
            format!("{who} ends the freeze, but nobody had asked for one; those of the policy stay")
        });
        Ok(())
    }

    /// Refused where the policy does not name the environment any more.
    pub(super) fn named(&self) -> Result<(), DeployBlocker> {
        if self.policy.settings.is_some() {
            return Ok(());
        }
        let known = self.policy.all.iter().map(|environment| environment.name.clone()).collect();
        Err(DeployBlocker::NoSuchEnvironment { known })
    }

    fn fits_here(&self, version: &Version, authority: &Authority) -> Result<(), DeployBlocker> {
        if !version.prerelease || self.settings.prereleases {
            return Ok(());
        }
        let lacks = format!("{} is a pre-release, and the policy lets none into {}", version.tag, self.snapshot.name);
        Err(DeployBlocker::NotAllowed { who: words::who(authority), lacks })
    }

    /// Refused where the version has to be verified somewhere else first.
    pub(super) fn may_follow(&self, version: &Version) -> Result<(), DeployBlocker> {
        let Some(environment) = &self.settings.after else { return Ok(()) };
        if self.snapshot.verified_before.as_ref().is_some_and(|verified| verified.contains(&version.sha)) {
            return Ok(());
        }
        Err(DeployBlocker::NotVerifiedBefore { tag: version.tag.clone(), environment: environment.clone() })
    }

    /// Refused where the version was found sick, or was left by hand.
    pub(super) fn not_held(&self, version: &Version) -> Result<(), DeployBlocker> {
        match self.held(version) {
            Some(held) => Err(DeployBlocker::Held { tag: version.tag.clone(), why: held.why.clone() }),
            None => Ok(()),
        }
    }
}

/// Whoever runs the server may all; a person needs a permission in the repository.
///
/// # Errors
/// What is missing.
pub fn may(authority: &Authority, least: Permission) -> Result<(), DeployBlocker> {
    match authority {
        Authority::Operator { .. } => Ok(()),
        Authority::Person { permission, .. } if *permission >= least => Ok(()),
        Authority::Person { login, permission } => Err(DeployBlocker::NotAllowed {
            who: login.to_string(),
            lacks: format!("it takes the permission `{least}`, and theirs is `{permission}`"),
        }),
    }
}

fn verb(ask: &EnvironmentAsk) -> String {
    match ask {
        EnvironmentAsk::Deploy { version, .. } => format!("deploy {}", version.tag),
        EnvironmentAsk::Rollback { .. } => "roll back".to_owned(),
        EnvironmentAsk::Freeze { .. } => "freeze".to_owned(),
        EnvironmentAsk::Unfreeze => "end the freeze".to_owned(),
        EnvironmentAsk::Approve { tag: Some(tag) } => format!("approve {tag}"),
        EnvironmentAsk::Approve { tag: None } => "approve".to_owned(),
        EnvironmentAsk::Reject { .. } => "reject".to_owned(),
    }
}
