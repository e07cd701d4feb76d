//! Running the commands of comments one after the other: each is an ask of the task, or is refused with the reason.

use super::table::{self, Verb};
use super::words::words;
use super::{perform, texts};
use crate::decide::comment_commands::{Answers, News, Refusal, Runs};
use crate::decide::task::Turn;
use crate::model::{ActorKind, Command, Door, TaskAsk, TaskAuthority};

impl Runs for Turn<'_> {
    fn answers(&mut self) -> &mut Answers {
        &mut self.answers
    }

    fn run(&mut self, news: &News<'_>, command: &Command) -> Result<(), Refusal> {
        let asker = news.actor.ok_or("the account that edited this is gone, so nobody answers for it")?;
        let row = table::find(&command.name).ok_or_else(|| table::unknown(&command.name))?;
        let kind = news.comment.actor().map(|(_, kind)| kind);
        let authority = TaskAuthority::Person { login: asker.clone(), bot: kind == Some(ActorKind::Bot) };
        let read = words(row, command, (&self.snapshot.repository.name, self.now));
        let ask: Option<TaskAsk> = read.map_err(|why| {
            let line = texts::line(&command.line);
            self.audit_refusal(&authority, format!("was not understood in `{line}`: {why}"), Door::Github);
            calm(&why.to_string())
        })?;
        if let Some(ask) = ask {
            perform(self, (&authority, Door::Github), &ask).map_err(|why| calm(&why.to_string()))?;
            return Ok(());
        }
        if row.verb.verb == Verb::Help {
            let permission = self.permission(asker);
            self.answers.help(asker, permission);
        } else {
            // The card is written even if it seems to say the same as before: somebody waits for it.
            self.task.card_digest = None;
        }
        Ok(())
    }
}

/// A refusal calls nobody whose name somebody else wrote: outside code, an `@` stands apart from what follows.
fn calm(text: &str) -> Refusal {
    let mut in_code = false;
    let mut calm = String::with_capacity(text.len());
    for c in text.chars() {
        in_code ^= c == '`';
        match c {
            '@' if !in_code => calm.push_str("@\u{200b}"),
            '<' if !in_code => calm.push_str("&lt;"),
            other if other.is_control() => calm.push(' '),
            other => calm.push(other),
        }
    }
    calm
}
