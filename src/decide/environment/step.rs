//! A deployment on its way: created, its target told, and waited for.

use super::turn::Turn;
use super::words;
use crate::model::{
    Action, Deploy, DeployState, DeploymentId, DeploymentOrder, DeploymentState, Heard, OutsideStatus, Timestamp,
    Trigger, TriggerAnswer, TriggerOrder,
};

/// The pause before a target that could not be reached is told again; each further one is twice as long.
const RETRY_MS: i64 = 30_000;

impl Turn<'_> {
    /// Begins a deployment: its GitHub Deployment comes first.
    pub(super) fn create(&mut self, deploy: Deploy) {
        let text = match &deploy.by {
            Some(by) => format!("{} is deployed; {} asked for it", deploy.version.tag, words::who(by)),
            None => format!("{} is deployed by the policy", deploy.version.tag),
        };
        let order = DeploymentOrder {
            repository: self.snapshot.repository.clone(),
            environment: self.snapshot.name.clone(),
            number: deploy.number,
            version: deploy.version.clone(),
            description: words::description(&text),
            production: self.settings.production,
        };
        self.plan(self.key("create", deploy.number), Action::CreateDeployment(Box::new(order)));
        self.because(words::progress(&deploy));
        self.record.last_number = deploy.number;
        self.record.heard = Heard::default();
        self.record.current = Some(deploy);
    }

    pub(super) fn created(&mut self, number: i64, id: DeploymentId) {
        let Some(mut deploy) = self.current(number).filter(|deploy| deploy.state == DeployState::Creating) else {
            return;
        };
        deploy.id = Some(id);
        self.status(&deploy, DeploymentState::InProgress, "", &words::progress(&deploy));
        if self.policy.settings.is_none() {
            let why = format!("the policy does not name {} any more", self.snapshot.name);
            self.end_in_error(&deploy, &why);
            return;
        }
        self.tell_target(deploy);
    }

    /// Tells the deploy target, where there is one to be told.
    pub(super) fn tell_target(&mut self, mut deploy: Deploy) {
        let trigger = match self.filled_trigger(&deploy) {
            Ok(trigger) => trigger,
            Err(why) => return self.end_in_error(&deploy, &why),
        };
        let Some(id) = deploy.id else { return };
        if trigger == Trigger::None {
            deploy.state = DeployState::Running { run: None, until: self.timeout() };
        } else {
            let order = TriggerOrder {
                repository: self.snapshot.repository.clone(),
                environment: self.snapshot.name.clone(),
                number: deploy.number,
                attempt: deploy.attempt,
                deployment: id,
                version: deploy.version.clone(),
                previous: self.record.running.as_ref().map(|running| running.version.tag.clone()),
                trigger,
                timeout_s: self.settings.timeout_s,
            };
            let key = format!("{}/{}", self.key("trigger", deploy.number), deploy.attempt);
            self.plan(key, Action::TriggerDeploy(Box::new(order)));
            deploy.state = DeployState::Triggering;
        }
        self.because(words::progress(&deploy));
        self.record.current = Some(deploy);
    }

    fn timeout(&self) -> Timestamp {
        self.now.plus_ms(i64::from(self.settings.timeout_s) * 1000)
    }

    pub(super) fn triggered(&mut self, number: i64, attempt: u32, answer: &TriggerAnswer) {
        let meant = |deploy: &Deploy| deploy.state == DeployState::Triggering && deploy.attempt == attempt;
        let Some(mut deploy) = self.current(number).filter(meant) else { return };
        match answer {
            TriggerAnswer::Accepted { run, detail } => {
                deploy.state = DeployState::Running { run: *run, until: self.timeout() };
                self.because(format!("{}: {detail}", words::progress(&deploy)));
                self.record.current = Some(deploy);
            }
            TriggerAnswer::Finished { .. } => self.look_at_health(deploy),
            TriggerAnswer::Failed { detail } => {
                self.fail(&deploy, &format!("the deploy target says that it failed: {detail}"), None);
            }
            TriggerAnswer::Error { detail } => self.errored(deploy, detail),
        }
    }

    /// Goes on with what does not wait for a report: time, and what others say on GitHub.
    pub(super) fn go_on(&mut self) {
        let Some(deploy) = self.record.current.clone() else { return };
        match deploy.state.clone() {
            DeployState::Running { run, until } => self.watch(deploy, run, until),
            DeployState::Retrying { at, .. } if at <= self.now => {
                self.tell_target(Deploy { attempt: deploy.attempt + 1, ..deploy });
            }
            DeployState::Creating | DeployState::Triggering | DeployState::Retrying { .. } => {}
            DeployState::Checking { .. } | DeployState::Soaking { .. } => {
                let sick = self.unheard(&deploy).iter().rev().find(|status| status.state == DeploymentState::Failure);
                match sick {
                    Some(status) => {
                        let why = said(status, "failed");
                        self.fail(&deploy, &why, None);
                    }
                    None => self.go_on_with_health(deploy),
                }
            }
        }
    }

    /// What others said of this very deployment, as far as it still counts.
    fn unheard(&self, deploy: &Deploy) -> &[OutsideStatus] {
        let seen_of_it = self.snapshot.record.current.as_ref().is_some_and(|seen| seen.number == deploy.number);
        let statuses = self.snapshot.statuses.get(self.record.heard.statuses..).unwrap_or_default();
        if seen_of_it { statuses } else { &[] }
    }

    /// Looks how far the target has come.
    fn watch(&mut self, mut deploy: Deploy, run: Option<i64>, until: Timestamp) {
        let last = self.unheard(&deploy).iter().rev().find(|status| {
            matches!(status.state, DeploymentState::Success | DeploymentState::Failure | DeploymentState::Error)
        });
        if let Some(status) = last.cloned() {
            return match status.state {
                DeploymentState::Failure => self.fail(&deploy, &said(&status, "failed"), None),
                DeploymentState::Error => self.errored(deploy, &said(&status, "ended in an error")),
                DeploymentState::Success
                | DeploymentState::Queued
                | DeploymentState::Pending
                | DeploymentState::InProgress
                | DeploymentState::Inactive => self.look_at_health(deploy),
            };
        }
        // Where the target's answer did not name its run, the one of the attempt before may still be the newest seen.
        let meant = |id: i64| run.map_or(self.record.heard.run != Some(id), |run| run == id);
        if let Some(seen) = self.snapshot.run.clone().filter(|seen| meant(seen.id)) {
            match seen.conclusion.as_deref() {
                Some("success") => return self.look_at_health(deploy),
                Some(word @ ("cancelled" | "timed_out")) => {
                    let detail = format!("its workflow run ended as {word}: {}", seen.url);
                    return self.errored(deploy, &detail);
                }
                Some(word) => {
                    let why = format!("its workflow run ended as {word}: {}", seen.url);
                    return self.fail(&deploy, &why, None);
                }
                None => {
                    deploy.state = DeployState::Running { run: Some(seen.id), until };
                    self.record.current = Some(deploy.clone());
                }
            }
        }
        if until <= self.now {
            let waited = words::duration(self.settings.timeout_s);
            self.errored(deploy, &format!("the deploy target was not heard of within {waited}"));
        }
    }

    /// The target could not be reached, or was not heard of: it is told again after a pause, but not for ever.
    fn errored(&mut self, mut deploy: Deploy, detail: &str) {
        // Nobody is told again where nobody was told.
        let told = self.policy.settings.is_some() && self.settings.trigger != Trigger::None;
        if !told || deploy.attempt >= self.settings.attempts {
            return self.end_in_error(&deploy, detail);
        }
        let run = match &deploy.state {
            DeployState::Running { run, .. } => run.or(self.snapshot.run.as_ref().map(|seen| seen.id)),
            DeployState::Creating
            | DeployState::Triggering
            | DeployState::Retrying { .. }
            | DeployState::Checking { .. }
            | DeployState::Soaking { .. } => None,
        };
        self.record.heard = Heard { statuses: self.snapshot.statuses.len(), run };
        let pause_ms = RETRY_MS << (deploy.attempt.saturating_sub(1)).min(20);
        deploy.state = DeployState::Retrying { at: self.now.plus_ms(pause_ms), because: detail.to_owned() };
        let text = words::progress(&deploy);
        self.status(&deploy, DeploymentState::InProgress, &format!("/{}", deploy.attempt), &text);
        self.because(text);
        self.record.current = Some(deploy);
    }

    /// Says on GitHub how far a deployment has come; `suffix` tells words of one state apart.
    pub(super) fn status(&mut self, deploy: &Deploy, state: DeploymentState, suffix: &str, text: &str) {
        let Some(id) = deploy.id else { return };
        let log_url = self.snapshot.run.as_ref().map(|run| run.url.clone());
        let action = Action::SetDeploymentStatus {
            repository: self.snapshot.repository.clone(),
            deployment: id,
            state,
            description: words::description(text),
            log_url: log_url.filter(|_| state != DeploymentState::InProgress),
            environment_url: self.settings.url.clone().filter(|_| state == DeploymentState::Success),
        };
        let key = format!("{}/{}{suffix}", self.key("status", deploy.number), state.as_str());
        self.plan(key, action);
    }
}

fn said(status: &OutsideStatus, what: &str) -> String {
    let detail = if status.description.is_empty() { String::new() } else { format!(": {}", status.description) };
    format!("{} says that it {what}{detail}", status.by)
}
