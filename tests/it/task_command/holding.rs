//! Taking a task, answering to it, telling of it, and letting go of it.

use stationmaster::model::{
    Action, Level, Permission, Presence, ResponseClock, TaskAsk, TaskState, Timestamp, WorkerId,
};

use super::scene::{HOUR_MS, NOW, Scene, actions, item, last_line, orchestrator, worker};

fn running() -> ResponseClock {
    ResponseClock { began: NOW.plus_ms(-60_000), due: NOW.plus_ms(HOUR_MS), stopped: None, breached: None }
}

fn stopped(clock: Option<&ResponseClock>) -> Option<Timestamp> {
    clock.and_then(|clock| clock.stopped)
}

#[test]
fn whoever_was_given_it_claims_it_and_the_clocks_stop() {
    let mut scene = Scene::new();
    scene.task_mut().work.clocks.response = Some(running());
    let fence = scene.task().fence;
    let (task, _) = scene.done("dora", "/claim");
    assert_eq!((task.state, task.worker, task.fence), (TaskState::InProgress, Some(WorkerId::new("dev")), fence));
    assert_eq!(stopped(task.work.clocks.response.as_ref()), Some(NOW));
    assert!(task.lease.is_none(), "people get no lease");
    assert_eq!(task.work.timeline.last().unwrap().what, "claimed it");
}

#[test]
fn a_guest_and_whoever_can_do_it_claim_what_nobody_has() {
    let (task, decision) = Scene::ready().done("tess", "/claim");
    assert_eq!((task.state, task.worker), (TaskState::InProgress, Some(WorkerId::new("tess"))));
    assert_eq!(decision.changes.people.len(), 1, "she is known from now on");
    let capable = Scene::ready().with(|seen| seen.workers[1].worker.capabilities.push("development".to_owned()));
    assert_eq!(capable.done("quinn", "/claim").0.worker, Some(WorkerId::new("qa")));
}

#[test]
fn a_claim_is_refused_with_what_stands_against_it() {
    assert_eq!(Scene::new().refused("tess", "/claim"), "only `dev`, who holds the task, may do this.");
    assert_eq!(Scene::going().refused("dora", "/claim"), "`dev` has claimed it already.");
    assert_eq!(
        Scene::ready().refused("quinn", "/claim"),
        "`qa` is not for this task, which is `development` and asks for the role `development`."
    );
    assert_eq!(Scene::ready().refused("dora", "/claim"), "`dev` is full: it holds 3 of 3.");
    let stale = Scene::ready().with(|seen| {
        seen.workers[0].presence = Presence::Stale;
        seen.workers[0].open_tasks = 0;
    });
    assert_eq!(stale.refused("dora", "/claim"), "`dev` is stale.");
    assert_eq!(
        Scene::new().depends_on(7, false).refused("dora", "/claim"),
        "it depends on octo/station#7, which is open."
    );
    assert!(Scene::new().refused("rita", "/claim").starts_with("this takes triage permission, and rita has read"));
    let risky = Scene::new().risky(Level::High).in_state(TaskState::WaitingApproval);
    assert!(risky.refused("dora", "/claim").starts_with("its risk is high, so somebody has to `/approve` it"));
}

#[test]
fn an_acknowledgement_stops_the_clock_and_nothing_else() {
    for login in ["dora", "tess"] {
        let mut scene = Scene::new();
        scene.task_mut().work.clocks.response = Some(running());
        scene.task_mut().work.clocks.urgent = Some(running());
        let (task, _) = scene.done(login, "/ack");
        assert_eq!((task.state, task.worker), (TaskState::Assigned, Some(WorkerId::new("dev"))));
        assert_eq!(stopped(task.work.clocks.response.as_ref()), Some(NOW));
        assert_eq!(stopped(task.work.clocks.urgent.as_ref()), Some(NOW));
    }
    let mut again = Scene::new();
    again.task_mut().work.clocks.response = Some(ResponseClock { stopped: Some(NOW), ..running() });
    assert_eq!(again.refused("dora", "/ack"), "somebody has acknowledged it already.");
    assert!(Scene::new().refused("quinn", "/ack").starts_with("`qa` is not for this task"));
}

#[test]
fn who_lets_go_of_it_is_not_given_it_again() {
    let (task, _) = Scene::going().done("dora", "/release I am away");
    assert_eq!((task.state, task.worker.as_ref()), (TaskState::Ready, None));
    assert_eq!(task.work.let_go_by, [WorkerId::new("dev")]);
    assert_eq!(task.work.timeline.last().unwrap().what, "let go of it: I am away");
    assert_eq!(task.assignment.blockers[0].to_string(), "`dev` was passed over: it has let go of this task");
    assert_eq!(task.fence, Scene::going().task().fence + 1, "what it still sends changes nothing");
}

