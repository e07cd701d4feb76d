//! What is asked by other doors than GitHub: whose word counts for what, and how it is answered and noted.

use stationmaster::model::{
    Action, Assignee, Impact, IssueState, Level, Login, TaskAsk, TaskAuthority, TaskState, TaskType,
};

use super::scene::{Scene, actions, item, operator, orchestrator, worker};

fn why() -> String {
    "it must be".to_owned()
}

/// What only whoever holds the task asks.
fn of_holders() -> Vec<TaskAsk> {
    vec![
        TaskAsk::Release { why: None },
        TaskAsk::Progress { percent: Some(10), text: String::new() },
        TaskAsk::Discover { text: "a leak".to_owned(), impact: None },
        TaskAsk::Learn { text: "a fact".to_owned(), category: None, impact: Impact::default(), tags: Vec::new() },
        TaskAsk::RequestApproval { why: why() },
        TaskAsk::Complete { evidence: "#7".to_owned(), overrides: false },
        TaskAsk::Fail { why: why() },
    ]
}

/// What the team asks.
fn of_the_team() -> Vec<TaskAsk> {
    vec![
        TaskAsk::Assign { to: Assignee::Named("qa".to_owned()) },
        TaskAsk::Subtask { title: "Fix it".to_owned(), requirements: Vec::new(), description: String::new() },
        TaskAsk::Depend { on: item(7) },
        TaskAsk::Route { task_type: TaskType::new("testing") },
        TaskAsk::Priority { priority: Level::Low },
        TaskAsk::Urgent,
        TaskAsk::Escalate { why: None },
        TaskAsk::Defer { until: None },
        TaskAsk::Cancel { why: None },
        TaskAsk::Risk { risk: Level::Critical },
    ]
}

#[test]
fn a_worker_does_what_holders_do_and_nothing_of_the_teams() {
    for ask in of_holders() {
        Scene::going().rehearsed(&worker("dev", None), &ask).unwrap();
    }
    for ask in of_the_team() {
        let said = Scene::going().rehearsed(&worker("dev", None), &ask).unwrap_err();
        assert!(said.contains("is for orchestrators and for people with triage permission"), "{said}");
    }
}

#[test]
fn an_orchestrator_does_what_the_team_does_and_nothing_of_holders() {
    for ask in of_the_team() {
        Scene::going().rehearsed(&orchestrator(None), &ask).unwrap();
    }
    for ask in of_holders() {
        let said = Scene::going().rehearsed(&orchestrator(Some("mia")), &ask).unwrap_err();
        assert!(said.ends_with("which an orchestrator never does"), "{said}");
    }
}

#[test]
fn the_operator_does_everything() {
    for ask in of_the_team().into_iter().chain(of_holders()) {
        Scene::going().rehearsed(&operator(), &ask).unwrap();
    }
}

#[test]
fn a_risk_is_not_lowered_by_an_orchestrator_of_its_own() {
    let lower = TaskAsk::Risk { risk: Level::Low };
    let scene = || Scene::going().risky(Level::Medium);
    let said = scene().rehearsed(&orchestrator(None), &lower).unwrap_err();
    assert_eq!(said, "this is for people with maintain permission");
    assert!(scene().rehearsed(&orchestrator(Some("wendy")), &lower).unwrap_err().contains("wendy has write"));
    scene().rehearsed(&orchestrator(Some("mia")), &lower).unwrap();
    scene().rehearsed(&operator(), &lower).unwrap();
}

#[test]
fn only_a_project_whose_parts_are_closed_is_completed_by_an_orchestrator() {
    let mut scene = Scene::ready();
    scene.task_mut().task_type = TaskType::new("project");
    let complete = TaskAsk::Complete { evidence: String::new(), overrides: false };
    assert_eq!(scene.rehearsed(&orchestrator(None), &complete).unwrap(), "completed the project");
    scene.snapshot.sub_issues.push(stationmaster::model::SubIssue {
        item: item(13),
        title: "Fix one".to_owned(),
        state: IssueState::Open,
        status: "in-progress".to_owned(),
    });
    let said = scene.rehearsed(&orchestrator(None), &complete).unwrap_err();
    assert_eq!(said, "it depends on octo/station#13, which is in-progress");
}

#[expect(clippy::wildcard_enum_match_arm, reason = "whatever else it is, the test has failed")]
#[test]
fn asks_are_done_in_order_and_a_message_is_answered() {
    let mut scene = Scene::going()
        .asked(worker("dev", None), TaskAsk::Progress { percent: Some(90), text: "nearly".to_owned() }, Some("m1"))
        .asked(worker("dev", Some(-1)), TaskAsk::Release { why: None }, Some("m2"))
        .asked(orchestrator(None), TaskAsk::Priority { priority: Level::High }, None);
    let decision = scene.run();
    let answer = |key: &str| match &actions(&decision, key)[..] {
        [planned] => match &planned.action {
            Action::Publish { message, .. } => message.result.clone().unwrap(),
            other => panic!("{other:?}"),
        },
        others => panic!("{others:?}"),
    };
    assert_eq!(answer("answer/m1"), "done: is at 90%: nearly");
    assert!(answer("answer/m2").starts_with("refused: the lease with fence -1 is over"));
    let deeds: Vec<String> = decision
        .changes
        .deeds
        .iter()
        .map(|deed| format!("{} {} {}", deed.door.as_str(), deed.who, deed.what))
        .collect();
    assert_eq!(deeds[0], "api worker dev is at 90%: nearly");
    assert!(
        deeds[1].starts_with("api worker dev was refused `/release`: the lease with fence -1 is over"),
        "{deeds:?}"
    );
    assert_eq!(deeds[2], "api orchestrator conductor set the priority to high");
    assert_eq!(scene.state(), TaskState::InProgress);
}

#[test]
fn whoever_is_named_or_asks_is_looked_up() {
    let person = TaskAuthority::Person { login: Login::new("pia"), bot: false };
    let scene = Scene::new()
        .says("tess", "/assign @quinn")
        .labels("wendy", "risk/high", true)
        .labels("robot[bot]", "risk/low", true)
        .asked(person, TaskAsk::Assign { to: Assignee::Login(Login::new("zoe")) }, None)
        .asked(orchestrator(Some("mia")), TaskAsk::Approve, None);
    assert_eq!(scene.askers(), ["mia", "pia", "quinn", "tess", "wendy", "zoe"]);
}

#[test]
fn nothing_is_asked_of_a_closed_issue() {
    let closed = Scene::new().with(|seen| seen.issue.state = IssueState::Closed);
    let said = closed.rehearsed(&operator(), &TaskAsk::Urgent).unwrap_err();
    assert_eq!(said, "the issue is closed; open it again first");
}
