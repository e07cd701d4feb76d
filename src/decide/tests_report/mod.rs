//! What the tests of a head say: what failed and where, what is flaky, how long it took, and how much is covered.

mod measure;
mod text;

use crate::model::{Check, CheckAttempt, CheckState, CommitTests, Conclusion, FailedCheck};

pub use measure::coverage;

/// What a report is made from.
#[derive(Debug, Clone, Copy)]
pub struct TestsSeen<'a> {
    /// Everything that is known of the head, with what GitHub lists now: see [`CommitTests::learn`].
    pub head: &'a CommitTests,
    /// What GitHub lists now, for what is not over yet.
    pub checks: &'a [Check],
    /// The id of our own App, whose checks test nothing.
    pub own_app: i64,
    /// What is remembered of the base's newest commit.
    pub base: Option<&'a CommitTests>,
    /// What is remembered of other commits, such as earlier heads.
    pub earlier: &'a [CommitTests],
}

/// A report.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TestsReport {
    /// Markdown for the card; empty where no check has been reported.
    pub markdown: String,
    /// The same without markup, for the command line.
    pub plain: String,
    /// Checks whose newest run went well.
    pub passed: u32,
    /// Checks whose newest run went badly.
    pub failed: u32,
    /// Checks whose newest run is neutral or was skipped.
    pub skipped: u32,
    /// Checks that are not over.
    pub running: u32,
    /// Names of checks that failed and then passed on this very commit.
    pub flaky: Vec<String>,
}

/// One check of the head: all its runs, and what is known of it elsewhere.
#[derive(Debug)]
struct Line<'a> {
    newest: &'a CheckAttempt,
    runs: usize,
    flaky: bool,
    flaky_before: usize,
    fails_on_base: bool,
}

/// Puts together the report on a head.
#[must_use]
pub fn report(seen: &TestsSeen<'_>) -> TestsReport {
    let running = running(seen);
    let lines: Vec<Line<'_>> = checks_of(seen.head)
        .into_iter()
        // What runs again has no result at present.
        .filter(|runs| {
            runs.last().is_some_and(|newest| !running.contains(&(newest.app.as_str(), newest.name.as_str())))
        })
        .filter_map(|runs| line(&runs, seen))
        .collect();
    let count = |wanted: Kind| lines.iter().filter(|line| Kind::of(line.newest.conclusion) == wanted).count();
    let mut report = TestsReport {
        passed: whole(count(Kind::Passed)),
        failed: whole(count(Kind::Failed)),
        skipped: whole(count(Kind::Skipped)),
        running: whole(running.len()),
        flaky: lines.iter().filter(|line| line.flaky).map(|line| line.newest.name.clone()).collect(),
        ..TestsReport::default()
    };
    if !lines.is_empty() || !running.is_empty() {
        let changes = measure::changes(seen.head, seen.base);
        report.markdown = text::markdown(seen, &report, &lines, &changes);
        report.plain = text::plain(seen, &report, &lines, &changes);
    }
    report
}

/// The failed checks of a head that can be run again: all of them, or those of these names.
///
/// # Errors
/// A sentence part that says why there is nothing to run again.
pub fn retest(checks: &[Check], own_app: i64, names: &[&str]) -> Result<Vec<FailedCheck>, String> {
    let newest = newest_of(checks, own_app);
    if let Some(unknown) = names.iter().find(|name| !newest.iter().any(|check| check.name == **name)) {
        return Err(format!("no check of this head is called `{}`", super::quote::code(unknown)));
    }
    let wanted = |check: &&Check| names.is_empty() || names.contains(&check.name.as_str());
    let failed: Vec<&Check> = newest.into_iter().filter(wanted).filter(|check| can_be_repeated(check.state)).collect();
    let again: Vec<FailedCheck> = failed
        .iter()
        .filter_map(|check| {
            let app = check.app().to_owned();
            Some(FailedCheck { name: check.name.clone(), app, run: check.run?, suite: check.suite })
        })
        .collect();
    match (failed.is_empty(), again.is_empty()) {
        (_, false) => Ok(again),
        (true, true) => Err("no check has failed here, so there is nothing to run again".to_owned()),
        (false, true) => Err("what failed is a commit status, which only whoever set it can set anew".to_owned()),
    }
}

