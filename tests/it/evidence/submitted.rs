//! What was handed in: what holds, what waits, and what goes back to whoever has the task.

use stationmaster::model::{Evidence, EvidenceSeen, IssueState, LinkedPull, PullState, TaskState, Timestamp};

use super::{comments, decided, handed_in, last_line, now, pull, said, state, time};

fn code(number: &str) -> Evidence {
    Evidence::Code { pull: number.parse().unwrap() }
}

fn seen(pull: LinkedPull) -> EvidenceSeen {
    EvidenceSeen::Pull(Box::new(pull))
}

fn due(decision: &stationmaster::model::Decision) -> Option<Timestamp> {
    decision.changes.timers.iter().find(|timer| timer.clock == "evidence").map(|timer| timer.due)
}

#[test]
fn a_merged_pull_that_belongs_to_the_task_finishes_it() {
    let decision = decided(&handed_in(code("octo/station#7"), Some(seen(pull()))), "");
    assert_eq!(state(&decision), TaskState::Done);
    assert_eq!(last_line(&decision), "found the evidence of @bob to hold: octo/station#7 is merged into `main`");
    assert_eq!(due(&decision), None);
}

#[test]
fn what_nobody_has_looked_at_is_looked_at_at_once() {
    let mut fresh = handed_in(code("octo/station#7"), None);
    let decision = decided(&fresh, "");
    assert_eq!((state(&decision), due(&decision)), (TaskState::Review, Some(now())));
    // What was seen of something handed in before says nothing of this.
    fresh = handed_in(code("octo/station#8"), Some(seen(pull())));
    let before = fresh.task.as_mut().unwrap();
    let newer = before.work.submission.clone();
    before.work.submission.as_mut().unwrap().at = time("2026-11-21T11:00:00Z");
    let mut later = fresh.clone();
    later.task.as_mut().unwrap().work.submission = newer;
    later.evidence = None;
    assert_eq!(due(&decided(&later, "")), Some(now()));
}

#[test]
fn an_open_pull_is_waited_for_and_looked_at_again_after_ten_minutes() {
    let open = LinkedPull { state: PullState::Open, merged: None, ..pull() };
    let mut snapshot = handed_in(code("octo/station#7"), Some(seen(open)));
    let decision = decided(&snapshot, "");
    let again = now().plus_ms(600_000);
    assert_eq!((state(&decision), due(&decision)), (TaskState::Review, Some(again)));
    assert!(said(&decision).contains("does not hold yet: octo/station#7 to be merged"), "{}", said(&decision));
    assert_eq!(comments(&decision), Vec::<String>::new());
    // A look in between puts nothing off.
    snapshot.task = decision.task;
    let later = stationmaster::decide::task(&snapshot, &super::policy(""), now().plus_ms(60_000));
    assert_eq!((due(&later), &later.task), (Some(again), &snapshot.task));
}

#[test]
fn what_could_not_be_found_out_is_waited_for() {
    let unknown = EvidenceSeen::Unknown { why: "the check `build` to end".to_owned() };
    let decision = decided(&handed_in(code("octo/station#7"), Some(unknown)), "");
    assert_eq!(state(&decision), TaskState::Review);
    assert!(said(&decision).contains("does not hold yet: the check `build` to end"), "{}", said(&decision));
}

#[test]
fn what_does_not_hold_goes_back_with_one_comment_that_says_why() {
    let merged_before = LinkedPull { merged: Some(time("2026-11-20T00:00:00Z")), ..pull() };
    let elsewhere = LinkedPull { base: "next".into(), ..pull() };
    let unlinked = LinkedPull { body: String::new(), ..pull() };
    let closed = LinkedPull { state: PullState::Closed, merged: None, ..pull() };
    let missing = EvidenceSeen::Missing { why: "octo/station#7 is not found".to_owned() };
    for (seen, words) in [
        (Some(seen(merged_before)), "was merged before the task began"),
        (Some(seen(elsewhere)), "goes into `next`, and counts when it is merged into `main`"),
        (Some(seen(unlinked)), "is not linked to this task: neither `Fixes #12` in its text"),
        (Some(seen(closed)), "was closed without a merge"),
        (Some(missing), "is not found"),
    ] {
        let decision = decided(&handed_in(code("octo/station#7"), seen), "");
        assert_eq!(state(&decision), TaskState::InProgress, "{words}");
        assert_eq!(decision.task.as_ref().unwrap().work.submission, None);
        let comments = comments(&decision);
        assert_eq!(comments.len(), 1, "{comments:?}");
        assert!(comments[0].starts_with("@bob: ") && comments[0].contains(words), "{}", comments[0]);
        assert!(comments[0].contains("/complete https://github.com/octo/station/pull/7"), "{}", comments[0]);
        assert!(said(&decision).contains("the evidence does not hold: "), "{}", said(&decision));
        assert!(last_line(&decision).starts_with("sent it back: "), "{}", last_line(&decision));
    }
}

