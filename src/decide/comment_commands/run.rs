//! Running the new commands of a comment one after the other, and noting what became of each.

use super::{Answers, News};
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
    let commands: Vec<_> = news.commands.iter().copied().filter(|(_, command)| runs.is_ours(command)).collect();
    let (now, beyond): (Vec<_>, Vec<_>) = commands.into_iter().partition(|(place, _)| *place < COMMANDS_MAX);
    let (mut done, mut refused) = (false, false);
    for (_, command) in now {
        match runs.run(news, command) {
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

/// What stands behind the name, else what stands below it, on one line.
pub(in crate::decide) fn reason(behind: &str, below: &str) -> Option<String> {
    let text = if behind.is_empty() { below } else { behind };
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let line = line.trim_matches(['"', '“', '”']).trim();
    let short: String = line.chars().take(WHY_MAX_CHARS).collect();
    (!short.is_empty()).then_some(short)
}
