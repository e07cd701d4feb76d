//! Tests as a worker: what is remembered of checks, and what a report makes of it.

use std::sync::Arc;

use regex::Regex;
use stationmaster::decide::{TestsReport, TestsSeen, coverage, tests_report};
use stationmaster::model::{
    Annotation, Check, CheckOrigin, CheckState, CommitTests, Conclusion, Coverage, ManualClock, RepositoryId, Sha,
};
use stationmaster::store::Store;

use crate::commands::stage::{FAILED, HEAD, NOW, OLD_HEAD, OWN_APP, PASSED, check};
use crate::world::{On, drop_database, migrated_database};

const REPOSITORY: RepositoryId = RepositoryId(9);

fn tests_of(commit: &str, checks: &[Check]) -> CommitTests {
    let mut tests = CommitTests::none(Sha::new(commit));
    tests.learn(checks, OWN_APP);
    tests
}

fn note(line: u32, message: &str, level: &str) -> Annotation {
    Annotation {
        path: "src/signal.rs".to_owned(),
        line,
        level: level.to_owned(),
        title: None,
        message: message.to_owned(),
    }
}

fn report(checks: &[Check], head: &CommitTests, base: Option<&CommitTests>, earlier: &[CommitTests]) -> TestsReport {
    tests_report(&TestsSeen { head, checks, own_app: OWN_APP, base, earlier })
}

#[test]
fn a_report_counts_what_passed_failed_runs_and_was_skipped() {
    let mut own = check("stationmaster/review", 50, FAILED);
    own.origin = CheckOrigin::App { id: OWN_APP, slug: "stationmaster".to_owned() };
    let checks = [
        check("lint", 1, PASSED),
        check("unit", 2, PASSED),
        check("e2e", 3, CheckState::Running),
        check("docs", 4, CheckState::Completed(Conclusion::Skipped)),
        own,
    ];
    let report = report(&checks, &tests_of(HEAD, &checks), None, &[]);
    assert_eq!((report.passed, report.failed, report.running, report.skipped, report.flaky.len()), (2, 0, 1, 1, 0));
    assert_eq!(report.markdown, "**Tests** at `a1b2c3d`: 2 passed, 1 running, 1 skipped or neutral, in 1 min 5 s.");
    assert_eq!(report.plain, "tests at a1b2c3d: 2 passed, 1 running, 1 skipped or neutral, in 1 min 5 s");
}

#[test]
fn a_failure_is_told_with_its_place_its_duration_and_whether_the_base_fails_too() {
    let checks = [check("unit", 1, FAILED), check("e2e", 2, CheckState::Completed(Conclusion::TimedOut))];
    let mut head = tests_of(HEAD, &checks);
    head.attempts[0].annotations = vec![
        note(3, "unused variable", "warning"),
        note(12, "expected red, got green\nat line 12", "failure"),
        note(40, "a `tick` and | a @mention", "failure"),
    ];
    let base = tests_of(OLD_HEAD, &[check("unit", 1, FAILED), check("e2e", 2, PASSED)]);
    let report = report(&checks, &head, Some(&base), &[]);
    assert_eq!(
        report.markdown,
        "**Tests** at `a1b2c3d`: 2 failed, in 1 min 3 s.\n\
         - [`e2e`](https://github.com/acme/rust/runs/2) ended as timed_out after 1 min 2 s\n\
         - [`unit`](https://github.com/acme/rust/runs/1) failed after 1 min 2 s; it fails on the base too\n  \
         - `src/signal.rs:12` `expected red, got green`\n  \
         - `src/signal.rs:40` `a  tick  and   a @mention`"
    );
    assert!(
        report
            .plain
            .contains("\n  unit failed after 1 min 2 s; it fails on the base too\n    src/signal.rs:12 expected")
    );
}

#[test]
fn failed_then_passed_on_one_commit_is_flaky_and_failed_on_another_is_not() {
    let flaky = [check("e2e", 1, FAILED), check("e2e", 2, PASSED)];
    let earlier = [tests_of(OLD_HEAD, &flaky)];
    let now = report(&flaky, &tests_of(HEAD, &flaky), None, &earlier);
    assert_eq!((now.passed, now.failed), (1, 0), "the newest run counts");
    assert_eq!(now.flaky, ["e2e"]);
    assert!(
        now.markdown.ends_with(
            "is flaky: it failed and then passed on this commit, in 2 runs; it was flaky on another commit before"
        ),
        "{}",
        now.markdown
    );
    for steady in [
        vec![check("e2e", 1, PASSED), check("e2e", 2, FAILED)],
        vec![check("e2e", 1, CheckState::Completed(Conclusion::Cancelled)), check("e2e", 2, PASSED)],
        vec![check("e2e", 1, FAILED), check("other", 2, PASSED)],
    ] {
        assert_eq!(report(&steady, &tests_of(HEAD, &steady), None, &[]).flaky, [""; 0]);
    }
    let only_now = [check("e2e", 5, PASSED)];
    let once = report(&only_now, &tests_of(HEAD, &only_now), None, &[tests_of(OLD_HEAD, &[check("e2e", 1, FAILED)])]);
    assert_eq!(once.flaky, [""; 0], "a failure on another commit is a failure of that commit");
}

