//! The form of a table of commands, from which `/help` and every refusal is written.

use std::fmt::Write as _;

use super::Refusal;
use crate::decide::quote::code;
use crate::model::{Login, Permission};

/// A command.
#[derive(Debug)]
pub(in crate::decide) struct Row<Verb> {
    /// What it does.
    pub(in crate::decide) verb: Verb,
    /// Its name without the slash.
    pub(in crate::decide) name: &'static str,
    /// What stands behind the name.
    pub(in crate::decide) takes: &'static str,
    /// A line that works.
    pub(in crate::decide) example: &'static str,
    /// What it does, as a sentence part.
    pub(in crate::decide) effect: &'static str,
    /// What it takes to be allowed to; [`Permission::None`] for everybody.
    pub(in crate::decide) needs: Permission,
}

impl<Verb> Row<Verb> {
    /// The row of a command, given what it takes, a line that works, and its effect.
    pub(in crate::decide) const fn new(
        verb: Verb,
        name: &'static str,
        [takes, example, effect]: [&'static str; 3],
        needs: Permission,
    ) -> Self {
        Self { verb, name, takes, example, effect, needs }
    }

    /// How it is written, as code.
    pub(in crate::decide) fn usage(&self) -> String {
        let gap = if self.takes.is_empty() { "" } else { " " };
        format!("`/{}{gap}{}`", self.name, self.takes)
    }

    /// How it is written, as code in a table's cell.
    pub(in crate::decide) fn cell(&self) -> String {
        self.usage().replace('|', "\\|")
    }
}

/// A table of commands for the README, given who may run each.
pub(in crate::decide) fn markdown<Verb>(rows: &[Row<Verb>], who: impl Fn(&Row<Verb>) -> String) -> String {
    let mut text = "| command | who | effect |\n| --- | --- | --- |\n".to_owned();
    for row in rows {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "| {} | {} | {} |", row.cell(), who(row), row.effect);
    }
    text
}

/// Whoever has this permission.
pub(in crate::decide) fn by_permission<Verb>(row: &Row<Verb>) -> String {
    if row.needs == Permission::None { "anyone".to_owned() } else { format!("{} permission", row.needs) }
}

/// Whether a permission is enough, where one is known.
pub(in crate::decide) fn allowed(asker: &Login, has: Option<Permission>, needs: Permission) -> Result<(), Refusal> {
    if needs == Permission::None {
        return Ok(());
    }
    match has {
        Some(has) if has >= needs => Ok(()),
        Some(has) => Err(format!("this needs {needs} permission, and {asker} has {has}")),
        None => Err(format!(
            "this needs {needs} permission, and that of {asker} could not be read just now: write it again in a minute"
        )),
    }
}

/// Why there is no such command, with the one that may have been meant.
pub(in crate::decide) fn nearest<Verb>(rows: &[Row<Verb>], name: &str) -> Refusal {
    let nearest = rows.iter().map(|row| (distance(name, row.name), row)).min_by_key(|(distance, _)| *distance);
    match nearest {
        Some((distance, row)) if distance * 2 <= row.name.len() && distance <= 2 => {
            format!("there is no such command; did you mean {}?", row.usage())
        }
        Some(_) | None => "there is no such command; `/help` lists those that there are".to_owned(),
    }
}

/// How many letters must be put in, taken out or replaced to make one word of the other.
fn distance(one: &str, other: &str) -> usize {
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (i, a) in one.bytes().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], i + 1);
        for (j, b) in other.bytes().enumerate() {
            let replaced = diagonal + usize::from(a != b);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row.last().copied().unwrap_or_default()
}

/// What `/help` answers: only what the asker may do, and what more there would be with which permission.
pub(in crate::decide) fn help<Verb>(rows: &[Row<Verb>], asker: &Login, permission: Option<Permission>) -> String {
    let may = |row: &Row<Verb>| row.needs == Permission::None || permission.is_some_and(|has| has >= row.needs);
    let mut text = format!("@{} you may write these on a line of their own:\n\n", code(asker.as_str()));
    text.push_str("| command | effect |\n| --- | --- |\n");
    for row in rows.iter().filter(|row| may(row)) {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "| {} | {} |", row.cell(), row.effect);
    }
    let others: Vec<String> = rows.iter().filter(|row| !may(row)).map(|row| format!("`/{}`", row.name)).collect();
    if let Some(needs) = rows.iter().filter(|row| !may(row)).map(|row| row.needs).min() {
        let has = match permission {
            Some(has) => format!("you have {has}"),
            None => "yours could not be read just now".to_owned(),
        };
        let _ = write!(text, "\n{} need {needs} permission; {has}.", others.join(", "));
    }
    text.trim_end().to_owned()
}
