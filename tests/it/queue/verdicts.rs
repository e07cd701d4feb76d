//! What the checks of a staging commit come to.

use stationmaster::decide::{QueueSettings, queue};
use stationmaster::model::{
    BatchState, Check, CheckOrigin, CheckRunId, CheckState, Conclusion, QueueSnapshot, RequiredCheck,
};
use stationmaster::policy::CheckSettings;

use super::scene::*;

fn required(name: &str, app: Option<i64>) -> RequiredCheck {
    RequiredCheck { name: name.to_owned(), app, demanded_by: "branch protection".to_owned() }
}

fn tested(required: Vec<RequiredCheck>, checks: Vec<Check>) -> QueueSnapshot {
    QueueSnapshot { required, ..queue_with(vec![pull(1)]).testing(&[1]).checks(checks) }
}

fn run(id: i64, check: Check) -> Check {
    Check { run: Some(CheckRunId(id)), ..check }
}

fn by_app(id: i64, check: Check) -> Check {
    Check { origin: CheckOrigin::App { id, slug: "other".to_owned() }, ..check }
}

fn status(check: Check) -> Check {
    Check { origin: CheckOrigin::Status { creator: None }, run: None, suite: None, ..check }
}

#[test]
fn a_batch_lands_when_what_counts_is_green() {
    let ok = |name: &str| check(name, Conclusion::Success);
    let bad = |name: &str| check(name, Conclusion::Failure);
    let test = || vec![required("test", None)];
    let (land, wait, out) = ("land #1 as staging1", "still testing", "out #1");
    let rows: Vec<(&str, Vec<RequiredCheck>, Vec<Check>, &str)> = vec![
        ("required and green", test(), vec![ok("test")], land),
        ("required and missing", test(), vec![ok("lint")], wait),
        ("required and running", test(), vec![running("test")], wait),
        ("required and failed", test(), vec![bad("test")], out),
        ("what is not required does not count", test(), vec![ok("test"), bad("lint")], land),
        ("nothing required: all count", vec![], vec![ok("test"), bad("lint")], out),
        ("nothing required: all are waited for", vec![], vec![ok("test"), running("lint")], wait),
        ("nothing required and all green", vec![], vec![ok("test"), ok("lint")], land),
        ("zero checks are waited for", vec![], vec![], wait),
        ("failed, then passed", test(), vec![run(1, bad("test")), run(2, ok("test"))], land),
        ("passed, then running again", test(), vec![run(1, ok("test")), run(2, running("test"))], wait),
        ("listed newest first", test(), vec![run(2, ok("test")), run(1, bad("test"))], land),
        ("the right App", vec![required("test", Some(15368))], vec![ok("test")], land),
        ("another App under the name", vec![required("test", Some(15368))], vec![by_app(9, ok("test"))], wait),
        ("a status under the name", vec![required("test", Some(15368))], vec![status(ok("test"))], wait),
        ("a status where anybody may", test(), vec![status(ok("test"))], land),
        ("two Apps disagree", test(), vec![ok("test"), by_app(9, bad("test"))], out),
        (
            "our own check is not waited for",
            vec![],
            vec![ok("test"), by_app(OWN_APP, running("stationmaster/review"))],
            land,
        ),
        (
            "our own check is published on the batch where GitHub demands it",
            vec![required("test", None), required("stationmaster/review", Some(OWN_APP))],
            vec![ok("test")],
            "publish_check",
        ),
        (
            "and then it lands",
            vec![required("test", None), required("stationmaster/review", Some(OWN_APP))],
            vec![ok("test"), by_app(OWN_APP, ok("stationmaster/review"))],
            land,
        ),
        ("neutral", test(), vec![check("test", Conclusion::Neutral)], out),
        ("skipped", test(), vec![check("test", Conclusion::Skipped)], out),
        ("cancelled", test(), vec![check("test", Conclusion::Cancelled)], out),
        ("a word we do not know", test(), vec![check("test", Conclusion::Unknown)], out),
    ];
    for (name, required, checks, expected) in rows {
        assert_eq!(told(&decide(&tested(required, checks))), expected, "{name}");
    }
}

#[test]
fn neutral_and_skipped_pass_where_the_policy_says_so() {
    let rules = CheckSettings { pass_neutral: true, pass_skipped: true, ..CheckSettings::default() };
    let lenient = QueueSettings { checks: rules, ..settings() };
    for conclusion in Conclusion::ALL {
        let decision = queue(&tested(vec![], vec![check("test", conclusion)]), &lenient, NOW);
        let passes = matches!(conclusion, Conclusion::Success | Conclusion::Neutral | Conclusion::Skipped);
        assert_eq!(told(&decision) == "land #1 as staging1", passes, "{conclusion}");
    }
}

#[test]
fn where_no_check_is_needed_a_commit_without_one_passes_after_a_while() {
    let rules = CheckSettings { allow_none: true, ..CheckSettings::default() };
    let lenient = QueueSettings { checks: rules, ..settings() };
    let snapshot = tested(vec![], vec![]);
    assert_eq!(told(&queue(&snapshot, &lenient, NOW)), "still testing");
    assert_eq!(told(&queue(&snapshot, &lenient, NOW.plus_ms(MINUTE_MS))), "land #1 as staging1");
    let running = tested(vec![], vec![running("test")]);
    assert_eq!(told(&queue(&running, &lenient, NOW.plus_ms(MINUTE_MS))), "still testing", "one is there after all");
}

fn overdue(members: &[i64], checks: Vec<Check>) -> QueueSnapshot {
    let since = NOW.plus_ms(-61 * MINUTE_MS);
    let pulls = members.iter().map(|number| pull(*number)).collect();
    queue_with(pulls).batch(members, BatchState::Testing { staging: sha("staging1"), since }).checks(checks)
}

#[test]
fn a_timeout_is_believed_only_after_a_look_at_the_checks() {
    let rows: Vec<(&str, Vec<i64>, Vec<Check>, &str)> = vec![
        (
            "green all the while we were down",
            vec![1, 2],
            vec![check("test", Conclusion::Success)],
            "land #1 #2 as staging1",
        ),
        ("red all the while", vec![1], vec![check("test", Conclusion::Failure)], "out #1"),
        ("alone and still running", vec![1], vec![running("test")], "out #1"),
        ("several and still running", vec![1, 2], vec![running("test")], "build #1 on base0"),
        ("the check never came: halves would not tell more", vec![1, 2], vec![], "out #1, out #2"),
    ];
    for (name, members, checks, expected) in rows {
        assert_eq!(told(&decide(&overdue(&members, checks))), expected, "{name}");
    }
}

#[test]
fn a_check_that_never_comes_is_told_with_what_to_do() {
    let decision = decide(&overdue(&[1], vec![]));
    let comment = comment_on(&decision, 1);
    assert!(comment.contains("`test` was not reported within 60 minutes"), "{comment}");
    assert!(comment.contains("on `stationmaster/queue/main`"), "{comment}");
}

#[test]
fn until_the_timeout_nothing_is_done() {
    let snapshot = tested(vec![required("test", None)], vec![running("test")]);
    let decision = decide(&snapshot);
    assert_eq!(told(&decision), "still testing");
    assert_eq!(decision.look_again, Some(NOW.plus_ms(59 * MINUTE_MS)));
    assert_eq!(decision.record, snapshot.record);
}

#[test]
fn a_check_that_is_queued_is_not_over() {
    let queued = Check { state: CheckState::Queued, ..running("test") };
    assert_eq!(told(&decide(&tested(vec![], vec![queued]))), "still testing");
}
