//! Running commands one after the other: each changes the record or adds an effect, or is refused with the reason.

use std::collections::{BTreeMap, BTreeSet};

use super::answer::{self, Reacted, Refused};
use super::news::{News, remembered};
use super::table::{self, Row, Verb};
use super::{Commanded, PullCommands, PullWords, Question};
use crate::decide::quote::short_code;
use crate::decide::tests_report;
use crate::model::{COMMANDS_MAX, Command, FailedCheck, Hold, Login, Permission, PullState, Timestamp};

/// A reason that is longer says too much for a card.
const WHY_MAX_CHARS: usize = 500;
/// GitHub shows this many digits of a commit, and so people write no fewer.
const SHA_MIN_DIGITS: usize = 7;

/// The commands of one decision.
pub(super) struct Turn<'a> {
    pub(super) seen: &'a PullCommands<'a>,
    pub(super) now: Timestamp,
    pub(super) words: PullWords,
    pub(super) retest: Vec<FailedCheck>,
    pub(super) helped: BTreeMap<Login, Option<Permission>>,
    pub(super) reacted: Vec<Reacted>,
    pub(super) refused: Vec<Refused>,
    questions: BTreeSet<Question>,
    told: Vec<String>,
}

/// Why a command is not run, and what would work; a sentence without its end.
type Refusal = String;

impl<'a> Turn<'a> {
    pub(super) fn new(seen: &'a PullCommands<'a>, now: Timestamp) -> Self {
        let record = seen.snapshot.record.as_ref();
        Self {
            seen,
            now,
            words: PullWords {
                hold: record.and_then(|record| record.hold.clone()),
                merge_asked: record.and_then(|record| record.merge_asked.clone()),
                put_out: record.and_then(|record| record.put_out.clone()),
                commands_seen: remembered(seen),
            },
            retest: Vec::new(),
            helped: BTreeMap::new(),
            reacted: Vec::new(),
            refused: Vec::new(),
            questions: BTreeSet::new(),
            told: Vec::new(),
        }
    }

    pub(super) fn comment(&mut self, news: &News<'_>) {
        let ours = |command: &Command| !self.seen.foreign.iter().any(|name| name.eq_ignore_ascii_case(&command.name));
        let commands = news.commands.iter().copied().filter(|(_, command)| ours(command));
        let (now, beyond): (Vec<_>, Vec<_>) = commands.partition(|(place, _)| *place < COMMANDS_MAX);
        let mut reacted = Reacted { comment: news.comment.id, done: false, refused: false };
        for (_, command) in now {
            match self.command(news, command) {
                Ok(()) => {
                    reacted.done = true;
                    self.tell(news, command, "");
                }
                Err(why) => {
                    reacted.refused = true;
                    self.refuse(news, command, why);
                }
            }
        }
        if let Some((_, first)) = beyond.first() {
            reacted.refused = true;
            let others = match beyond.len() {
                1 => String::new(),
                all => format!(", nor the {} below it", all - 1),
            };
            let why = format!("only the first {COMMANDS_MAX} commands of a comment are run; this one was not{others}");
            self.refuse(news, first, format!("{why}: write them in a new comment"));
        }
        if reacted.done || reacted.refused {
            self.reacted.push(reacted);
        }
    }

    fn refuse(&mut self, news: &News<'_>, command: &Command, why: Refusal) {
        self.tell(news, command, &format!(" was refused: {why}"));
        let asker = news.actor.unwrap_or(&news.comment.author).clone();
        self.refused.push(Refused { asker, line: command.line.clone(), why });
    }

    fn tell(&mut self, news: &News<'_>, command: &Command, end: &str) {
        let asker = news.actor.map_or("somebody", Login::as_str);
        self.told.push(format!("{asker}: `{}`{end}", short_code(&command.line, answer::LINE_MAX_CHARS)));
    }

    fn permission(&self, login: &Login) -> Option<Permission> {
        self.seen.snapshot.permissions.iter().find(|(known, _)| known.is(login)).map(|(_, permission)| *permission)
    }

