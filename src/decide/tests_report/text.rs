//! The words of a report, once with markup and once without.

use std::fmt::Write as _;

use super::measure::Change;
use super::{Kind, Line, TestsReport, TestsSeen};
use crate::decide::quote::{code, linked_code, short_code};
use crate::model::{Annotation, CheckAttempt, Conclusion};

/// So many failed checks are told of one by one.
const FAILURES_SHOWN: usize = 10;
/// So many annotations of each are shown.
const ANNOTATIONS_SHOWN: usize = 5;
/// A message that is longer is read where it was written.
const MESSAGE_MAX_CHARS: usize = 200;

pub(super) fn markdown(
    seen: &TestsSeen<'_>,
    report: &TestsReport,
    lines: &[Line<'_>],
    changes: &[Change<'_>],
) -> String {
    let mut text = format!("**Tests** at `{}`: {}.\n", code(seen.head.commit.short()), counts(report, lines));
    let named = |attempt: &CheckAttempt| linked_code(&attempt.name, attempt.url.as_deref());
    write_lines(&mut text, lines, &Markup { name: &named, bullet: "- ", inner: "  - ", code: '`' });
    for change in changes {
        let _ = writeln!(text, "- coverage (`{}`): {}", code(change.check), coverage_text(change));
    }
    text.trim_end().to_owned()
}

pub(super) fn plain(seen: &TestsSeen<'_>, report: &TestsReport, lines: &[Line<'_>], changes: &[Change<'_>]) -> String {
    let mut text = format!("tests at {}: {}\n", seen.head.commit.short(), counts(report, lines));
    let named = |attempt: &CheckAttempt| code(&attempt.name);
    write_lines(&mut text, lines, &Markup { name: &named, bullet: "  ", inner: "    ", code: '\'' });
    for change in changes {
        let _ = writeln!(text, "  coverage ({}): {}", code(change.check), coverage_text(change));
    }
    text.trim_end().to_owned()
}

/// What the two forms of a report differ in.
struct Markup<'a> {
    name: &'a dyn Fn(&CheckAttempt) -> String,
    bullet: &'static str,
    inner: &'static str,
    code: char,
}

fn write_lines(text: &mut String, lines: &[Line<'_>], markup: &Markup<'_>) {
    let failed: Vec<&Line<'_>> = lines.iter().filter(|line| Kind::of(line.newest.conclusion) == Kind::Failed).collect();
    for line in failed.iter().take(FAILURES_SHOWN) {
        let _ = writeln!(text, "{}{} {}", markup.bullet, (markup.name)(line.newest), failure_text(line));
        write_annotations(text, &line.newest.annotations, markup);
    }
    if failed.len() > FAILURES_SHOWN {
        let _ = writeln!(text, "{}and {} more that failed", markup.bullet, failed.len() - FAILURES_SHOWN);
    }
    for line in lines.iter().filter(|line| line.flaky) {
        let before = flaky_before(line, "it was flaky");
        let _ = writeln!(
            text,
            "{}{} is flaky: it failed and then passed on this commit, in {} runs{before}",
            markup.bullet,
            (markup.name)(line.newest),
            line.runs
        );
    }
}

fn failure_text(line: &Line<'_>) -> String {
    let conclusion = line.newest.conclusion;
    let how = if conclusion == Conclusion::Failure { "failed".to_owned() } else { format!("ended as {conclusion}") };
    let after = line.newest.took_ms().map(|took_ms| format!(" after {}", duration(took_ms))).unwrap_or_default();
    let base = if line.fails_on_base { "; it fails on the base too" } else { "" };
    let before = if line.flaky { String::new() } else { flaky_before(line, "it was flaky") };
    format!("{how}{after}{base}{before}")
}

fn flaky_before(line: &Line<'_>, what: &str) -> String {
    match line.flaky_before {
        0 => String::new(),
        1 => format!("; {what} on another commit before"),
        commits => format!("; {what} on {commits} other commits before"),
    }
}

/// Failures are what is asked for; warnings stand in for them where a check gave none.
fn write_annotations(text: &mut String, annotations: &[Annotation], markup: &Markup<'_>) {
    let failures: Vec<&Annotation> = annotations.iter().filter(|note| note.level == "failure").collect();
    let notes = if failures.is_empty() { annotations.iter().collect() } else { failures };
    for note in notes.iter().take(ANNOTATIONS_SHOWN) {
        let message = if note.message.trim().is_empty() { note.title.as_deref() } else { Some(note.message.trim()) };
        let message = short_code(message.unwrap_or_default(), MESSAGE_MAX_CHARS);
        let (inner, mark) = (markup.inner, markup.code);
        let _ = match mark {
            '`' => writeln!(text, "{inner}`{}:{}` `{message}`", code(&note.path), note.line),
            _ => writeln!(text, "{inner}{}:{} {message}", code(&note.path), note.line),
        };
    }
    if notes.len() > ANNOTATIONS_SHOWN {
        let _ = writeln!(text, "{}and {} more", markup.inner, notes.len() - ANNOTATIONS_SHOWN);
    }
}

fn counts(report: &TestsReport, lines: &[Line<'_>]) -> String {
    let all = [
        (report.passed, "passed"),
        (report.failed, "failed"),
        (report.running, "running"),
        (report.skipped, "skipped or neutral"),
    ];
    let said: Vec<String> =
        all.iter().filter(|(count, _)| *count > 0).map(|(count, what)| format!("{count} {what}")).collect();
    let took = whole_ms(lines).map(|took_ms| format!(", in {}", duration(took_ms))).unwrap_or_default();
    format!("{}{took}", said.join(", "))
}

/// From the first beginning to the last end of the newest runs.
fn whole_ms(lines: &[Line<'_>]) -> Option<i64> {
    let timed = || lines.iter().map(|line| line.newest).filter(|run| run.took_ms().is_some());
    let began = timed().filter_map(|run| run.started).min()?;
    let ended = timed().filter_map(|run| run.completed).max()?;
    Some(ended.since_ms(began))
}

fn duration(took_ms: i64) -> String {
    let seconds = took_ms / 1_000;
    match (seconds / 3_600, seconds / 60 % 60, seconds % 60) {
        (0, 0, seconds) => format!("{seconds} s"),
        (0, minutes, 0) => format!("{minutes} min"),
        (0, minutes, seconds) => format!("{minutes} min {seconds} s"),
        (hours, minutes, _) => format!("{hours} h {minutes} min"),
    }
}

fn coverage_text(change: &Change<'_>) -> String {
    let percent = |hundredths: i64| format!("{}.{:02}", hundredths / 100, hundredths % 100);
    let against = match change.more {
        None => "nothing is known of the base".to_owned(),
        Some(0) => "as on the base".to_owned(),
        Some(more) if more > 0 => format!("{} points more than on the base", percent(more)),
        Some(less) => format!("{} points less than on the base", percent(-less)),
    };
    format!("{} %, {against}", percent(change.hundredths))
}
