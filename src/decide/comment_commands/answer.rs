//! What whoever wrote a command gets to see: reactions, the answer to `/help`, and one comment for all refusals.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::{News, Refusal};
use crate::decide::quote::{code, short_code};
use crate::model::{
    Action, Command, CommentId, CommentSeen, Login, Number, Permission, Planned, Reaction, Repository, Subject,
    Timestamp,
};

/// A line that is longer is cut where it is quoted.
pub(super) const LINE_MAX_CHARS: usize = 200;
/// An answer is given to the same person once in this time: the rest is told by the reaction alone.
const ANSWER_EVERY_MS: i64 = 600_000;

/// Where answers are given.
#[derive(Debug, Clone)]
pub(in crate::decide) struct Place<'a> {
    pub(in crate::decide) repository: &'a Repository,
    pub(in crate::decide) number: Number,
    pub(in crate::decide) subject: Subject,
    /// Counts the decisions on the subject.
    pub(in crate::decide) decision: i64,
    pub(in crate::decide) permissions: &'a BTreeMap<Login, Permission>,
    pub(in crate::decide) now: Timestamp,
}

impl Place<'_> {
    /// What somebody may do here; `None` where that is not known.
    pub(in crate::decide) fn permission(&self, login: &Login) -> Option<Permission> {
        self.permissions.iter().find(|(known, _)| known.is(login)).map(|(_, permission)| *permission)
    }

    fn window(&self) -> i64 {
        self.now.ms().div_euclid(ANSWER_EVERY_MS)
    }

    fn comment(&self, key: String, text: String) -> Planned {
        let action = Action::Comment { repository: self.repository.clone(), number: self.number, text };
        Planned { key, slot: None, action }
    }

    /// GitHub keeps one reaction of a kind, so each is asked for once.
    fn react(&self, comment: CommentId, content: Reaction) -> Planned {
        Planned {
            key: format!("react/{}/{comment}/{}", self.subject, content.as_str()),
            slot: None,
            action: Action::React {
                repository: self.repository.clone(),
                number: self.number,
                comment: (comment != CommentSeen::BODY).then_some(comment),
                content,
            },
        }
    }
}

/// What became of the commands of one comment.
struct Reacted {
    comment: CommentId,
    done: bool,
    refused: bool,
}

/// A line that was not run.
struct Refused {
    asker: Login,
    line: String,
    why: Refusal,
}

/// What became of commands.
#[derive(Default)]
pub(in crate::decide) struct Answers {
    helped: BTreeMap<Login, Option<Permission>>,
    reacted: Vec<Reacted>,
    refused: Vec<Refused>,
    told: Vec<String>,
}

impl Answers {
    /// Somebody asked what they may do.
    pub(in crate::decide) fn help(&mut self, asker: &Login, permission: Option<Permission>) {
        self.helped.insert(asker.clone(), permission);
    }

    /// What was done and what was refused, a sentence each, for the audit.
    pub(in crate::decide) fn into_told(self) -> Vec<String> {
        self.told
    }

    pub(super) fn react(&mut self, comment: CommentId, done: bool, refused: bool) {
        if done || refused {
            self.reacted.push(Reacted { comment, done, refused });
        }
    }

    pub(super) fn refuse(&mut self, news: &News<'_>, command: &Command, why: Refusal) {
        self.tell(news, command, &format!(" was refused: {why}"));
        let asker = news.actor.unwrap_or(&news.comment.author).clone();
        self.refused.push(Refused { asker, line: command.line.clone(), why });
    }

    pub(super) fn tell(&mut self, news: &News<'_>, command: &Command, end: &str) {
        let asker = news.actor.map_or("somebody", Login::as_str);
        self.told.push(format!("{asker}: `{}`{end}", short_code(&command.line, LINE_MAX_CHARS)));
    }

    /// 👀 for everybody, before anything else is done.
    pub(in crate::decide) fn eyes(&self, place: &Place<'_>) -> Vec<Planned> {
        self.reacted.iter().map(|one| place.react(one.comment, Reaction::Eyes)).collect()
    }

    /// What is said once everything else is done: help, refusals, and then 🚀 and 😕.
    pub(in crate::decide) fn results(
        &self,
        place: &Place<'_>,
        help: impl Fn(&Login, Option<Permission>) -> String,
    ) -> Vec<Planned> {
        let mut actions = Vec::new();
        let window = place.window();
        for (asker, permission) in &self.helped {
            let key = format!("help/{}/{}/{window}", place.subject, asker.as_str().to_ascii_lowercase());
            actions.push(place.comment(key, help(asker, *permission)));
        }
        if let Some(text) = refusals(&self.refused) {
            actions.push(place.comment(self.refusal_key(place), text));
        }
        for one in &self.reacted {
            let results = [(one.done, Reaction::Rocket), (one.refused, Reaction::Confused)];
            for (_, reaction) in results.into_iter().filter(|(is_so, _)| *is_so) {
                actions.push(place.react(one.comment, reaction));
            }
        }
        actions
    }

    /// Somebody who may do nothing here cannot make us write one comment after the other.
    fn refusal_key(&self, place: &Place<'_>) -> String {
        let may_nothing =
            |login: &Login| place.permission(login).is_none_or(|permission| permission < Permission::Triage);
        if self.refused.iter().all(|refused| may_nothing(&refused.asker)) {
            return format!("refused/{}/outsiders/{}", place.subject, place.window());
        }
        format!("refused/{}/{}", place.subject, place.decision)
    }
}

fn refusals(refused: &[Refused]) -> Option<String> {
    let mut text = match refused {
        [] => return None,
        [_] => "This line was not run:\n\n".to_owned(),
        _ => "These lines were not run:\n\n".to_owned(),
    };
    for Refused { asker, line, why } in refused {
        let end = if why.ends_with('?') { "" } else { "." };
        // Writing to a String cannot fail.
        let _ = writeln!(text, "- @{} `{}`: {why}{end}", code(asker.as_str()), short_code(line, LINE_MAX_CHARS));
    }
    text.push_str("\n`/help` lists what you may do here.");
    Some(text)
}
