//! The texts of digests: lists of tasks by worker, and numbers.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::fmt::Write as _;

use chrono_tz::Tz;

use super::{DatedDigest, TeamSeen, TeamTask, beginning};
use crate::decide::clocks::shown;
use crate::decide::task_stats;
use crate::model::{ResponseClock, TaskState, Timestamp, WorkerId};
use crate::policy::ClockSettings;

/// Writing to a String cannot fail.
fn line(text: &mut String, words: impl AsRef<str>) {
    let _ = writeln!(text, "{}", words.as_ref());
}

/// What is open, by whoever has it; what nobody has comes last.
fn by_holder(tasks: &[TeamTask]) -> Vec<(String, Vec<&TeamTask>)> {
    let mut groups: BTreeMap<(bool, &str), Vec<&TeamTask>> = BTreeMap::new();
    for task in tasks {
        let holder = task.task.worker.as_ref().map_or("nobody", WorkerId::as_str);
        groups.entry((task.task.worker.is_none(), holder)).or_default().push(task);
    }
    let sorted = groups.into_iter().map(|((_, holder), mut tasks)| {
        tasks.sort_by_key(|one| (Reverse(one.task.work.urgent), Reverse(one.task.priority), one.task.created));
        (holder.to_owned(), tasks)
    });
    sorted.collect()
}

/// The plan of the day: everything open, by worker and priority, and what is due.
pub(super) fn plan(digest: &DatedDigest, seen: &TeamSeen<'_>) -> Option<(String, String)> {
    if seen.open.is_empty() {
        return None;
    }
    let mut text = String::new();
    for (holder, tasks) in by_holder(seen.open) {
        line(&mut text, format!("{holder}:"));
        for task in tasks {
            let urgent = if task.task.work.urgent { "urgent, " } else { "" };
            let due = due_of(task).map(|due| format!(", due {}", shown(due, seen.settings.zone))).unwrap_or_default();
            let state = task.task.state;
            line(&mut text, format!("- {urgent}{}: {} “{}”, {state}{due}", task.task.priority, task.item, task.title));
        }
    }
    Some((format!("Plan for {}: {} open", digest.day, tasks_of(seen.open.len())), text))
}

/// By when somebody has to answer, where nobody has.
fn due_of(task: &TeamTask) -> Option<Timestamp> {
    let clocks = &task.task.work.clocks;
    let runs =
        |clock: &Option<ResponseClock>| clock.as_ref().filter(|clock| clock.stopped.is_none()).map(|clock| clock.due);
    runs(&clocks.response).into_iter().chain(runs(&clocks.urgent)).min()
}

/// Asks holders how far they are.
pub(super) fn status(digest: &DatedDigest, tasks: &[TeamTask], settings: &ClockSettings) -> Option<(String, String)> {
    let under_way: Vec<TeamTask> = tasks
        .iter()
        .filter(|task| matches!(task.task.state, TaskState::InProgress | TaskState::Blocked | TaskState::Review))
        .cloned()
        .collect();
    if under_way.is_empty() {
        return None;
    }
    let mut text = String::from("How far are you? `/progress N% words` on the issue answers.\n");
    for (holder, tasks) in by_holder(&under_way) {
        line(&mut text, format!("{holder}:"));
        for task in tasks {
            line(&mut text, format!("- {}", how_far(task, settings.zone)));
        }
    }
    Some((format!("Status of {}: {} under way", digest.day, tasks_of(under_way.len())), text))
}

fn how_far(task: &TeamTask, zone: Tz) -> String {
    let work = &task.task.work;
    let percent = work.percent.map_or_else(|| "not said".to_owned(), |percent| format!("{percent} %"));
    let heard = work.progress.last().map(|note| note.at).or(work.clocks.progressed);
    let heard = heard.map(|at| format!(", last heard of at {}", shown(at, zone))).unwrap_or_default();
    let stands = match (&task.task.state, &work.obstacle) {
        (TaskState::Blocked, Some(obstacle)) => format!(", blocked by: {}", obstacle.text),
        (TaskState::InProgress, _) => String::new(),
        (state, _) => format!(", {state}"),
    };
    format!("{} “{}”: {percent}{heard}{stands}", task.item, task.title)
}

/// What the day has brought.
pub(super) fn review(digest: &DatedDigest, seen: &TeamSeen<'_>) -> Option<(String, String)> {
    if seen.open.is_empty() && seen.ends.is_empty() {
        return None;
    }
    let ended = |state| seen.ends.iter().filter(|end| end.state == state).count();
    let (done, failed, cancelled) = (ended(TaskState::Done), ended(TaskState::Failed), ended(TaskState::Cancelled));
    let today = beginning(digest, seen.settings);
    let breached = seen.open.iter().filter(|task| was_breached(task, today)).count();
    let mut text = String::new();
    line(&mut text, format!("Done {done}, failed {failed}, cancelled {cancelled}; open {}.", seen.open.len()));
    line(&mut text, format!("Not answered in time today, and still open: {breached}."));
    for stats in task_stats::by_priority(seen.ends) {
        let (priority, minutes) = (stats.priority, stats.mean_minutes);
        line(&mut text, format!("- {priority}: {} done in {minutes:.1} min on average", stats.done));
    }
    for stats in task_stats::by_worker(seen.ends) {
        let all = stats.done + stats.failed;
        line(
            &mut text,
            format!("- {}: {} of {all} completed ({:.1} %)", stats.worker, stats.done, stats.completion_percent),
        );
    }
    Some((format!("Review of {}: {} done", digest.day, tasks_of(done)), text))
}

fn was_breached(task: &TeamTask, since: Timestamp) -> bool {
    let clocks = &task.task.work.clocks;
    let breached = [&clocks.response, &clocks.urgent].into_iter().flatten().filter_map(|clock| clock.breached);
    breached.into_iter().any(|at| at >= since)
}

fn tasks_of(count: usize) -> String {
    if count == 1 { "1 task".to_owned() } else { format!("{count} tasks") }
}