#[test]
fn a_failure_that_was_flaky_before_says_so() {
    let earlier = [
        tests_of("b1", &[check("e2e", 1, FAILED), check("e2e", 2, PASSED)]),
        tests_of("b2", &[check("e2e", 1, FAILED), check("e2e", 2, PASSED)]),
    ];
    let checks = [check("e2e", 9, FAILED)];
    let report = report(&checks, &tests_of(HEAD, &checks), None, &earlier);
    assert!(
        report.markdown.contains("failed after 1 min 2 s; it was flaky on 2 other commits before"),
        "{}",
        report.markdown
    );
}

#[test]
fn what_runs_again_has_no_result_meanwhile() {
    let first = [check("unit", 1, FAILED)];
    let mut head = tests_of(HEAD, &first);
    let again = [check("unit", 1, FAILED), check("unit", 2, CheckState::Queued)];
    head.learn(&again, OWN_APP);
    let report = report(&again, &head, None, &[]);
    assert_eq!((report.failed, report.running), (0, 1));
}

#[test]
fn long_lists_of_failures_are_cut() {
    let checks: Vec<Check> = (0..60).map(|number| check(&format!("check {number:02}"), number, FAILED)).collect();
    let mut head = tests_of(HEAD, &checks);
    for attempt in &mut head.attempts {
        attempt.annotations = (0..20).map(|line| note(line, &"x".repeat(1_000), "failure")).collect();
    }
    let report = report(&checks, &head, None, &[]);
    assert!(report.markdown.contains("- and 50 more that failed") && report.markdown.contains("  - and 15 more"));
    assert!(report.markdown.len() < 20_000, "{}", report.markdown.len());
}

#[test]
fn a_name_or_address_from_outside_breaks_nothing() {
    let mut odd = check("a`b|c\nd", 1, FAILED);
    odd.url = Some("https://example.com/x) [y](javascript:z".to_owned());
    let report = report(std::slice::from_ref(&odd), &tests_of(HEAD, std::slice::from_ref(&odd)), None, &[]);
    assert!(report.markdown.contains("\n- `a b c d` failed"), "{}", report.markdown);
}

#[test]
fn no_check_at_all_is_no_report() {
    assert_eq!(report(&[], &CommitTests::none(Sha::new(HEAD)), None, &[]), TestsReport::default());
}

#[test]
fn coverage_is_read_by_the_pattern_of_the_policy() {
    let reads = |pattern: &str, output: &str| coverage(&Regex::new(pattern).unwrap(), output);
    assert_eq!(reads(r"lines: ([\d.]+)%", "lines: 81.257% of all"), Some(8_125));
    assert_eq!(reads(r"TOTAL .* (?P<coverage>\d+)%", "TOTAL 120 3 97%"), Some(9_700));
    assert_eq!(reads(r"(a)?(?P<coverage>[\d.]+)%", "97.5%"), Some(9_750));
    assert_eq!(reads(r"\d+(,\d+)?\s?%", "12 % of this, in total 80,5 %"), None, "a first group is what is meant");
    assert_eq!(reads(r"\d+ ?%", "12 % of this, in total 80 %"), Some(8_000), "the last one is the total");
    assert_eq!(reads(r"cov=(\S+)", "cov=100"), Some(10_000));
    for wrong in ["cov=100.01", "cov=-1", "cov=NaN", "cov=1e1", "cov=.5", "cov=99999999999999999999", "nothing"] {
        assert_eq!(reads(r"cov=(\S+)", wrong), None, "{wrong}");
    }
}

#[test]
fn coverage_is_compared_with_the_base() {
    let checks = [check("unit", 1, PASSED)];
    let with = |commit: &str, hundredths: i64| {
        let coverage = vec![Coverage { check: "unit".to_owned(), hundredths }];
        CommitTests { coverage, ..tests_of(commit, &checks) }
    };
    let said = |head: i64, base: Option<i64>| {
        let base = base.map(|base| with(OLD_HEAD, base));
        let text = report(&checks, &with(HEAD, head), base.as_ref(), &[]).plain;
        text.lines().last().unwrap().trim().to_owned()
    };
    assert_eq!(said(8_125, Some(8_085)), "coverage (unit): 81.25 %, 0.40 points more than on the base");
    assert_eq!(said(8_005, Some(8_125)), "coverage (unit): 80.05 %, 1.20 points less than on the base");
    assert_eq!(said(8_000, Some(8_000)), "coverage (unit): 80.00 %, as on the base");
    assert_eq!(said(10_000, None), "coverage (unit): 100.00 %, nothing is known of the base");
}

