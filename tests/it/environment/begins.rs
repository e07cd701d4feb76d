//! What is deployed, when, and what keeps it back.

use stationmaster::model::{Action, CheckState, Conclusion, EnvironmentReport, Permission, Sha, Subject};
use stationmaster::policy::{DeployFreeze, EnvironmentSettings, FreezeTimes};

use super::scene::*;

#[test]
fn a_version_goes_all_the_way_and_each_step_is_planned_once() {
    let mut yard = Yard::new(settings("qa"));
    assert_eq!(yard.offered("v0.1.0").did(), ["tell acme/shop qa: deploying v0.1.0", "create 1 for v0.1.0"]);
    assert_eq!(yard.created().did(), ["status of 1001: in_progress", "trigger v0.1.0 attempt 1"]);
    assert_eq!(yard.finished().did(), ["probe https://qa.example/health?is=v0.1.0"]);
    assert_eq!(yard.probed(true).did(), ["probe https://qa.example/health?is=v0.1.0"]);
    assert_eq!(yard.probed(true).did(), ["status of 1001: success", "tell acme/shop qa runs v0.1.0"]);
    assert_eq!((yard.runs(), yard.waits(), yard.under_way()), (Some("v0.1.0"), None, None));
    assert_eq!(yard.after_s(3600).did(), [""; 0]);
    assert_eq!(yard.last.summary, "acme/shop qa: v0.1.0 runs there.");
}

#[test]
fn keys_are_the_documented_ones() {
    let mut yard = Yard::new(production());
    yard.offered("v0.1.0").asked(approve("v0.1.0"), &bob()).goes_well();
    let keys: Vec<&str> = yard.planned.iter().map(|planned| planned.key.as_str()).collect();
    assert_eq!(
        keys,
        [
            "told/environment/7/prod/v0.1.0/sha-v0.1.0/approval/1795262400000",
            "told/environment/7/prod/1/deploying",
            "deploy/create/environment/7/prod/1",
            "deploy/status/environment/7/prod/1/in_progress",
            "deploy/trigger/environment/7/prod/1/1",
            "deploy/probe/environment/7/prod/1/1",
            "deploy/probe/environment/7/prod/1/2",
            "deploy/status/environment/7/prod/1/success",
            "deploy/retire/environment/7/prod/1",
            "told/environment/7/prod/1/deployed",
        ]
    );
}

#[test]
fn versions_that_come_during_a_deployment_coalesce_to_the_newest() {
    let mut yard = Yard::new(settings("qa"));
    yard.offered("v0.1.0").offered("v0.2.0").offered("v0.3.0").offered("v0.4.0");
    assert_eq!((yard.under_way(), yard.waits()), (Some("v0.1.0"), Some("v0.4.0")));
    assert_eq!(yard.blockers(), ["v0.1.0 is being deployed"]);
    yard.goes_well();
    assert_eq!((yard.under_way(), yard.runs(), yard.number()), (Some("v0.4.0"), Some("v0.1.0"), 2));
    // An older one that is offered late is not gone back to.
    yard.offered("v0.3.0").goes_well().offered("v0.2.0");
    assert_eq!((yard.under_way(), yard.runs(), yard.waits()), (None, Some("v0.4.0"), None));
}

#[test]
fn nothing_is_deployed_before_its_commit_is_green() {
    for (conclusion, says) in [
        (Some(Conclusion::Cancelled), "its commit is not green: the check `test` ended as cancelled"),
        (Some(Conclusion::Failure), "its commit is not green: the check `test` ended as failure"),
        (Some(Conclusion::Skipped), "its commit is not green: the check `test` ended as skipped"),
        (None, "its commit is not green: no check was reported for it"),
    ] {
        let mut yard = Yard::new(settings("qa"));
        yard.released("v0.1.0");
        yard.checks.insert(Sha::from("sha-v0.1.0"), conclusion.map(check).into_iter().collect());
        yard.offered("v0.1.0");
        assert_eq!((yard.under_way(), yard.waits()), (None, Some("v0.1.0")));
        assert_eq!(yard.blockers(), [says]);
        assert!(yard.last.look_again.is_some());
        yard.checks.insert(Sha::from("sha-v0.1.0"), vec![check(Conclusion::Success)]);
        yard.decide();
        assert_eq!(yard.under_way(), Some("v0.1.0"));
    }
}

