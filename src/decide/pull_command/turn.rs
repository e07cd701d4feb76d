//! Running commands one after the other: each changes the record or adds an effect, or is refused with the reason.

use std::collections::BTreeSet;

use super::table::{self, Row, Verb};
use super::{Commanded, PullCommands, PullWords, Question};
use crate::decide::comment_commands::{Answers, News, Place, Refusal, Runs, allowed, reason, remembered};
use crate::decide::tests_report;
use crate::model::{
    Action, Command, Deed, FailedCheck, Hold, Login, Permission, Planned, PullState, Subject, Timestamp,
};

/// GitHub shows this many digits of a commit, and so people write no fewer.
const SHA_MIN_DIGITS: usize = 7;

/// The commands of one decision.
pub(super) struct Turn<'a> {
    pub(super) seen: &'a PullCommands<'a>,
    pub(super) now: Timestamp,
    place: Place<'a>,
    pub(super) words: PullWords,
    retest: Vec<FailedCheck>,
    answers: Answers,
    questions: BTreeSet<Question>,
    pub(super) deeds: Vec<Deed>,
}

impl Runs for Turn<'_> {
    fn answers(&mut self) -> &mut Answers {
        &mut self.answers
    }

    fn is_ours(&self, command: &Command) -> bool {
        !self.seen.foreign.iter().any(|name| name.eq_ignore_ascii_case(&command.name))
    }

    fn run(&mut self, news: &News<'_>, command: &Command) -> Result<(), Refusal> {
        let row = table::find(&command.name).ok_or_else(|| table::unknown(&command.name))?;
        let asker = news.actor.ok_or("the account that edited this is gone, so nobody answers for it")?;
        allowed(asker, self.permission(asker), row.needs)?;
        self.is_in_time(row)?;
        self.command(row, asker, command)
    }
}

impl<'a> Turn<'a> {
    pub(super) fn new(seen: &'a PullCommands<'a>, now: Timestamp) -> Self {
        let snapshot = seen.snapshot;
        let record = snapshot.record.as_ref();
        Self {
            seen,
            now,
            place: Place {
                repository: &snapshot.repository,
                number: snapshot.pull.number,
                subject: Subject::Pull(snapshot.repository.id, snapshot.pull.number),
                decision: snapshot.decision,
                permissions: &snapshot.permissions,
                now,
            },
            words: PullWords {
                hold: record.and_then(|record| record.hold.clone()),
                merge_asked: record.and_then(|record| record.merge_asked.clone()),
                put_out: record.and_then(|record| record.put_out.clone()),
                commands_seen: remembered(&seen.talk()),
            },
            retest: Vec::new(),
            answers: Answers::default(),
            questions: BTreeSet::new(),
            deeds: Vec::new(),
        }
    }

    pub(super) fn permission(&self, login: &Login) -> Option<Permission> {
        self.place.permission(login)
    }

    /// Most of it means nothing once the pull request is closed.
    pub(super) fn is_in_time(&self, row: &Row) -> Result<(), Refusal> {
        let over = match self.seen.snapshot.pull.state {
            PullState::Open => None,
            PullState::Closed => Some("the pull request is closed"),
            PullState::Merged => Some("the pull request is merged already"),
        };
        over.filter(|_| table::is_open_only(row)).map_or(Ok(()), |over| Err(over.to_owned()))
    }

    pub(super) fn merge(&mut self, asker: &Login) {
        self.words.merge_asked = Some((asker.clone(), self.seen.snapshot.pull.head.clone()));
        self.words.put_out = None;
    }

    pub(super) fn dequeue(&mut self, asker: &Login, why: Option<String>) {
        let why = why.map(|why| format!(": {why}")).unwrap_or_default();
        self.words.put_out = Some((self.seen.snapshot.pull.head.clone(), format!("{asker} took it out{why}")));
        self.words.merge_asked = None;
    }

    pub(super) fn retest(&mut self, names: &[&str]) -> Result<(), Refusal> {
        let failed = tests_report::retest(&self.seen.snapshot.checks, self.seen.snapshot.own.1, names)?;
        let new: Vec<_> = failed.into_iter().filter(|check| !self.retest.contains(check)).collect();
        self.retest.extend(new);
        Ok(())
    }

    fn command(&mut self, row: &Row, asker: &Login, command: &Command) -> Result<(), Refusal> {
        match row.verb {
            Verb::Help => {
                self.answers.help(asker, self.permission(asker));
            }
            Verb::Status => {
                self.questions.insert(Question::Status);
            }
            Verb::Why => {
                self.questions.insert(Question::Why);
            }
            Verb::Merge | Verb::Queue => {
                self.means_this_head(row, command)?;
                self.merge(asker);
            }
            Verb::Hold => {
                let why = reason(command.sentence(), &command.body)
                    .ok_or_else(|| format!("say why, such as `{}`", row.example))?;
                self.words.hold = Some(Hold { by: asker.clone(), why, since: self.now });
            }
            Verb::Unhold => self.words.hold = None,
            Verb::Dequeue => {
                self.dequeue(asker, reason(command.sentence(), &command.body));
            }
            Verb::Retest => {
                let names: Vec<&str> = command.words().collect();
                self.retest(&names)?;
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

    /// 👀 first, for everybody; then what was asked for; then answers and results.
    pub(super) fn finish(mut self) -> Commanded {
        let mut actions = self.answers.eyes(&self.place);
        if !self.retest.is_empty() {
            actions.push(Planned {
                key: format!("retest/{}/{}", self.place.subject, self.place.decision),
                slot: None,
                action: Action::Retest {
                    repository: self.place.repository.clone(),
                    head: self.seen.snapshot.pull.head.clone(),
                    checks: std::mem::take(&mut self.retest),
                },
            });
        }
        actions.extend(self.answers.results(&self.place, table::help));
        Commanded {
            words: self.words,
            actions,
            questions: self.questions,
            told: self.answers.into_told(),
            deeds: self.deeds,
        }
    }
}
