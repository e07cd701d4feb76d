//! Healthy or sick, at once and for a while.

use stationmaster::model::{Action, DeployEnd, DeployState, DeploymentState, Urgency5};
use stationmaster::policy::EnvironmentSettings;

use super::scene::*;

#[test]
fn good_answers_count_in_a_row() {
    let mut yard = Yard::new(settings("qa"));
    yard.offered("v0.1.0").created().finished().probed(true).probed(false).probed(true).probed(true);
    assert_eq!(yard.row(1).end, Some(DeployEnd::Succeeded));
}

#[test]
fn bad_answers_count_in_a_row() {
    let mut yard = Yard::new(settings("qa"));
    yard.offered("v0.1.0").created().finished().probed(false).probed(true).probed(false);
    assert_eq!(yard.row(1).end, None);
    yard.probed(false);
    assert_eq!(yard.row(1).end, Some(DeployEnd::Failed));
}

#[test]
fn probes_keep_their_pause() {
    let mut yard = Yard::new(settings("qa"));
    yard.offered("v0.1.0").created().finished();
    let number = yard.number();
    let report = |probe, detail: &str| stationmaster::model::EnvironmentReport::Probed {
        number,
        probe,
        healthy: true,
        detail: detail.to_owned(),
    };
    yard.report(report(1, "200")).report(report(1, "200 again"));
    assert_eq!(yard.last.look_again, Some(NOW.plus_ms(10_000)));
    assert!(yard.record.current.is_some(), "the same answer counts once");
    yard.did();
    assert_eq!(yard.after_s(9).did(), [""; 0]);
    assert_eq!(yard.after_s(1).did().len(), 1);
}

#[test]
fn without_health_its_targets_word_is_enough() {
    let mut yard = Yard::new(EnvironmentSettings { health: None, ..settings("qa") });
    yard.offered("v0.1.0").created().finished();
    assert_eq!((yard.runs(), yard.row(1).end), (Some("v0.1.0"), Some(DeployEnd::Succeeded)));
    let mut yard = Yard::new(EnvironmentSettings { health: None, soak_s: 600, ..settings("qa") });
    yard.offered("v0.1.0").created().finished();
    assert_eq!(yard.last.look_again, Some(NOW.plus_ms(600_000)));
    yard.after_s(600);
    assert_eq!(yard.runs(), Some("v0.1.0"));
}

#[test]
fn what_is_healthy_is_watched_before_it_is_verified() {
    let mut yard = Yard::new(EnvironmentSettings { soak_s: 40, ..settings("qa") });
    yard.offered("v0.1.0").created().finished().probed(true).probed(true);
    assert!(matches!(yard.record.current.as_ref().unwrap().state, DeployState::Soaking { .. }));
    yard.probed(true).probed(false).probed(true);
    assert_eq!(yard.runs(), Some("v0.1.0"));
    let mut yard = Yard::new(EnvironmentSettings { soak_s: 600, ..settings("qa") });
    yard.offered("v0.1.0").created().finished().probed(true).probed(true).probed(false).probed(false);
    assert_eq!(yard.row(1).end, Some(DeployEnd::Failed));
    assert_eq!(yard.row(1).note, "v0.1.0 failed: it became sick: 503 instead of 200.");
}

#[test]
fn a_bad_answer_at_the_end_of_the_watch_is_followed_by_another_question() {
    let mut yard = Yard::new(EnvironmentSettings { soak_s: 15, ..settings("qa") });
    yard.offered("v0.1.0").created().finished().probed(true).probed(true);
    // The watch is over while the answer is on its way.
    yard.now = yard.now.plus_ms(6_000);
    let bad = stationmaster::model::EnvironmentReport::Probed {
        number: 1,
        probe: 3,
        healthy: false,
        detail: "503 instead of 200".to_owned(),
    };
    yard.report(bad);
    assert_eq!((yard.runs(), yard.under_way()), (None, Some("v0.1.0")));
    assert_eq!(yard.last.look_again, Some(yard.now.plus_ms(10_000)));
    yard.after_s(10).probed(true);
    assert_eq!(yard.runs(), Some("v0.1.0"));
}

#[test]
fn an_outside_failure_during_the_watch_counts() {
    let mut yard = Yard::new(EnvironmentSettings { soak_s: 600, ..settings("qa") });
    yard.offered("v0.1.0").created().finished().outside(DeploymentState::Failure);
    assert_eq!(yard.row(1).end, Some(DeployEnd::Failed));
}

#[test]
fn success_says_where_it_runs_and_retires_only_in_production() {
    let mut yard = Yard::new(EnvironmentSettings { requires_approval: false, ..production() });
    yard.offered("v0.1.0").goes_well();
    let Action::SetDeploymentStatus { environment_url, state, .. } = &yard.planned[yard.planned.len() - 3].action
    else {
        panic!("{:?}", yard.did())
    };
    assert_eq!((environment_url.as_deref(), *state), (Some("https://prod.example"), DeploymentState::Success));
    assert!(yard.did().contains(&"retire all but 1001".to_owned()));
    let mut yard = Yard::new(settings("qa"));
    yard.offered("v0.1.0").goes_well();
    assert!(!yard.did().iter().any(|done| done.starts_with("retire")));
}

#[test]
fn a_first_version_that_is_sick_has_nothing_to_go_back_to() {
    let mut yard = Yard::new(EnvironmentSettings { requires_approval: false, ..production() });
    yard.offered("v0.1.0").is_sick();
    assert_eq!((yard.under_way(), yard.held()), (None, vec!["v0.1.0"]));
    assert_eq!(yard.blockers(), ["no other version was ever verified there, so there is none to go back to"]);
    let message = yard.messages().pop().unwrap();
    assert_eq!(message.title, "acme/shop prod: v0.1.0 failed");
    assert!(message.text.contains("No other version was ever verified there"), "{}", message.text);
    assert_eq!(message.priority, Urgency5::Max);
    // The next one is deployed as ever.
    yard.offered("v0.2.0").goes_well();
    assert_eq!(yard.runs(), Some("v0.2.0"));
}
