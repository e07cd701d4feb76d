//! A batch that is tested and put on its base, and what may come in between.

use stationmaster::model::{
    Action, BatchState, Conclusion, Login, MergeBlocker, Number, QueueSnapshot, QueuedPull, StagingReport,
};

use super::scene::*;

fn held() -> MergeBlocker {
    MergeBlocker::Held { by: Login::from("bob"), why: "not today".to_owned() }
}

fn green(pulls: Vec<QueuedPull>) -> QueueSnapshot {
    queue_with(pulls).testing(&[1, 2]).checks(vec![check("test", Conclusion::Success)])
}

fn landing(pulls: Vec<QueuedPull>) -> QueueSnapshot {
    queue_with(pulls).landing(&[1, 2])
}

#[test]
fn a_green_batch_lands_as_the_commit_that_was_tested() {
    let decision = decide(&green(vec![pull(1), pull(2)]));
    assert_eq!(told(&decision), "land #1 #2 as staging1");
    let Action::LandStaging { base_sha, .. } = &decision.actions[0].action else { panic!() };
    assert_eq!(*base_sha, sha("base0"));
    assert!(matches!(decision.record.batch.unwrap().state, BatchState::Landing { .. }), "recorded before it is done");
}

#[test]
fn a_green_batch_does_not_land_when_it_is_no_longer_what_was_judged() {
    let moved_base = QueueSnapshot { base_sha: Some(sha("base9")), ..green(vec![pull(1), pull(2)]) };
    let moved_staging = QueueSnapshot { staging_sha: Some(sha("theirs")), ..green(vec![pull(1), pull(2)]) };
    let no_staging = QueueSnapshot { staging_sha: None, ..green(vec![pull(1), pull(2)]) };
    let gone = QueuedPull { head: None, ..pull(1) };
    let rows: Vec<(&str, QueueSnapshot, &str)> = vec![
        ("a push to a member, green after all", green(vec![pushed(1), pull(2)]), "build #2 on base0"),
        ("a member is held", green(vec![blocked(1, held()), pull(2)]), "build #2 on base0"),
        ("a member has left", green(vec![pull(2)]), "build #2 on base0"),
        ("a member is gone", green(vec![gone, pull(2)]), "build #2 on base0"),
        ("the base moved", moved_base, "build #1 #2 on base9"),
        ("somebody pushed to the staging branch", moved_staging, "build #1 #2 on base0"),
        ("somebody deleted the staging branch", no_staging, "build #1 #2 on base0"),
    ];
    for (name, snapshot, expected) in rows {
        let decision = decide(&snapshot);
        assert_eq!(told(&decision), expected, "{name}");
        assert!(decision.put_out.is_empty(), "{name}: nobody is to blame");
    }
}

#[test]
fn a_pull_that_entered_anew_with_another_head_is_not_the_member_that_was_tested() {
    let mut anew = pull(1);
    anew.entry.head = sha("later");
    anew.head = Some(sha("later"));
    assert_eq!(told(&decide(&green(vec![anew, pull(2)]))), "build #1 #2 on base0");
}

#[test]
fn landing_ends_as_it_is_reported() {
    let both = || vec![pull(1), pull(2)];
    let refused = StagingReport::Refused { why: "protected branch".to_owned() };
    let at_staging = QueueSnapshot { base_sha: Some(sha("staging1")), ..landing(both()) };
    let elsewhere = QueueSnapshot { base_sha: Some(sha("base9")), ..landing(both()) };
    let next = || QueueSnapshot { base_sha: Some(sha("staging1")), ..landing(vec![pull(1), pull(2), pull(3)]) };
    let landed = || StagingReport::Landed { sha: sha("staging1") };
    let rows: Vec<(&str, QueueSnapshot, &str)> = vec![
        ("no word yet", landing(both()), "still landing"),
        ("it is said", landing(both()).report(landed()), "landed [1, 2]"),
        ("it is seen", at_staging, "landed [1, 2]"),
        ("the next ones follow at once", next(), "build #3 on staging1, landed [1, 2]"),
        (
            "on top of it, though GitHub shows the old base yet",
            landing(vec![pull(1), pull(2), pull(3)]).report(landed()),
            "build #3 on staging1, landed [1, 2]",
        ),
        ("the base moved", landing(both()).report(StagingReport::BaseMoved), "build #1 #2 on base0"),
        ("the base is elsewhere, and the action has not said why", elsewhere, "still landing"),
        (
            "a member moved",
            landing(vec![pushed(1), pull(2)]).report(StagingReport::MemberMoved { number: Number(1) }),
            "build #2 on base0",
        ),
        ("the staging branch moved", landing(both()).report(StagingReport::StagingMoved), "build #1 #2 on base0"),
        ("GitHub refused", landing(both()).report(refused), "nothing"),
    ];
    for (name, snapshot, expected) in rows {
        assert_eq!(told(&decide(&snapshot)), expected, "{name}");
    }
}

#[test]
fn what_is_about_to_land_is_withdrawn_when_a_member_no_longer_may() {
    for pulls in [vec![pushed(1), pull(2)], vec![blocked(1, held()), pull(2)], vec![pull(2)]] {
        let decision = decide(&landing(pulls));
        assert_eq!(told(&decision), "withdraw, build #2 on base0");
        assert_eq!(decision.withdraws.unwrap().key, "queue/land/branch/7/main/1");
    }
}

#[test]
fn members_that_github_shows_as_merged_have_landed_if_the_base_is_there() {
    let merged = |number| blocked(number, MergeBlocker::NotOpen);
    let snapshot = QueueSnapshot { base_sha: Some(sha("staging1")), ..landing(vec![merged(1), merged(2)]) };
    assert_eq!(told(&decide(&snapshot)), "landed [1, 2]");
}

#[test]
fn landing_that_nothing_is_heard_of_is_withdrawn_in_the_end() {
    let state = BatchState::Landing { staging: sha("staging1"), since: NOW.plus_ms(-60 * MINUTE_MS) };
    assert_eq!(told(&decide(&queue_with(vec![pull(1)]).batch(&[1], state))), "withdraw, build #1 on base0");
}

#[test]
fn a_refusal_to_land_is_shown_and_nobody_is_put_out() {
    let why = "Changes must be made through a pull request.".to_owned();
    let decision = decide(&landing(vec![pull(1), pull(2)]).report(StagingReport::Refused { why }));
    assert!(decision.put_out.is_empty());
    assert!(shown(&decision, 2).1.contains("Changes must be made through a pull request."));
    assert_eq!(decision.look_again, Some(NOW.plus_ms(600_000)));
}

#[test]
fn deciding_twice_on_the_same_view_plans_the_same_actions() {
    for snapshot in [queue_with(vec![pull(1)]), green(vec![pull(1), pull(2)]), landing(vec![pushed(1), pull(2)])] {
        assert_eq!(decide(&snapshot), decide(&snapshot));
    }
}
