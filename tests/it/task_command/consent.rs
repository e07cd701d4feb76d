//! Consent to what is dangerous, and what becomes of evidence that is handed in.

use stationmaster::model::{Level, TaskState};

use super::scene::{NOW, Scene, told};

/// `dora` asked for consent while she was at it.
fn asked() -> Scene {
    let mut scene = Scene::going().says("dora", "/request-approval this drops a table");
    let decision = scene.run();
    assert_eq!(scene.state(), TaskState::WaitingApproval);
    let said = told(&decision);
    assert!(said[0].starts_with("octo/station#12 waits for approval: @dora asks: this drops a table."), "{said:?}");
    scene.with(|seen| seen.comments.clear())
}

/// It is too dangerous to begin without consent.
fn risky() -> Scene {
    let mut scene = Scene::new().says("tess", "/risk high");
    scene.run();
    assert_eq!(scene.state(), TaskState::WaitingApproval);
    scene.with(|seen| seen.comments.clear())
}

#[test]
fn consent_lets_the_work_go_on_and_is_remembered() {
    let mut scene = asked().says("wendy", "/approve");
    scene.run();
    assert_eq!((scene.state(), scene.holder().as_deref()), (TaskState::InProgress, Some("dev")));
    let approval = scene.task().work.approval.clone().unwrap();
    assert_eq!(approval.given, Some(("@wendy".to_owned(), NOW)));
    scene.run();
    assert_eq!(scene.state(), TaskState::InProgress, "the same text is consented to");
    let scene = scene.with(|seen| seen.comments.clear());
    assert_eq!(scene.refused("dora", "/request-approval again"), "somebody has consented already.");
}

#[test]
fn what_is_approved_before_it_began_is_given_out_and_claimed() {
    let mut scene = risky().says("wendy", "/approve");
    scene.run();
    assert_eq!((scene.state(), scene.holder().as_deref()), (TaskState::Assigned, Some("dev")));
    let scene = scene.with(|seen| seen.comments.clear());
    assert_eq!(scene.done("dora", "/claim").0.state, TaskState::InProgress);
}

#[test]
fn nobody_approves_their_own_work_nor_without_permission() {
    let own = asked().refused("dora", "/approve");
    assert!(own.contains("nobody approves their own work"), "{own}");
    assert!(asked().refused("otto", "/approve").contains("opened the issue"));
    assert_eq!(asked().refused("tess", "/approve"), "this takes write permission, and tess has triage.");
    let unknown = asked().with(|seen| seen.permissions.clear()).refused("wendy", "/approve");
    assert!(unknown.contains("it could not be found out what wendy has"), "{unknown}");
    assert_eq!(Scene::going().refused("wendy", "/approve"), "nothing waits for approval here.");
    let mut unreadable = asked();
    unreadable.policy.unreadable = Some("line 1: no".to_owned());
    assert_eq!(unreadable.refused("wendy", "/approve"), "the repository's policy cannot be read.");
}

#[test]
fn what_is_rejected_goes_on_without_or_is_put_off() {
    let (task, decision) = asked().done("wendy", "/reject not today");
    assert_eq!((task.state, task.work.approval), (TaskState::InProgress, None));
    assert!(told(&decision)[0].contains("@wendy did not approve it: not today; it goes on without."));
    let (task, _) = risky().done("wendy", "/reject too dangerous");
    assert_eq!((task.state, task.worker), (TaskState::Deferred, None));
    let why = Scene::going().refused("wendy", "/reject no");
    assert_eq!(why, "nothing waits for approval here.");
}

#[test]
fn evidence_is_handed_in_and_sent_back() {
    let (task, _) = Scene::going().done("dora", "/complete https://github.com/octo/station/pull/7");
    assert_eq!(task.state, TaskState::Review);
    let submission = task.work.submission.unwrap();
    assert_eq!((submission.by.as_str(), submission.at), ("@dora", NOW));
    let why = Scene::going().refused("dora", "/complete Done");
    assert!(why.contains("this is no evidence"), "{why}");
    let mut scene = Scene::going().says("dora", "/complete #7");
    scene.run();
    let scene = scene.with(|seen| seen.comments.clear());
    let (task, _) = scene.done("wendy", "/request-changes the test is missing");
    assert_eq!((task.state, task.work.submission), (TaskState::InProgress, None));
    let why = Scene::going().refused("wendy", "/request-changes more");
    assert_eq!(why, "requesting changes is for tasks that are review; this one is in-progress.");
}

#[test]
fn a_maintainer_completes_without_evidence_and_that_is_said() {
    let (task, _) = Scene::going().done("mia", "/complete --override done in another repository");
    assert_eq!((task.state, task.work.overridden.as_deref()), (TaskState::Done, Some("done in another repository")));
    assert_eq!(task.work.timeline.last().unwrap().what, "completed it without evidence: done in another repository");
    let why = Scene::going().refused("dora", "/complete --override because");
    assert_eq!(why, "this takes maintain permission, and dora has read.");
}

#[test]
fn who_gives_up_says_why_and_no_longer_holds_it() {
    let (task, _) = Scene::going().risky(Level::Low).done("dora", "/fail the service is gone");
    assert_eq!((task.state, task.worker), (TaskState::Failed, None));
    assert_eq!((task.work.failures, task.work.failure.as_deref()), (1, Some("the service is gone")));
}
