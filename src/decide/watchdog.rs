//! Watches workers and how tasks end, and says what is wrong: once for each cause, not once for each look.
//!
//! The key of an alert is made of what caused it, so that an outbox which takes each key once tells it once, whoever
//! looks however often.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use sha2::{Digest as _, Sha256};

use super::clocks::{shown, span};
use super::task_stats::counts;
use crate::model::{Downtime, RegisteredWorker, SaidStatus, Task, TaskEnd, TaskState, Timestamp, Urgency5, WorkerId};
use crate::policy::ClockSettings;

const DAY_MS: i64 = 86_400_000;
/// A worker that has been silent for longer has been told of, or left for good.
const OLD_NEWS_MS: i64 = 7 * DAY_MS;
/// The same error after so long is another cause.
const EPISODE_MS: i64 = DAY_MS;

/// What the watchdog sees.
#[derive(Debug, Clone, Copy)]
pub struct Watched<'a> {
    /// Everybody who registered.
    pub workers: &'a [RegisteredWorker],
    /// How tasks ended, the newest first.
    pub ends: &'a [TaskEnd],
    /// Whether `ends` are all that there are.
    pub complete: bool,
    /// What is too long, and what is too much.
    pub settings: &'a ClockSettings,
    /// The present.
    pub now: Timestamp,
}

/// Something that people should know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alert {
    /// Names the cause.
    pub key: String,
    /// The headline.
    pub title: String,
    /// What is wrong, in a sentence or two.
    pub text: String,
    /// How loud.
    pub urgency: Urgency5,
}

/// All that is wrong now.
#[must_use]
pub fn alerts(watched: &Watched<'_>) -> Vec<Alert> {
    let mut alerts: Vec<Alert> = lost(watched).map(|(worker, at)| lost_heartbeat(watched, worker, at)).collect();
    alerts.extend(failing_workers(watched));
    alerts.extend(repeated_errors(watched));
    alerts
}

/// Workers whose heartbeats have stopped, and when the last one came.
fn lost<'a>(watched: &Watched<'a>) -> impl Iterator<Item = (&'a RegisteredWorker, Timestamp)> {
    let Watched { now, settings, .. } = *watched;
    let is_lost = move |at: Timestamp| (settings.stale_ms..OLD_NEWS_MS).contains(&(now.since_ms(at) - 1));
    let expected = watched.workers.iter().filter(|worker| worker.said != SaidStatus::Offline);
    expected.filter_map(move |worker| Some((worker, worker.heartbeat.filter(|at| is_lost(*at))?)))
}

fn lost_heartbeat(watched: &Watched<'_>, registered: &RegisteredWorker, at: Timestamp) -> Alert {
    let id = &registered.worker.id;
    let Watched { settings, .. } = watched;
    Alert {
        key: format!("watchdog/heartbeat/{id}/{}", at.ms()),
        title: format!("The heartbeat of {id} is lost"),
        text: format!(
            "`{id}` ({}) was last heard at {}; heartbeats are due every {}.",
            registered.worker.role,
            shown(at, settings.zone),
            span(settings.stale_ms)
        ),
        urgency: Urgency5::High,
    }
}

/// Times that have begun in which a worker is not there: from its last heartbeat on.
#[must_use]
pub fn begun_downtimes(watched: &Watched<'_>) -> Vec<Downtime> {
    let begun = lost(watched).map(|(registered, at)| Downtime {
        worker: registered.worker.id.clone(),
        from: at,
        until: None,
        cause: "heartbeat lost".to_owned(),
    });
    begun.collect()
}

/// Which of these downtimes are over, with their ends: the worker sent a heartbeat, answered, or went on with a task.
#[must_use]
pub fn ended_downtimes(open: &[Downtime], workers: &[RegisteredWorker], tasks: &[Task]) -> Vec<Downtime> {
    let ended = open.iter().filter_map(|downtime| {
        let heartbeat = workers.iter().find(|one| one.worker.id == downtime.worker).and_then(|one| one.heartbeat);
        let held = tasks.iter().filter(|task| task.worker.as_ref() == Some(&downtime.worker));
        let heard = held.flat_map(|task| {
            let clocks = &task.work.clocks;
            [clocks.response.as_ref().and_then(|clock| clock.stopped), clocks.progressed]
        });
        let signs = heard.chain([heartbeat]).flatten().filter(|at| *at > downtime.from);
        Some(Downtime { until: Some(signs.min()?), ..downtime.clone() })
    });
    ended.collect()
}

