//! The clocks of answering: by priority in the holder's calendar, and on the wall clock for what is urgent.

use super::calendar::{after, shown, span};
use super::{holder_name, note};
use crate::decide::task::{PROJECT, Turn};
use crate::decide::tell;
use crate::model::{Calendar, IssueState, ResponseClock, TaskState, Timestamp, Urgency5};

/// The team's own day where nobody has the task: the usual one, in the team's zone.
const TEAM_HOURS: (u16, u16) = (9 * 60, 21 * 60);

/// What is called urgent in its title is urgent, until its title no longer says so.
pub(super) fn read_title(turn: &mut Turn<'_>) {
    let says = is_urgent(&turn.snapshot.issue.title);
    let work = &mut turn.task.work;
    if says && !work.urgent {
        (work.urgent, work.urgent_title) = (true, true);
        note(turn, "found it called urgent by its title");
    } else if !says && work.urgent_title {
        (work.urgent, work.urgent_title) = (false, false);
        work.clocks.urgent = None;
        note(turn, "found that its title calls it urgent no longer");
    }
}

/// `URGENT:` anywhere, or at the beginning in any case.
fn is_urgent(title: &str) -> bool {
    const WORD: &str = "URGENT:";
    title.contains(WORD) || title.trim_start().get(..WORD.len()).is_some_and(|start| start.eq_ignore_ascii_case(WORD))
}

/// Stops the clocks of a task on which somebody has begun, and finds out what is breached.
pub(super) fn look(turn: &mut Turn<'_>) {
    stop(turn);
    let due = turn.task.work.clocks.response.as_ref().map(|clock| due_of(turn, clock.began));
    let (now, urgent_ms) = (turn.now, turn.policy.clocks.urgent_ms);
    let clocks = &mut turn.task.work.clocks;
    // Another priority, holder's day or policy counts from now on, as long as the clock runs.
    if let (Some(clock), Some(due)) = (running(&mut clocks.response), due) {
        clock.due = due;
    }
    if let Some(clock) = running(&mut clocks.urgent) {
        clock.due = clock.began.plus_ms(urgent_ms);
    }
    let is_over = |clock: &&mut ResponseClock| clock.due <= now;
    let response = running(&mut clocks.response).filter(is_over).map(|clock| breach(clock, now));
    let urgent = running(&mut clocks.urgent).filter(is_over).map(|clock| breach(clock, now));
    if let Some((began, due)) = response {
        tell_response(turn, began, due);
    }
    if let Some((began, due)) = urgent {
        tell_urgent(turn, began, due);
    }
    explain(turn);
}

/// A clock that can still be breached.
fn running(clock: &mut Option<ResponseClock>) -> Option<&mut ResponseClock> {
    clock.as_mut().filter(|clock| clock.stopped.is_none() && clock.breached.is_none())
}

fn breach(clock: &mut ResponseClock, now: Timestamp) -> (Timestamp, Timestamp) {
    clock.breached = Some(now);
    (clock.began, clock.due)
}

/// Work that has begun is an answer. What is put off, or waits for consent before it begins, is nobody's to answer.
fn stop(turn: &mut Turn<'_>) {
    let now = turn.now;
    let begun = turn.task.work.begun.is_some();
    let clocks = &mut turn.task.work.clocks;
    let (response, urgent) = (&mut clocks.response, &mut clocks.urgent);
    match turn.task.state {
        TaskState::Ready | TaskState::Assigned => {}
        TaskState::Triage => *response = None,
        TaskState::WaitingApproval if !begun => (*response, *urgent) = (None, None),
        TaskState::Deferred => (*response, *urgent) = (None, None),
        TaskState::InProgress
        | TaskState::Blocked
        | TaskState::WaitingApproval
        | TaskState::Review
        | TaskState::Done
        | TaskState::Failed
        | TaskState::Cancelled => {
            for clock in [response, urgent].into_iter().flatten() {
                clock.stopped.get_or_insert(now);
            }
        }
    }
}

