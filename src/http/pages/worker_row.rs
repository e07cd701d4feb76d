//! A worker as pages show it: whether it can be reached, what it holds, when it works, and how its tasks ended.

use std::collections::HashMap;

use super::fault::PageFault;
use super::href::encoded;
use super::viewer::Viewer;
use super::when::When;
use crate::decide::clocks::{at_work, shown};
use crate::http::Door;
use crate::model::{
    Calendar, Downtime, GUEST_ROLE, Presence, RegisteredWorker, TaskState, Timestamp, Worker, WorkerId,
};
use crate::store::{EndCount, HeldTask};

/// Numbers are about so long.
const SINCE_MS: i64 = 90 * 24 * 60 * 60 * 1000;

/// A worker.
pub(super) struct WorkerRow {
    pub(super) href: String,
    pub(super) id: String,
    pub(super) role: String,
    pub(super) capabilities: String,
    pub(super) login: Option<String>,
    pub(super) kind: &'static str,
    pub(super) word: &'static str,
    pub(super) tone: &'static str,
    pub(super) load: i64,
    pub(super) capacity: i64,
    pub(super) held: Vec<Held>,
    /// Tasks that it holds in repositories that whoever looks may read, and that are not shown.
    pub(super) more: i64,
    /// Tasks that it holds elsewhere.
    pub(super) elsewhere: i64,
    pub(super) heartbeat: Option<When>,
    pub(super) calendar: String,
    /// Whether it works now, and until when that stays so.
    pub(super) works: String,
    pub(super) away: Option<Away>,
    pub(super) numbers: Numbers,
}

/// A task that it holds.
pub(super) struct Held {
    pub(super) href: String,
    pub(super) item: String,
    pub(super) title: String,
    pub(super) state: &'static str,
    pub(super) until: Option<When>,
}

/// A time in which it was offline.
pub(super) struct Away {
    pub(super) from: When,
    pub(super) until: Option<When>,
    pub(super) lasted_ms: i64,
    pub(super) cause: String,
}

/// How its tasks ended in the last 90 days, as far as whoever looks may see them.
#[derive(Default)]
pub(super) struct Numbers {
    pub(super) done: i64,
    pub(super) failed: i64,
    took_ms: i64,
}

impl Numbers {
    /// Finished ones among those that were finished or given up.
    pub(super) fn completed(&self) -> String {
        percent(self.done, self.done + self.failed)
    }

    /// Given up ones among both.
    pub(super) fn given_up(&self) -> String {
        percent(self.failed, self.done + self.failed)
    }

    /// How long those took that were done, on the average.
    pub(super) fn mean(&self) -> Option<String> {
        (self.done > 0).then(|| super::when::span(self.took_ms / self.done))
    }

    fn count(&mut self, ended: &EndCount) {
        match ended.state {
            TaskState::Done => {
                self.done += ended.count;
                self.took_ms += ended.took_ms;
            }
            TaskState::Failed => self.failed += ended.count,
            TaskState::Triage
            | TaskState::Ready
            | TaskState::Assigned
            | TaskState::InProgress
            | TaskState::WaitingApproval
            | TaskState::Blocked
            | TaskState::Review
            | TaskState::Deferred
            | TaskState::Cancelled => {}
        }
    }
}

fn percent(part: i64, whole: i64) -> String {
    if whole == 0 { "–".to_owned() } else { format!("{} %", (part * 100 + whole / 2) / whole) }
}

/// A worker of the roster with how it can be reached and what the registry knows of it.
pub(super) type Enrolled = (Worker, Presence, Option<RegisteredWorker>);

/// Everybody of the roster and of the registry that this viewer may see: people who were only given tasks are nobody's
/// business who cannot see any of those.
pub(super) async fn enrolled(door: &Door, viewer: &Viewer, held: &[HeldTask]) -> Result<Vec<Enrolled>, PageFault> {
    let rules = door.api.as_ref().ok_or(PageFault::NotFound)?.rules();
    let clocks = &rules.roster.clocks;
    let silences = (clocks.stale_ms, clocks.offline_ms);
    let mut roster = door.doors.store().roster(&rules.roster.workers, silences).await?;
    let is_operator = viewer.is_operator();
    roster.retain(|(worker, ..)| {
        is_operator || worker.role.as_str() != GUEST_ROLE || held.iter().any(|task| task.worker == worker.id)
    });
    Ok(roster)
}

/// What is known of several workers beside themselves.
pub(super) struct Around<'a> {
    viewer: &'a Viewer,
    now: Timestamp,
    held: HashMap<WorkerId, Vec<HeldTask>>,
    numbers: HashMap<WorkerId, Numbers>,
    away: Vec<Downtime>,
}

