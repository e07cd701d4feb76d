//! The issue `acme/rust#12`, “Fix the login”, of high priority; `ada` and `bob` of New York could do it, `robo` always.

use std::collections::BTreeMap;

use stationmaster::decide;
use stationmaster::model::{
    Action, ActorKind, Decision, Dependency, InstallationId, Issue, IssueSnapshot, IssueState, Lease, Login, Number,
    PeopleMessage, Permission, Presence, Repository, RepositoryId, RepositoryName, ResponseClock, Task, TaskState,
    Timestamp, Worker, WorkerLoad,
};
use stationmaster::policy::{Policy, RuleFile, Rules};

pub const MINUTE_MS: i64 = 60_000;
pub const HOUR_MS: i64 = 60 * MINUTE_MS;

const ROUTING: &str = r#"
[[rule]]
name = "fix"
title = '(?i)^(urgent: )?fix'
type = "development"
role = "development"
priority = 70
urgency = "high"
"#;
const WORKERS: &str = r#"
[[role]]
name = "development"
[[worker]]
id = "ada"
role = "development"
login = "ada-l"
[[worker]]
id = "bob"
role = "development"
login = "bob-b"
[[worker]]
id = "robo"
role = "development"
capacity = 0
always = true
"#;

/// A moment as it is written.
pub fn at(text: &str) -> Timestamp {
    Timestamp::parse_rfc3339(text).unwrap()
}

pub struct Scene {
    pub snapshot: IssueSnapshot,
    pub policy: Policy,
}

impl Scene {
    pub fn new() -> Self {
        Self::with("")
    }

    /// With more in the workers' file.
    pub fn with(more: &str) -> Self {
        let files = [("routing.toml", ROUTING.to_owned()), ("workers.toml", format!("{more}\n{WORKERS}"))];
        let files = files.into_iter().map(|(name, text)| RuleFile::new(name, text)).collect();
        let policy = Policy::combine(&Rules::from_files(files).unwrap(), None);
        let load = |worker: &Worker| WorkerLoad {
            worker: worker.clone(),
            presence: Presence::Active,
            open_tasks: 0,
            last_assigned: None,
            version: 0,
        };
        let workers = policy.workers().iter().map(load).collect();
        Self { snapshot: snapshot(workers), policy }
    }

    /// Decides at this time, and lets GitHub and the database show what was decided.
    pub fn look(&mut self, now: Timestamp) -> Decision {
        let decision = decide::task(&self.snapshot, &self.policy, now);
        let mut task = decision.task.clone().unwrap();
        task.ours.clone_from(&task.projected);
        self.snapshot.issue.labels.clone_from(&task.projected);
        self.snapshot.task = Some(task);
        self.snapshot.decision += 1;
        decision
    }

    pub fn task(&mut self) -> &mut Task {
        self.snapshot.task.as_mut().unwrap()
    }

    pub fn holder(&self) -> Option<String> {
        self.snapshot.task.as_ref().unwrap().worker.as_ref().map(ToString::to_string)
    }

    pub fn response(&mut self) -> ResponseClock {
        self.task().work.clocks.response.clone().unwrap()
    }

    /// As the command does.
    pub fn acknowledge(&mut self, now: Timestamp) {
        let clocks = &mut self.task().work.clocks;
        for clock in [&mut clocks.response, &mut clocks.urgent].into_iter().flatten() {
            clock.stopped = Some(now);
        }
    }

    /// As a claim does; with a lease for whoever sends heartbeats.
    pub fn claim(&mut self, now: Timestamp, lease_until: Option<Timestamp>) {
        self.acknowledge(now);
        let task = self.task();
        task.state = TaskState::InProgress;
        task.lease = lease_until.map(|until| Lease { id: "lease-1".to_owned(), until });
        task.work.begun = Some(now);
        task.work.clocks.progressed = Some(now);
    }

    pub fn presence(&mut self, worker: &str, presence: Presence) {
        let load = self.snapshot.workers.iter_mut().find(|load| load.worker.id.as_str() == worker);
        load.unwrap().presence = presence;
    }

    pub fn has_label(&self, label: &str) -> bool {
        self.snapshot.issue.labels.iter().any(|name| name.as_str() == label)
    }

    /// What the task's history says, without times.
    pub fn history(&self) -> Vec<String> {
        let timeline = &self.snapshot.task.as_ref().unwrap().work.timeline;
        timeline.iter().map(|entry| format!("{}: {}", entry.who, entry.what)).collect()
    }
}

/// An issue that this one waits for.
pub fn waits_for(number: i64, met: bool) -> Dependency {
    let state = if met { "closed" } else { "open" }.to_owned();
    Dependency { repository: RepositoryName::new("acme", "rust"), number: Number(number), met, state }
}

/// Messages to people, with their keys.
#[expect(clippy::wildcard_enum_match_arm, reason = "whatever else it is, the test has failed")]
pub fn told(decision: &Decision) -> Vec<(String, PeopleMessage)> {
    let messages = decision.actions.iter().filter_map(|planned| match &planned.action {
        Action::Notify(message) => Some((planned.key.clone(), message.clone())),
        _ => None,
    });
    messages.collect()
}

/// Headlines of what people are told, those of assignments left out.
pub fn alarms(decision: &Decision) -> Vec<String> {
    let all = told(decision).into_iter().filter(|(key, _)| !key.starts_with("told/"));
    all.map(|(_, message)| message.title).collect()
}

/// When each clock is due.
pub fn timers(decision: &Decision) -> BTreeMap<String, String> {
    decision.changes.timers.iter().map(|timer| (timer.clock.clone(), timer.due.to_rfc3339())).collect()
}

fn snapshot(workers: Vec<WorkerLoad>) -> IssueSnapshot {
    IssueSnapshot {
        repository: Repository {
            id: RepositoryId(9),
            name: RepositoryName::new("acme", "rust"),
            installation: InstallationId(77),
            default_branch: "main".into(),
            private: false,
        },
        issue: Issue {
            number: Number(12),
            title: "Fix the login".to_owned(),
            body: String::new(),
            state: IssueState::Open,
            author: Login::new("alice"),
            author_kind: ActorKind::User,
            labels: Vec::new(),
            assignees: Vec::new(),
            url: "https://github.com/acme/rust/issues/12".to_owned(),
            created: Timestamp(0),
        },
        decision: 1,
        comments: Vec::new(),
        permissions: [(Login::new("alice"), Permission::Write)].into(),
        label_events: Vec::new(),
        dependencies: Vec::new(),
        dependents: Vec::new(),
        parent: None,
        sub_issues: Vec::new(),
        pulls: Vec::new(),
        evidence: None,
        reports: Vec::new(),
        own: (Login::new("stationmaster[bot]"), 4_711),
        known_since: Timestamp(0),
        task: None,
        workers,
    }
}
