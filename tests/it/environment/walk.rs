//! Everything at random: whatever people say and whatever the target does, nothing is deployed that may not be, never
//! two at once, and in the end the lane is free.

use std::collections::BTreeSet;

use stationmaster::model::{
    Action, Authority, Conclusion, Deploy, DeployKind, DeploymentId, DeploymentState, EnvironmentAsk,
    EnvironmentRecord, EnvironmentReport, Login, OutsideStatus, Permission, Planned, RunSeen, Sha, TagName,
    TriggerAnswer,
};
use stationmaster::policy::EnvironmentSettings;

use super::scene::*;

const RUNS: u64 = 600;
const EVENTS: usize = 150;

/// A small generator of our own, so that a seed means the same for ever.
struct Chance(u64);

impl Chance {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % limit
    }

    fn one_in(&mut self, odds: u64) -> bool {
        self.below(odds) == 0
    }
}

struct Walk {
    chance: Chance,
    yard: Yard,
    released: u64,
    performed: usize,
    approved: BTreeSet<TagName>,
    deploys: usize,
}

impl Walk {
    fn new(seed: u64) -> Self {
        let mut chance = Chance(seed);
        let settings = EnvironmentSettings {
            requires_approval: chance.one_in(2),
            auto: !chance.one_in(4),
            soak_s: if chance.one_in(2) { 30 } else { 0 },
            approval_expires_s: 600,
            timeout_s: 120,
            ..production()
        };
        Self { chance, yard: Yard::new(settings), released: 0, performed: 0, approved: BTreeSet::new(), deploys: 0 }
    }

    fn tag(&mut self) -> String {
        let released = self.released.max(1);
        format!("v0.{}.0", self.chance.below(released))
    }

    fn event(&mut self) {
        match self.chance.below(12) {
            0 => {
                let tag = format!("v0.{}.0", self.released);
                self.released += 1;
                self.yard.released(&tag);
                self.yard.reports.push(EnvironmentReport::Offered { version: version(&tag) });
            }
            1 => {
                let tag = self.tag();
                let conclusion = if self.chance.one_in(2) { Conclusion::Success } else { Conclusion::Failure };
                self.yard.checks.insert(Sha::new(format!("sha-{tag}")), vec![check(conclusion)]);
            }
            2 => {
                let version = version(&self.tag());
                self.yard.reports.push(EnvironmentReport::Offered { version });
            }
            3 | 4 => self.somebody_asks(),
            5 => {
                let seconds = i64::try_from(self.chance.below(200)).unwrap();
                self.yard.now = self.yard.now.plus_ms(seconds * 1000);
            }
            6 if self.chance.one_in(3) => {
                let by = Login::from("x");
                let all = DeploymentState::ALL;
                let state = all[usize::try_from(self.chance.below(7)).unwrap()];
                self.yard.statuses.push(OutsideStatus { state, description: String::new(), by });
            }
            _ => self.perform(),
        }
    }

    fn somebody_asks(&mut self) {
        let who = ["ann", "bob", "mia"][usize::try_from(self.chance.below(3)).unwrap()];
        let permission = Permission::ALL[usize::try_from(self.chance.below(6)).unwrap()];
        let tag = self.tag();
        let overrides = self.chance.one_in(3).then(|| "so".to_owned());
        let named = self.chance.one_in(2).then(|| TagName::from(tag.as_str()));
        let ask = match self.chance.below(9) {
            0 | 1 => EnvironmentAsk::Deploy { version: version(&tag), overrides },
            2 => rollback("so"),
            3 => EnvironmentAsk::Freeze { until: Some(self.yard.now.plus_ms(60_000)), why: "so".to_owned() },
            4 => EnvironmentAsk::Unfreeze,
            5 => EnvironmentAsk::Reject { why: "so".to_owned() },
            _ => EnvironmentAsk::Approve { tag: named },
        };
        if let EnvironmentAsk::Approve { tag } = &ask {
            let waits = self.yard.record.approval.as_ref().map(|approval| approval.tag.clone());
            // Who is not the author and may write has said yes to this one and to no other.
            if who != "ann" && permission >= Permission::Write {
                self.approved.extend(tag.clone().or(waits));
            }
        }
        self.yard.now = self.yard.now.plus_ms(1);
        let at = self.yard.now;
        self.yard.reports.push(EnvironmentReport::Asked { ask, authority: person(who, permission), at, request: None });
        self.decide();
    }

