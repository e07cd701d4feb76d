//! The line of `/progress`: a percentage first, or as an option, and a sentence.

use super::parts::{Parts, shown, unclear};
use crate::decide::task_command::table::Row;
use crate::model::{Argument, Command, TaskAsk, TaskBlocker};

pub(super) fn progress(row: &Row, command: &Command) -> Result<TaskAsk, TaskBlocker> {
    let mut parts = Parts::of(row, command)?;
    let percent = match parts.value(row, "percent")? {
        Some(percent) => Some(whole(row, &percent)?),
        None => match command.arguments.first() {
            Some(Argument::Percent(percent)) => {
                parts.text = after_first(&parts.text);
                Some(*percent)
            }
            Some(Argument::Word(word)) if is_number(word.strip_suffix('%')) => Some(whole(row, word)?),
            Some(Argument::Word(_) | Argument::Quoted(_) | Argument::Option { .. }) | None => None,
        },
    };
    if percent.is_none() && parts.text.is_empty() {
        return Err(unclear(row, "say how far it is, in percent or in a sentence"));
    }
    Ok(TaskAsk::Progress { percent, text: parts.text })
}

fn is_number(digits: Option<&str>) -> bool {
    digits.is_some_and(|digits| digits.parse::<f64>().is_ok())
}

fn whole(row: &Row, word: &str) -> Result<u8, TaskBlocker> {
    let digits = word.strip_suffix('%').unwrap_or(word);
    let percent = digits.parse().ok().filter(|percent: &u8| *percent <= 100);
    percent.ok_or_else(|| unclear(row, format!("{} is not a whole number from 0 to 100", shown(word))))
}

/// What stands behind the first word, without the quotation marks around it.
fn after_first(text: &str) -> String {
    let rest = text.split_once(char::is_whitespace).map_or("", |(_, rest)| rest);
    rest.trim().trim_matches(['"', '“', '”']).to_owned()
}
