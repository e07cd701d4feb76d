//! What the team says of a task: what it is, whose it is, how soon, how dangerous, and what becomes of it.

use stationmaster::model::{Action, Level, TaskState, TaskType, WorkerId};

use super::scene::{NOW, Scene, actions, last_line, load, told};

#[test]
fn it_is_given_to_an_account_a_worker_or_whoever_fills_a_role() {
    for (line, worker) in [
        ("/assign @quinn", "qa"),
        ("/assign @QUINN", "qa"),
        ("/assign qa", "qa"),
        ("/assign testing_worker", "qa"),
        ("/assign @tess", "tess"),
    ] {
        let (task, _) = Scene::going().done("tess", line);
        assert_eq!(task.worker, Some(WorkerId::new(worker)), "{line}");
        assert_eq!((task.state, task.worker_pinned), (TaskState::Assigned, true), "{line}");
        assert_eq!(task.fence, Scene::going().task().fence + 1, "{line}");
        assert_eq!(task.assignment.reasons, [format!("@tess gave it to `{worker}`")]);
        assert_eq!(last_line(&task), format!("@tess gave it to `{worker}`"));
    }
}

#[test]
fn a_chosen_worker_stays_the_holder_at_the_next_look() {
    let mut scene = Scene::new().says("tess", "/assign qa");
    scene.run();
    scene.run();
    assert_eq!((scene.holder().as_deref(), scene.state()), (Some("qa"), TaskState::Assigned));
    let mut scene = scene.says("tess", "/assign auto");
    scene.run();
    assert_eq!((scene.holder().as_deref(), scene.task().worker_pinned), (Some("dev"), false));
}

#[test]
fn nobody_is_given_it_whom_nobody_knows_or_who_has_no_room() {
    let why = Scene::new().refused("tess", "/assign nobody");
    assert!(
        why.starts_with("there is no worker \"nobody\"; known are `analyst`, `deployment_worker`, `dev`, "),
        "{why}"
    );
    let why = Scene::new().refused("tess", "/assign @rita");
    assert_eq!(why, "this takes triage permission, and rita has read.");
    let why = Scene::new().refused("tess", "/assign @zoe");
    assert_eq!(why, "this takes triage permission, and it could not be found out what zoe has.");
    let full = Scene::new().with(|seen| seen.workers[1].open_tasks = 3);
    assert_eq!(full.refused("tess", "/assign testing_worker"), "`qa` is full: it holds 3 of 3.");
    let mut twice = Scene::new().says("tess", "/assign qa");
    twice.run();
    assert_eq!(twice.with(|seen| seen.comments.clear()).refused("tess", "/assign qa"), "`qa` has it already.");
}

#[test]
fn type_priority_and_risk_hold_until_somebody_says_otherwise() {
    let mut scene = Scene::new().says("tess", "/route testing\n/priority low\n/risk medium\n/urgent");
    scene.run();
    for _ in 0..2 {
        let task = scene.task();
        assert_eq!((&task.task_type, task.priority), (&TaskType::new("testing"), Level::Low));
        assert_eq!((task.risk, task.work.urgent), (Some(Level::Medium), true));
        assert_eq!(scene.holder().as_deref(), Some("qa"), "another role, another worker");
        scene.run();
    }
    let scene = scene.with(|seen| seen.comments.clear());
    assert_eq!(scene.refused("tess", "/priority low"), "its priority is low already.");
}

#[test]
fn a_command_wins_over_a_label_that_is_still_shown() {
    let mut scene = Scene::new().labels("tess", "priority/low", true).says("tess", "/priority critical");
    let decision = scene.decided();
    let task = decision.task.clone().unwrap();
    assert_eq!(task.priority, Level::Critical);
    scene.snapshot.task = Some(task);
    let again = scene.decided().task.unwrap();
    assert_eq!(again.priority, Level::Critical, "GitHub shows the label a little longer");
}

