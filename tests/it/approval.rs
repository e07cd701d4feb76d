//! Consent: what waits for it, what people are told, and what takes it back.

use stationmaster::model::{
    Action, Approval, Calendar, Decision, IssueSnapshot, LabelName, Level, Presence, TaskState, Worker, WorkerLoad,
};

use crate::evidence::{decided, now, said, snapshot, state};

/// The issue of a task with this risk, by its label, and with one worker who could have it.
fn dangerous(from: TaskState, risk: &str) -> IssueSnapshot {
    let mut snapshot = snapshot(from);
    snapshot.issue.labels = vec![LabelName::new(format!("risk/{risk}"))];
    let task = snapshot.task.as_mut().unwrap();
    task.risk = Some(risk.parse().unwrap());
    snapshot.workers = vec![WorkerLoad {
        worker: Worker {
            id: "dev1".into(),
            role: "development".into(),
            capabilities: vec![],
            login: Some("bob".into()),
            capacity: 3,
            calendar: Calendar::Always,
            agent: false,
            tell: vec![],
        },
        presence: Presence::Active,
        open_tasks: 0,
        last_assigned: None,
        version: 0,
    }];
    snapshot
}

fn approval(decision: &Decision) -> &Approval {
    decision.task.as_ref().unwrap().work.approval.as_ref().expect("nobody was asked")
}

#[expect(clippy::wildcard_enum_match_arm, reason = "whatever else it is, the test has failed")]
fn told(decision: &Decision) -> Vec<(String, String)> {
    let message = |planned: &stationmaster::model::Planned| match &planned.action {
        Action::Notify(message) => Some((planned.key.clone(), message.title.clone())),
        _ => None,
    };
    let told = decision.actions.iter().filter_map(message);
    told.filter(|(key, _)| key.starts_with("approval/")).collect()
}

/// The snapshot after this decision, with the consent of carol where it was asked for.
fn approved(mut snapshot: IssueSnapshot, decision: Decision, goes_on: TaskState) -> IssueSnapshot {
    let mut task = decision.task.unwrap();
    task.work.approval.as_mut().unwrap().given = Some(("@carol".to_owned(), now()));
    task.state = goes_on;
    snapshot.task = Some(task);
    snapshot.decision += 1;
    snapshot
}

#[test]
fn a_high_risk_waits_for_consent_unassigned_and_people_are_told_once() {
    for risk in ["high", "critical"] {
        let mut snapshot = dangerous(TaskState::Ready, risk);
        let decision = decided(&snapshot, "");
        let task = decision.task.as_ref().unwrap();
        assert_eq!((task.state, &task.worker), (TaskState::WaitingApproval, &None));
        assert!(!decision.changes.claimable);
        assert_eq!(told(&decision).len(), 1);
        assert_eq!(told(&decision)[0].1, "octo/station#12 needs approval");
        let words = format!("its risk is {risk}, so somebody has to `/approve` it before it begins");
        assert!(said(&decision).contains(&words), "{}", said(&decision));
        snapshot.task = decision.task;
        snapshot.decision += 1;
        let again = decided(&snapshot, "");
        assert_eq!((state(&again), told(&again)), (TaskState::WaitingApproval, Vec::new()));
        assert!(said(&again).contains(&words), "{}", said(&again));
    }
}

#[test]
fn a_new_issue_of_high_risk_is_never_given_to_anybody_first() {
    let mut snapshot = dangerous(TaskState::Ready, "high");
    snapshot.task = None;
    let decision = decided(&snapshot, "");
    let task = decision.task.unwrap();
    assert_eq!((task.state, task.worker, task.fence), (TaskState::WaitingApproval, None, 0));
}

#[test]
fn low_and_medium_risk_begin_at_once_unless_the_policy_says_otherwise() {
    for risk in ["low", "medium"] {
        assert_eq!(state(&decided(&dangerous(TaskState::Ready, risk), "")), TaskState::Assigned);
    }
    let strict = "[tasks]\napproval_from = \"medium\"\n";
    assert_eq!(state(&decided(&dangerous(TaskState::Ready, "medium"), strict)), TaskState::WaitingApproval);
    let lax = "[tasks]\napproval_from = \"critical\"\n";
    assert_eq!(state(&decided(&dangerous(TaskState::Ready, "high"), lax)), TaskState::Assigned);
}

