//! A pre-release that was verified becomes a stable version.

use stationmaster::decide::release::target;
use stationmaster::model::{Ancestry, EnvironmentName, ReleaseReport};

use super::scene::*;

/// v1.2.0-rc.1 is released at `tip` and runs in qa; prod comes after it.
fn candidate_released() -> Scene {
    scene().after("v1.1.0").with(|scene| {
        scene.release.prerelease = Some("rc".to_owned());
        scene.release.stable_after = Some(EnvironmentName::from("qa"));
        scene.release.tracking = false;
        scene.environments = vec![environment("qa", None), environment("prod", Some("qa"))];
        scene.snapshot.tags.push(tag("v1.2.0-rc.1", "tip"));
        scene.snapshot.record.last = Some(version("v1.2.0-rc.1", "tip"));
        scene.snapshot.since_last = Some(Ancestry::Identical);
    })
}

fn verified(environment: &str, name: &str, at: &str) -> ReleaseReport {
    ReleaseReport::Verified { environment: EnvironmentName::from(environment), version: version(name, at) }
}

#[test]
fn a_pre_release_waits_until_it_is_verified() {
    let decision = candidate_released().decide();
    assert_eq!(outcome(&decision), "v1.2.0-rc.1 becomes a stable version once it is verified in qa");
    let elsewhere =
        candidate_released().with(|scene| scene.snapshot.reports = vec![verified("docs", "v1.2.0-rc.1", "tip")]);
    assert!(order(&elsewhere.decide()).is_none());
}

#[test]
fn the_very_commit_that_was_verified_becomes_the_stable_version_and_goes_on_to_production() {
    let scene = candidate_released().with(|scene| scene.snapshot.reports = vec![verified("QA", "v1.2.0-rc.1", "tip")]);
    let decision = scene.decide();
    assert_eq!(outcome(&decision), "v1.2.0 at tip");
    assert!(!order(&decision).unwrap().prerelease);
    let after = scene.then(&decision, vec![released("v1.2.0", "tip")]).decide();
    assert_eq!(offers(&after), ["v1.2.0 to environment/7/prod"]);
    assert_eq!(after.record.promotable, None);
    let later = scene.then(&after, Vec::new()).decide();
    assert!(later.actions.is_empty() && later.offers.is_empty());
}

#[test]
fn what_landed_since_does_not_slip_into_the_stable_version() {
    let scene = candidate_released().with(|scene| {
        scene.snapshot.tip = Some(sha("newer"));
        scene.snapshot.candidates.insert(0, green("newer"));
        scene.snapshot.reports = vec![verified("qa", "v1.2.0-rc.1", "tip")];
    });
    // The comparisons are of the newer commit as yet.
    let waits = scene.decide();
    assert!(order(&waits).is_none());
    let green = scene.snapshot.candidates.first();
    assert_eq!(target(&scene.snapshot.record, &scene.snapshot.reports, green, scene.policy()), Some(&sha("tip")));
    let compared = scene.then(&waits, Vec::new()).with(|scene| scene.snapshot.compared = Some(sha("tip")));
    assert_eq!(target(&compared.snapshot.record, &[], green, scene.policy()), Some(&sha("tip")));
    assert_eq!(outcome(&compared.decide()), "v1.2.0 at tip");
}

#[test]
fn a_second_candidate_of_a_version_that_is_out_becomes_the_next_one() {
    let scene = candidate_released().with(|scene| {
        scene.snapshot.tags.push(tag("v1.2.0", "older"));
        scene.snapshot.ancestry = vec![(tag("v1.2.0", "older"), Ancestry::Ahead)];
        scene.snapshot.reports = vec![verified("qa", "v1.2.0-rc.2", "tip")];
        scene.snapshot.range = Some(squashed(vec![pull(5, "fix: x")]));
    });
    assert_eq!(outcome(&scene.decide()), "v1.2.1 at tip");
}

#[test]
fn what_a_stable_version_holds_already_is_not_released_again() {
    let scene = candidate_released().with(|scene| {
        scene.snapshot.ancestry = vec![(tag("v1.3.0", "newer"), Ancestry::Behind)];
        scene.snapshot.reports = vec![verified("qa", "v1.2.0-rc.1", "tip")];
    });
    let decision = scene.decide();
    assert!(order(&decision).is_none());
    assert_eq!(decision.record.promotable, None);
}