const fn can_be_repeated(state: CheckState) -> bool {
    match state {
        CheckState::Queued | CheckState::Running => false,
        CheckState::Completed(conclusion) => match conclusion {
            Conclusion::Failure
            | Conclusion::Cancelled
            | Conclusion::TimedOut
            | Conclusion::Stale
            | Conclusion::StartupFailure
            | Conclusion::Unknown => true,
            // What waits for a person is not helped by another run.
            Conclusion::ActionRequired | Conclusion::Success | Conclusion::Neutral | Conclusion::Skipped => false,
        },
    }
}

/// The newest run of each App and name, in order of name.
fn newest_of(checks: &[Check], own_app: i64) -> Vec<&Check> {
    let mut newest: Vec<&Check> = checks.iter().filter(|check| !check.is_of_app(own_app)).collect();
    newest.sort_by(|a, b| (&a.name, a.app(), b.run, b.started).cmp(&(&b.name, b.app(), a.run, a.started)));
    newest.dedup_by(|a, b| a.name == b.name && a.app() == b.app());
    newest
}

fn running<'a>(seen: &TestsSeen<'a>) -> Vec<(&'a str, &'a str)> {
    let newest = newest_of(seen.checks, seen.own_app).into_iter();
    newest
        .filter(|check| !matches!(check.state, CheckState::Completed(_)))
        .map(|check| (check.app(), check.name.as_str()))
        .collect()
}

/// Every check of a commit with its runs, the oldest first, in order of name.
fn checks_of(tests: &CommitTests) -> Vec<Vec<&CheckAttempt>> {
    let mut attempts: Vec<&CheckAttempt> = tests.attempts.iter().collect();
    attempts.sort_by(|a, b| (&a.name, &a.app, a.ended(), a.run).cmp(&(&b.name, &b.app, b.ended(), b.run)));
    attempts.chunk_by(|a, b| a.name == b.name && a.app == b.app).map(<[_]>::to_vec).collect()
}

fn line<'a>(runs: &[&'a CheckAttempt], seen: &TestsSeen<'_>) -> Option<Line<'a>> {
    let newest = *runs.last()?;
    let same = |tests: &CommitTests| -> Vec<CheckAttempt> {
        let ours = |attempt: &&CheckAttempt| attempt.name == newest.name && attempt.app == newest.app;
        let mut runs: Vec<CheckAttempt> = tests.attempts.iter().filter(ours).cloned().collect();
        runs.sort_by_key(|run| (run.ended(), run.run));
        runs
    };
    let others = seen.earlier.iter().chain(seen.base).filter(|tests| tests.commit != seen.head.commit);
    let fails = |run: &CheckAttempt| Kind::of(run.conclusion) == Kind::Failed;
    Some(Line {
        newest,
        runs: runs.len(),
        flaky: is_flaky(runs.iter().copied()),
        flaky_before: others.filter(|tests| is_flaky(same(tests).iter())).count(),
        fails_on_base: fails(newest) && seen.base.is_some_and(|base| same(base).last().is_some_and(fails)),
    })
}

/// Failed and then passed, on one commit.
fn is_flaky<'a>(runs: impl Iterator<Item = &'a CheckAttempt>) -> bool {
    let mut failed = false;
    let mut flaky = false;
    for run in runs {
        match Kind::of(run.conclusion) {
            // Somebody stopped it: that says nothing about the test.
            Kind::Failed => failed |= run.conclusion != Conclusion::Cancelled,
            Kind::Passed => flaky |= failed,
            Kind::Skipped => {}
        }
    }
    flaky
}

/// What a conclusion counts as in a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Passed,
    Failed,
    Skipped,
}

impl Kind {
    const fn of(conclusion: Conclusion) -> Self {
        match conclusion {
            Conclusion::Success => Self::Passed,
            Conclusion::Neutral | Conclusion::Skipped => Self::Skipped,
            Conclusion::Failure
            | Conclusion::Cancelled
            | Conclusion::TimedOut
            | Conclusion::ActionRequired
            | Conclusion::Stale
            | Conclusion::StartupFailure
            | Conclusion::Unknown => Self::Failed,
        }
    }
}

fn whole(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}
