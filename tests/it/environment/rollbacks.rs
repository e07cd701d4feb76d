//! The way back, and where it ends.

use stationmaster::model::{DeployEnd, EnvironmentAsk, Permission, Urgency5};
use stationmaster::policy::EnvironmentSettings;

use super::scene::*;

/// Production with v1.4.1 and v1.4.2 verified, the latter running.
fn prod() -> Yard {
    let mut yard = Yard::new(EnvironmentSettings { requires_approval: false, ..production() });
    yard.offered("v1.4.1").goes_well().offered("v1.4.2").goes_well();
    yard.did();
    yard
}

#[test]
fn a_sick_version_is_left_at_once_for_the_last_verified_one() {
    let mut yard = prod();
    yard.offered("v1.5.0").created().finished().probed(false);
    yard.did();
    yard.probed(false);
    assert_eq!(yard.did(), ["status of 1003: failure", "tell acme/shop prod: v1.5.0 failed", "create 4 for v1.4.2"]);
    assert_eq!(yard.held(), ["v1.5.0"]);
    yard.goes_well();
    assert_eq!(yard.titles().last().unwrap(), "acme/shop prod runs v1.4.2, not v1.5.0");
    assert_eq!(yard.runs(), Some("v1.4.2"));
    let row = yard.row(4);
    assert_eq!(row.rollback_from.as_ref().unwrap().as_str(), "v1.5.0");
    assert_eq!(row.note, "v1.4.2 runs again, not v1.5.0: it is sick: 503 instead of 200.");
    // The sick one is not deployed again by itself.
    yard.offered("v1.5.0").after_s(3600);
    assert_eq!((yard.under_way(), yard.waits()), (None, None));
}

#[test]
fn a_way_back_needs_no_approval_and_no_freeze_keeps_it() {
    let mut yard = Yard::new(production());
    for tag in ["v1.4.1", "v1.4.2"] {
        yard.offered(tag).asked(approve(tag), &bob()).goes_well();
    }
    yard.offered("v1.5.0").asked(approve("v1.5.0"), &bob());
    yard.asked(EnvironmentAsk::Freeze { until: None, why: "the fair".to_owned() }, &bob());
    yard.is_sick();
    assert_eq!(yard.under_way(), Some("v1.4.2"));
    assert_eq!(yard.row(4).approved_by, None);
}

#[test]
fn a_way_back_that_fails_is_not_gone_back_from() {
    let mut yard = prod();
    yard.offered("v1.5.0").is_sick().is_sick();
    assert_eq!(yard.under_way(), None);
    let message = yard.messages().pop().unwrap();
    assert_eq!(
        (message.title.as_str(), message.priority),
        ("acme/shop prod is sick, and somebody must act", Urgency5::Max)
    );
    yard.asked(rollback("still sick"), &bob());
    assert_eq!(yard.under_way(), None);
    assert!(yard.refusal().contains("a rollback is not rolled back"), "{}", yard.refusal());
    // A newer version is the way out.
    yard.offered("v1.5.1").goes_well();
    assert_eq!(yard.runs(), Some("v1.5.1"));
}

#[test]
fn a_way_back_whose_target_is_unreachable_says_that_somebody_must_act() {
    let mut yard = prod();
    yard.offered("v1.5.0").is_sick().created().unreachable().after_s(30).unreachable().after_s(60).unreachable();
    assert_eq!((yard.row(4).end, yard.row(4).errors), (Some(DeployEnd::Error), 3));
    assert_eq!(yard.messages().pop().unwrap().priority, Urgency5::Max);
    assert_eq!(yard.runs(), Some("v1.5.0"));
    assert_eq!(yard.record.running.as_ref().map(|running| running.verified), Some(false));
    // It never went back, so it can be tried again.
    yard.asked(rollback("again"), &bob());
    assert_eq!(yard.under_way(), Some("v1.4.2"));
}

