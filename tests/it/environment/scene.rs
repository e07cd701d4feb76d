//! An environment to decide on: its world in few words, and what was decided, read in few words.

use std::collections::{BTreeMap, BTreeSet};

use stationmaster::decide::environment::{EnvironmentPolicy, decide, wanted};
use stationmaster::model::{
    Action, Authority, BranchName, Check, CheckOrigin, CheckRunId, CheckState, Conclusion, DeploymentId, DeploymentRow,
    DeploymentState, EnvironmentAsk, EnvironmentDecision, EnvironmentName, EnvironmentRecord, EnvironmentReport,
    EnvironmentSnapshot, InstallationId, Login, Number, OutsideStatus, PeopleMessage, Permission, Planned, Released,
    Repository, RepositoryId, RepositoryName, RunSeen, Sha, TagName, Timestamp, Trigger, TriggerAnswer, Version,
};
use stationmaster::policy::{CheckSettings, EnvironmentSettings, HealthSettings};

pub const NOW: Timestamp = Timestamp(1_795_262_400_000);
pub const OWN_APP: i64 = 77;

pub fn settings(name: &str) -> EnvironmentSettings {
    EnvironmentSettings {
        name: EnvironmentName::from(name),
        auto: true,
        requires_approval: false,
        production: false,
        after: None,
        trigger: Trigger::Workflow {
            workflow: "deploy.yml".to_owned(),
            git_ref: None,
            inputs: BTreeMap::from([("what".to_owned(), "{version} for {environment}, was {previous}".to_owned())]),
        },
        url: Some(format!("https://{name}.example")),
        timeout_s: 900,
        attempts: 3,
        health: Some(HealthSettings {
            url: format!("https://{name}.example/health?is={{tag}}"),
            status: 200,
            body: None,
            times: 2,
            failures: 2,
            interval_s: 10,
            timeout_s: 5,
        }),
        soak_s: 0,
        approval_expires_s: 86_400,
        approvers: Vec::new(),
        freezes: Vec::new(),
        rollback: true,
        prereleases: true,
    }
}

/// Production as the policy has it by default: approved, and no pre-releases.
pub fn production() -> EnvironmentSettings {
    EnvironmentSettings { requires_approval: true, production: true, prereleases: false, ..settings("prod") }
}

/// A version whose author is ann.
pub fn version(tag: &str) -> Version {
    Version {
        tag: TagName::from(tag),
        sha: Sha::new(format!("sha-{tag}")),
        url: format!("https://github.com/acme/shop/releases/tag/{tag}"),
        authors: vec![Login::from("ann")],
        issue: Some(Number(40)),
        prerelease: tag.contains('-'),
    }
}

pub fn person(login: &str, permission: Permission) -> Authority {
    Authority::Person { login: Login::from(login), permission }
}

pub fn bob() -> Authority {
    person("bob", Permission::Write)
}

pub fn maintainer() -> Authority {
    person("mia", Permission::Maintain)
}

pub fn deploy(tag: &str) -> EnvironmentAsk {
    EnvironmentAsk::Deploy { version: version(tag), overrides: None }
}

pub fn deploy_over(tag: &str, why: &str) -> EnvironmentAsk {
    EnvironmentAsk::Deploy { version: version(tag), overrides: Some(why.to_owned()) }
}

pub fn approve(tag: &str) -> EnvironmentAsk {
    EnvironmentAsk::Approve { tag: Some(TagName::from(tag)) }
}

pub fn rollback(why: &str) -> EnvironmentAsk {
    EnvironmentAsk::Rollback { why: why.to_owned() }
}

pub fn check(conclusion: Conclusion) -> Check {
    Check {
        name: "test".to_owned(),
        origin: CheckOrigin::App { id: 15368, slug: "github-actions".to_owned() },
        state: CheckState::Completed(conclusion),
        started: Some(NOW),
        completed: Some(NOW),
        url: None,
        run: Some(CheckRunId(1)),
        suite: Some(1),
    }
}

/// The world around one environment, with the part of the engine that matters here: each key is performed once.
pub struct Yard {
    pub name: EnvironmentName,
    pub settings: Option<EnvironmentSettings>,
    pub all: Vec<EnvironmentSettings>,
    pub commands: BTreeMap<String, Vec<String>>,
    pub stable_after: Option<EnvironmentName>,
    pub now: Timestamp,
    pub record: EnvironmentRecord,
    pub releases: Vec<Released>,
    pub checks: BTreeMap<Sha, Vec<Check>>,
    pub verified_before: Option<Vec<Sha>>,
    pub statuses: Vec<OutsideStatus>,
    pub run: Option<RunSeen>,
    pub reports: Vec<EnvironmentReport>,
    pub keys: BTreeSet<String>,
    pub planned: Vec<Planned>,
    pub rows: BTreeMap<i64, DeploymentRow>,
    pub last: EnvironmentDecision,
    fresh: usize,
}

