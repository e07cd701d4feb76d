//! The line of `/subtask`: a title, and what is required, each behind its `-r`.

use super::parts::{known, unclear};
use crate::decide::task_command::table::Row;
use crate::model::{Argument, Command, TaskAsk, TaskBlocker};

/// What stands before each requirement.
const REQUIREMENT: &str = "-r";

pub(super) fn subtask(row: &Row, command: &Command) -> Result<TaskAsk, TaskBlocker> {
    let mut title: Vec<String> = Vec::new();
    let mut requirements: Vec<Vec<String>> = Vec::new();
    for argument in &command.arguments {
        let word = match argument {
            Argument::Option { key, .. } => return Err(unknown(row, key)),
            Argument::Word(word) if word == REQUIREMENT => {
                requirements.push(Vec::new());
                continue;
            }
            Argument::Word(word) | Argument::Quoted(word) => word.clone(),
            Argument::Percent(percent) => format!("{percent}%"),
        };
        requirements.last_mut().unwrap_or(&mut title).push(word);
    }
    let requirements: Vec<String> = requirements.into_iter().map(|words| words.join(" ")).collect();
    if title.is_empty() {
        return Err(unclear(row, "say what it is called"));
    }
    if requirements.iter().any(|requirement| requirement.trim().is_empty()) {
        return Err(unclear(row, "nothing stands behind one `-r`"));
    }
    Ok(TaskAsk::Subtask { title: title.join(" "), requirements, description: command.body.clone() })
}

fn unknown(row: &Row, key: &str) -> TaskBlocker {
    known(row, key).err().unwrap_or_else(|| unclear(row, format!("`--{key}` means nothing here")))
}
