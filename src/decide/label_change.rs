//! Changes of labels by people: those that they may make are choices, the others are put back with a reason.

use super::comment_commands::is_same;
use super::quote::code;
use super::task::Turn;
use super::task_command::first_look;
use crate::model::{
    ActorKind, Blocker, Door, IssueSnapshot, LabelEvent, LabelFamily, LabelName, Level, Login, Permission,
};
use crate::policy::Policy;

/// Labels of ours whose change does not count, because whoever made it may not: put on again, or taken off.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct NotCounted {
    /// Put on by somebody who may not.
    pub(super) added: Vec<LabelName>,
    /// Taken off by somebody who may not.
    pub(super) removed: Vec<LabelName>,
}

/// Whether nobody has judged a change yet, and it is not our own. A change of the second that was judged last is looked
/// at again: another one of it may have come later.
fn is_new(snapshot: &IssueSnapshot, event: &LabelEvent) -> bool {
    let judged = snapshot.task.as_ref().and_then(|task| task.work.labels_judged);
    let since = judged.unwrap_or_else(|| first_look(snapshot));
    let by_us = event.by.as_ref().is_some_and(|(login, _)| is_same(login, &snapshot.own.0));
    event.at.seconds() >= since.seconds() && !by_us
}

fn news(snapshot: &IssueSnapshot) -> impl Iterator<Item = &LabelEvent> {
    snapshot.label_events.iter().filter(|event| is_new(snapshot, event))
}

fn is_listed(policy: &Policy, bot: &Login) -> bool {
    policy.tasks.bots.iter().any(|listed| is_same(listed, bot))
}

/// Whose permission decides whether these changes count.
pub(super) fn people<'s>(snapshot: &'s IssueSnapshot, policy: &'s Policy) -> impl Iterator<Item = Login> + 's {
    let by = news(snapshot).filter_map(|event| event.by.as_ref());
    let is_heard = |login: &Login, kind: ActorKind| kind != ActorKind::Bot || is_listed(policy, login);
    by.filter(move |(login, kind)| is_heard(login, *kind)).map(|(login, _)| login.clone())
}

/// Judges the changes of labels since the last look. `risk` is what the rules say of an issue of which nobody else has.
pub(super) fn judge(turn: &mut Turn<'_>, risk: Option<Level>) -> NotCounted {
    let snapshot = turn.snapshot;
    let risk = turn.task.risk.or(risk);
    let raised_to = raised_to(turn);
    let mut latest: Vec<&LabelEvent> = Vec::new();
    for event in news(snapshot) {
        latest.retain(|before| before.label != event.label);
        latest.push(event);
    }
    let mut put_back = std::mem::take(&mut turn.task.work.labels_put_back);
    for event in latest {
        put_back.retain(|(label, _)| *label != event.label);
        match forbidden(turn, event, (risk, raised_to)) {
            Some(because) if shows(snapshot, &event.label, event.added) => {
                put_back.push((event.label.clone(), event.added));
                refuse(turn, event, because);
            }
            Some(_) => {}
            None => accept(turn, event),
        }
    }
    // What GitHub shows as it should be is put back.
    put_back.retain(|(label, added)| shows(snapshot, label, *added));
    let newest = snapshot.label_events.iter().map(|event| event.at).max();
    let judged = turn.task.work.labels_judged.unwrap_or_else(|| first_look(snapshot));
    turn.task.work.labels_judged = Some(newest.map_or(judged, |newest| newest.max(judged)));
    let of =
        |wanted: bool| put_back.iter().filter(|(_, added)| *added == wanted).map(|(label, _)| label.clone()).collect();
    let not_counted = NotCounted { added: of(true), removed: of(false) };
    turn.task.work.labels_put_back = put_back;
    not_counted
}

/// Whether the change is still to be seen.
fn shows(snapshot: &IssueSnapshot, label: &LabelName, added: bool) -> bool {
    snapshot.issue.labels.contains(label) == added
}