#[test]
fn progress_begins_the_work_and_says_how_far_it_is() {
    let (task, _) = Scene::new().done("dora", "/progress 40% the parser \"works\"\nand its tests too");
    assert_eq!((task.state, task.work.percent), (TaskState::InProgress, Some(40)));
    assert_eq!(task.work.progress[0].text, "the parser \"works\"\nand its tests too");
    assert_eq!(task.work.clocks.progressed, Some(NOW));
    assert_eq!(last_line(&task), "@dora is at 40%: the parser \"works\" and its tests too");
    let mut stuck = Scene::going();
    stuck.task_mut().work.clocks.stuck = Some(NOW.plus_ms(-1));
    let (task, _) = stuck.done("dora", "/progress still at it, 50% or so");
    assert_eq!((task.work.clocks.stuck, task.work.percent), (None, None));
    let (task, _) = Scene::going().done("dora", "/progress --percent 70");
    assert_eq!((task.work.percent, last_line(&task)), (Some(70), "@dora is at 70%".to_owned()));
}

#[test]
fn what_was_found_and_learned_is_kept() {
    let mut scene = Scene::going().says("dora", "/discover the cache leaks --impact memory grows").says(
        "dora",
        "/discover --impact \"it is slow\" a second one\n/learn The linter needs Node 22. Older ones hang. --impact 0.8 --tags CI, lint",
    );
    let decision = scene.run();
    let found: Vec<_> = scene.task().work.discoveries.iter().map(|one| (one.number, one.text.as_str())).collect();
    assert_eq!(found, [(1, "the cache leaks"), (2, "a second one")]);
    assert_eq!(scene.task().work.discoveries[0].impact.as_deref(), Some("memory grows"));
    let [learned] = decision.changes.learnings.as_slice() else { panic!() };
    assert_eq!((learned.title.as_str(), learned.category.as_str()), ("The linter needs Node 22", "development"));
    assert_eq!(
        (learned.impact.thousandths(), learned.tags.as_slice()),
        (800, &["ci".to_owned(), "lint".to_owned()][..])
    );
    assert_eq!((learned.by.as_str(), &learned.item), ("@dora", &item(12)));
}

#[test]
fn an_obstacle_blocks_it_and_github_knows_what_it_waits_for() {
    let (task, decision) = Scene::going().done("tess", "/blocker no schema --needs \"the migration\" --by #7");
    assert_eq!(task.state, TaskState::Blocked);
    let obstacle = task.work.obstacle.clone().unwrap();
    assert_eq!((obstacle.text.as_str(), obstacle.needs.as_deref()), ("no schema", Some("the migration")));
    assert_eq!(obstacle.by, Some(item(7)));
    let [depends] = actions(&decision, "depends/")[..] else { panic!() };
    assert!(matches!(&depends.action, Action::AddDependency { on, .. } if *on == item(7)));
    assert_eq!(last_line(&task), "@tess is blocked by octo/station#7: no schema; it needs the migration");
    let mut blocked = Scene::going().in_state(TaskState::Blocked);
    blocked.task_mut().work.obstacle = Some(obstacle);
    let (task, _) = blocked.done("dora", "/unblock");
    assert_eq!((task.state, task.work.obstacle), (TaskState::InProgress, None));
}

#[test]
fn only_the_holder_does_what_a_holder_does() {
    for line in [
        "/release",
        "/progress 10%",
        "/discover a leak",
        "/learn a fact --impact 1",
        "/request-approval it is dangerous",
        "/complete https://github.com/octo/station/pull/7",
        "/fail it cannot be done",
    ] {
        assert_eq!(Scene::going().refused("mia", line), "only `dev`, who holds the task, may do this.", "{line}");
    }
    assert_eq!(Scene::ready().refused("dora", "/progress 10%"), "nobody holds the task; `/claim` takes it.");
    assert_eq!(Scene::going().refused("rita", "/blocker it rains"), "this takes triage permission, and rita has read.");
}

#[test]
fn a_worker_speaks_for_itself_and_an_orchestrator_for_nobody() {
    let progress = TaskAsk::Progress { percent: Some(5), text: String::new() };
    let scene = Scene::going();
    let fence = scene.task().fence;
    assert_eq!(scene.rehearsed(&worker("dev", Some(fence)), &progress).unwrap(), "is at 5%");
    assert_eq!(scene.rehearsed(&worker("dev", None), &progress).unwrap(), "is at 5%");
    assert_eq!(
        scene.rehearsed(&worker("dev", Some(fence - 1)), &progress).unwrap_err(),
        format!("the lease with fence {} is over; the task is at fence {fence}", fence - 1)
    );
    assert_eq!(
        scene.rehearsed(&worker("robo", None), &progress).unwrap_err(),
        "only `dev`, who holds the task, may do this"
    );
    let said = scene.rehearsed(&orchestrator(None), &progress).unwrap_err();
    assert_eq!(said, "`/progress` is for whoever holds the task, which an orchestrator never does");
    let none = Scene::ready().with(|seen| {
        seen.permissions.insert("zoe".into(), Permission::None);
    });
    assert!(none.refused("zoe", "/ack").contains("zoe has none"));
}