impl Yard {
    pub fn new(settings: EnvironmentSettings) -> Self {
        Self {
            name: settings.name.clone(),
            all: vec![settings.clone()],
            settings: Some(settings),
            commands: BTreeMap::new(),
            stable_after: None,
            now: NOW,
            record: EnvironmentRecord::default(),
            releases: Vec::new(),
            checks: BTreeMap::new(),
            verified_before: None,
            statuses: Vec::new(),
            run: None,
            reports: Vec::new(),
            keys: BTreeSet::new(),
            planned: Vec::new(),
            rows: BTreeMap::new(),
            last: EnvironmentDecision::default(),
            fresh: 0,
        }
    }

    pub fn snapshot(&self) -> EnvironmentSnapshot {
        EnvironmentSnapshot {
            repository: Repository {
                id: RepositoryId(7),
                name: RepositoryName::new("acme", "shop"),
                installation: InstallationId(1),
                default_branch: BranchName::from("main"),
                private: false,
            },
            name: self.name.clone(),
            record: self.record.clone(),
            reports: self.reports.clone(),
            statuses: self.statuses.clone(),
            run: self.run.clone(),
            checks: Vec::new(),
            checked: None,
            required: Vec::new(),
            own_app: OWN_APP,
            verified_before: self.verified_before.clone(),
            releases: self.releases.clone(),
        }
    }

    /// Decides on all that was reported, twice: a crash in between must not show.
    pub fn decide(&mut self) -> &mut Self {
        let checks = CheckSettings::default();
        let policy = EnvironmentPolicy {
            settings: self.settings.as_ref(),
            all: &self.all,
            checks: &checks,
            allow_no_checks: false,
            stable_after: self.stable_after.as_ref(),
            commands: &self.commands,
            topic: Some("shop"),
        };
        let mut snapshot = self.snapshot();
        snapshot.checked = wanted(&snapshot, policy, self.now);
        snapshot.checks = snapshot.checked.as_ref().and_then(|sha| self.checks.get(sha)).cloned().unwrap_or_default();
        let decision = decide(&snapshot, policy, self.now);
        assert_eq!(decision, decide(&snapshot, policy, self.now), "the same decision twice");
        assert!(decision.summary.starts_with("acme/shop ") && decision.summary.ends_with('.'), "{}", decision.summary);
        self.reports.clear();
        self.record = decision.record.clone();
        self.rows.extend(decision.listed.iter().map(|row| (row.number, row.clone())));
        for planned in &decision.actions {
            if self.keys.insert(planned.key.clone()) {
                self.planned.push(planned.clone());
            }
        }
        self.last = decision;
        self
    }

    /// Releases a version with green checks; it is the newest.
    pub fn released(&mut self, tag: &str) -> &mut Self {
        let released = Released { version: version(tag), pulls: Vec::new(), at: self.now };
        self.checks.insert(released.version.sha.clone(), vec![check(Conclusion::Success)]);
        self.releases.insert(0, released);
        self
    }

    /// Releases a version and offers it.
    pub fn offered(&mut self, tag: &str) -> &mut Self {
        if !self.releases.iter().any(|released| released.version.tag.as_str() == tag) {
            self.released(tag);
        }
        self.report(EnvironmentReport::Offered { version: version(tag) })
    }

    pub fn report(&mut self, report: EnvironmentReport) -> &mut Self {
        self.reports.push(report);
        self.decide()
    }

    pub fn asked(&mut self, ask: EnvironmentAsk, authority: &Authority) -> &mut Self {
        let at = self.now;
        self.report(EnvironmentReport::Asked { ask, authority: authority.clone(), at, request: None })
    }

    pub fn after_s(&mut self, seconds: i64) -> &mut Self {
        self.now = self.now.plus_ms(seconds * 1000);
        self.decide()
    }

    pub fn number(&self) -> i64 {
        self.record.current.as_ref().expect("a deployment is under way").number
    }

    pub fn created(&mut self) -> &mut Self {
        let number = self.number();
        self.report(EnvironmentReport::Created { number, id: DeploymentId(1000 + number) })
    }