    /// Performs the oldest action that nobody performed, well or badly.
    fn perform(&mut self) {
        let Some(Planned { action, .. }) = self.yard.planned.get(self.performed).cloned() else { return };
        self.performed += 1;
        if let Action::CreateDeployment(order) = action {
            let number = order.number;
            self.yard.reports.push(if self.chance.one_in(10) {
                EnvironmentReport::NotCreated { number, why: "no".to_owned() }
            } else {
                EnvironmentReport::Created { number, id: DeploymentId(number) }
            });
        } else if let Action::TriggerDeploy(order) = action {
            let detail = String::new();
            let run = i64::from(order.attempt) + order.number * 100;
            let answer = match self.chance.below(5) {
                0 => TriggerAnswer::Failed { detail },
                1 => TriggerAnswer::Error { detail },
                2 => TriggerAnswer::Accepted { run: Some(run), detail },
                _ => TriggerAnswer::Finished { detail },
            };
            let word = ["success", "failure", "cancelled"][usize::try_from(self.chance.below(3)).unwrap()];
            let conclusion = (!self.chance.one_in(4)).then(|| word.to_owned());
            self.yard.run = Some(RunSeen { id: run, conclusion, url: String::new() });
            let (number, attempt) = (order.number, order.attempt);
            self.yard.reports.push(EnvironmentReport::Triggered { number, attempt, answer });
        } else if let Action::ProbeHealth(order) = action {
            let healthy = !self.chance.one_in(3);
            let (number, probe) = (order.number, order.probe);
            self.yard.reports.push(EnvironmentReport::Probed { number, probe, healthy, detail: String::new() });
        }
    }

    fn decide(&mut self) {
        // What is wanted once more is wanted at another moment.
        self.yard.now = self.yard.now.plus_ms(1);
        let before = self.yard.record.clone();
        let keys = self.yard.keys.clone();
        self.yard.decide();
        let actions = &self.yard.last.actions;
        let again: Vec<&str> =
            actions.iter().map(|planned| planned.key.as_str()).filter(|key| keys.contains(*key)).collect();
        assert!(again.is_empty(), "planned once more: {again:?}");
        let mut created = 0;
        for planned in actions {
            created += usize::from(matches!(planned.action, Action::CreateDeployment(_)));
        }
        assert!(created <= 1, "two deployments in one decision");
        if created == 1 {
            self.deploys += 1;
            self.may_begin(&before, &self.yard.record.current.clone().expect("what is created is under way"));
        }
        let verified = &self.yard.record.verified;
        let different: BTreeSet<&Sha> = verified.iter().map(|version| &version.sha).collect();
        assert!(verified.len() <= 10 && different.len() == verified.len());
    }

    fn may_begin(&self, before: &EnvironmentRecord, deploy: &Deploy) {
        assert_eq!(deploy.number, before.last_number + 1, "numbers are never used again");
        if let Some(old) = &before.current {
            assert!(self.yard.rows[&old.number].end.is_some(), "{} is still under way", old.number);
        }
        let record = &self.yard.record;
        assert!(!record.held.iter().any(|held| held.sha == deploy.version.sha), "{} is held", deploy.version.tag);
        match &deploy.kind {
            DeployKind::Rollback { from, .. } => {
                assert_ne!(from.sha, deploy.version.sha);
                assert!(before.verified.contains(&deploy.version), "only what was verified is gone back to");
                assert!(before.current.as_ref().is_none_or(|old| old.kind == DeployKind::Deploy), "back from back");
            }
            DeployKind::Deploy => {
                let held = before.held.iter().any(|held| held.sha == deploy.version.sha);
                assert!(!held || deploy.overrides.is_some(), "{} was held", deploy.version.tag);
                let green = self.yard.checks.get(&deploy.version.sha);
                assert_eq!(green, Some(&vec![check(Conclusion::Success)]), "{} is not green", deploy.version.tag);
                if self.yard.settings.as_ref().is_some_and(|settings| settings.requires_approval) {
                    assert!(deploy.approved_by.is_some());
                    assert!(self.approved.contains(&deploy.version.tag), "nobody approved {}", deploy.version.tag);
                }
                if let Some(Authority::Person { login, .. }) = &deploy.approved_by {
                    assert_ne!(login.as_str(), "ann", "nobody approves their own work");
                }
            }
        }
    }

    /// Performs all that is left and lets time pass, until nothing is under way.
    fn settle(&mut self) {
        self.yard.record.wanted = None;
        self.yard.record.approval = None;
        for _ in 0..2_000 {
            if self.yard.record.current.is_none() && self.performed == self.yard.planned.len() {
                return;
            }
            self.perform();
            if self.performed == self.yard.planned.len()
                && let Some(at) = self.yard.last.look_again
            {
                self.yard.now = self.yard.now.max(at);
            }
            self.decide();
        }
        panic!("it never ends: {:?}", self.yard.record.current);
    }
}

#[test]
fn nothing_is_deployed_that_may_not_be_and_the_lane_becomes_free() {
    let mut deploys = 0;
    for seed in 0..RUNS {
        let mut walk = Walk::new(seed);
        for _ in 0..EVENTS {
            walk.event();
            if !walk.chance.one_in(4) {
                walk.decide();
            }
        }
        walk.settle();
        deploys += walk.deploys;
    }
    assert!(deploys > 1_000, "the walk went nowhere: {deploys}");
}
