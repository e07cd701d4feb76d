//! Whether what was deployed is healthy, at once and for a while.

use super::turn::Turn;
use crate::model::{Action, Deploy, DeployState, ProbeOrder, Timestamp};
use crate::policy::HealthSettings;

impl Turn<'_> {
    /// The target is done. What others said until now is of the way there.
    pub(super) fn look_at_health(&mut self, mut deploy: Deploy) {
        if self.snapshot.record.current.as_ref().is_some_and(|seen| seen.number == deploy.number) {
            self.record.heard.statuses = self.snapshot.statuses.len();
        }
        let Some(health) = &self.settings.health else { return self.soak(deploy, 0) };
        deploy.state = DeployState::Checking { probes: 1, good: 0, bad: 0, next: None, last: None };
        self.probe(&deploy, health, 1);
        self.because(format!("{} is there; it is looked at whether it is healthy", deploy.version.tag));
        self.record.current = Some(deploy);
    }

    fn probe(&mut self, deploy: &Deploy, health: &HealthSettings, probe: u32) {
        let order = ProbeOrder {
            number: deploy.number,
            probe,
            url: self.values(deploy).fill_url(&health.url),
            status: health.status,
            body: health.body.clone(),
            timeout_s: health.timeout_s,
        };
        let key = format!("{}/{probe}", self.key("probe", deploy.number));
        self.plan(key, Action::ProbeHealth(order));
    }

    /// Counts an answer; the next question is asked after a pause.
    pub(super) fn probed(&mut self, number: i64, probe: u32, (healthy, detail): (bool, &str)) {
        let Some(mut deploy) = self.current(number) else { return };
        let pause_ms = i64::from(self.settings.health.as_ref().map_or(0, |health| health.interval_s)) * 1000;
        let after_pause = Some(self.now.plus_ms(pause_ms));
        let (times, failures) = self.settings.health.as_ref().map_or((1, 1), |health| (health.times, health.failures));
        match &mut deploy.state {
            DeployState::Checking { probes, good, bad, next: next @ None, last } if *probes == probe => {
                (*good, *bad) = if healthy { (*good + 1, 0) } else { (0, *bad + 1) };
                (*next, *last) = (after_pause, Some(detail.to_owned()));
                let (good, bad) = (*good, *bad);
                if good >= times {
                    return self.soak(deploy, probe);
                }
                if bad >= failures {
                    return self.fail(&deploy, &format!("it is sick: {detail}"), None);
                }
            }
            DeployState::Soaking { probes, bad, next: next @ None, .. } if *probes == probe => {
                *bad = if healthy { 0 } else { *bad + 1 };
                *next = after_pause;
                if *bad >= failures {
                    return self.fail(&deploy, &format!("it became sick: {detail}"), None);
                }
            }
            DeployState::Creating
            | DeployState::Triggering
            | DeployState::Running { .. }
            | DeployState::Retrying { .. }
            | DeployState::Checking { .. }
            | DeployState::Soaking { .. } => return,
        }
        self.record.current = Some(deploy);
    }

    /// Healthy: it is watched for a while, where the policy says so.
    fn soak(&mut self, mut deploy: Deploy, probes: u32) {
        if self.settings.soak_s == 0 {
            return self.succeed(&deploy);
        }
        let after = |seconds: u32| self.now.plus_ms(i64::from(seconds) * 1000);
        let until = after(self.settings.soak_s);
        let next = self.settings.health.as_ref().map(|health| after(health.interval_s));
        deploy.state = DeployState::Soaking { until, probes, bad: 0, next };
        self.because(super::words::progress(&deploy));
        self.record.current = Some(deploy);
    }

    /// Asks again, or ends the watch, when it is time.
    pub(super) fn go_on_with_health(&mut self, mut deploy: Deploy) {
        let now = self.now;
        let due = |next: &Option<Timestamp>| next.is_some_and(|next| next <= now);
        let health = self.settings.health.as_ref();
        let probe = match (&mut deploy.state, health) {
            // The policy does not say any more what healthy means.
            (DeployState::Checking { .. }, None) => return self.soak(deploy, 0),
            (DeployState::Soaking { until, bad, .. }, health) if *until <= now && (*bad == 0 || health.is_none()) => {
                return self.succeed(&deploy);
            }
            (DeployState::Checking { probes, next, .. } | DeployState::Soaking { probes, next, .. }, Some(_))
                if due(next) =>
            {
                *probes += 1;
                *next = None;
                *probes
            }
            (
                DeployState::Creating
                | DeployState::Triggering
                | DeployState::Running { .. }
                | DeployState::Retrying { .. }
                | DeployState::Checking { .. }
                | DeployState::Soaking { .. },
                _,
            ) => return,
        };
        if let Some(health) = health {
            self.probe(&deploy, health, probe);
        }
        self.record.current = Some(deploy);
    }
}