    pub fn answered(&mut self, answer: TriggerAnswer) -> &mut Self {
        let deploy = self.record.current.clone().expect("a deployment is under way");
        self.report(EnvironmentReport::Triggered { number: deploy.number, attempt: deploy.attempt, answer })
    }

    pub fn finished(&mut self) -> &mut Self {
        self.answered(TriggerAnswer::Finished { detail: "done".to_owned() })
    }

    pub fn unreachable(&mut self) -> &mut Self {
        self.answered(TriggerAnswer::Error { detail: "no answer".to_owned() })
    }

    pub fn accepted(&mut self, run: Option<i64>) -> &mut Self {
        self.answered(TriggerAnswer::Accepted { run, detail: "begun".to_owned() })
    }

    pub fn run_ends(&mut self, id: i64, conclusion: &str) -> &mut Self {
        let url = format!("https://github.com/acme/shop/actions/runs/{id}");
        self.run = Some(RunSeen { id, conclusion: Some(conclusion.to_owned()), url });
        self.decide()
    }

    pub fn outside(&mut self, state: DeploymentState) -> &mut Self {
        let by = Login::from("deployer[bot]");
        self.statuses.push(OutsideStatus { state, description: "said so".to_owned(), by });
        self.decide()
    }

    /// Answers the newest probe, and waits until the next one is due.
    pub fn probed(&mut self, healthy: bool) -> &mut Self {
        let number = self.number();
        let prefix = format!("deploy/probe/environment/7/{}/{number}/", self.name);
        let probe = u32::try_from(self.keys.iter().filter(|key| key.starts_with(&prefix)).count()).unwrap();
        let detail = if healthy { "200 as expected" } else { "503 instead of 200" }.to_owned();
        self.report(EnvironmentReport::Probed { number, probe, healthy, detail });
        if self.record.current.as_ref().is_some_and(|deploy| deploy.number == number) { self.after_s(10) } else { self }
    }

    /// The deployment under way goes well from its beginning.
    pub fn goes_well(&mut self) -> &mut Self {
        self.created().finished().probed(true).probed(true)
    }

    /// The deployment under way is done, and found sick.
    pub fn is_sick(&mut self) -> &mut Self {
        self.created().finished().probed(false).probed(false)
    }

    /// What was planned since this was asked last, in few words.
    pub fn did(&mut self) -> Vec<String> {
        let new = self.planned[self.fresh..].iter().map(|planned| said(&planned.action)).collect();
        self.fresh = self.planned.len();
        new
    }

    pub fn titles(&self) -> Vec<String> {
        self.messages().into_iter().map(|message| message.title).collect()
    }

    pub fn messages(&self) -> Vec<PeopleMessage> {
        let mut found = Vec::new();
        for planned in &self.planned {
            if let Action::Notify(message) = &planned.action {
                found.push(message.clone());
            }
        }
        found
    }

    pub fn runs(&self) -> Option<&str> {
        self.record.running.as_ref().map(|running| running.version.tag.as_str())
    }

    pub fn waits(&self) -> Option<&str> {
        self.record.wanted.as_ref().map(|wanted| wanted.version.tag.as_str())
    }

    pub fn under_way(&self) -> Option<&str> {
        self.record.current.as_ref().map(|deploy| deploy.version.tag.as_str())
    }

    pub fn held(&self) -> Vec<&str> {
        self.record.held.iter().map(|held| held.tag.as_str()).collect()
    }

    pub fn blockers(&self) -> Vec<String> {
        self.last.explanation.blockers.iter().map(ToString::to_string).collect()
    }

    pub fn refusal(&self) -> &str {
        self.record.last_refusal.as_deref().unwrap_or("nothing was refused")
    }

    pub fn row(&self, number: i64) -> &DeploymentRow {
        &self.rows[&number]
    }
}

fn said(action: &Action) -> String {
    if let Action::CreateDeployment(order) = action {
        format!("create {} for {}", order.number, order.version.tag)
    } else if let Action::TriggerDeploy(order) = action {
        format!("trigger {} attempt {}", order.version.tag, order.attempt)
    } else if let Action::SetDeploymentStatus { deployment, state, .. } = action {
        format!("status of {deployment}: {}", state.as_str())
    } else if let Action::ProbeHealth(order) = action {
        format!("probe {}", order.url)
    } else if let Action::RetireDeployments { keep, .. } = action {
        format!("retire all but {keep}")
    } else if let Action::Notify(message) = action {
        format!("tell {}", message.title)
    } else {
        action.kind().to_owned()
    }
}
