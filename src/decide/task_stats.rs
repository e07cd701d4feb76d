//! Numbers of how tasks ended: mean times by priority, and how much of what workers took they finished.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::model::{Level, TaskEnd, TaskState, WorkerId};

/// Tasks of one priority that were done.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PriorityStats {
    /// The priority.
    pub priority: Level,
    /// How many were done.
    pub done: u32,
    /// From coming under management until done, on average, in minutes.
    pub mean_minutes: f64,
}

/// What became of the tasks of one worker.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct WorkerStats {
    /// The worker.
    pub worker: WorkerId,
    /// How many it finished.
    pub done: u32,
    /// How many it gave up.
    pub failed: u32,
    /// Finished ones among both, in percent.
    pub completion_percent: f64,
    /// Given up ones among both, in percent.
    pub failure_percent: f64,
    /// From coming under management until done, on average, in minutes; `None` where none was done.
    pub mean_minutes: Option<f64>,
}

/// Mean times by priority, the most urgent first; priorities of which nothing was done are left out.
#[must_use]
pub fn by_priority<'e>(ends: impl IntoIterator<Item = &'e TaskEnd>) -> Vec<PriorityStats> {
    let mut minutes: BTreeMap<Level, Vec<f64>> = BTreeMap::new();
    for end in ends.into_iter().filter(|end| end.state == TaskState::Done) {
        minutes.entry(end.priority).or_default().push(minutes_of(end));
    }
    let stats = minutes.into_iter().rev().filter_map(|(priority, minutes)| {
        Some(PriorityStats { priority, done: count(minutes.len()), mean_minutes: mean(&minutes)? })
    });
    stats.collect()
}

/// What became of the tasks of each worker, by id; what was cancelled counts for nobody.
#[must_use]
pub fn by_worker<'e>(ends: impl IntoIterator<Item = &'e TaskEnd>) -> Vec<WorkerStats> {
    let mut by_worker: BTreeMap<&WorkerId, Vec<&TaskEnd>> = BTreeMap::new();
    for end in ends.into_iter().filter(|end| counts(end)) {
        if let Some(worker) = &end.worker {
            by_worker.entry(worker).or_default().push(end);
        }
    }
    by_worker.into_iter().map(|(worker, ends)| of_worker(worker, &ends)).collect()
}

fn of_worker(worker: &WorkerId, ends: &[&TaskEnd]) -> WorkerStats {
    let minutes: Vec<f64> = ends.iter().filter(|end| end.state == TaskState::Done).map(|end| minutes_of(end)).collect();
    let (done, all) = (count(minutes.len()), count(ends.len()));
    let failed = all - done;
    WorkerStats {
        worker: worker.clone(),
        done,
        failed,
        completion_percent: percent(done, all),
        failure_percent: percent(failed, all),
        mean_minutes: mean(&minutes),
    }
}

/// Whether it says something of whoever had the task.
pub(super) fn counts(end: &TaskEnd) -> bool {
    matches!(end.state, TaskState::Done | TaskState::Failed)
}

fn count(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}

/// A share in percent, with one digit after the point.
fn percent(part: u32, whole: u32) -> f64 {
    if whole == 0 { 0.0 } else { (f64::from(part) * 1000.0 / f64::from(whole)).round() / 10.0 }
}

#[expect(clippy::cast_precision_loss, reason = "milliseconds of any task fit a float exactly")]
fn minutes_of(end: &TaskEnd) -> f64 {
    end.ended.since_ms(end.created).max(0) as f64 / 60_000.0
}

/// With one digit after the point.
fn mean(minutes: &[f64]) -> Option<f64> {
    let all = f64::from(count(minutes.len()));
    (!minutes.is_empty()).then(|| (minutes.iter().sum::<f64>() / all * 10.0).round() / 10.0)
}
