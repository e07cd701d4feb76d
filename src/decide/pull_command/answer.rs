//! What whoever wrote a command gets to see: reactions, the answer to `/help`, and one comment for all refusals.

use std::fmt::Write as _;

use super::table::help;
use super::turn::Turn;
use crate::decide::quote::{code, short_code};
use crate::model::{Action, CommentId, CommentSeen, Login, Permission, Planned, Reaction, Subject, Timestamp};

/// A line that is longer is cut where it is quoted.
pub(super) const LINE_MAX_CHARS: usize = 200;
/// An answer is given to the same person once in this time: the rest is told by the reaction alone.
const ANSWER_EVERY_MS: i64 = 600_000;

/// What became of the commands of one comment.
pub(super) struct Reacted {
    pub(super) comment: CommentId,
    pub(super) done: bool,
    pub(super) refused: bool,
}

/// A line that was not run.
pub(super) struct Refused {
    pub(super) asker: Login,
    pub(super) line: String,
    pub(super) why: String,
}

/// 👀 first, for everybody; then what was asked for; then 🚀 and 😕.
pub(super) fn actions(turn: &mut Turn<'_>) -> Vec<Planned> {
    let snapshot = turn.seen.snapshot;
    let subject = Subject::Pull(snapshot.repository.id, snapshot.pull.number);
    let mut actions: Vec<Planned> =
        turn.reacted.iter().map(|one| react(turn, &subject, one.comment, Reaction::Eyes)).collect();
    if !turn.retest.is_empty() {
        actions.push(Planned {
            key: format!("retest/{subject}/{}", snapshot.decision),
            slot: None,
            action: Action::Retest {
                repository: snapshot.repository.clone(),
                head: snapshot.pull.head.clone(),
                checks: std::mem::take(&mut turn.retest),
            },
        });
    }
    let window = window(turn.now);
    for (asker, permission) in &turn.helped {
        let key = format!("help/{subject}/{}/{window}", asker.as_str().to_ascii_lowercase());
        actions.push(comment(turn, key, help(asker, *permission)));
    }
    if let Some(text) = refusals(&turn.refused) {
        let key = refusal_key(turn, &subject);
        actions.push(comment(turn, key, text));
    }
    for one in &turn.reacted {
        let results = [(one.done, Reaction::Rocket), (one.refused, Reaction::Confused)];
        for (_, reaction) in results.into_iter().filter(|(is_so, _)| *is_so) {
            actions.push(react(turn, &subject, one.comment, reaction));
        }
    }
    actions
}

fn window(now: Timestamp) -> i64 {
    now.ms().div_euclid(ANSWER_EVERY_MS)
}

/// Somebody who may do nothing here cannot make us write one comment after the other.
fn refusal_key(turn: &Turn<'_>, subject: &Subject) -> String {
    let may_nothing = |login: &Login| {
        let known = turn.seen.snapshot.permissions.iter().find(|(known, _)| known.is(login));
        known.is_none_or(|(_, permission)| *permission < Permission::Triage)
    };
    if turn.refused.iter().all(|refused| may_nothing(&refused.asker)) {
        return format!("refused/{subject}/outsiders/{}", window(turn.now));
    }
    format!("refused/{subject}/{}", turn.seen.snapshot.decision)
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

fn comment(turn: &Turn<'_>, key: String, text: String) -> Planned {
    let snapshot = turn.seen.snapshot;
    let action = Action::Comment { repository: snapshot.repository.clone(), number: snapshot.pull.number, text };
    Planned { key, slot: None, action }
}

/// GitHub keeps one reaction of a kind, so each is asked for once.
fn react(turn: &Turn<'_>, subject: &Subject, comment: CommentId, content: Reaction) -> Planned {
    let snapshot = turn.seen.snapshot;
    Planned {
        key: format!("react/{subject}/{comment}/{}", content.as_str()),
        slot: None,
        action: Action::React {
            repository: snapshot.repository.clone(),
            number: snapshot.pull.number,
            comment: (comment != CommentSeen::BODY).then_some(comment),
            content,
        },
    }
}
