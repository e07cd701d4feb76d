//! What stands behind a command's name, sorted into text and options.

use crate::decide::quote::short_code;
use crate::decide::task_command::table::Row;
use crate::model::{Argument, Command, TaskBlocker};

/// What somebody wrote is cut where it is quoted.
const QUOTED_CHARS: usize = 80;

/// What stands behind a command's name, and below it.
#[derive(Debug, Default)]
pub(super) struct Parts {
    /// What was said, without options, with the lines below it.
    pub(super) text: String,
    /// Options with their values, in order.
    options: Vec<(String, String)>,
}

/// What somebody wrote, as code within a sentence of ours.
pub(super) fn shown(word: &str) -> String {
    format!("`{}`", short_code(word, QUOTED_CHARS))
}

/// A refusal with a line that works.
pub(super) fn unclear(row: &Row, what: impl Into<String>) -> TaskBlocker {
    TaskBlocker::Unclear { what: what.into(), works: row.example.to_owned() }
}

impl Parts {
    /// Sorts what stands behind the name. Words that follow an option belong to it where something was said before;
    /// else only the first of them does, and the others are what is said.
    pub(super) fn of(row: &Row, command: &Command) -> Result<Self, TaskBlocker> {
        let mut parts = Self::default();
        let (mut before, mut after): (Vec<String>, Vec<String>) = (Vec::new(), Vec::new());
        for argument in &command.arguments {
            match (argument, parts.options.last_mut()) {
                (Argument::Option { key, value }, _) => {
                    known(row, key)?;
                    parts.options.push((key.clone(), value.clone().unwrap_or_default()));
                }
                (said, None) => before.push(word(said, true)),
                (said, Some(_)) if before.is_empty() => after.push(word(said, true)),
                (said, Some((_, value))) => *value = format!("{value} {}", word(said, false)),
            }
        }
        parts.text = match (parts.options.is_empty(), before.is_empty()) {
            // Just as it was written.
            (true, _) => command.sentence().to_owned(),
            (false, false) => before.join(" "),
            (false, true) => after.join(" "),
        };
        let said = [unquoted(parts.text.trim()), command.body.trim_end()];
        parts.text = said.into_iter().filter(|part| !part.trim().is_empty()).collect::<Vec<_>>().join("\n");
        Ok(parts)
    }

    /// The value of an option; the last one counts.
    pub(super) fn option(&self, wanted: &str) -> Option<&str> {
        self.options.iter().rev().find(|(key, _)| key == wanted).map(|(_, value)| value.trim())
    }

    /// The value of an option where it is given, which then says something.
    pub(super) fn value(&self, row: &Row, wanted: &str) -> Result<Option<String>, TaskBlocker> {
        match self.option(wanted) {
            Some("") => Err(unclear(row, format!("`--{wanted}` says nothing"))),
            value => Ok(value.map(str::to_owned)),
        }
    }

    /// What was said, where anything was.
    pub(super) fn said(self) -> Option<String> {
        Some(self.text).filter(|text| !text.is_empty())
    }
}

/// An option that a command does not know is refused: whoever wrote it expects something of it.
pub(super) fn known(row: &Row, key: &str) -> Result<(), TaskBlocker> {
    let options = row.verb.options;
    if options.contains(&key) {
        return Ok(());
    }
    let there_are: Vec<String> = options.iter().map(|option| format!("`--{option}`")).collect();
    let others = match there_are.as_slice() {
        [] => "it has none, and a text with dashes stands in quotation marks".to_owned(),
        some => format!("it has {}", some.join(", ")),
    };
    Err(unclear(row, format!("`/{}` has no option {}: {others}", row.name, shown(&format!("--{key}")))))
}

/// The only word behind the name.
pub(super) fn one<'c>(row: &Row, command: &'c Command) -> Result<&'c str, TaskBlocker> {
    if let Some(Argument::Option { key, .. }) =
        command.arguments.iter().find(|argument| matches!(argument, Argument::Option { .. }))
    {
        known(row, key)?;
    }
    match command.arguments.as_slice() {
        [] => Err(unclear(row, format!("`/{}` wants to know: {}", row.name, row.takes))),
        [Argument::Word(word) | Argument::Quoted(word)] => Ok(word),
        _ => Err(unclear(row, format!("`/{}` takes one word: {}", row.name, row.takes))),
    }
}

/// Nothing stands behind the name.
pub(super) fn nothing(row: &Row, command: &Command) -> Result<(), TaskBlocker> {
    match command.arguments.as_slice() {
        [] => Ok(()),
        [Argument::Option { key, .. }, ..] => known(row, key),
        [_, ..] => Err(unclear(
            row,
            format!("`/{}` takes nothing, and {} is written behind it", row.name, shown(command.sentence())),
        )),
    }
}

fn word(argument: &Argument, with_quotes: bool) -> String {
    match argument {
        Argument::Quoted(text) if with_quotes => format!("\"{text}\""),
        Argument::Word(text) | Argument::Quoted(text) => text.clone(),
        Argument::Percent(percent) => format!("{percent}%"),
        Argument::Option { key, .. } => format!("--{key}"),
    }
}

/// A text that is one quotation stands for what is quoted.
fn unquoted(text: &str) -> &str {
    let inner = text.strip_prefix(['"', '“']).and_then(|text| text.strip_suffix(['"', '”']));
    inner.filter(|inner| !inner.contains(['"', '“', '”'])).map_or(text, str::trim)
}