/// Starts what should run and does not: for a new holder, for a task that is ready, for one that is urgent.
pub(super) fn start(turn: &mut Turn<'_>) {
    stop(turn);
    if turn.snapshot.issue.state == IssueState::Closed || turn.task.task_type.as_str() == PROJECT {
        return;
    }
    let now = turn.now;
    let state = turn.task.state;
    let (due, urgent_ms) = (due_of(turn, now), turn.policy.clocks.urgent_ms);
    // Nobody can begin what waits for something else.
    let waits = turn.snapshot.dependencies.iter().any(|dependency| !dependency.met);
    let urgent = turn.task.work.urgent;
    let clocks = &mut turn.task.work.clocks;
    let begin = |due| ResponseClock { began: now, due, stopped: None, breached: None };
    match state {
        TaskState::Ready | TaskState::Assigned if waits => {
            if running(&mut clocks.response).is_some() {
                clocks.response = None;
            }
        }
        TaskState::Ready | TaskState::Assigned => {
            clocks.response.get_or_insert_with(|| begin(due));
        }
        TaskState::Triage
        | TaskState::InProgress
        | TaskState::Blocked
        | TaskState::WaitingApproval
        | TaskState::Review
        | TaskState::Done
        | TaskState::Failed
        | TaskState::Deferred
        | TaskState::Cancelled => {}
    }
    if urgent && !state.has_begun() {
        clocks.urgent.get_or_insert_with(|| begin(now.plus_ms(urgent_ms)));
    }
}

fn due_of(turn: &Turn<'_>, began: Timestamp) -> Timestamp {
    after(calendar(turn), began, turn.policy.clocks.response_of(turn.task.priority))
}

fn calendar(turn: &Turn<'_>) -> Calendar {
    let (from_minute, until_minute) = TEAM_HOURS;
    let team = Calendar::Hours { zone: turn.policy.clocks.zone, from_minute, until_minute };
    turn.holder().map_or(team, |load| load.worker.calendar)
}

fn tell_response(turn: &mut Turn<'_>, began: Timestamp, due: Timestamp) {
    let within = span(turn.policy.clocks.response_of(turn.task.priority));
    note(turn, format!("found that nobody answered within {within} of working time"));
    let key = format!("sla/{}/{}-{}", turn.subject(), turn.task.fence, began.ms());
    let title = format!("{}: nobody answered in time", turn.item());
    let text = format!(
        "“{}” is {} and was to be answered by {}; {} has it. `/ack` or `/claim` is an answer.",
        turn.snapshot.issue.title,
        turn.task.priority,
        shown(due, turn.policy.clocks.zone),
        holder_name(turn),
    );
    turn.tell(key, tell::urgency(turn.task.priority), (title, text));
}

fn tell_urgent(turn: &mut Turn<'_>, began: Timestamp, due: Timestamp) {
    let within = span(turn.policy.clocks.urgent_ms);
    note(turn, format!("found that nobody acknowledged within {within} what is urgent"));
    let key = format!("urgent/{}/{}", turn.subject(), began.ms());
    let title = format!("URGENT {}: not acknowledged", turn.item());
    let text = format!(
        "“{}” was to be acknowledged by {}; {} has it. `/ack` acknowledges it.",
        turn.snapshot.issue.title,
        shown(due, turn.policy.clocks.zone),
        holder_name(turn),
    );
    turn.tell(key, Urgency5::Max, (title, text));
}

/// What is breached and still waits for an answer.
fn explain(turn: &mut Turn<'_>) {
    let zone = turn.policy.clocks.zone;
    let clocks = &turn.task.work.clocks;
    let late = |clock: &Option<ResponseClock>| {
        clock.as_ref().filter(|clock| clock.breached.is_some() && clock.stopped.is_none()).map(|clock| clock.due)
    };
    let sentences = [
        late(&clocks.response).map(|due| format!("nobody has answered, which was due at {}", shown(due, zone))),
        late(&clocks.urgent)
            .map(|due| format!("it is urgent and nobody has acknowledged it, which was due at {}", shown(due, zone))),
    ];
    turn.explanation.reasons.extend(sentences.into_iter().flatten());
}