    fn command(&mut self, news: &News<'_>, command: &Command) -> Result<(), Refusal> {
        let row = table::find(&command.name).ok_or_else(|| table::unknown(&command.name))?;
        let asker = news.actor.ok_or("the account that edited this is gone, so nobody answers for it")?;
        self.may(asker, row)?;
        let over = match self.seen.snapshot.pull.state {
            PullState::Open => None,
            PullState::Closed => Some("the pull request is closed"),
            PullState::Merged => Some("the pull request is merged already"),
        };
        if let Some(over) = over.filter(|_| row.open_only) {
            return Err(over.to_owned());
        }
        self.run(row, asker, command)
    }

    fn may(&self, asker: &Login, row: &Row) -> Result<(), Refusal> {
        if row.needs == Permission::None {
            return Ok(());
        }
        match self.permission(asker) {
            Some(has) if has >= row.needs => Ok(()),
            Some(has) => Err(format!("this needs {} permission, and {asker} has {has}", row.needs)),
            None => Err(format!(
                "this needs {} permission, and that of {asker} could not be read just now: write it again in a minute",
                row.needs
            )),
        }
    }

    fn run(&mut self, row: &Row, asker: &Login, command: &Command) -> Result<(), Refusal> {
        let head = self.seen.snapshot.pull.head.clone();
        match row.verb {
            Verb::Help => {
                self.helped.insert(asker.clone(), self.permission(asker));
            }
            Verb::Status => {
                self.questions.insert(Question::Status);
            }
            Verb::Why => {
                self.questions.insert(Question::Why);
            }
            Verb::Merge | Verb::Queue => {
                self.means_this_head(row, command)?;
                self.words.merge_asked = Some((asker.clone(), head));
                self.words.put_out = None;
            }
            Verb::Hold => {
                let why = reason(command).ok_or_else(|| format!("say why, such as `{}`", row.example))?;
                self.words.hold = Some(Hold { by: asker.clone(), why, since: self.now });
            }
            Verb::Unhold => self.words.hold = None,
            Verb::Dequeue => {
                let why = reason(command).map(|why| format!(": {why}")).unwrap_or_default();
                self.words.put_out = Some((head, format!("{asker} took it out{why}")));
                self.words.merge_asked = None;
            }
            Verb::Retest => {
                let names: Vec<&str> = command.words().collect();
                let failed = tests_report::retest(&self.seen.snapshot.checks, self.seen.snapshot.own.1, &names)?;
                let new: Vec<_> = failed.into_iter().filter(|check| !self.retest.contains(check)).collect();
                self.retest.extend(new);
            }
        }
        Ok(())
    }

    /// Whoever asks for a merge means the head that they saw. Where a push came between our last look and this one,
    /// nobody can tell which that was, unless they name it.
    fn means_this_head(&self, row: &Row, command: &Command) -> Result<(), Refusal> {
        let head = &self.seen.snapshot.pull.head;
        let ask = format!("`/{} {}`", row.name, head.short());
        if !command.arguments.is_empty() {
            let word = command.words().next().unwrap_or_default().to_ascii_lowercase();
            let is_sha = word.len() >= SHA_MIN_DIGITS && word.bytes().all(|byte| byte.is_ascii_hexdigit());
            if command.arguments.len() > 1 || !is_sha {
                return Err(format!("it takes nothing but the commit that you mean: {ask}"));
            }
            return if head.as_str().starts_with(&word) {
                Ok(())
            } else {
                Err(format!("the head is {} now: {ask}", head.short()))
            };
        }
        match &self.seen.snapshot.record {
            Some(record) if record.head != *head => {
                Err(format!("the head moved to {} at about the same time: say that you mean it, {ask}", head.short()))
            }
            Some(_) | None => Ok(()),
        }
    }

    pub(super) fn finish(mut self) -> Commanded {
        let actions = answer::actions(&mut self);
        Commanded { words: self.words, actions, questions: self.questions, told: self.told }
    }
}

/// What stands behind the name, else what stands below it, on one line.
fn reason(command: &Command) -> Option<String> {
    let text = if command.sentence().is_empty() { command.body.as_str() } else { command.sentence() };
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let line = line.trim_matches(['"', '“', '”']).trim();
    let short: String = line.chars().take(WHY_MAX_CHARS).collect();
    (!short.is_empty()).then_some(short)
}