/// Workers who fail too often among their last tasks.
fn failing_workers(watched: &Watched<'_>) -> Vec<Alert> {
    let mut by_worker: BTreeMap<&WorkerId, Vec<&TaskEnd>> = BTreeMap::new();
    // Oldest first.
    for end in watched.ends.iter().rev().filter(|end| counts(end)) {
        if let Some(worker) = &end.worker {
            by_worker.entry(worker).or_default().push(end);
        }
    }
    by_worker.into_iter().filter_map(|(worker, ends)| failing(watched, worker, &ends)).collect()
}

/// The cause is the task whose end made it too many; what came before the list begins was told of already.
fn failing(watched: &Watched<'_>, worker: &WorkerId, ends: &[&TaskEnd]) -> Option<Alert> {
    let among = usize::try_from(watched.settings.failure_among).unwrap_or(usize::MAX);
    let limit = usize::from(watched.settings.failure_percent) * among;
    let failures = |ends: &[&TaskEnd]| ends.iter().filter(|end| end.state == TaskState::Failed).count();
    let over: Vec<bool> = ends.windows(among).map(|window| failures(window) * 100 > limit).collect();
    if !*over.last()? {
        return None;
    }
    let first = over.iter().rposition(|is_over| !is_over).map_or(0, |before| before + 1);
    if first == 0 && !watched.complete {
        return None;
    }
    let cause = ends.get(first + among - 1)?;
    let newest = ends.get(ends.len() - among..)?;
    Some(Alert {
        key: format!("watchdog/failures/{worker}/{}-{}-{}", cause.ended.ms(), cause.repository.0, cause.number),
        title: format!("{worker} fails too often"),
        text: format!(
            "`{worker}` gave up {} of its last {among} tasks; {} % are allowed.",
            failures(newest),
            watched.settings.failure_percent
        ),
        urgency: Urgency5::High,
    })
}

/// Errors that came again and again, whoever had the task.
fn repeated_errors(watched: &Watched<'_>) -> Vec<Alert> {
    let mut by_error: BTreeMap<String, Vec<&TaskEnd>> = BTreeMap::new();
    for end in watched.ends.iter().rev().filter(|end| end.state == TaskState::Failed) {
        if let Some(error) = end.error.as_deref().filter(|error| !error.trim().is_empty()) {
            by_error.entry(likeness(error)).or_default().push(end);
        }
    }
    by_error.into_iter().filter_map(|(error, ends)| repeated(watched, &error, &ends)).collect()
}

/// Only the newest time of it counts, and only while it is news.
fn repeated(watched: &Watched<'_>, error: &str, ends: &[&TaskEnd]) -> Option<Alert> {
    let last = ends.last()?;
    let is_pause = |pair: &[&TaskEnd]| matches!(pair, [one, next] if next.ended.since_ms(one.ended) > EPISODE_MS);
    let begin = ends.windows(2).rposition(is_pause).map_or(0, |before| before + 1);
    let episode = ends.get(begin..)?;
    let first = episode.first()?;
    let often = episode.len() >= usize::try_from(watched.settings.repeated_errors).unwrap_or(usize::MAX);
    let oldest = watched.ends.last()?;
    let whole = watched.complete || first.ended.since_ms(oldest.ended) > EPISODE_MS;
    if !often || !whole || watched.now.since_ms(last.ended) > EPISODE_MS {
        return None;
    }
    let text = last.error.as_deref().unwrap_or_default();
    Some(Alert {
        key: format!("watchdog/error/{}/{}", digest(error), first.ended.ms()),
        title: format!("The same error {} times", episode.len()),
        text: format!("{} tasks were given up with the same error, at last with: {text}", episode.len()),
        urgency: Urgency5::High,
    })
}

/// What two errors have in common that differ in numbers, hashes, case and spaces alone.
fn likeness(error: &str) -> String {
    let mut like = String::with_capacity(error.len());
    for word in error.to_lowercase().split_whitespace() {
        if !like.is_empty() {
            like.push(' ');
        }
        for part in word.split_inclusive(|c: char| !c.is_ascii_alphanumeric()) {
            let (name, sign) = part.split_at(part.trim_end_matches(|c: char| !c.is_ascii_alphanumeric()).len());
            let is_hash = name.len() >= 7 && name.chars().all(|c| c.is_ascii_hexdigit());
            if is_hash {
                like.push('#');
            } else {
                without_numbers(&mut like, name);
            }
            like.push_str(sign);
        }
    }
    like
}

fn without_numbers(like: &mut String, name: &str) {
    let mut in_number = false;
    for c in name.chars() {
        if !c.is_ascii_digit() {
            like.push(c);
        } else if !in_number {
            like.push('#');
        }
        in_number = c.is_ascii_digit();
    }
}

fn digest(text: &str) -> String {
    Sha256::digest(text.as_bytes()).iter().take(8).fold(String::with_capacity(16), |mut hex, byte| {
        // Writing to a String cannot fail.
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}
