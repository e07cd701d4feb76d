//! Which checks count: required, newest, forged, our own, the author's own, and none at all.

use stationmaster::decide::{needs_a_person, only_waits_for_checks};
use stationmaster::model::{ActorKind, CheckState, Conclusion, Login, MergeBlocker, Timestamp};

use super::{ACTIONS, OWN, OWN_LOGIN, blockers, by_app, check, gate, policy, ready, required, run, sentences, status};

#[test]
fn no_check_at_all_is_never_green_by_accident() {
    let mut snapshot = ready();
    snapshot.checks.clear();
    assert_eq!(blockers(&snapshot), [MergeBlocker::NoChecks]);
    assert!(gate(&snapshot, &policy("[checks]\nallow_none = true")).is_open());
}

#[test]
fn where_nothing_is_required_every_reported_check_must_be_green() {
    let mut snapshot = ready();
    snapshot.checks.push(run("docs", 2, Conclusion::Failure));
    snapshot.checks.push(check("slow", 3, CheckState::Running));
    let shown = sentences(&gate(&snapshot, &policy("")));
    assert_eq!(shown, ["the check `docs` failed", "the check `slow` is not over"]);
}

#[test]
fn where_something_is_required_nothing_else_counts() {
    let mut snapshot = ready();
    snapshot.protection.required_checks = vec![required("build", None)];
    snapshot.checks.push(run("docs", 2, Conclusion::Failure));
    snapshot.checks.push(check("slow", 3, CheckState::Queued));
    assert_eq!(blockers(&snapshot), []);
    snapshot.protection.required_checks.clear();
    assert!(gate(&snapshot, &policy("[checks]\nrequired = [\"build\"]")).is_open());
}

#[test]
fn checks_that_the_policy_requires_add_to_those_of_github() {
    let mut snapshot = ready();
    snapshot.protection.required_checks = vec![required("build", None)];
    let shown = sentences(&gate(&snapshot, &policy("[checks]\nrequired = [\"build\", \"lint\"]")));
    assert_eq!(shown, ["the check `lint` has not been reported for this head; the policy demands it"]);
}

#[test]
fn neutral_and_skipped_pass_only_where_the_policy_says_so() {
    for (conclusion, key) in [(Conclusion::Neutral, "pass_neutral"), (Conclusion::Skipped, "pass_skipped")] {
        let mut snapshot = ready();
        snapshot.checks = vec![run("build", 1, conclusion)];
        assert_eq!(
            blockers(&snapshot),
            [MergeBlocker::CheckFailed { name: "build".to_owned(), conclusion, url: None }]
        );
        assert!(gate(&snapshot, &policy(&format!("[checks]\n{key} = true"))).is_open());
        let other = if key == "pass_neutral" { "pass_skipped" } else { "pass_neutral" };
        assert!(!gate(&snapshot, &policy(&format!("[checks]\n{other} = true"))).is_open());
    }
}

#[test]
fn of_failed_then_passed_on_one_head_the_newest_counts_in_whatever_order_they_are_listed() {
    let (failed, passed) = (run("build", 1, Conclusion::Failure), run("build", 2, Conclusion::Success));
    for checks in [vec![failed.clone(), passed.clone()], vec![passed, failed]] {
        let mut snapshot = ready();
        snapshot.checks = checks;
        assert_eq!(blockers(&snapshot), []);
    }
}

#[test]
fn a_check_that_is_run_again_is_waited_for_although_it_was_green() {
    let mut snapshot = ready();
    let mut again = check("build", 2, CheckState::Queued);
    again.started = None;
    snapshot.checks.insert(0, again);
    assert_eq!(blockers(&snapshot), [MergeBlocker::CheckRunning { name: "build".to_owned() }]);
}

#[test]
fn an_old_run_that_ends_late_stays_old() {
    let mut snapshot = ready();
    let mut late = run("build", 1, Conclusion::Failure);
    late.completed = Some(Timestamp(9_999_999));
    snapshot.checks = vec![run("build", 2, Conclusion::Success), late];
    assert_eq!(blockers(&snapshot), []);
}

#[test]
fn a_check_that_is_listed_twice_blocks_once() {
    let mut snapshot = ready();
    snapshot.checks = vec![run("build", 1, Conclusion::Failure), run("build", 1, Conclusion::Failure)];
    assert_eq!(blockers(&snapshot).len(), 1);
    snapshot.protection.required_checks = vec![required("build", None), required("build", Some(ACTIONS))];
    assert_eq!(blockers(&snapshot).len(), 1);
}

#[test]
fn of_the_statuses_of_one_name_the_newest_counts_whoever_set_it() {
    let mut snapshot = ready();
    snapshot.checks =
        vec![status("ci", "bob", 5, Conclusion::Success), status("ci", "jenkins", 3, Conclusion::Failure)];
    assert_eq!(blockers(&snapshot), []);
    snapshot.checks[1].started = Some(Timestamp(9_000));
    assert_eq!(blockers(&snapshot).len(), 1);
}

#[test]
fn a_check_run_and_a_status_of_one_name_must_both_be_green() {
    let mut snapshot = ready();
    snapshot.protection.required_checks = vec![required("build", None)];
    snapshot.checks.push(status("build", "bob", 9, Conclusion::Failure));
    assert_eq!(sentences(&gate(&snapshot, &policy(""))), ["the check `build` failed"]);
}