#[test]
fn a_pull_of_another_repository_goes_back_before_anybody_looks_at_it() {
    let decision = decided(&handed_in(code("evil/station#7"), None), "");
    assert_eq!(state(&decision), TaskState::InProgress);
    assert!(comments(&decision)[0].contains("evil/station#7 is in another repository"), "{:?}", comments(&decision));
}

#[test]
fn what_a_repository_calls_itself_now_is_what_counts() {
    let moved = LinkedPull { repository: "evil/station".parse().unwrap(), ..pull() };
    let decision = decided(&handed_in(code("octo/station#7"), Some(seen(moved))), "");
    assert_eq!(state(&decision), TaskState::InProgress);
}

#[test]
fn failed_tests_and_checks_go_back_and_green_ones_finish() {
    let checks = |passed| vec![("build".to_owned(), true), ("smoke".to_owned(), passed)];
    let on_github = |passed| Some(EvidenceSeen::Checks { checks: checks(passed) });
    let commit = Some("1a2b3c4d".into());
    let claimed = |passed, commit| Evidence::Verification { checks: checks(passed), commit };
    let exists = || Some(EvidenceSeen::Exists);
    for (evidence, seen, expected, words) in [
        (Evidence::Test { passed: 9, failed: 3 }, None, TaskState::InProgress, "3 of 12 tests failed"),
        (Evidence::Test { passed: 12, failed: 0 }, None, TaskState::Done, ""),
        (claimed(false, None), exists(), TaskState::InProgress, "`smoke` did not pass"),
        (claimed(true, None), exists(), TaskState::Done, ""),
        (claimed(true, commit.clone()), on_github(false), TaskState::InProgress, "`smoke` is not green on GitHub"),
        (claimed(true, commit.clone()), on_github(true), TaskState::Done, ""),
        (claimed(true, commit), None, TaskState::Review, ""),
        (Evidence::Research { summary: String::new(), sources: Vec::new() }, None, TaskState::Done, ""),
        (Evidence::File { path: "a.md".to_owned() }, exists(), TaskState::Done, ""),
    ] {
        let decision = decided(&handed_in(evidence.clone(), seen), "");
        assert_eq!(state(&decision), expected, "{evidence:?}");
        assert!(comments(&decision).concat().contains(words), "{:?}", comments(&decision));
    }
}

#[test]
fn nothing_that_was_handed_in_counts_while_the_policy_cannot_be_read() {
    let faults = stationmaster::policy::RepositoryPolicy::parse("[", "x").unwrap_err();
    let rules = stationmaster::policy::Rules::builtin().unwrap();
    let policy = stationmaster::policy::Policy::without_repository(&rules, &faults);
    let snapshot = handed_in(code("octo/station#7"), Some(seen(pull())));
    let decision = stationmaster::decide::task(&snapshot, &policy, now());
    assert_eq!(state(&decision), TaskState::Review);
    assert!(said(&decision).contains("does not hold yet: a policy that can be read"), "{}", said(&decision));
}

#[test]
fn what_was_handed_in_is_judged_before_a_closed_issue_is_cancelled() {
    let closed = |evidence, seen| {
        let mut snapshot = handed_in(evidence, seen);
        snapshot.issue.state = IssueState::Closed;
        decided(&snapshot, "")
    };
    let open = LinkedPull { state: PullState::Open, merged: None, ..pull() };
    for waiting in [None, Some(seen(open))] {
        let decision = closed(code("octo/station#7"), waiting);
        assert_eq!(state(&decision), TaskState::Review);
        assert_eq!(said(&decision).matches("does not hold yet").count(), 1, "{}", said(&decision));
    }
    assert_eq!(state(&closed(Evidence::Test { passed: 12, failed: 0 }, None)), TaskState::Done);
    let refused = closed(Evidence::Test { passed: 9, failed: 3 }, None);
    assert_eq!(state(&refused), TaskState::Cancelled);
    assert!(
        comments(&refused)[0].contains("its issue is closed, so the task is cancelled"),
        "{:?}",
        comments(&refused)
    );
}
