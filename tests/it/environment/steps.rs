//! The way of a deployment: told, waited for, told again.

use stationmaster::model::{
    Action, DeployEnd, DeployState, DeploymentId, DeploymentState, EnvironmentReport, Trigger, TriggerAnswer,
};
use stationmaster::policy::EnvironmentSettings;

use super::scene::*;

fn told(trigger: Trigger) -> Yard {
    let mut yard = Yard::new(EnvironmentSettings { trigger, ..settings("qa") });
    yard.offered("v0.1.0").created();
    yard
}

fn workflow() -> Yard {
    let mut yard = Yard::new(settings("qa"));
    yard.offered("v0.1.0").created();
    yard
}

#[test]
fn a_workflow_run_is_followed_to_its_end() {
    for (conclusion, state, end) in [
        ("success", "checking", None),
        ("failure", "", Some(DeployEnd::Failed)),
        ("startup_failure", "", Some(DeployEnd::Failed)),
        ("skipped", "", Some(DeployEnd::Failed)),
        ("cancelled", "retrying", None),
        ("timed_out", "retrying", None),
    ] {
        let mut yard = workflow();
        yard.accepted(Some(5));
        assert_eq!(yard.last.look_again, Some(NOW.plus_ms(2_000)), "it may have ended already");
        yard.run_ends(4, "failure");
        assert!(yard.record.current.is_some(), "that run is another");
        yard.run_ends(5, conclusion);
        let now = yard.record.current.as_ref().map_or(String::new(), |deploy| {
            serde_json::to_value(&deploy.state).unwrap()["state"].as_str().unwrap().to_owned()
        });
        assert_eq!((now.as_str(), yard.row(1).end), (state, end), "{conclusion}");
    }
}

#[test]
fn a_run_that_the_answer_did_not_name_is_followed_too() {
    let mut yard = workflow();
    yard.accepted(None).run_ends(5, "cancelled");
    assert!(matches!(yard.record.current.as_ref().unwrap().state, DeployState::Retrying { .. }));
    yard.after_s(30).accepted(None);
    // The run of the attempt before says nothing of this one.
    yard.decide();
    assert!(matches!(yard.record.current.as_ref().unwrap().state, DeployState::Running { .. }));
    yard.run_ends(6, "success");
    assert!(matches!(yard.record.current.as_ref().unwrap().state, DeployState::Checking { .. }));
}

#[test]
fn a_target_that_cannot_be_reached_is_told_again_with_growing_pauses_and_counted_apart() {
    let mut yard = workflow();
    yard.did();
    yard.unreachable();
    assert_eq!(yard.did(), ["status of 1001: in_progress"]);
    assert_eq!(yard.last.look_again, Some(NOW.plus_ms(30_000)));
    assert_eq!(yard.after_s(29).did(), [""; 0]);
    assert_eq!(yard.after_s(1).did(), ["trigger v0.1.0 attempt 2"]);
    yard.unreachable();
    assert_eq!(yard.last.look_again, Some(yard.now.plus_ms(60_000)));
    yard.did();
    assert_eq!(yard.after_s(60).did(), ["trigger v0.1.0 attempt 3"]);
    yard.unreachable();
    assert_eq!(yard.did(), ["status of 1001: error", "tell acme/shop qa: v0.1.0 could not be deployed"]);
    let row = yard.row(1);
    assert_eq!((row.end, row.errors), (Some(DeployEnd::Error), 3));
    assert_eq!(row.note, "v0.1.0 could not be deployed: no answer.");
    assert_eq!((yard.held().len(), yard.runs(), yard.waits()), (0, None, None));
    assert_eq!(yard.after_s(86_400).did(), [""; 0], "nothing is tried again by itself");
}

#[test]
fn errors_on_the_way_are_counted_where_it_went_well_after_all() {
    let mut yard = workflow();
    yard.unreachable().after_s(30).finished().probed(true).probed(true);
    assert_eq!((yard.row(1).end, yard.row(1).errors), (Some(DeployEnd::Succeeded), 1));
}

#[test]
fn an_error_leaves_what_ran_and_goes_back_nowhere() {
    let mut yard = Yard::new(EnvironmentSettings { attempts: 1, ..settings("qa") });
    yard.offered("v0.1.0").goes_well().offered("v0.2.0").created().unreachable();
    assert_eq!((yard.runs(), yard.under_way(), yard.held().len()), (Some("v0.1.0"), None, 0));
    assert!(yard.messages().last().unwrap().text.contains("v0.1.0 still runs"));
    // A newer one that waited begins at once.
    yard.offered("v0.3.0").offered("v0.4.0").created().unreachable();
    assert_eq!(yard.under_way(), Some("v0.4.0"));
}

