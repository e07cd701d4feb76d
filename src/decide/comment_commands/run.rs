//! Running the new commands of a comment one after the other, and noting what became of each.

use super::answer::LINE_MAX_CHARS;
use super::{Answers, News};
use crate::decide::quote::short_code;
use crate::decide::task_command::is_any_command;
use crate::model::{COMMANDS_MAX, Command};

/// Why a command is not run, and what would work; a sentence without its end.
pub(in crate::decide) type Refusal = String;

/// A reason that is longer says too much for a card.
const WHY_MAX_CHARS: usize = 500;

/// Whoever runs commands.
pub(in crate::decide) trait Runs {
    /// Where it is noted what became of them.
    fn answers(&mut self) -> &mut Answers;

    /// Runs one.
    fn run(&mut self, news: &News<'_>, command: &Command) -> Result<(), Refusal>;

    /// Whether it is meant for us.
    fn is_ours(&self, _command: &Command) -> bool {
        true
    }
}

/// Runs the new commands of a comment, of which only so many count.
pub(in crate::decide) fn comment<R: Runs>(runs: &mut R, news: &News<'_>) {
    let is_meant = |command: &Command| runs.is_ours(command) && (!command.in_code || is_any_command(&command.name));
    let commands: Vec<_> = news.commands.iter().copied().filter(|(_, command)| is_meant(command)).collect();
    let (now, beyond): (Vec<_>, Vec<_>) = commands.into_iter().partition(|(place, _)| *place < COMMANDS_MAX);
    let (mut done, mut refused) = (false, false);
    for (_, command) in now {
        match run(runs, news, command) {
            Ok(()) => {
                done = true;
                runs.answers().tell(news, command, "");
            }
            Err(why) => {
                refused = true;
                runs.answers().refuse(news, command, why);
            }
        }
    }
    if let Some((_, first)) = beyond.first() {
        refused = true;
        let others = match beyond.len() {
            1 => String::new(),
            all => format!(", nor the {} below it", all - 1),
        };
        let why = format!("only the first {COMMANDS_MAX} commands of a comment are run; this one was not{others}");
        runs.answers().refuse(news, first, format!("{why}: write them in a new comment"));
    }
    runs.answers().react(news.comment.id, done, refused);
}

fn run<R: Runs>(runs: &mut R, news: &News<'_>, command: &Command) -> Result<(), Refusal> {
    if command.in_code {
        let bare = short_code(command.line.trim_matches('`').trim(), LINE_MAX_CHARS);
        return Err(format!("in backticks it is code, which is never run; without them it is: {bare}"));
    }
    runs.run(news, command)
}

/// What stands behind the name, else what stands below it, on one line.
pub(in crate::decide) fn reason(behind: &str, below: &str) -> Option<String> {
    let text = if behind.is_empty() { below } else { behind };
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let line = line.trim_matches(['"', '“', '”']).trim();
    let short: String = line.chars().take(WHY_MAX_CHARS).collect();
    (!short.is_empty()).then_some(short)
}
