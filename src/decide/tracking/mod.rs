//! Decides about the issue on which a release is followed: obeys commands, shows on a card how far it is, and closes it.

mod ask;
mod card;
mod closing;
mod refusal;
mod refusal_kind;
mod standing;
mod table;
mod turn;
mod until;
mod version;
mod words;

use std::collections::BTreeSet;

use super::card::digest;
use super::comment_commands::{self, Talk, news};
use crate::model::{
    Action, Blocker, Explanation, IssueState, Login, Planned, Subject, Timestamp, TrackingDecision, TrackingSnapshot,
};
use crate::policy::EnvironmentSettings;

pub use ask::{AskContext, AskWords, ask, open_question};
pub use refusal::AskRefusal;
pub use refusal_kind::RefusalKind;
pub(super) use table::{is_command, markdown};
pub use until::until;

/// So long after a freeze or a question has ended the card is looked at.
const LOOK_AFTER_MS: i64 = 5_000;

/// What a decision on a tracking issue may see, apart from time.
#[derive(Debug, Clone, Copy)]
pub struct TrackingSeen<'a> {
    /// What was seen. Its permissions must hold those of [`askers`]: whoever is missing there may do nothing.
    pub snapshot: &'a TrackingSnapshot,
    /// Every `[[environment]]`.
    pub environments: &'a [EnvironmentSettings],
    /// Why the policy cannot be read; then nothing is asked of any environment, and nothing is closed.
    pub unreadable: Option<&'a str>,
    /// Commands in comments that were written before are noted, and not run.
    pub known_since: Timestamp,
    /// Bots whose commands are run, if their permission allows it.
    pub bots: &'a [Login],
}

impl<'a> TrackingSeen<'a> {
    fn talk(&self) -> Talk<'a> {
        Talk {
            comments: &self.snapshot.comments,
            commands_seen: Some(&self.snapshot.record.commands_seen),
            own: &self.snapshot.own.0,
            known_since: self.known_since,
            bots: self.bots,
        }
    }

    fn subject(&self) -> Subject {
        Subject::Issue(self.snapshot.repository.id, self.snapshot.issue.number)
    }
}

/// Whose permission has to be known before [`decide`] can say yes: whoever wrote a command that is new.
#[must_use]
pub fn askers(seen: &TrackingSeen<'_>) -> BTreeSet<Login> {
    news(&seen.talk()).into_iter().filter_map(|news| news.actor.cloned()).collect()
}

/// Decides about a tracking issue.
#[must_use]
pub fn decide(seen: &TrackingSeen<'_>, now: Timestamp) -> TrackingDecision {
    let mut turn = turn::Turn::new(seen, now);
    for news in news(&seen.talk()) {
        comment_commands::comment(&mut turn, &news);
    }
    let obeyed = turn.finish();
    let (snapshot, subject) = (seen.snapshot, seen.subject());
    let mut record = snapshot.record.clone();
    record.commands_seen = obeyed.commands_seen;
    let mut actions = obeyed.actions;
    let card = card::text(seen, now);
    let digest = digest(&card);
    if obeyed.asked || record.card_digest.as_ref() != Some(&digest) {
        record.card_digest = Some(digest);
        actions.push(Planned {
            key: format!("card/{subject}/{}", snapshot.decision),
            slot: Some("card".to_owned()),
            action: Action::WriteCard {
                repository: snapshot.repository.clone(),
                number: snapshot.issue.number,
                comment: record.card,
                text: card.clone(),
            },
        });
    }
    let over = closing::over(seen);
    if over.is_some() && snapshot.issue.state == IssueState::Open {
        actions.push(Planned {
            key: format!("release/close/{subject}"),
            slot: None,
            action: Action::CloseIssue {
                repository: snapshot.repository.clone(),
                number: snapshot.issue.number,
                not_planned: false,
            },
        });
    }
    let story = over.map_or_else(|| card::story(seen, now), |over| over.to_string());
    let item = format!("{}#{}", snapshot.repository.name, snapshot.issue.number);
    TrackingDecision {
        summary: format!("{item}: {} {story}.", snapshot.release.version.tag),
        explanation: explained(seen, &obeyed.told),
        told: obeyed.told,
        record,
        asks: obeyed.asks,
        actions,
        card,
        look_again: look_again(seen, now),
    }
}

/// When the card says something else though nothing happens: a freeze or a question for approval ends. The
/// environment itself looks at that moment, so it goes first.
fn look_again(seen: &TrackingSeen<'_>, now: Timestamp) -> Option<Timestamp> {
    if seen.snapshot.issue.state == IssueState::Closed {
        return None;
    }
    let records = seen.environments.iter().filter_map(|one| seen.snapshot.environments.get(&one.name));
    let ends = records.flat_map(|record| {
        let question = ask::open_question(record, now).map(|asked| asked.expires);
        record.freezes.iter().filter_map(|freeze| freeze.until).chain(question)
    });
    ends.filter(|end| now < *end).min().map(|end| end.plus_ms(LOOK_AFTER_MS))
}

/// What people asked, and what keeps this version from where it is to go.
fn explained(seen: &TrackingSeen<'_>, told: &[String]) -> Explanation {
    let mut blockers: Vec<Blocker> = Vec::new();
    if let Some(fault) = seen.unreadable {
        blockers.push(Blocker::PolicyUnreadable { fault: fault.to_owned() });
    }
    blockers.extend(seen.environments.iter().flat_map(|one| standing::blockers(seen.snapshot, &one.name)).cloned());
    Explanation { reasons: told.to_vec(), blockers }
}
