//! What is in the way of a task, and that nothing is any more.

use super::structure::{add_dependency, can_wait_for};
use crate::decide::task::Turn;
use crate::decide::task_command::texts;
use crate::model::{Item, Obstacle, TaskAuthority, TaskBlocker, TaskStep};

pub(super) fn block(
    turn: &mut Turn<'_>,
    authority: &TaskAuthority,
    (text, needs, by): (&str, Option<&String>, Option<&Item>),
) -> Result<String, TaskBlocker> {
    if let Some(by) = by {
        can_wait_for(turn, by)?;
    }
    turn.take(TaskStep::Block)?;
    turn.task.work.obstacle = Some(Obstacle {
        text: text.to_owned(),
        needs: needs.cloned(),
        by: by.cloned(),
        told_by: authority.to_string(),
        since: turn.now,
    });
    if let Some(by) = by {
        add_dependency(turn, by);
    }
    let by = by.map(|by| format!(" by {by}")).unwrap_or_default();
    let needs = needs.map(|needs| format!("; it needs {}", texts::line(needs))).unwrap_or_default();
    Ok(format!("is blocked{by}: {}{needs}", texts::line(text)))
}

pub(super) fn unblock(turn: &mut Turn<'_>) -> Result<String, TaskBlocker> {
    turn.take(TaskStep::Unblock)?;
    Ok("goes on: nothing is in the way any more".to_owned())
}
