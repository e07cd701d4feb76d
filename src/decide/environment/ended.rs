//! How a deployment ends: well, sick, or not at all.

use super::turn::Turn;
use super::words;
use crate::model::{
    Action, Authority, Deploy, DeployEnd, DeployKind, DeploymentState, ReleaseReport, Running, Version,
};

impl Turn<'_> {
    /// It runs and is healthy.
    pub(super) fn succeed(&mut self, deploy: &Deploy) {
        let version = deploy.version.clone();
        let note = match &deploy.kind {
            DeployKind::Deploy => format!("{} runs and is verified", version.tag),
            DeployKind::Rollback { from, why } => format!("{} runs again, not {}: {why}", version.tag, from.tag),
        };
        self.status(deploy, DeploymentState::Success, "", &note);
        // GitHub itself retires what is not production.
        if let Some(keep) = deploy.id.filter(|_| self.settings.production) {
            let action = Action::RetireDeployments {
                repository: self.snapshot.repository.clone(),
                environment: self.snapshot.name.clone(),
                keep,
            };
            self.plan(self.key("retire", deploy.number), action);
        }
        self.runs(deploy, true);
        self.remember_verified(&version);
        match &deploy.kind {
            DeployKind::Deploy => {
                self.tell_deployed(deploy);
                self.offer_onwards(&version);
                self.tell_releases(&version);
            }
            DeployKind::Rollback { from, why } => self.tell_rolled_back(deploy, from, why),
        }
        self.list_end(deploy, DeployEnd::Succeeded, note);
    }

    /// What was deployed is sick, or its target says that it failed, or, where `left_by` is given, somebody leaves it.
    pub(super) fn fail(&mut self, deploy: &Deploy, why: &str, left_by: Option<&Authority>) {
        let version = deploy.version.clone();
        let note = format!("{} failed: {why}", version.tag);
        self.status(deploy, DeploymentState::Failure, "", &note);
        self.runs(deploy, false);
        match &deploy.kind {
            DeployKind::Rollback { from, .. } => {
                self.tell_stuck(deploy, from, why);
                self.list_end(deploy, DeployEnd::Failed, note);
            }
            DeployKind::Deploy => {
                self.hold(&version, why);
                let target = self.way_back(&version).filter(|_| self.settings.rollback || left_by.is_some());
                self.tell_failed(deploy, why, target.as_ref());
                self.list_end(deploy, DeployEnd::Failed, note);
                match target {
                    Some(target) => self.go_back(target, (version, why.to_owned()), left_by),
                    None => self.say_no_way_back(),
                }
            }
        }
    }

    /// Its target could not be reached, which says nothing of the version: what ran there still runs, as far as is
    /// known.
    pub(super) fn end_in_error(&mut self, deploy: &Deploy, why: &str) {
        let note = format!("{} could not be deployed: {why}", deploy.version.tag);
        self.status(deploy, DeploymentState::Error, "", &note);
        let same = |wanted: &crate::model::Wanted| wanted.version.sha == deploy.version.sha;
        if self.record.wanted.as_ref().is_some_and(same) {
            self.drop_wanted();
        }
        match &deploy.kind {
            DeployKind::Deploy => self.tell_error(deploy, why),
            DeployKind::Rollback { from, .. } => self.tell_stuck(deploy, from, why),
        }
        self.list_end(deploy, DeployEnd::Error, note);
    }

    /// What runs there now.
    fn runs(&mut self, deploy: &Deploy, verified: bool) {
        self.record.left = match &deploy.kind {
            DeployKind::Deploy => None,
            DeployKind::Rollback { from, .. } => Some(from.clone()),
        };
        self.record.running =
            Some(Running { version: deploy.version.clone(), since: self.now, verified, id: deploy.id });
    }

    fn say_no_way_back(&mut self) {
        if self.settings.rollback {
            self.block(crate::model::DeployBlocker::NoWayBack);
        } else {
            self.because(format!("{} is not rolled back by itself, says the policy", self.snapshot.name));
        }
    }

    /// Pre-releases become stable versions once they are verified in the right place.
    fn tell_releases(&mut self, version: &Version) {
        let name = self.snapshot.name.as_str();
        if self.policy.stable_after.is_some_and(|place| place.as_str().eq_ignore_ascii_case(name)) {
            let environment = self.snapshot.name.clone();
            self.verified = Some(ReleaseReport::Verified { environment, version: version.clone() });
        }
    }

    /// How a failure is told of, with what is done about it.
    pub(super) fn consequence(&self, target: Option<&Version>) -> String {
        match target {
            Some(target) => format!("It is left for {}, which was verified here.", target.tag),
            None if !self.settings.rollback => "The policy says that it is not rolled back by itself.".to_owned(),
            None => words::sentence(&crate::model::DeployBlocker::NoWayBack.to_string()),
        }
    }
}
