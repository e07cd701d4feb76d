//! Consent: which tasks need it before they begin, who may give it, and what voids it (design §4.6).

use super::card;
use super::task::{PROJECT, TRIAGE, Turn};
use crate::model::{
    Approval, Blocker, Door, Issue, IssueState, Level, Login, Permission, TaskAuthority, TaskBlocker, TaskState,
    TaskStep, Urgency5,
};

/// Who asks, in a task's history.
const WHO: &str = "stationmaster";
/// So much of the scope's digest tells two messages apart.
const KEY_CHARS: usize = 16;

/// What consent is given for: a digest of title and text, in hexadecimal. Another text is another scope.
#[must_use]
pub fn scope(issue: &Issue) -> String {
    // The length keeps a title that ends like a text apart from a text that begins like a title.
    card::digest(&format!("{}\n{}\n{}", issue.title.len(), issue.title, issue.body))
}

/// Has a dangerous task wait for consent before it begins, and takes back consent that was given for something else.
pub(super) fn require(turn: &mut Turn<'_>) {
    // What is blocked or in review is asked about when it goes on, since only then can it wait.
    let can_wait = turn.task.state.is_open() && !matches!(turn.task.state, TaskState::Blocked | TaskState::Review);
    if turn.snapshot.issue.state == IssueState::Closed || !can_wait {
        return;
    }
    let scope = scope(&turn.snapshot.issue);
    let voided = void(turn, &scope);
    let from = turn.policy.tasks.approval_from;
    match turn.task.risk.filter(|risk| *risk >= from) {
        Some(risk) => ask_if_needed(turn, (risk, scope), voided),
        None => let_pass(turn),
    }
    tell_why(turn);
}

/// Takes back consent that was given for another text or another risk.
fn void(turn: &mut Turn<'_>, scope: &str) -> bool {
    let risk = turn.task.risk;
    let Some(approval) = &turn.task.work.approval else { return false };
    let Some((by, _)) = approval.given.as_ref().filter(|_| approval.scope != scope || approval.risk != risk) else {
        return false;
    };
    let what = if approval.scope == scope { "its risk changed" } else { "its title or text changed" };
    let line = format!("took back the approval of {by}: {what}");
    turn.task.work.approval = None;
    turn.note(WHO, line, Door::Github);
    true
}

/// Asks before work begins, and again while it is under way where consent was taken back or the risk has risen.
fn ask_if_needed(turn: &mut Turn<'_>, (risk, scope): (Level, String), voided: bool) {
    if turn.task.state == TaskState::WaitingApproval {
        return renew(turn, (risk, scope));
    }
    if turn.task.work.approval.as_ref().is_some_and(|approval| approval.given.is_some()) {
        return;
    }
    if matches!(turn.task.task_type.as_str(), TRIAGE | PROJECT) {
        return;
    }
    // Nobody has settled yet that a new task is routed.
    if turn.task.state == TaskState::Triage && turn.take(TaskStep::Route).is_err() {
        return;
    }
    let begun = turn.task.state.has_begun();
    let rose = turn.snapshot.task.as_ref().is_some_and(|before| before.risk < Some(risk));
    if begun && !voided && !rose {
        return;
    }
    let from = turn.task.state;
    if turn.take(TaskStep::AskApproval).is_err() {
        return;
    }
    if !begun && !turn.task.worker_pinned && turn.task.worker.is_some() {
        turn.let_go();
    }
    let why = asked_for(risk);
    turn.note(WHO, format!("asked for approval: {why}"), Door::Clock);
    turn.task.work.approval =
        Some(Approval { from, why, risk: Some(risk), scope: scope.clone(), asked: turn.now, given: None });
    tell(turn, risk, &scope);
}

/// What waits for consent waits for consent to what it is now.
fn renew(turn: &mut Turn<'_>, (risk, scope): (Level, String)) {
    let now = turn.now;
    let Some(approval) = &mut turn.task.work.approval else { return };
    if approval.given.is_some() || (approval.scope == scope && approval.risk == Some(risk)) {
        return;
    }
    if approval.risk.is_some_and(|before| approval.why == asked_for(before)) {
        approval.why = asked_for(risk);
    }
    approval.risk = Some(risk);
    approval.scope.clone_from(&scope);
    approval.asked = now;
    tell(turn, risk, &scope);
}

