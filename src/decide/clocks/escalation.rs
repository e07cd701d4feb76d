//! The chain: whoever is told next when what was told before has changed nothing.

use super::calendar::{shown, span};
use super::note;
use crate::decide::task::Turn;
use crate::model::{Action, MessageButton, PeopleMessage, ResponseClock, Timestamp, Urgency5};

/// Since when something has been wrong that nobody has dealt with.
fn cause(turn: &Turn<'_>) -> Option<Timestamp> {
    let clocks = &turn.task.work.clocks;
    let late = |clock: &Option<ResponseClock>| {
        clock.as_ref().filter(|clock| clock.stopped.is_none()).and_then(|clock| clock.breached)
    };
    let open = turn.task.state.is_open();
    let causes = [late(&clocks.response), late(&clocks.urgent), clocks.stuck, clocks.offline];
    causes.into_iter().flatten().filter(|_| open).min()
}

/// How many steps of the chain were told of this cause.
fn told(turn: &Turn<'_>, cause: Timestamp) -> usize {
    let level = turn.task.work.clocks.escalated.filter(|(_, at)| *at >= cause).map_or(0, |(level, _)| level);
    usize::try_from(level).unwrap_or(usize::MAX)
}

/// When the next step of the chain is due.
pub(super) fn next_at(turn: &Turn<'_>) -> Option<Timestamp> {
    let cause = cause(turn)?;
    let (after_ms, _) = turn.policy.clocks.escalation.get(told(turn, cause))?;
    Some(cause.plus_ms(*after_ms))
}

/// Tells every step of the chain that is due, once; a cause that is gone takes back what the chain was told of it.
pub(super) fn look(turn: &mut Turn<'_>) {
    let Some(cause) = cause(turn) else {
        let clocks = &mut turn.task.work.clocks;
        if clocks.escalated_for.take().is_some() {
            clocks.escalated = None;
        }
        return;
    };
    let first = told(turn, cause);
    let policy = turn.policy;
    for (index, (after_ms, topic)) in policy.clocks.escalation.iter().enumerate().skip(first) {
        if cause.plus_ms(*after_ms) > turn.now {
            break;
        }
        let level = u32::try_from(index + 1).unwrap_or(u32::MAX);
        let clocks = &mut turn.task.work.clocks;
        clocks.escalated = Some((level, turn.now));
        clocks.escalated_for = Some(cause);
        note(turn, format!("told `{topic}`, since nothing was done for {}", span(*after_ms)));
        tell(turn, cause, (level, topic));
    }
}

fn tell(turn: &mut Turn<'_>, cause: Timestamp, (level, topic): (u32, &str)) {
    let url = turn.snapshot.issue.url.clone();
    let since = shown(cause, turn.policy.clocks.zone);
    let message = PeopleMessage {
        topic: Some(topic.to_owned()),
        channels: None,
        title: format!("Escalated: {}", turn.item()),
        text: format!(
            "“{}” is {} with {}, and nothing was done since people were first told at {since}. {}",
            turn.snapshot.issue.title,
            turn.task.state,
            super::holder_name(turn),
            turn.explanation.reasons.last().map(|reason| format!("Why: {reason}.")).unwrap_or_default(),
        ),
        priority: Urgency5::Max,
        tags: vec!["rotating_light".to_owned(), turn.task.task_type.to_string()],
        click: Some(url.clone()),
        buttons: vec![MessageButton { label: "Open issue".to_owned(), url }],
        happened: turn.now,
    };
    let key = format!("escalation/{}/{}/{level}", turn.subject(), cause.ms());
    turn.plan(key, None, Action::Notify(message));
}