#[test]
fn with_consent_it_is_ready_and_gets_a_worker() {
    let snapshot = dangerous(TaskState::Ready, "high");
    let asked = decided(&snapshot, "");
    let snapshot = approved(snapshot, asked, TaskState::Ready);
    let decision = decided(&snapshot, "");
    let task = decision.task.as_ref().unwrap();
    assert_eq!((task.state, task.worker.as_ref().unwrap().as_str()), (TaskState::Assigned, "dev1"));
    assert_eq!(told(&decision), Vec::new());
}

#[test]
fn another_text_or_another_risk_takes_consent_back() {
    for from in [TaskState::Ready, TaskState::Assigned, TaskState::InProgress] {
        let before = dangerous(TaskState::Ready, "high");
        let asked = decided(&before, "");
        let first_key = told(&asked)[0].0.clone();
        let mut given = approved(before, asked, from);
        if from == TaskState::Assigned {
            given.task.as_mut().unwrap().worker = Some("dev1".into());
        }

        let mut edited = given.clone();
        edited.issue.body.push_str(" And green means go.");
        let decision = decided(&edited, "");
        assert_eq!(state(&decision), TaskState::WaitingApproval, "from {from}");
        assert_eq!((approval(&decision).given.as_ref(), approval(&decision).from), (None, from));
        assert_ne!(told(&decision)[0].0, first_key, "people are told of the new text");
        let lines: Vec<String> = decision.task.unwrap().work.timeline.into_iter().map(|line| line.what).collect();
        assert!(lines.contains(&"took back the approval of @carol: its title or text changed".to_owned()), "{lines:?}");

        let mut worse = given;
        worse.issue.labels = vec![LabelName::new("risk/critical")];
        let decision = decided(&worse, "");
        assert_eq!(state(&decision), TaskState::WaitingApproval, "from {from}");
        assert_eq!(approval(&decision).risk, Some(Level::Critical));
    }
}

#[test]
fn what_is_in_review_when_its_text_changes_is_asked_about_when_it_goes_on() {
    let before = dangerous(TaskState::Ready, "high");
    let asked = decided(&before, "");
    let mut snapshot = approved(before, asked, TaskState::Blocked);
    snapshot.issue.title.push_str(" everywhere");
    let blocked = decided(&snapshot, "");
    assert_eq!(state(&blocked), TaskState::Blocked);
    let mut task = blocked.task.unwrap();
    task.state = TaskState::InProgress;
    snapshot.task = Some(task);
    assert_eq!(state(&decided(&snapshot, "")), TaskState::WaitingApproval);
}

#[test]
fn a_risk_that_rises_while_work_goes_on_has_it_wait() {
    let mut snapshot = dangerous(TaskState::InProgress, "low");
    snapshot.issue.labels = vec![LabelName::new("risk/critical")];
    let decision = decided(&snapshot, "");
    assert_eq!((state(&decision), approval(&decision).from), (TaskState::WaitingApproval, TaskState::InProgress));
}

#[test]
fn a_task_that_began_before_risk_was_of_interest_goes_on() {
    assert_eq!(state(&decided(&dangerous(TaskState::InProgress, "high"), "")), TaskState::InProgress);
}

#[test]
fn what_waits_only_for_its_risk_goes_on_when_the_risk_falls() {
    let mut snapshot = dangerous(TaskState::Ready, "high");
    snapshot.task = decided(&snapshot, "").task;
    snapshot.issue.labels = vec![LabelName::new("risk/low")];
    let decision = decided(&snapshot, "");
    assert_eq!(state(&decision), TaskState::Assigned);
    assert_eq!(decision.task.unwrap().work.approval, None);
}

#[test]
fn an_edit_while_it_waits_is_told_and_consent_to_the_older_text_does_not_count() {
    let mut snapshot = dangerous(TaskState::Ready, "high");
    let asked = decided(&snapshot, "");
    let old_scope = approval(&asked).scope.clone();
    snapshot.task = asked.task;
    snapshot.issue.body = "Blue means stop.".to_owned();
    let renewed = decided(&snapshot, "");
    assert_ne!(approval(&renewed).scope, old_scope);
    assert_eq!(told(&renewed).len(), 1);
}
