//! What people ask for, and what is refused.

use stationmaster::model::{Authority, EnvironmentAsk, Permission};

use super::scene::*;

#[test]
fn a_refused_request_changes_nothing_but_the_sentence_about_it() {
    let reader = person("rik", Permission::Read);
    let freeze = EnvironmentAsk::Freeze { until: None, why: "so".to_owned() };
    let reject = EnvironmentAsk::Reject { why: "so".to_owned() };
    let asks = [deploy("v0.1.0"), rollback("so"), freeze, EnvironmentAsk::Unfreeze, approve("v0.2.0"), reject];
    for ask in asks {
        let mut yard = Yard::new(production());
        yard.offered("v0.1.0").asked(approve("v0.1.0"), &bob()).goes_well().offered("v0.2.0");
        let before = yard.record.clone();
        yard.did();
        yard.asked(ask.clone(), &reader);
        assert!(yard.refusal().starts_with("rik asked to "), "{}", yard.refusal());
        assert!(yard.refusal().contains("theirs is `read`"), "{}", yard.refusal());
        assert_eq!(yard.last.explanation.blockers.len(), 2, "{:?}", yard.blockers());
        yard.record.last_refusal = None;
        assert_eq!(yard.record, before, "{ask:?}");
        assert_eq!(yard.did(), [""; 0]);
    }
}

#[test]
fn a_person_may_deploy_again_what_runs_already() {
    let mut yard = Yard::new(settings("qa"));
    yard.offered("v0.1.0").goes_well().offered("v0.1.0");
    assert_eq!(yard.under_way(), None);
    yard.asked(deploy("v0.1.0"), &bob());
    assert_eq!(yard.under_way(), Some("v0.1.0"));
    yard.asked(deploy("v0.1.0"), &bob());
    assert_eq!(yard.refusal(), "bob asked to deploy v0.1.0, but v0.1.0 is being deployed.");
}

#[test]
fn a_person_may_go_to_an_older_version() {
    let mut yard = Yard::new(settings("qa"));
    yard.offered("v0.1.0").goes_well().offered("v0.2.0").goes_well();
    yard.asked(deploy("v0.1.0"), &bob()).goes_well();
    assert_eq!((yard.runs(), yard.under_way()), (Some("v0.1.0"), None));
}

#[test]
fn the_operator_may_all() {
    let operator = Authority::Operator { name: "root".to_owned() };
    let mut yard = Yard::new(production());
    yard.released("v0.1.0").asked(deploy_over("v0.1.0", "because"), &operator);
    assert_eq!(yard.waits(), Some("v0.1.0"), "an override is of freezes and holds, not of the approval");
    yard.asked(approve("v0.1.0"), &operator);
    assert_eq!(yard.row(1).by.as_deref(), Some("root (operator)"));
}

#[test]
fn a_held_version_takes_an_override() {
    let mut yard = Yard::new(settings("qa"));
    yard.offered("v0.1.0").goes_well().offered("v0.2.0").is_sick().goes_well();
    assert_eq!(yard.held(), ["v0.2.0"]);
    yard.offered("v0.2.0").asked(deploy("v0.2.0"), &bob());
    assert_eq!((yard.under_way(), yard.waits()), (None, None));
    assert_eq!(
        yard.refusal(),
        "bob asked to deploy v0.2.0, but v0.2.0 is held back here: it is sick: 503 instead of 200."
    );
    yard.asked(deploy_over("v0.2.0", "it was the network"), &maintainer());
    assert_eq!((yard.under_way(), yard.held().len()), (Some("v0.2.0"), 0));
    assert!(
        yard.last.summary.contains("the hold of v0.2.0 is overridden: it was the network"),
        "{}",
        yard.last.summary
    );
    yard.goes_well();
    assert_eq!(yard.runs(), Some("v0.2.0"));
}

#[test]
fn whatever_is_shown_is_shown_on_the_issue() {
    let mut yard = Yard::new(settings("qa"));
    yard.offered("v0.1.0");
    assert_eq!(yard.last.tracking.len(), 1);
    yard.decide();
    assert_eq!(yard.last.tracking.len(), 0, "nothing has changed");
    yard.asked(deploy("v0.1.0"), &person("rik", Permission::Read));
    assert_eq!(yard.last.tracking.len(), 1);
}
