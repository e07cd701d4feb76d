//! What shows that a task is done: read, judged, looked at.

mod links;
mod look;
mod merged;
mod policy;
mod read;
mod submitted;

use std::collections::BTreeMap;

use stationmaster::decide;
use stationmaster::model::{
    Action, ActorKind, Blocker, Decision, Evidence, EvidenceSeen, Explanation, InstallationId, Issue, IssueSnapshot,
    IssueState, Level, LinkedPull, Login, Number, PullState, Repository, RepositoryId, RepositoryName, Submission,
    Task, TaskState, TaskType, TaskWork, Timestamp,
};
use stationmaster::policy::{Policy, RepositoryPolicy, Rules};

/// The task came under management an hour ago.
pub const CREATED: &str = "2026-11-21T11:00:00Z";

pub fn now() -> Timestamp {
    time("2026-11-21T12:00:00Z")
}

pub fn time(text: &str) -> Timestamp {
    Timestamp::parse_rfc3339(text).unwrap()
}

pub fn home() -> RepositoryName {
    RepositoryName::new("octo", "station")
}

pub fn policy(text: &str) -> Policy {
    let own = RepositoryPolicy::parse(text, ".github/stationmaster.toml").unwrap_or_else(|faults| panic!("{faults}"));
    Policy::combine(&Rules::builtin().unwrap(), Some(&own))
}

/// Task 12 of octo/station in this state, opened by ann, with nothing else about it.
pub fn snapshot(state: TaskState) -> IssueSnapshot {
    IssueSnapshot {
        repository: Repository {
            id: RepositoryId(1),
            name: home(),
            installation: InstallationId(1),
            default_branch: "main".into(),
            private: false,
        },
        issue: Issue {
            number: Number(12),
            title: "Implement signals".to_owned(),
            body: "Red means stop.".to_owned(),
            state: IssueState::Open,
            author: "ann".into(),
            author_kind: ActorKind::User,
            labels: Vec::new(),
            assignees: Vec::new(),
            url: "https://github.com/octo/station/issues/12".to_owned(),
            created: time(CREATED),
        },
        decision: 7,
        comments: Vec::new(),
        permissions: BTreeMap::new(),
        label_events: Vec::new(),
        dependencies: Vec::new(),
        dependents: Vec::new(),
        parent: None,
        sub_issues: Vec::new(),
        pulls: Vec::new(),
        evidence: None,
        reports: Vec::new(),
        own: ("stationmaster[bot]".into(), 777),
        known_since: time(CREATED),
        task: Some(task(state)),
        workers: Vec::new(),
    }
}

fn task(state: TaskState) -> Task {
    Task {
        repository: RepositoryId(1),
        number: Number(12),
        state,
        task_type: TaskType::new("development"),
        role: Some("development".into()),
        worker: None,
        priority: Level::Medium,
        risk: None,
        type_pinned: false,
        priority_pinned: false,
        worker_pinned: false,
        rule: None,
        assignment: Explanation::default(),
        fence: 1,
        lease: None,
        version: 3,
        work: TaskWork::default(),
        projected: Vec::new(),
        ours: Vec::new(),
        assignees: Vec::new(),
        card: None,
        card_digest: None,
        policy_fingerprint: String::new(),
        created: time(CREATED),
        updated: time(CREATED),
    }
}

/// The task in review with this handed in by bob, and what looking at it has brought to light.
pub fn handed_in(evidence: Evidence, seen: Option<EvidenceSeen>) -> IssueSnapshot {
    let mut snapshot = snapshot(TaskState::Review);
    snapshot.evidence = seen;
    snapshot.task.as_mut().unwrap().work.submission = Some(Submission {
        evidence,
        text: String::new(),
        by: "@bob".to_owned(),
        at: now().plus_ms(-60_000),
        waits_for: None,
        look_again: None,
    });
    snapshot
}

/// Pull 7 of octo/station, which fixes the task, merged into main half an hour ago.
pub fn pull() -> LinkedPull {
    LinkedPull {
        repository: home(),
        number: Number(7),
        title: "Show signals".to_owned(),
        body: "Fixes #12".to_owned(),
        author: Login::from("bob"),
        state: PullState::Merged,
        merged: Some(time("2026-11-21T11:30:00Z")),
        base: "main".into(),
        head_branch: "signals".into(),
        changes_requested: false,
        closes: false,
        url: "https://github.com/octo/station/pull/7".to_owned(),
    }
}

pub fn decided(snapshot: &IssueSnapshot, policy_text: &str) -> Decision {
    decide::task(snapshot, &policy(policy_text), now())
}

pub fn state(decision: &Decision) -> TaskState {
    decision.task.as_ref().unwrap().state
}

/// Everything that is said of the decision, a line each.
pub fn said(decision: &Decision) -> String {
    let blockers = decision.explanation.blockers.iter().map(Blocker::to_string);
    decision.explanation.reasons.iter().cloned().chain(blockers).collect::<Vec<_>>().join("\n")
}

/// The comments that are to be written.
pub fn comments(decision: &Decision) -> Vec<String> {
    let text = |action: &Action| if let Action::Comment { text, .. } = action { Some(text.clone()) } else { None };
    decision.actions.iter().filter_map(|planned| text(&planned.action)).collect()
}

/// The newest line of the task's history.
pub fn last_line(decision: &Decision) -> String {
    decision.task.as_ref().unwrap().work.timeline.last().map(|line| line.what.clone()).unwrap_or_default()
}