async fn on_store(on: On, test: impl AsyncFnOnce(&Store, &ManualClock)) {
    let folder = tempfile::tempdir().unwrap();
    let address = migrated_database(on, folder.path()).await;
    let clock = ManualClock::at(NOW);
    let store = Store::open(&address, Arc::new(clock.clone())).await.unwrap();
    test(&store, &clock).await;
    store.database().close().await;
    drop_database(&address).await;
}

async fn checks_are_remembered_run_by_run(on: On) {
    on_store(on, async |store: &Store, clock: &ManualClock| {
        let mut status = check("old-ci", 0, PASSED);
        (status.origin, status.run, status.completed) = (CheckOrigin::Status { creator: None }, None, None);
        let mut tests = tests_of(HEAD, &[check("unit", 1, FAILED), check("unit", 2, PASSED), status]);
        let unit = tests.attempts.iter_mut().find(|attempt| attempt.name == "unit").unwrap();
        unit.annotations = vec![note(12, "red", "failure"); 30];
        tests.coverage = vec![Coverage { check: "unit".to_owned(), hundredths: 8_100 }];
        store.remember_checks(REPOSITORY, &tests).await.unwrap();

        // Looked at again: the same runs without their annotations, and a new measure.
        let mut again = tests.clone();
        again.attempts.iter_mut().for_each(|attempt| attempt.annotations.clear());
        again.coverage[0].hundredths = 8_200;
        store.remember_checks(REPOSITORY, &again).await.unwrap();

        let known = store.checks_of(REPOSITORY, &Sha::new(HEAD)).await.unwrap();
        assert_eq!(known.attempts.len(), 3);
        assert_eq!(known.attempts.iter().map(|attempt| attempt.annotations.len()).sum::<usize>(), 20);
        assert_eq!(known.coverage, [Coverage { check: "unit".to_owned(), hundredths: 8_200 }]);
        let unit: Vec<_> = known.attempts.iter().filter(|attempt| attempt.name == "unit").cloned().collect();
        assert_eq!((unit[0].conclusion, unit[1].conclusion), (Conclusion::Failure, Conclusion::Success));
        assert!(unit[0].is(&tests.attempts.iter().find(|attempt| attempt.name == "unit").cloned().unwrap()));

        clock.advance_ms(1_000);
        for commit in ["b1", "b2"] {
            store.remember_checks(REPOSITORY, &tests_of(commit, &[check("unit", 9, PASSED)])).await.unwrap();
            clock.advance_ms(1_000);
        }
        store.remember_checks(RepositoryId(8), &tests_of("c1", &[check("unit", 9, PASSED)])).await.unwrap();
        let before = store.checks_before(REPOSITORY, &Sha::new("b2"), 5).await.unwrap();
        assert_eq!(before.iter().map(|tests| tests.commit.as_str()).collect::<Vec<_>>(), ["b1", HEAD]);

        assert_eq!(store.prune_checks(NOW.plus_ms(1)).await.unwrap(), 4, "three runs and a measure");
        assert_eq!(store.checks_of(REPOSITORY, &Sha::new(HEAD)).await.unwrap(), CommitTests::none(Sha::new(HEAD)));
        assert_eq!(store.checks_of(REPOSITORY, &Sha::new("b1")).await.unwrap().attempts.len(), 1);
    })
    .await;
}

async fn a_check_run_that_begins_anew_under_its_old_id_is_another_run(on: On) {
    on_store(on, async |store: &Store, _: &ManualClock| {
        let first = check("scan", 1, FAILED);
        let mut second = check("scan", 1, PASSED);
        second.completed = second.completed.map(|at| at.plus_ms(90_000));
        store.remember_checks(REPOSITORY, &tests_of(HEAD, &[first])).await.unwrap();
        let mut head = store.checks_of(REPOSITORY, &Sha::new(HEAD)).await.unwrap();
        head.learn(std::slice::from_ref(&second), OWN_APP);
        store.remember_checks(REPOSITORY, &head).await.unwrap();
        let known = store.checks_of(REPOSITORY, &Sha::new(HEAD)).await.unwrap();
        assert_eq!(report(&[second], &known, None, &[]).flaky, ["scan"]);
    })
    .await;
}

#[tokio::test]
async fn checks_are_remembered_run_by_run_on_sqlite() {
    checks_are_remembered_run_by_run(On::Sqlite).await;
}

#[tokio::test]
async fn checks_are_remembered_run_by_run_on_postgres() {
    checks_are_remembered_run_by_run(On::Postgres).await;
}

#[tokio::test]
async fn a_check_run_that_begins_anew_under_its_old_id_is_another_run_on_sqlite() {
    a_check_run_that_begins_anew_under_its_old_id_is_another_run(On::Sqlite).await;
}

#[tokio::test]
async fn a_check_run_that_begins_anew_under_its_old_id_is_another_run_on_postgres() {
    a_check_run_that_begins_anew_under_its_old_id_is_another_run(On::Postgres).await;
}
