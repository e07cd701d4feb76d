//! What a task is, line by line: the same as its card on GitHub says, and when its clocks fall due.

use super::super::when::When;
use super::scene::Scene;
use crate::decide::learn;
use crate::http::Door;
use crate::model::{Level, Timer, Timestamp};
use crate::store::StoreError;

/// A line: its name, and what it says.
pub(super) struct Fact {
    pub(super) name: &'static str,
    pub(super) text: String,
    /// A moment that belongs to it.
    pub(super) when: Option<When>,
}

/// All lines that have something to say.
pub(super) fn facts(scene: &Scene, now: Timestamp) -> Vec<Fact> {
    let (task, work) = (scene.task(), &scene.task().work);
    let when = |at: Timestamp| Some(When::new(at, now));
    let pinned = |is_pinned: bool| if is_pinned { " (chosen by a person)" } else { "" };
    let mut facts = Facts::default();
    facts.add("Type", format!("{}{}", task.task_type, pinned(task.type_pinned)), None);
    facts.add("Rule", task.rule.clone().unwrap_or_default(), None);
    facts.add("Role", task.role.as_ref().map(ToString::to_string).unwrap_or_default(), None);
    let holder = task.worker.as_ref().map_or_else(|| "nobody".to_owned(), ToString::to_string);
    facts.add("Worker", format!("{holder}{}", pinned(task.worker_pinned)), None);
    facts.at("Given", work.given.and_then(when));
    facts.at("Begun", work.begun.and_then(when));
    facts.at("Lease runs out", task.lease.as_ref().and_then(|lease| when(lease.until)));
    facts.add("Priority", format!("{}{}", task.priority, pinned(task.priority_pinned)), None);
    facts.add("Urgent", if work.urgent { "to be acknowledged within 15 minutes" } else { "" }.to_owned(), None);
    facts.add("Risk", task.risk.map_or("not said yet", Level::as_str).to_owned(), None);
    facts.add("Failed", work.failure.clone().unwrap_or_default(), None);
    facts.add("Times failed", if work.failures > 0 { work.failures.to_string() } else { String::new() }, None);
    facts.add("Done without evidence", work.overridden.clone().unwrap_or_default(), None);
    facts.at("Put off until", work.deferred_until.and_then(when));
    facts.at("Finished", work.finished.and_then(when));
    facts.at("Since", when(task.created));
    facts.at("Changed", when(task.updated));
    facts.0
}

#[derive(Default)]
struct Facts(Vec<Fact>);

impl Facts {
    fn add(&mut self, name: &'static str, text: String, when: Option<When>) {
        if !text.is_empty() || when.is_some() {
            self.0.push(Fact { name, text, when });
        }
    }

    fn at(&mut self, name: &'static str, when: Option<When>) {
        self.add(name, String::new(), when);
    }
}

/// How likely the answer to it comes too late, where somebody waits for one and the policy wants that said.
pub(super) async fn sla_risk(door: &Door, scene: &Scene, now: Timestamp) -> Result<Option<String>, StoreError> {
    let task = scene.task();
    let is_wanted = scene.policy.as_ref().is_some_and(|policy| policy.learn.sla_risk);
    let Some((clock, _)) = learn::running_clock(task).filter(|_| is_wanted) else { return Ok(None) };
    let before = door.doors.store().answered_before(task.repository, (clock, task.priority)).await?;
    Ok(learn::sla_risk(task, &before, now).map(|risk| risk.sentence()))
}

/// A clock of a task.
pub(super) struct ClockLine {
    /// What falls due.
    pub(super) what: String,
    pub(super) when: When,
    /// Its time has passed.
    pub(super) is_late: bool,
}

/// The clocks that run, the next one first, after those that have run out.
pub(super) fn clocks(scene: &Scene, timers: &[Timer], now: Timestamp) -> Vec<ClockLine> {
    let clocks = &scene.task().work.clocks;
    let late = |what: &str, at: Timestamp| ClockLine { what: what.to_owned(), when: When::new(at, now), is_late: true };
    let breached = [
        ("Nobody answered in time", clocks.response.as_ref().and_then(|clock| clock.breached)),
        ("Nobody acknowledged in time what is urgent", clocks.urgent.as_ref().and_then(|clock| clock.breached)),
        ("Stuck: nobody has said how far it is", clocks.stuck),
        ("Its worker is offline", clocks.offline),
        ("Told up the chain", clocks.escalated.map(|(_, at)| at)),
    ];
    let mut lines: Vec<ClockLine> = breached.into_iter().filter_map(|(what, at)| at.map(|at| late(what, at))).collect();
    lines.extend(timers.iter().map(|timer| ClockLine {
        what: named(&timer.clock),
        when: When::new(timer.due, now),
        is_late: timer.due <= now,
    }));
    lines
}

fn named(clock: &str) -> String {
    match clock {
        "response" => "Somebody answers",
        "urgent" => "Somebody acknowledges what is urgent",
        "stuck" => "Somebody says how far it is",
        "offline" => "Its worker is heard of",
        "lease" => "The lease is renewed",
        "deferred" => "It comes back",
        "escalation" => "The next in the chain is told",
        "evidence" => "The evidence is looked at again",
        other => other,
    }
    .to_owned()
}