#[test]
fn nothing_heard_in_time_is_an_error() {
    let mut yard = told(Trigger::Hook {
        url: "https://x.example".to_owned(),
        secret_env: "STATIONMASTER_DEPLOY_KEY".to_owned(),
        finishes: false,
    });
    yard.accepted(None);
    assert_eq!(yard.last.look_again, Some(NOW.plus_ms(2_000)), "it may have ended already");
    yard.after_s(2);
    assert_eq!(yard.last.look_again, Some(NOW.plus_ms(900_000)));
    yard.after_s(898);
    let DeployState::Retrying { because, .. } = &yard.record.current.as_ref().unwrap().state else {
        panic!("{:?}", yard.record.current)
    };
    assert_eq!(because, "the deploy target was not heard of within 15 minutes");
}

#[test]
fn where_nobody_is_told_an_outside_deployer_reports() {
    for (state, end) in [
        (DeploymentState::InProgress, None),
        (DeploymentState::Failure, Some(DeployEnd::Failed)),
        (DeploymentState::Error, Some(DeployEnd::Error)),
    ] {
        let mut yard = told(Trigger::None);
        assert!(!yard.did().iter().any(|done| done.starts_with("trigger")));
        yard.outside(state);
        assert_eq!(yard.row(1).end, end, "{state:?}");
    }
    let mut yard = told(Trigger::None);
    yard.outside(DeploymentState::Success).probed(true).probed(true);
    assert_eq!(yard.runs(), Some("v0.1.0"));
    let mut yard = told(Trigger::None);
    yard.after_s(900);
    assert_eq!((yard.row(1).end, yard.row(1).errors), (Some(DeployEnd::Error), 1));
}

#[test]
fn a_status_of_an_attempt_before_says_nothing_of_the_next() {
    let mut yard = workflow();
    yard.accepted(Some(5)).outside(DeploymentState::Error).after_s(30).accepted(Some(6)).decide();
    assert!(matches!(yard.record.current.as_ref().unwrap().state, DeployState::Running { .. }));
    yard.outside(DeploymentState::Success);
    assert!(matches!(yard.record.current.as_ref().unwrap().state, DeployState::Checking { .. }));
}

#[test]
fn reports_of_another_deployment_attempt_or_probe_change_nothing() {
    let mut yard = workflow();
    let answer = TriggerAnswer::Failed { detail: "old".to_owned() };
    for report in [
        EnvironmentReport::Created { number: 1, id: DeploymentId(9) },
        EnvironmentReport::NotCreated { number: 1, why: "late".to_owned() },
        EnvironmentReport::Triggered { number: 1, attempt: 2, answer: answer.clone() },
        EnvironmentReport::Triggered { number: 2, attempt: 1, answer },
        EnvironmentReport::Probed { number: 1, probe: 1, healthy: false, detail: "old".to_owned() },
    ] {
        let before = yard.record.clone();
        yard.report(report.clone());
        assert_eq!(yard.record, before, "{report:?}");
    }
}

#[test]
fn what_github_does_not_create_ends_at_once() {
    let mut yard = Yard::new(settings("qa"));
    yard.offered("v0.1.0");
    yard.report(EnvironmentReport::NotCreated { number: 1, why: "the App lacks a permission".to_owned() });
    assert_eq!((yard.row(1).end, yard.row(1).errors), (Some(DeployEnd::Error), 0));
    assert_eq!(yard.record.last_end.as_deref(), Some("v0.1.0 could not be deployed: the App lacks a permission."));
}

#[test]
fn a_command_is_one_that_the_server_names() {
    let trigger = Trigger::Command { name: "restart".to_owned(), run: Vec::new() };
    let yard = told(trigger.clone());
    assert_eq!(yard.row(1).end, Some(DeployEnd::Error));
    assert!(yard.row(1).note.contains("name no command `restart`"), "{}", yard.row(1).note);
    let mut yard = Yard::new(EnvironmentSettings { trigger, ..settings("qa") });
    yard.commands.insert("restart".to_owned(), vec!["run".to_owned(), "{tag} {sha}".to_owned()]);
    yard.offered("v0.1.0").created();
    let Action::TriggerDeploy(order) = &yard.planned.last().unwrap().action else { panic!("it is told") };
    let run = vec!["run".to_owned(), "v0.1.0 sha-v0.1.0".to_owned()];
    assert_eq!(order.trigger, Trigger::Command { name: "restart".to_owned(), run });
}

#[test]
fn descriptions_fit_github() {
    let mut yard = workflow();
    yard.answered(TriggerAnswer::Failed { detail: "très ".repeat(100) });
    for planned in &yard.planned {
        if let Action::SetDeploymentStatus { description, .. } = &planned.action {
            assert!(description.chars().count() <= 140, "{description}");
        }
    }
}
