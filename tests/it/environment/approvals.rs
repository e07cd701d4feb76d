//! Who lets a version pass, for which commit, and for how long.

use stationmaster::model::{Authority, EnvironmentAsk, EnvironmentReport, Login, Permission, Urgency5};
use stationmaster::policy::EnvironmentSettings;

use super::scene::*;

fn waiting() -> Yard {
    let mut yard = Yard::new(production());
    yard.offered("v0.1.0");
    assert_eq!((yard.under_way(), yard.waits()), (None, Some("v0.1.0")));
    yard
}

#[test]
fn approval_is_asked_for_once_with_a_link() {
    let mut yard = waiting();
    yard.decide().after_s(60);
    assert_eq!(yard.titles(), ["acme/shop prod: v0.1.0 needs approval"]);
    let message = &yard.messages()[0];
    assert_eq!(message.click.as_deref(), Some("https://github.com/acme/shop/issues/40"));
    assert_eq!(message.priority, Urgency5::High);
    assert!(message.text.contains("`/approve prod`"), "{}", message.text);
    assert!(yard.blockers()[0].starts_with("v0.1.0 waits for approval by somebody whose work is not in it"));
    yard.asked(approve("v0.1.0"), &bob());
    assert_eq!((yard.under_way(), yard.row(1).approved_by.as_deref()), (Some("v0.1.0"), Some("bob")));
}

#[test]
fn who_may_approve() {
    let operator = Authority::Operator { name: "root".to_owned() };
    let listed = vec![Login::from("Lea")];
    let any = Vec::new();
    for (who, approvers, says) in [
        (bob(), &any, None),
        (operator.clone(), &any, None),
        (operator, &listed, None),
        (person("lea", Permission::Read), &listed, None),
        (bob(), &listed, Some("approvals for prod are given by Lea")),
        (person("rik", Permission::Triage), &any, Some("it takes the permission `write`, and theirs is `triage`")),
        (person("ANN", Permission::Admin), &any, Some("ANN may not approve v0.1.0: their own work is in it")),
    ] {
        let mut yard = Yard::new(EnvironmentSettings { approvers: approvers.clone(), ..production() });
        yard.offered("v0.1.0").asked(approve("v0.1.0"), &who);
        match says {
            None => assert_eq!(yard.under_way(), Some("v0.1.0"), "{who:?}"),
            Some(says) => {
                assert_eq!((yard.under_way(), yard.waits()), (None, Some("v0.1.0")), "{who:?}");
                assert!(yard.refusal().contains(says), "{}", yard.refusal());
            }
        }
    }
}

#[test]
fn a_newer_version_never_inherits_an_approval() {
    let mut yard = waiting();
    // The approval waits for a freeze to end, and the version does not stay the same meanwhile.
    let freeze = EnvironmentAsk::Freeze { until: Some(NOW.plus_ms(60_000)), why: "a demo".to_owned() };
    yard.asked(freeze, &bob()).asked(approve("v0.1.0"), &bob());
    assert_eq!(yard.under_way(), None);
    yard.offered("v0.2.0").after_s(60);
    assert_eq!((yard.under_way(), yard.waits()), (None, Some("v0.2.0")));
    assert_eq!(yard.record.approval.as_ref().unwrap().tag.as_str(), "v0.2.0");
    yard.asked(approve("v0.1.0"), &bob());
    assert_eq!(yard.under_way(), None);
    assert_eq!(yard.refusal(), "bob asked to approve v0.1.0, but it is v0.2.0 that waits for approval.");
    yard.asked(approve("v0.2.0"), &bob());
    assert_eq!(yard.under_way(), Some("v0.2.0"));
}

#[test]
fn words_that_were_said_before_the_question_do_not_answer_it() {
    let mut yard = waiting();
    yard.after_s(60).offered("v0.2.0");
    // Bob meant v0.1.0, and named nothing.
    let at = NOW.plus_ms(30_000);
    yard.report(EnvironmentReport::Asked {
        ask: EnvironmentAsk::Approve { tag: None },
        authority: bob(),
        at,
        request: None,
    });
    assert_eq!((yard.under_way(), yard.waits()), (None, Some("v0.2.0")));
    // In one go with the offer there is no question yet.
    yard.released("v0.3.0");
    yard.reports.push(EnvironmentReport::Offered { version: version("v0.3.0") });
    yard.asked(EnvironmentAsk::Approve { tag: None }, &bob());
    assert_eq!((yard.under_way(), yard.waits()), (None, Some("v0.3.0")));
    yard.asked(EnvironmentAsk::Approve { tag: None }, &bob());
    assert_eq!(yard.under_way(), Some("v0.3.0"));
}

#[test]
fn a_question_that_nobody_answers_is_taken_back_and_frees_the_lane() {
    let mut yard = waiting();
    assert_eq!(yard.last.look_again, Some(NOW.plus_ms(86_400_000)));
    yard.after_s(86_399);
    assert_eq!(yard.waits(), Some("v0.1.0"));
    yard.after_s(1).decide();
    assert_eq!((yard.waits(), yard.record.approval.is_none()), (None, true));
    assert_eq!(yard.titles()[1..], ["acme/shop prod: nobody approved v0.1.0"]);
    // Too late.
    yard.asked(approve("v0.1.0"), &bob());
    assert_eq!(yard.refusal(), "bob asked to approve v0.1.0, but nothing waits for approval.");
    // It is not asked about again by itself, but a newer one is, and this one where somebody wants it.
    yard.offered("v0.1.0");
    assert_eq!(yard.waits(), None);
    yard.asked(deploy("v0.1.0"), &bob());
    assert_eq!((yard.waits(), yard.titles().len()), (Some("v0.1.0"), 3));
    yard.offered("v0.2.0");
    assert_eq!((yard.waits(), yard.titles().len()), (Some("v0.2.0"), 4));
}

#[test]
fn expiry_is_a_blocker_that_is_shown() {
    let mut yard = waiting();
    yard.after_s(86_400);
    assert_eq!(yard.blockers(), ["nobody approved v0.1.0 in time"]);
    assert_eq!(yard.last.tracking, [stationmaster::model::Number(40)]);
}

#[test]
fn a_rejected_version_is_not_deployed() {
    let mut yard = waiting();
    yard.asked(EnvironmentAsk::Reject { why: "the shop is full".to_owned() }, &bob());
    assert_eq!((yard.waits(), yard.under_way()), (None, None));
    assert_eq!(yard.record.last_end.as_deref(), Some("bob rejects v0.1.0: the shop is full."));
    yard.offered("v0.1.0");
    assert_eq!(yard.waits(), None);
}

#[test]
fn the_checks_are_looked_at_again_after_the_approval() {
    let mut yard = waiting();
    yard.checks.clear();
    yard.asked(approve("v0.1.0"), &bob());
    assert_eq!(yard.under_way(), None);
    assert_eq!(yard.blockers(), ["its commit is not green: no check was reported for it"]);
}
