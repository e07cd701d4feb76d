//! What the slash-commands on a pull request do: to its record, to its checks, and in answer to whoever wrote them.

mod asked;
mod table;
mod turn;

use std::collections::{BTreeMap, BTreeSet};

use super::comment_commands::{self, Talk, news};
use crate::model::{
    CommentId, CommentSeen, Deed, Hold, Login, Planned, PullRecord, PullReport, PullSnapshot, Sha, TaskAuthority,
    Timestamp,
};

pub use table::help;
pub(super) use table::{is_command, markdown};

/// What a decision on commands may see, apart from time.
#[derive(Debug, Clone, Copy)]
pub struct PullCommands<'a> {
    /// The pull request. Its permissions must hold those of [`askers`]: whoever is missing there may do nothing.
    pub snapshot: &'a PullSnapshot,
    /// Its comments, and its own text as [`CommentSeen::of_body`].
    pub comments: &'a [CommentSeen],
    /// Commands in comments that were written before are noted, and not run.
    pub known_since: Timestamp,
    /// Bots whose commands are run, if their permission allows it.
    pub bots: &'a [Login],
    /// Names of commands that other bots here answer to, without the slash.
    pub foreign: &'a [String],
}

impl<'a> PullCommands<'a> {
    fn talk(&self) -> Talk<'a> {
        Talk {
            comments: self.comments,
            commands_seen: self.snapshot.record.as_ref().map(|record| &record.commands_seen),
            own: &self.snapshot.own.0,
            known_since: self.known_since,
            bots: self.bots,
        }
    }
}

/// What people's words have made of the record of a pull request.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PullWords {
    /// See [`PullRecord::hold`].
    pub hold: Option<Hold>,
    /// See [`PullRecord::merge_asked`].
    pub merge_asked: Option<(Login, Sha)>,
    /// See [`PullRecord::put_out`].
    pub put_out: Option<(Sha, String)>,
    /// See [`PullRecord::commands_seen`].
    pub commands_seen: BTreeMap<CommentId, Vec<String>>,
}

impl PullWords {
    /// Writes them into a record.
    pub fn put_into(self, record: &mut PullRecord) {
        let Self { hold, merge_asked, put_out, commands_seen } = self;
        record.hold = hold;
        record.merge_asked = merge_asked;
        record.put_out = put_out;
        record.commands_seen = commands_seen;
    }
}

/// What is to be answered in the card.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Question {
    /// `/status`
    Status,
    /// `/why`
    Why,
}

/// What the commands come to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Commanded {
    /// The record's fields that commands can change, as they are to be from now on.
    pub words: PullWords,
    /// What is to be done, in this order: acknowledgements, effects, answers, results.
    pub actions: Vec<Planned>,
    /// What somebody asked that the card answers: it is to be written even if it seems to say the same as before.
    pub questions: BTreeSet<Question>,
    /// What was done and what was refused, a sentence each, for the audit.
    pub told: Vec<String>,
    /// The same of what was asked by other doors.
    pub deeds: Vec<Deed>,
}

/// Whose permission has to be known before [`decide`] can say yes: whoever wrote a command that is new.
#[must_use]
pub fn askers(seen: &PullCommands<'_>) -> BTreeSet<Login> {
    news(&seen.talk()).into_iter().filter_map(|news| news.actor.cloned()).collect()
}

/// Runs every command that nobody has run yet, in the order in which they were written.
#[must_use]
pub fn decide(seen: &PullCommands<'_>, now: Timestamp) -> Commanded {
    with_asks(seen, &[], now)
}

/// The same, and then does what was asked by other doors, in the order in which it was asked.
#[must_use]
pub fn with_asks(seen: &PullCommands<'_>, reports: &[PullReport], now: Timestamp) -> Commanded {
    let mut turn = turn::Turn::new(seen, now);
    for news in news(&seen.talk()) {
        comment_commands::comment(&mut turn, &news);
    }
    for report in reports {
        turn.asked(report);
    }
    turn.finish()
}

/// Whose permission has to be known before what was asked by other doors can be done.
pub fn asking(reports: &[PullReport]) -> impl Iterator<Item = Login> {
    reports.iter().filter_map(|PullReport::Asked { authority, .. }| match authority {
        TaskAuthority::Person { login, .. } => Some(login.clone()),
        TaskAuthority::Worker { .. }
        | TaskAuthority::Orchestrator { .. }
        | TaskAuthority::Operator { .. }
        | TaskAuthority::Clock => None,
    })
}