/// What waits only because of a risk that it no longer has goes on; what its holder asked for still waits.
fn let_pass(turn: &mut Turn<'_>) {
    let scope = scope(&turn.snapshot.issue);
    let (state, risk) = (turn.task.state, turn.task.risk);
    let Some(approval) = turn.task.work.approval.as_mut().filter(|approval| approval.given.is_none()) else { return };
    if state != TaskState::WaitingApproval {
        return;
    }
    if approval.risk.is_none_or(|before| approval.why != asked_for(before)) {
        approval.scope = scope;
        approval.risk = risk;
        return;
    }
    let step = if approval.from.has_begun() { TaskStep::ApproveGoing } else { TaskStep::ApproveStart };
    if turn.take(step).is_ok() {
        turn.task.work.approval = None;
        turn.note(WHO, "let it pass: at its present risk nobody has to approve it", Door::Github);
    }
}

fn asked_for(risk: Level) -> String {
    format!("its risk is {risk}")
}

/// Once for each text and risk.
fn tell(turn: &mut Turn<'_>, risk: Level, scope: &str) {
    let short = scope.get(..KEY_CHARS).unwrap_or(scope);
    let key = format!("approval/{}/{risk}/{short}", turn.subject());
    let urgency = if risk == Level::Critical { Urgency5::Max } else { Urgency5::High };
    let title = format!("{} needs approval", turn.item());
    let text = format!("{}\n\nIts risk is {risk}: `/approve` lets it begin.", turn.snapshot.issue.title);
    turn.tell(key, urgency, (title, text));
}

fn tell_why(turn: &mut Turn<'_>) {
    if turn.task.state != TaskState::WaitingApproval {
        return;
    }
    let waiting = turn.task.work.approval.as_ref().filter(|approval| approval.given.is_none());
    match (waiting, turn.task.risk) {
        (Some(approval), Some(risk)) if approval.why == asked_for(risk) => {
            turn.explanation.blockers.push(Blocker::Task { because: TaskBlocker::NeedsApproval { risk } });
        }
        (Some(approval), _) => turn.explanation.reasons.push(format!("it waits for approval: {}", approval.why)),
        (None, _) => {}
    }
}

/// The person who approves.
///
/// # Errors
/// Why their word does not count.
pub(super) fn approver(turn: &Turn<'_>, authority: &TaskAuthority) -> Result<Login, TaskBlocker> {
    let only_people = || TaskBlocker::OnlyPeopleApprove { who: authority.to_string() };
    let login = match authority {
        TaskAuthority::Person { login, bot: false } | TaskAuthority::Orchestrator { person: Some(login), .. } => login,
        // Whoever runs the server is a person, and above what GitHub and the policy say.
        TaskAuthority::Operator { name } => return Ok(Login::new(name.clone())),
        TaskAuthority::Person { bot: true, .. }
        | TaskAuthority::Orchestrator { person: None, .. }
        | TaskAuthority::Worker { .. }
        | TaskAuthority::Clock => return Err(only_people()),
    };
    let is_agent = turn.worker_of(login).is_some_and(|load| load.worker.agent);
    if is_agent || login.as_str().ends_with("[bot]") || login.is(&turn.snapshot.own.0) {
        return Err(only_people());
    }
    if let Some(because) = own_work(turn, login) {
        return Err(TaskBlocker::OwnWork { who: format!("@{login}"), because });
    }
    if turn.policy.unreadable.is_some() {
        return Err(TaskBlocker::PolicyUnreadable);
    }
    may_approve(turn, login)?;
    Ok(login.clone())
}

/// What makes it somebody's own work.
fn own_work(turn: &Turn<'_>, login: &Login) -> Option<String> {
    let by_login = turn.holder().and_then(|load| load.worker.login.as_ref()).is_some_and(|holder| holder.is(login));
    let by_name = turn.task.worker.as_ref().is_some_and(|holder| holder.as_str().eq_ignore_ascii_case(login.as_str()));
    if by_login || by_name {
        return Some("holds the task".to_owned());
    }
    turn.snapshot.issue.author.is(login).then(|| "opened the issue".to_owned())
}

/// With write permission, or on the policy's list with at least triage permission; where there is a list, only those.
fn may_approve(turn: &Turn<'_>, login: &Login) -> Result<(), TaskBlocker> {
    let listed = &turn.policy.tasks.approvers;
    if !listed.is_empty() && !listed.iter().any(|known| known.is(login)) {
        let names: Vec<String> = listed.iter().map(|known| format!("@{known}")).collect();
        let why = format!("the policy has {} approve, and nobody else", names.join(", "));
        return Err(TaskBlocker::WrongDoor { why });
    }
    let needs = if listed.is_empty() { Permission::Write } else { Permission::Triage };
    let has = turn.permission(login);
    if has.is_some_and(|has| has >= needs) {
        return Ok(());
    }
    Err(TaskBlocker::NotPermitted { login: login.clone(), needs, has })
}

#[cfg(test)]
mod tests;