/// The highest risk that somebody who may raise it has put on, and that is there.
fn raised_to(turn: &Turn<'_>) -> Option<Level> {
    let raised = news(turn.snapshot).filter(|event| event.added && shows(turn.snapshot, &event.label, true));
    let by_team = raised.filter(|event| permission(turn, event).is_ok_and(|has| has >= Permission::Triage));
    by_team.filter_map(|event| LabelFamily::Risk.value(&event.label)?.parse().ok()).max()
}

/// What whoever made a change may do; as a sentence part, why nobody answers for it.
fn permission(turn: &Turn<'_>, event: &LabelEvent) -> Result<Permission, String> {
    let Some((login, kind)) = &event.by else {
        return Err("the account that changed it is gone".to_owned());
    };
    if *kind == ActorKind::Bot && !is_listed(turn.policy, login) {
        return Err(format!("the policy does not list the bot `{}`", code(login.as_str())));
    }
    turn.permission(login).ok_or_else(|| format!("it could not be found out what `{}` may do", code(login.as_str())))
}

/// Why a change does not count, as a sentence part.
fn forbidden(turn: &Turn<'_>, event: &LabelEvent, (risk, raised_to): (Option<Level>, Option<Level>)) -> Option<String> {
    let (family, _) = LabelFamily::of(&event.label)?;
    let needs = match family {
        LabelFamily::Worker => Permission::Triage,
        LabelFamily::Risk => risk_needs(event, (risk, raised_to)),
        // The status follows from what happens, whoever sets it; GitHub itself asks for triage permission for labels.
        LabelFamily::Status | LabelFamily::Type | LabelFamily::Priority | LabelFamily::Role => return None,
    };
    let has = match permission(turn, event) {
        Ok(has) => has,
        Err(because) => return Some(because),
    };
    let who = event.by.as_ref().map(|(login, _)| code(login.as_str())).unwrap_or_default();
    let lowers = if needs == Permission::Maintain { "lowering a risk" } else { "this" };
    (has < needs).then(|| format!("{lowers} takes {needs} permission, and `{who}` has {has}"))
}

/// What it takes to change a label of the risk. What was raised to is judged again with what comes later, and makes no
/// lowering a raise.
fn risk_needs(event: &LabelEvent, (risk, raised_to): (Option<Level>, Option<Level>)) -> Permission {
    let level: Option<Level> = LabelFamily::Risk.value(&event.label).and_then(|value| value.parse().ok());
    let lowers = if event.added { level < risk } else { level == risk && raised_to < risk };
    if risk.is_some() && lowers { Permission::Maintain } else { Permission::Triage }
}

fn refuse(turn: &mut Turn<'_>, event: &LabelEvent, because: String) {
    let label = event.label.to_string();
    note(turn, event, format!("{}, which does not count: {because}", told(event)));
    turn.explanation.blockers.push(Blocker::LabelPutBack { label, because });
}

fn accept(turn: &mut Turn<'_>, event: &LabelEvent) {
    let is_choice = LabelFamily::of(&event.label).is_some_and(|(family, _)| family != LabelFamily::Status);
    if is_choice {
        note(turn, event, told(event));
    }
}

fn told(event: &LabelEvent) -> String {
    let verb = if event.added { "set" } else { "took off" };
    format!("{verb} `{}`", code(event.label.as_str()))
}

/// A change of the newest second is judged more than once, and noted once.
fn note(turn: &mut Turn<'_>, event: &LabelEvent, what: String) {
    let who = event.by.as_ref().map_or_else(|| "somebody".to_owned(), |(login, _)| format!("@{login}"));
    let mut lines = turn.task.work.timeline.iter();
    if !lines.any(|line| line.who == who && line.what == what && line.at >= event.at) {
        turn.note(who, what, Door::Github);
    }
}

/// A command has said otherwise than the labels of this family that are there: they are no choice any more, even where
/// they are seen once more before they are gone.
pub(super) fn override_by_command(turn: &mut Turn<'_>, family: LabelFamily) {
    let labels = turn.snapshot.issue.labels.iter().filter(|label| family.value(label).is_some());
    for label in labels {
        if !turn.task.ours.contains(label) {
            turn.task.ours.push(label.clone());
        }
    }
    turn.task.ours.sort();
}
