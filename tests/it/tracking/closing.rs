//! When the issue of a release is closed.

use stationmaster::model::{
    Action, DeployState, EnvironmentName, Held, IssueState, Number, Sha, TagName, TrackingDecision,
};

use super::scene::{NOW, Scene, deploy, released, running, settings, version, wanted};

fn closes(decision: &TrackingDecision) -> bool {
    decision.actions.iter().any(|planned| {
        let is_close = matches!(planned.action, Action::CloseIssue { number: Number(12), .. });
        assert!(!is_close || planned.key == "release/close/issue/9/12", "{}", planned.key);
        is_close
    })
}

#[test]
fn it_stays_open_until_the_version_is_verified_in_the_last_environment() {
    let mut scene = Scene::waiting();
    assert!(!closes(&scene.decided()), "prod waits for approval");
    scene.record("prod").wanted = None;
    scene.record("prod").approval = None;
    assert!(!closes(&scene.decided()));
    scene.record("prod").current = Some(deploy("v0.2.0", DeployState::Creating));
    assert!(!closes(&scene.decided()));
    scene.record("prod").current = None;
    scene.record("prod").running = Some(running("v0.2.0"));
    scene.record("prod").running.as_mut().unwrap().verified = false;
    assert!(!closes(&scene.decided()), "it runs, and is not verified");
    scene.verified("prod", "v0.2.0");
    let decision = scene.decided();
    assert!(closes(&decision));
    assert_eq!(decision.summary, "acme/rust#12: v0.2.0 is verified in prod.");
    scene.snapshot.issue.state = IssueState::Closed;
    assert!(!closes(&scene.decided()), "it is closed already");
}

#[test]
fn of_two_last_environments_both_count() {
    let mut scene = Scene::new();
    let mut second = settings("prod-eu");
    second.after = Some(EnvironmentName::new("qa"));
    scene.environments.push(second);
    scene.verified("qa", "v0.2.0");
    scene.verified("prod", "v0.2.0");
    assert!(!closes(&scene.decided()));
    scene.verified("prod-eu", "v0.2.0");
    assert!(closes(&scene.decided()));
}

#[test]
fn an_environment_that_is_deployed_to_only_on_request_is_not_waited_for() {
    let mut scene = Scene::new();
    let mut demo = settings("demo");
    demo.auto = false;
    demo.after = Some(EnvironmentName::new("prod"));
    scene.environments.push(demo);
    scene.verified("prod", "v0.2.0");
    assert!(closes(&scene.decided()));
    let mut only_by_hand = Scene::new();
    only_by_hand.environments.remove(1);
    only_by_hand.environments[0].auto = false;
    assert!(!closes(&only_by_hand.decided()));
    only_by_hand.verified("qa", "v0.2.0");
    assert!(closes(&only_by_hand.decided()));
}

#[test]
fn a_pre_release_is_followed_only_where_it_goes() {
    let mut scene = Scene::new();
    scene.snapshot.release = released("v0.2.0-rc.1", 2);
    scene.snapshot.releases[0] = released("v0.2.0-rc.1", 2);
    scene.environments[0].prereleases = true;
    scene.verified("qa", "v0.2.0-rc.1");
    assert!(closes(&scene.decided()));
    assert!(scene.decided().card.contains("| not deployed: pre-releases are not |"), "{}", scene.decided().card);
}

#[test]
fn a_newer_version_that_is_verified_everywhere_takes_its_place() {
    let mut scene = Scene::new();
    scene.snapshot.releases.insert(0, released("v0.3.1", 1));
    scene.snapshot.releases[0].version.sha = Sha::new("c".repeat(40));
    let newer = scene.snapshot.releases[0].version.clone();
    scene.record("qa").verified.push(newer.clone());
    assert!(!closes(&scene.decided()), "it is not verified in prod");
    scene.record("prod").verified.push(newer.clone());
    scene.record("prod").current = Some(deploy("v0.2.0", DeployState::Creating));
    assert!(!closes(&scene.decided()), "this one is on its way all the same");
    scene.record("prod").current = None;
    scene.record("prod").wanted = Some(wanted("v0.2.0"));
    assert!(!closes(&scene.decided()));
    scene.record("prod").wanted = None;
    let decision = scene.decided();
    assert!(closes(&decision));
    assert_eq!(
        decision.summary,
        "acme/rust#12: v0.2.0 is superseded by v0.3.1, which is verified wherever it would go."
    );
    scene.record("prod").held = vec![Held { sha: newer.sha, tag: newer.tag, why: "left".to_owned(), at: NOW }];
    assert!(!closes(&scene.decided()), "what was left again takes nobody's place");
}

#[test]
fn an_older_version_takes_nobodys_place() {
    let scene = Scene::new();
    assert_eq!(scene.snapshot.releases[1].version.tag, TagName::new("v0.1.1"));
    assert!(!closes(&scene.decided()), "v0.1.1 is verified everywhere, and is older");
}

#[test]
fn a_version_that_was_left_again_is_not_done() {
    let mut scene = Scene::new();
    scene.verified("prod", "v0.2.0");
    scene.record("prod").running = Some(running("v0.1.1"));
    let left = version("v0.2.0");
    scene.record("prod").held = vec![Held { sha: left.sha, tag: left.tag, why: "it is slow".to_owned(), at: NOW }];
    assert!(!closes(&scene.decided()));
}

#[test]
fn nothing_is_closed_while_the_policy_cannot_be_read_or_names_no_environment() {
    let mut scene = Scene::new();
    scene.verified("prod", "v0.2.0");
    scene.unreadable = Some("line 2".to_owned());
    assert!(!closes(&scene.decided()));
    scene.unreadable = None;
    scene.environments.clear();
    assert!(!closes(&scene.decided()));
}
