//! Changes of labels: whose count, and what becomes of the others.

use stationmaster::model::{Action, Decision, LabelName, Level};

use super::scene::{Scene, last_line};

/// Labels that are put on and taken off, as `+risk/high` and `-risk/low`.
fn changes(decision: &Decision) -> Vec<String> {
    let of = |action: &Action| {
        let Action::SetLabels { add, remove, .. } = action else { return Vec::new() };
        let add = add.iter().map(|spec| format!("+{}", spec.name));
        add.chain(remove.iter().map(|label| format!("-{label}"))).collect()
    };
    decision.actions.iter().flat_map(|planned| of(&planned.action)).collect()
}

fn put_back(decision: &Decision) -> Vec<String> {
    let sentences = decision.explanation.blockers.iter().map(ToString::to_string);
    sentences.filter(|sentence| sentence.contains("put back as it was")).collect()
}

fn at_medium() -> Scene {
    let mut scene = Scene::going().says("tess", "/risk medium");
    scene.run();
    assert_eq!(scene.task().risk, Some(Level::Medium));
    scene
}

#[test]
fn a_permitted_change_counts_and_stands_in_the_history() {
    let mut scene = Scene::going().labels("tess", "risk/low", true).labels("tess", "worker/qa", true);
    let decision = scene.run();
    assert_eq!((scene.task().risk, scene.holder().as_deref()), (Some(Level::Low), Some("qa")));
    assert_eq!(put_back(&decision), [""; 0]);
    assert_eq!(last_line(scene.task()), "@tess set `worker/qa`");
    let lines = scene.task().work.timeline.len();
    scene.run();
    assert_eq!(scene.task().work.timeline.len(), lines, "it is noted once");
}

#[test]
fn a_risk_label_is_raised_by_the_team_and_lowered_by_maintainers_alone() {
    let decision = at_medium().labels("wendy", "risk/medium", false).labels("wendy", "risk/low", true).decided();
    assert_eq!(decision.task.as_ref().unwrap().risk, Some(Level::Medium));
    assert_eq!(changes(&decision), ["+risk/medium", "-risk/low"]);
    let said = put_back(&decision);
    assert_eq!(
        said[0],
        "`risk/medium` is put back as it was: lowering a risk takes maintain permission, and `wendy` has write"
    );
    assert!(said[1].starts_with("`risk/low` is put back as it was"), "{said:?}");
    let raised = at_medium().labels("tess", "risk/medium", false).labels("tess", "risk/critical", true).decided();
    assert_eq!((raised.task.as_ref().unwrap().risk, put_back(&raised).len()), (Some(Level::Critical), 0));
    let lowered = at_medium().labels("mia", "risk/medium", false).labels("mia", "risk/low", true).decided();
    assert_eq!((lowered.task.as_ref().unwrap().risk, put_back(&lowered).len()), (Some(Level::Low), 0));
    let taken_off = at_medium().labels("wendy", "risk/medium", false).decided();
    assert_eq!(taken_off.task.as_ref().unwrap().risk, Some(Level::Medium));
}

#[test]
fn nobody_below_triage_no_stranger_and_no_unlisted_bot_moves_risk_or_worker() {
    for (login, because) in [
        ("rita", "this takes triage permission, and `rita` has read"),
        ("zoe", "it could not be found out what `zoe` may do"),
        ("robot[bot]", "the policy does not list the bot `robot[bot]`"),
    ] {
        let decision = Scene::new().labels(login, "worker/qa", true).labels(login, "risk/low", true).decided();
        let task = decision.task.as_ref().unwrap();
        assert_eq!((task.risk, task.worker.as_ref().unwrap().as_str()), (None, "dev"), "{login}");
        assert_eq!(changes(&decision), ["-risk/low", "-worker/qa"], "{login}");
        assert_eq!(put_back(&decision)[0], format!("`worker/qa` is put back as it was: {because}"));
        assert_eq!(last_line(task), format!("@{login} set `risk/low`, which does not count: {because}"));
    }
    let mut listed = Scene::new().labels("robot[bot]", "risk/low", true);
    listed.policy.tasks.bots.push("robot".into());
    listed.snapshot.permissions.insert("robot[bot]".into(), stationmaster::model::Permission::Write);
    assert_eq!(listed.decided().task.unwrap().risk, Some(Level::Low));
}

#[test]
fn what_does_not_count_does_not_count_at_the_next_look_either() {
    let mut scene = Scene::going().labels("rita", "worker/qa", true);
    let first = scene.decided();
    scene.snapshot.task = first.task;
    let again = scene.decided();
    assert_eq!(again.task.as_ref().unwrap().worker.as_ref().unwrap().as_str(), "dev", "GitHub still shows it");
    scene.snapshot.task = again.task;
    scene.snapshot.issue.labels.retain(|label| *label != LabelName::new("worker/qa"));
    let settled = scene.decided();
    assert_eq!((put_back(&settled).len(), settled.task.unwrap().work.labels_put_back.len()), (0, 0));
}

#[test]
fn our_own_changes_are_not_judged() {
    let decision = Scene::going().labels("stationmaster[bot]", "worker/qa", true).decided();
    assert_eq!(put_back(&decision), [""; 0]);
}