#[test]
fn our_own_check_and_one_that_runs_do_not_make_it_green() {
    let mut ours = check(Conclusion::Success);
    ours.origin = stationmaster::model::CheckOrigin::App { id: OWN_APP, slug: "stationmaster".to_owned() };
    let mut running = check(Conclusion::Success);
    running.state = CheckState::Running;
    for checks in [vec![ours], vec![running]] {
        let mut yard = Yard::new(settings("qa"));
        yard.released("v0.1.0");
        yard.checks.insert(Sha::from("sha-v0.1.0"), checks);
        yard.offered("v0.1.0");
        assert_eq!(yard.under_way(), None, "{:?}", yard.blockers());
    }
}

#[test]
fn what_must_be_verified_before_is() {
    let prod = EnvironmentSettings { after: Some("qa".into()), requires_approval: false, ..production() };
    let mut yard = Yard::new(prod);
    yard.verified_before = Some(Vec::new());
    yard.offered("v0.1.0");
    assert_eq!(yard.blockers(), ["v0.1.0 was not verified in qa, which comes first"]);
    yard.asked(deploy("v0.1.0"), &bob());
    assert_eq!(yard.refusal(), "bob asked to deploy v0.1.0, but v0.1.0 was not verified in qa, which comes first.");
    yard.verified_before = Some(vec![Sha::from("sha-v0.1.0")]);
    yard.decide();
    assert_eq!(yard.under_way(), Some("v0.1.0"));
}

#[test]
fn what_is_verified_is_offered_to_those_that_come_after() {
    let mut yard = Yard::new(settings("QA"));
    yard.all.push(EnvironmentSettings { after: Some("qa".into()), ..production() });
    yard.all.push(settings("demo"));
    yard.stable_after = Some("qa".into());
    yard.offered("v0.2.0-rc.1").goes_well();
    let prod = Subject::Environment(stationmaster::model::RepositoryId(7), "prod".into());
    let offer = EnvironmentReport::Offered { version: version("v0.2.0-rc.1") };
    assert_eq!(yard.last.offers, [(prod.clone(), offer)]);
    assert!(yard.last.verified.is_some());
    // The same commit becomes a stable version: it runs already, so it goes on at once, without a deployment.
    let mut stable = version("v0.2.0");
    stable.sha = Sha::from("sha-v0.2.0-rc.1");
    yard.report(EnvironmentReport::Offered { version: stable.clone() });
    assert_eq!(yard.under_way(), None);
    assert_eq!(yard.last.offers, [(prod, EnvironmentReport::Offered { version: stable })]);
    assert_eq!(yard.runs(), Some("v0.2.0"));
    assert_eq!(yard.record.verified.len(), 1);
}

#[test]
fn pre_releases_stay_where_the_policy_lets_them() {
    let mut yard = Yard::new(EnvironmentSettings { requires_approval: false, ..production() });
    yard.offered("v0.2.0-rc.1");
    assert_eq!((yard.under_way(), yard.waits()), (None, None));
    yard.asked(deploy("v0.2.0-rc.1"), &maintainer());
    assert_eq!(yard.under_way(), None);
    assert!(yard.refusal().contains("lets none into prod"), "{}", yard.refusal());
}

#[test]
fn without_auto_a_version_waits_for_somebody_to_say_so() {
    let mut yard = Yard::new(EnvironmentSettings { auto: false, ..settings("demo") });
    yard.offered("v0.1.0");
    assert_eq!((yard.under_way(), yard.waits()), (None, None));
    assert_eq!(yard.last.summary, "acme/shop demo: v0.1.0 is deployed here once somebody says `/deploy demo v0.1.0`.");
    yard.asked(deploy("v0.1.0"), &bob());
    assert_eq!((yard.under_way(), yard.row(1).by.as_deref()), (Some("v0.1.0"), Some("bob")));
}

#[test]
fn a_frozen_environment_waits_with_its_reason_and_goes_on_by_itself() {
    let until = NOW.plus_ms(3_600_000);
    let window = FreezeTimes::Once { from: None, until: Some(until) };
    let freeze = DeployFreeze { window, why: "the fair".to_owned() };
    let mut yard = Yard::new(EnvironmentSettings { freezes: vec![freeze], requires_approval: false, ..production() });
    yard.offered("v0.1.0").decide().decide();
    assert_eq!(yard.under_way(), None);
    assert_eq!(yard.blockers(), [format!("it is frozen until {until}: the fair")]);
    assert_eq!(yard.last.summary, format!("acme/shop prod: v0.1.0 waits: it is frozen until {until}: the fair."));
    assert_eq!(yard.last.look_again, Some(until));
    assert_eq!(yard.did(), ["tell acme/shop prod: v0.1.0 waits"]);
    yard.after_s(3600);
    assert_eq!(yard.under_way(), Some("v0.1.0"));
}