#[test]
fn a_risk_is_raised_by_the_team_and_lowered_by_maintainers() {
    assert_eq!(Scene::going().risky(Level::Low).done("tess", "/risk medium").0.risk, Some(Level::Medium));
    assert_eq!(
        Scene::going().risky(Level::Medium).refused("wendy", "/risk low"),
        "this takes maintain permission, and wendy has write."
    );
    assert_eq!(Scene::going().risky(Level::Medium).done("mia", "/risk low").0.risk, Some(Level::Low));
    assert_eq!(Scene::going().risky(Level::Medium).refused("mia", "/risk MEDIUM"), "its risk is medium already.");
}

#[test]
fn an_unknown_type_is_refused_with_those_that_are_known() {
    let why = Scene::new().refused("tess", "/route devlopment");
    assert!(why.starts_with("there is no such type; known are deployment, development, documentation"), "{why}");
    let mut routed = Scene::new().says("tess", "/route development");
    routed.run();
    let scene = routed.with(|seen| seen.comments.clear());
    assert_eq!(scene.refused("tess", "/route development"), "its type is `development` already.");
    let done = Scene::new().in_state(TaskState::Failed);
    assert!(done.refused("tess", "/route testing").starts_with("routing is for tasks that are triage"));
}

#[test]
fn it_is_put_off_tried_again_and_cancelled() {
    let (task, _) = Scene::going().done("tess", "/defer until 3d");
    assert_eq!(task.state, TaskState::Deferred);
    assert_eq!(task.work.deferred_until, Some(NOW.plus_ms(3 * 86_400_000)));
    assert_eq!(last_line(&task), "@tess put it off until 2026-11-24T12:00:00Z");
    let (task, _) = Scene::going().done("tess", "/defer 2027-01-15");
    assert_eq!(last_line(&task), "@tess put it off until 2027-01-15T00:00:00Z");
    let (task, _) = Scene::going().done("tess", "/defer");
    assert_eq!(task.work.deferred_until, None);
    for state in [TaskState::Failed, TaskState::Deferred] {
        let mut scene = Scene::going().in_state(state);
        scene.task_mut().worker = None;
        let (task, _) = scene.done("tess", "/retry");
        assert_eq!((task.state, task.worker), (TaskState::Assigned, Some(WorkerId::new("dev"))), "{state}");
    }
    let why = Scene::going().refused("tess", "/retry");
    assert_eq!(why, "retrying is for tasks that are failed; this one is in-progress.");
    let (task, decision) = Scene::going().done("tess", "/cancel nobody needs it");
    assert_eq!(task.state, TaskState::Cancelled);
    let [close] = actions(&decision, "close/")[..] else { panic!() };
    assert!(matches!(close.action, Action::CloseIssue { not_planned: true, .. }));
}

#[test]
fn each_escalation_goes_one_step_up_the_chain() {
    let mut scene = Scene::going().says("tess", "/escalate nobody answers");
    scene.policy.clocks.escalation = vec![(0, "lead".to_owned()), (0, "boss".to_owned())];
    let decision = scene.run();
    assert_eq!(scene.task().work.clocks.escalated, Some((1, NOW)));
    let said = told(&decision);
    assert!(said[0].starts_with("octo/station#12 was escalated: @tess escalated “Fix the signal”: nobody"), "{said:?}");
    let mut scene = scene.says("tess", "/escalate");
    let decision = scene.run();
    let [second] = actions(&decision, "escalated/")[..] else { panic!("{:?}", told(&decision)) };
    assert!(matches!(&second.action, Action::Notify(message) if message.topic.as_deref() == Some("boss")));
}

#[test]
fn a_project_is_neither_claimed_nor_given_away() {
    let project = || {
        let mut scene = Scene::ready();
        scene.task_mut().task_type = TaskType::new("project");
        scene.task_mut().type_pinned = true;
        scene.snapshot.issue.labels.push("type/project".into());
        scene
    };
    assert_eq!(project().refused("tess", "/claim"), "nobody claims a project; its parts are claimed.");
    assert_eq!(project().refused("tess", "/assign qa"), "nobody is given a project; its parts are given.");
    let mut scene = project();
    scene.snapshot.workers.push(load("other", "development", None));
    assert_eq!(scene.done("tess", "/complete").0.state, TaskState::Done);
}
