//! What time brings about in a task: breached responses, stuck work, holders who are offline, leases that ran out.
//!
//! All that the clocks know stands with the task, so a restart forgets none of it; each cause is told under a key of its
//! own, so a decision that is made twice tells it once.

mod calendar;
mod escalation;
mod lapse;
mod response;
mod silence;
mod timers;

use super::task::Turn;
use crate::model::{Door, TaskAuthority};

pub use calendar::{after, at_work, moment, shown, span};

/// Looks at every clock of the task and does what has fallen due.
pub(super) fn run(turn: &mut Turn<'_>) {
    response::read_title(turn);
    lapse::lease(turn);
    lapse::deferral(turn);
    lapse::obstacle(turn);
    response::look(turn);
    silence::stuck(turn);
    silence::offline(turn);
    escalation::look(turn);
}

/// Starts the clocks of whoever has the task by now, and sets the timers of all that will fall due.
pub(super) fn wind(turn: &mut Turn<'_>) {
    response::start(turn);
    timers::set(turn);
}

/// What nobody but time has done.
fn note(turn: &mut Turn<'_>, what: impl Into<String>) {
    turn.note(TaskAuthority::Clock, what, Door::Clock);
}

/// Whoever should answer, for sentences.
fn holder_name(turn: &Turn<'_>) -> String {
    turn.task.worker.as_ref().map_or_else(|| "nobody".to_owned(), |worker| format!("`{worker}`"))
}
