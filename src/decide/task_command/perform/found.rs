//! What was found by the way, and what was learned.

use crate::decide::task::Turn;
use crate::decide::task_command::texts;
use crate::model::{Discovery, Learning, TaskAsk, TaskAuthority};

/// The most characters of a learning's title.
const TITLE_CHARS: usize = 120;

pub(super) fn discover(turn: &mut Turn<'_>, authority: &TaskAuthority, (text, impact): (&str, Option<&str>)) -> String {
    let discoveries = &mut turn.task.work.discoveries;
    let number = discoveries.iter().map(|discovery| discovery.number).max().unwrap_or_default() + 1;
    discoveries.push(Discovery {
        number,
        text: text.to_owned(),
        impact: impact.map(str::to_owned),
        by: authority.to_string(),
        at: turn.now,
        accepted: false,
    });
    format!("discovered D{number}: {}", texts::line(text))
}

pub(super) fn learn(turn: &mut Turn<'_>, authority: &TaskAuthority, ask: &TaskAsk) -> String {
    let TaskAsk::Learn { text, category, impact, tags } = ask else { return String::new() };
    let title = texts::headline(text, TITLE_CHARS);
    let what = format!("learned: {}", texts::line(&title));
    turn.changes.learnings.push(Learning {
        category: category.clone().unwrap_or_else(|| turn.task.task_type.to_string()),
        title,
        description: text.clone(),
        impact: *impact,
        tags: tags.clone(),
        by: authority.to_string(),
        item: turn.item(),
        at: turn.now,
    });
    what
}
