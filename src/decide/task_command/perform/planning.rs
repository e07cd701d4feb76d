//! What a task is, how soon it is wanted and how dangerous it is, by a person's word.

use std::collections::BTreeSet;

use super::already;
use crate::decide::task::{PROJECT, Turn};
use crate::decide::task_command::texts;
use crate::decide::{label_change, tell};
use crate::model::{Action, LabelFamily, Level, TaskAuthority, TaskBlocker, TaskState, TaskStep, TaskType, Urgency5};

/// Types that mean something though no rule gives them.
const KNOWN_TYPES: [&str; 3] = [PROJECT, "documentation", "research"];

pub(super) fn route(turn: &mut Turn<'_>, task_type: &TaskType) -> Result<String, TaskBlocker> {
    let known = known_types(turn);
    if !known.contains(task_type.as_str()) {
        let known: Vec<&str> = known.into_iter().collect();
        let what = format!("there is no such type; known are {}", known.join(", "));
        return Err(TaskBlocker::Unclear { what, works: "/route development".to_owned() });
    }
    if turn.task.task_type == *task_type && turn.task.type_pinned {
        return Err(already(format!("its type is `{task_type}` already")));
    }
    // Work that has begun keeps its state.
    if !turn.task.state.has_begun() || !turn.task.state.is_open() {
        turn.task.state.after(TaskStep::Route)?;
    }
    if turn.task.state == TaskState::Triage {
        turn.take(TaskStep::Route)?;
    }
    turn.task.task_type = task_type.clone();
    turn.task.type_pinned = true;
    turn.task.role = turn.policy.role_of_type(task_type);
    turn.task.rule = None;
    turn.task.work.let_go_by.clear();
    label_change::override_by_command(turn, LabelFamily::Type);
    Ok(format!("says that it is `{task_type}`"))
}

fn known_types<'t>(turn: &'t Turn<'_>) -> BTreeSet<&'t str> {
    let rules = turn.policy.routing.rules().iter().map(|rule| rule.task_type.as_str());
    let kinds = turn.policy.evidence.kinds.keys().map(TaskType::as_str);
    rules.chain(kinds).chain(KNOWN_TYPES).collect()
}

pub(super) fn priority(turn: &mut Turn<'_>, priority: Level) -> Result<String, TaskBlocker> {
    if turn.task.priority == priority && turn.task.priority_pinned {
        return Err(already(format!("its priority is {priority} already")));
    }
    turn.task.priority = priority;
    turn.task.priority_pinned = true;
    label_change::override_by_command(turn, LabelFamily::Priority);
    Ok(format!("set the priority to {priority}"))
}

/// Who may lower it was looked at before.
pub(super) fn risk(turn: &mut Turn<'_>, risk: Level) -> Result<String, TaskBlocker> {
    if turn.task.risk == Some(risk) {
        return Err(already(format!("its risk is {risk} already")));
    }
    turn.task.risk = Some(risk);
    label_change::override_by_command(turn, LabelFamily::Risk);
    Ok(format!("set the risk to {risk}"))
}

pub(super) fn urgent(turn: &mut Turn<'_>) -> Result<String, TaskBlocker> {
    // What only its title calls urgent stays so from now on, whatever becomes of the title.
    let by_title = std::mem::take(&mut turn.task.work.urgent_title);
    if turn.task.work.urgent && !by_title {
        return Err(already("it is urgent already"));
    }
    turn.task.work.urgent = true;
    Ok("called it urgent".to_owned())
}

/// Each time it goes one step up the chain, and stays with the last of it.
pub(super) fn escalate(turn: &mut Turn<'_>, authority: &TaskAuthority, why: Option<&str>) -> String {
    let level = turn.task.work.clocks.escalated.map_or(0, |(level, _)| level) + 1;
    turn.task.work.clocks.escalated = Some((level, turn.now));
    let chain = &turn.policy.clocks.escalation;
    let place = usize::try_from(level - 1).unwrap_or(usize::MAX);
    let topic = chain.get(place).or(chain.last()).map(|(_, topic)| topic.clone());
    let title = format!("{} was escalated", turn.item());
    let text = format!("{authority} escalated “{}”{}.", turn.snapshot.issue.title, texts::because(why));
    let key = format!("escalated/{}/{}/{level}", turn.subject(), turn.snapshot.decision);
    let urgency = tell::urgency(turn.task.priority).max(Urgency5::High);
    turn.tell(key, urgency, (title, text));
    if let (Some(topic), Some(Action::Notify(message))) =
        (topic, turn.actions.last_mut().map(|planned| &mut planned.action))
    {
        message.topic = Some(topic);
    }
    format!("escalated it to step {level}{}", texts::because(why))
}