impl<'a> Around<'a> {
    /// Reads how the tasks of one worker or of all ended; what they hold was read before.
    pub(super) async fn read(
        door: &Door,
        viewer: &'a Viewer,
        (held, only): (Vec<HeldTask>, Option<&WorkerId>),
    ) -> Result<Self, PageFault> {
        let (store, now) = (door.doors.store(), door.clock.now());
        let mut by_worker: HashMap<WorkerId, Vec<HeldTask>> = HashMap::new();
        for task in held {
            by_worker.entry(task.worker.clone()).or_default().push(task);
        }
        let mut numbers: HashMap<WorkerId, Numbers> = HashMap::new();
        for ended in store.end_counts(&viewer.ids(), only, now.plus_ms(-SINCE_MS)).await? {
            numbers.entry(ended.worker.clone()).or_default().count(&ended);
        }
        Ok(Self { viewer, now, held: by_worker, numbers, away: store.open_downtimes().await? })
    }

    /// The rows of these workers.
    pub(super) async fn rows(mut self, door: &Door, workers: Vec<Enrolled>) -> Result<Vec<WorkerRow>, PageFault> {
        let known: Vec<_> = workers.iter().map(|(worker, presence, _)| (worker.clone(), *presence)).collect();
        let loads = door.doors.store().worker_loads(&known).await?;
        let both = workers.into_iter().zip(loads);
        Ok(both.map(|(worker, load)| self.row(worker, load.open_tasks.into())).collect())
    }

    fn row(&mut self, (worker, presence, registered): Enrolled, load: i64) -> WorkerRow {
        let held = self.held.remove(&worker.id).unwrap_or_default();
        let visible = held.first().map_or(0, |task| task.all);
        let shown: Vec<Held> = held.into_iter().filter_map(|task| self.shown(task)).collect();
        let (works, calendar) = working(worker.calendar, self.now);
        let away = self.away.iter().find(|away| away.worker == worker.id).map(|away| Away::new(away, self.now));
        WorkerRow {
            href: href(&worker.id),
            more: visible - i64::try_from(shown.len()).unwrap_or_default(),
            elsewhere: (load - visible).max(0),
            held: shown,
            numbers: self.numbers.remove(&worker.id).unwrap_or_default(),
            id: worker.id.to_string(),
            role: worker.role.to_string(),
            capabilities: worker.capabilities.join(", "),
            login: worker.login.map(|login| format!("@{login}")),
            kind: if worker.agent { "agent" } else { "person" },
            word: presence.as_str(),
            tone: tone(presence),
            load,
            capacity: worker.capacity.into(),
            heartbeat: registered.and_then(|known| known.heartbeat).map(|at| When::new(at, self.now)),
            calendar,
            works,
            away,
        }
    }

    fn shown(&self, task: HeldTask) -> Option<Held> {
        let name = &self.viewer.repository(task.repository)?.repository.name;
        Some(Held {
            href: format!("/tasks/{name}/{}", task.number),
            item: format!("{name}#{}", task.number),
            title: task.title,
            state: task.state.as_str(),
            until: task.leased_until.map(|until| When::new(until, self.now)),
        })
    }
}

impl Away {
    pub(super) fn new(downtime: &Downtime, now: Timestamp) -> Self {
        Self {
            from: When::new(downtime.from, now),
            until: downtime.until.map(|until| When::new(until, now)),
            lasted_ms: downtime.until.unwrap_or(now).since_ms(downtime.from),
            cause: downtime.cause.clone(),
        }
    }

    pub(super) fn lasted(&self) -> String {
        super::when::span(self.lasted_ms)
    }
}

/// Where the page of a worker is.
pub(super) fn href(id: &WorkerId) -> String {
    format!("/workers/{}", encoded(id.as_str()))
}

const fn tone(presence: Presence) -> &'static str {
    match presence {
        Presence::Active | Presence::Idle | Presence::Busy => "ok",
        Presence::Stale => "waits",
        Presence::Offline => "bad",
    }
}

/// Whether somebody works now and until when, and when they always do.
fn working(calendar: Calendar, now: Timestamp) -> (String, String) {
    let (works, until) = at_work(calendar, now);
    let Calendar::Hours { zone, from_minute, until_minute } = calendar else {
        return ("works now".to_owned(), "around the clock".to_owned());
    };
    let clock = |minute: u16| format!("{:02}:{:02}", minute / 60, minute % 60);
    let word = if works { "works now" } else { "does not work now" };
    let until = until.map(|until| format!(", until {}", shown(until, zone))).unwrap_or_default();
    (format!("{word}{until}"), format!("{}–{} in {}", clock(from_minute), clock(until_minute), zone.name()))
}