#[test]
fn a_rollback_of_a_rollback_is_refused() {
    let mut yard = prod();
    yard.asked(rollback("it is slow"), &bob());
    assert_eq!((yard.under_way(), yard.held()), (Some("v1.4.1"), vec!["v1.4.2"]));
    assert!(yard.titles().contains(&"acme/shop prod: going back to v1.4.1".to_owned()));
    yard.asked(rollback("oh no"), &bob());
    assert_eq!(yard.number(), 3);
    yard.goes_well().asked(rollback("oh no"), &bob());
    assert_eq!((yard.runs(), yard.under_way()), (Some("v1.4.1"), None));
    assert_eq!(
        yard.refusal(),
        "bob asked to roll back, but v1.4.1 is itself the result of a rollback, and a rollback is not rolled back."
    );
    // What was left by hand is not come back to by itself.
    yard.offered("v1.4.2");
    assert_eq!((yard.under_way(), yard.waits()), (None, None));
    // After an ordinary deployment there is a way back again.
    yard.offered("v1.5.0").goes_well().asked(rollback("slow too"), &bob());
    assert_eq!(yard.under_way(), Some("v1.4.1"));
}

#[test]
fn there_must_be_a_way_back() {
    let mut yard = Yard::new(settings("qa"));
    yard.asked(rollback("so"), &bob());
    assert!(yard.refusal().contains("no other version was ever verified there"), "{}", yard.refusal());
    yard.offered("v0.1.0").goes_well().asked(rollback("so"), &bob());
    assert_eq!((yard.runs(), yard.under_way(), yard.held().len()), (Some("v0.1.0"), None, 0));
}

#[test]
fn a_rollback_during_a_deployment_waits_for_its_target() {
    let mut yard = prod();
    yard.offered("v1.5.0").created().asked(rollback("now"), &bob());
    assert_eq!(yard.refusal(), "bob asked to roll back, but v1.5.0 is being deployed.");
    yard.finished().asked(rollback("now"), &person("rik", Permission::Read));
    assert_eq!(yard.under_way(), Some("v1.5.0"));
    yard.asked(rollback("customers complain"), &bob());
    assert_eq!((yard.under_way(), yard.held()), (Some("v1.4.2"), vec!["v1.5.0"]));
    assert_eq!(yard.row(3).note, "v1.5.0 failed: bob left it: customers complain.");
}

#[test]
fn where_the_policy_forbids_it_nothing_is_gone_back_to_by_itself() {
    let mut yard = Yard::new(EnvironmentSettings { rollback: false, ..settings("qa") });
    yard.offered("v0.1.0").goes_well().offered("v0.2.0").is_sick();
    assert_eq!((yard.under_way(), yard.held()), (None, vec!["v0.2.0"]));
    assert!(yard.messages().pop().unwrap().text.contains("not rolled back by itself"));
    yard.asked(rollback("then by hand"), &bob());
    assert_eq!(yard.under_way(), Some("v0.1.0"));
}

#[test]
fn a_version_that_waited_comes_after_the_way_back() {
    let mut yard = prod();
    yard.offered("v1.5.0").offered("v1.5.1").is_sick();
    assert_eq!((yard.under_way(), yard.waits()), (Some("v1.4.2"), Some("v1.5.1")));
    yard.goes_well();
    assert_eq!(yard.under_way(), Some("v1.5.1"));
}

#[test]
fn verified_versions_are_remembered_without_doubles() {
    let mut yard = Yard::new(settings("qa"));
    for minor in 0..14 {
        yard.offered(&format!("v0.{minor}.0")).goes_well();
    }
    yard.asked(deploy("v0.13.0"), &bob()).goes_well();
    let tags: Vec<&str> = yard.record.verified.iter().map(|version| version.tag.as_str()).collect();
    assert_eq!(tags.len(), 10);
    assert_eq!((tags[0], tags[9]), ("v0.4.0", "v0.13.0"));
}