#[test]
fn a_required_check_by_the_wrong_app_is_forged_and_somebody_must_look() {
    let mut snapshot = ready();
    snapshot.protection.required_checks = vec![required("build", Some(ACTIONS))];
    assert_eq!(blockers(&snapshot), []);
    snapshot.checks = vec![by_app(run("build", 1, Conclusion::Success), 666, "mallory")];
    let found = gate(&snapshot, &policy(""));
    assert_eq!(sentences(&found), ["the check `build` was reported by the App mallory, from whom it does not count"]);
    assert!(needs_a_person(&found.blockers, &Login::from("ann")));
    snapshot.checks = vec![status("build", "sam", 1, Conclusion::Success)];
    let shown = sentences(&gate(&snapshot, &policy("")));
    assert_eq!(shown, ["the check `build` was reported by a status of sam, from whom it does not count"]);
}

#[test]
fn a_forged_report_beside_the_true_one_changes_nothing() {
    let mut snapshot = ready();
    snapshot.protection.required_checks = vec![required("build", Some(ACTIONS))];
    snapshot.checks.push(by_app(run("build", 2, Conclusion::Failure), 666, "mallory"));
    assert_eq!(blockers(&snapshot), []);
    snapshot.checks =
        vec![run("build", 1, Conclusion::Failure), by_app(run("build", 2, Conclusion::Success), 666, "mallory")];
    assert_eq!(sentences(&gate(&snapshot, &policy(""))), ["the check `build` failed"]);
}

#[test]
fn a_forged_status_of_our_own_name_counts_neither_for_nor_against() {
    let mut snapshot = ready();
    snapshot.review = None;
    snapshot.protection.required_checks = vec![required("stationmaster/review", None), required("build", None)];
    snapshot.checks.push(status("stationmaster/review", "sam", 9, Conclusion::Success));
    let found = gate(&snapshot, &policy(""));
    assert_eq!(found.blockers, [MergeBlocker::ReviewPending]);
    assert!(found.reasons.iter().any(|r| r.contains("a status of sam reported a check under our own name")));
    // Nor does a red one: the pull cannot be stopped by it, and it is no check of the head either.
    let mut snapshot = ready();
    snapshot.checks.push(by_app(run("stationmaster/review", 9, Conclusion::Failure), 666, "mallory"));
    assert_eq!(blockers(&snapshot), []);
    snapshot.checks.remove(0);
    assert_eq!(blockers(&snapshot), [MergeBlocker::NoChecks]);
}

#[test]
fn our_own_app_is_never_a_witness_under_any_name() {
    let mut snapshot = ready();
    snapshot.checks = vec![
        by_app(run("build", 1, Conclusion::Success), OWN, "stationmaster"),
        status("lint", OWN_LOGIN, 1, Conclusion::Success),
    ];
    assert_eq!(blockers(&snapshot), [MergeBlocker::NoChecks]);
    // Demanded of us by the protection: our review answers for it.
    snapshot.checks = vec![run("build", 1, Conclusion::Success)];
    snapshot.protection.required_checks = vec![required("stationmaster/policy", Some(OWN))];
    assert_eq!(blockers(&snapshot), []);
}

#[test]
fn a_bots_own_check_is_not_waited_for() {
    let mut snapshot = ready();
    snapshot.pull.author = Login::from("renovate[bot]");
    snapshot.pull.author_kind = ActorKind::Bot;
    snapshot.checks.push(by_app(check("merge-me", 2, CheckState::Running), 2740, "renovate"));
    let trusted = policy("[trust]\nbots = [\"renovate\"]");
    assert!(gate(&snapshot, &trusted).is_open());
    // It does not count as the one check that there has to be.
    snapshot.checks.remove(0);
    assert_eq!(gate(&snapshot, &trusted).blockers, [MergeBlocker::NoChecks]);
    // A person of that name does not get it.
    snapshot.pull.author = Login::from("renovate");
    snapshot.pull.author_kind = ActorKind::User;
    let listed = policy("[trust]\nlogins = [\"renovate\"]");
    assert_eq!(gate(&snapshot, &listed).blockers, [MergeBlocker::CheckRunning { name: "merge-me".to_owned() }]);
}

#[test]
fn a_check_that_the_policy_ignores_counts_only_where_it_is_required() {
    let mut snapshot = ready();
    snapshot.checks.push(run("codecov/patch", 2, Conclusion::Failure));
    let ignoring = policy("[checks]\nignore = [\"codecov/*\"]");
    assert!(gate(&snapshot, &ignoring).is_open());
    snapshot.protection.required_checks = vec![required("codecov/patch", None)];
    assert_eq!(sentences(&gate(&snapshot, &ignoring)), ["the check `codecov/patch` failed"]);
}

#[test]
fn what_only_waits_for_checks_needs_nobody() {
    let mut snapshot = ready();
    snapshot.protection.required_checks = vec![required("lint", None)];
    snapshot.checks = vec![check("build", 1, CheckState::Running)];
    let waiting = gate(&snapshot, &policy("[checks]\nrequired = [\"build\"]"));
    assert_eq!(waiting.blockers.len(), 2);
    assert!(only_waits_for_checks(&waiting) && !needs_a_person(&waiting.blockers, &Login::from("ann")));
    snapshot.checks = vec![run("build", 1, Conclusion::Failure)];
    let failed = gate(&snapshot, &policy("[checks]\nrequired = [\"build\"]"));
    assert_eq!(failed.blockers.len(), 2);
    assert!(needs_a_person(&failed.blockers, &Login::from("ann")));
    assert!(!only_waits_for_checks(&failed));
    assert!(!only_waits_for_checks(&gate(&ready(), &policy(""))), "an open gate waits for nothing");
}