#[test]
fn an_override_passes_a_freeze_and_is_written_down() {
    let mut yard = Yard::new(settings("qa"));
    let freeze = |until| stationmaster::model::EnvironmentAsk::Freeze { until, why: "the fair".to_owned() };
    yard.released("v0.1.0").asked(freeze(None), &bob()).asked(deploy("v0.1.0"), &bob());
    assert_eq!((yard.under_way(), yard.waits()), (None, Some("v0.1.0")));
    assert_eq!(yard.blockers(), ["it is frozen until somebody says `/unfreeze`: the fair (bob)"]);
    // Who may only write may not override.
    yard.asked(deploy_over("v0.1.0", "it is down"), &bob());
    assert_eq!(yard.under_way(), None);
    assert!(yard.refusal().contains("it takes the permission `maintain`, and theirs is `write`"), "{}", yard.refusal());
    yard.asked(deploy_over("v0.1.0", "it is down"), &maintainer());
    assert_eq!(yard.under_way(), Some("v0.1.0"));
    assert!(yard.last.summary.contains("mia overrides the freeze: it is down"), "{}", yard.last.summary);
    assert!(yard.row(1).note.contains("it is down"), "{}", yard.row(1).note);
    // The next one does not inherit it.
    yard.goes_well().offered("v0.2.0");
    assert_eq!((yard.under_way(), yard.waits()), (None, Some("v0.2.0")));
}

#[test]
fn freezes_of_people_end_by_time_and_by_word() {
    let freeze = |until| stationmaster::model::EnvironmentAsk::Freeze { until, why: "a demo".to_owned() };
    let mut yard = Yard::new(settings("qa"));
    yard.asked(freeze(Some(NOW)), &bob());
    assert!(yard.record.freezes.is_empty());
    assert!(yard.refusal().contains("would be over already"), "{}", yard.refusal());
    yard.asked(freeze(None), &person("rik", Permission::Read));
    assert!(yard.record.freezes.is_empty());
    yard.asked(freeze(Some(NOW.plus_ms(60_000))), &bob()).offered("v0.1.0");
    assert_eq!(yard.under_way(), None);
    assert_eq!(yard.refusal(), "nothing was refused");
    yard.after_s(60);
    assert_eq!((yard.under_way(), yard.record.freezes.len()), (Some("v0.1.0"), 0));
    yard.goes_well().asked(freeze(None), &bob()).offered("v0.2.0");
    assert_eq!(yard.under_way(), None);
    yard.asked(stationmaster::model::EnvironmentAsk::Unfreeze, &bob());
    assert_eq!(yard.under_way(), Some("v0.2.0"));
}

#[test]
fn an_environment_that_the_policy_names_no_more_finishes_and_begins_nothing() {
    let mut yard = Yard::new(settings("qa"));
    yard.offered("v0.1.0").created().accepted(Some(5)).offered("v0.2.0");
    yard.settings = None;
    yard.all = vec![settings("stage")];
    yard.run_ends(5, "success");
    assert_eq!((yard.runs(), yard.under_way(), yard.waits()), (Some("v0.1.0"), None, None));
    assert_eq!(yard.blockers(), ["the policy names no such environment, only stage"]);
    yard.asked(deploy("v0.2.0"), &maintainer());
    assert_eq!(yard.under_way(), None);
}

#[test]
fn placeholders_are_filled_in_and_no_value_is_read_for_more() {
    let mut yard = Yard::new(settings("qa"));
    yard.offered("v0.1.0").goes_well().offered("v0.2.0+b{sha}").created().finished();
    let mut inputs = None;
    let mut url = None;
    for planned in &yard.planned {
        if let Action::TriggerDeploy(order) = &planned.action
            && let stationmaster::model::Trigger::Workflow { inputs: filled, .. } = &order.trigger
        {
            inputs = Some(filled["what"].clone());
        } else if let Action::ProbeHealth(order) = &planned.action {
            url = Some(order.url.clone());
        }
    }
    assert_eq!(inputs.unwrap(), "v0.2.0+b{sha} for qa, was v0.1.0");
    assert_eq!(url.unwrap(), "https://qa.example/health?is=v0.2.0%2Bb%7Bsha%7D");
}
