//! Judges what was handed in, and linked pulls: finishes the task, sends it back, or waits.

use super::verdict::{self, Verdict};
use super::{wanted, web_host};
use crate::decide::task::Turn;
use crate::model::{
    Action, Blocker, Door, Evidence, EvidenceSeen, IssueState, Item, LinkedPull, PullState, Submission, TaskBlocker,
    TaskState, TaskStep, Timer, Timestamp,
};

/// What waits is looked at again so often, though nothing happens.
const LOOK_AGAIN_MS: i64 = 10 * 60_000;
/// Who judges, in a task's history.
const WHO: &str = "stationmaster";

/// Judges what was handed in, and linked pulls: finishes the task, sends it back, or waits.
pub(in crate::decide) fn judge(turn: &mut Turn<'_>) {
    if matches!(turn.task.state, TaskState::Done | TaskState::Cancelled) {
        return;
    }
    // Which pulls count is a matter of the policy, and one that cannot be read allows nothing.
    if turn.policy.unreadable.is_none() && finish_by_a_merge(turn) {
        return;
    }
    if turn.task.state == TaskState::Review && !sent_back_by_review(turn) {
        judge_submission(turn);
    }
}

/// What has to come before it can be said whether a task whose issue is closed is done, as a sentence part; `None` where
/// nothing is left to be judged.
pub(in crate::decide) fn awaited(turn: &Turn<'_>) -> Option<String> {
    let submission = turn.task.work.submission.as_ref().filter(|_| turn.task.state == TaskState::Review);
    if let Some(waits_for) = submission.and_then(|submission| submission.waits_for.clone()) {
        return Some(waits_for);
    }
    let merged = |pull: &LinkedPull| pull.state == PullState::Merged && verdict::is_linked(turn, pull);
    let may_be_done = turn.policy.unreadable.is_some() && turn.snapshot.pulls.iter().any(merged);
    may_be_done.then(|| "a policy that can be read".to_owned())
}

/// A task whose linked pull is merged is done, wherever it stands.
fn finish_by_a_merge(turn: &mut Turn<'_>) -> bool {
    let mut done = None;
    for pull in &turn.snapshot.pulls {
        if !verdict::is_linked(turn, pull) {
            continue;
        }
        let item = Item { repository: pull.repository.clone(), number: pull.number };
        match (verdict::of_pull(turn, pull), pull.state) {
            (Verdict::Holds(_), _) => {
                done = Some(item);
                break;
            }
            (Verdict::Refused(why), PullState::Merged) => turn.explanation.reasons.push(why.join("; ")),
            (Verdict::Waits(_) | Verdict::Refused(_), PullState::Open) => {
                turn.explanation.reasons.push(format!("{item} is open for it"));
            }
            (Verdict::Waits(_) | Verdict::Refused(_), PullState::Merged | PullState::Closed) => {}
        }
    }
    let Some(item) = done else { return false };
    if turn.take(TaskStep::Finish).is_err() {
        return false;
    }
    turn.explanation.reasons.push(format!("{item}, which is linked to it, is merged"));
    turn.note(WHO, format!("done by {item}"), Door::Github);
    settle(turn);
    true
}

/// Somebody who reviews a linked pull wants something else, which is so whatever was handed in.
fn sent_back_by_review(turn: &mut Turn<'_>) -> bool {
    let handed_in = turn.task.work.submission.as_ref().and_then(pull_of);
    let concerns = |pull: &&LinkedPull| {
        let item = Item { repository: pull.repository.clone(), number: pull.number };
        pull.state == PullState::Open
            && pull.changes_requested
            && handed_in.as_ref().map_or_else(|| verdict::is_linked(turn, pull), |handed_in| handed_in.is(&item))
    };
    let Some(pull) = turn.snapshot.pulls.iter().find(concerns) else { return false };
    let why = format!("changes are requested on {}#{}", pull.repository, pull.number);
    send_back(turn, vec![why]);
    true
}

fn pull_of(submission: &Submission) -> Option<Item> {
    match &submission.evidence {
        Evidence::Code { pull } => Some(pull.clone()),
        Evidence::Test { .. }
        | Evidence::Verification { .. }
        | Evidence::Research { .. }
        | Evidence::Page { .. }
        | Evidence::File { .. } => None,
    }
}

fn judge_submission(turn: &mut Turn<'_>) {
    let Some(submission) = turn.task.work.submission.clone() else { return };
    if let Some(why) = pull_of(&submission).and_then(|item| verdict::wrong_repository(turn, &item))
        && turn.policy.unreadable.is_none()
    {
        return send_back(turn, vec![why]);
    }
    let seen = seen(turn, &submission);
    if seen.is_none() && verdict::needs_a_look(&submission.evidence) {
        // Somebody has to look first, which is done at once.
        return wait(turn, submission, ("it to be looked at".to_owned(), turn.now));
    }
    if turn.policy.unreadable.is_some() {
        let again = later(turn, &submission);
        return wait(turn, submission, ("a policy that can be read".to_owned(), again));
    }
    match verdict::verdict(turn, &submission.evidence, seen) {
        Verdict::Holds(what) => {
            if turn.take(TaskStep::Finish).is_ok() {
                turn.explanation.reasons.push(format!("the evidence holds: {what}"));
                turn.note(WHO, format!("found the evidence of {} to hold: {what}", submission.by), Door::Clock);
                settle(turn);
            }
        }
        Verdict::Waits(what) => {
            let again = later(turn, &submission);
            wait(turn, submission, (what, again));
        }
        Verdict::Refused(why) => send_back(turn, why),
    }
}

/// What was seen, if it was this very submission that was looked at.
fn seen<'a>(turn: &Turn<'a>, submission: &Submission) -> Option<&'a EvidenceSeen> {
    let looked_at = turn.snapshot.task.as_ref().and_then(|task| task.work.submission.as_ref());
    let same = looked_at.is_some_and(|known| known.evidence == submission.evidence && known.at == submission.at);
    turn.snapshot.evidence.as_ref().filter(|_| same)
}

/// When to look again: as it was, so that a look in between puts nothing off.
fn later(turn: &Turn<'_>, submission: &Submission) -> Timestamp {
    submission.look_again.filter(|due| *due > turn.now).unwrap_or_else(|| turn.now.plus_ms(LOOK_AGAIN_MS))
}

fn wait(turn: &mut Turn<'_>, submission: Submission, (waits_for, due): (String, Timestamp)) {
    turn.task.work.submission =
        Some(Submission { waits_for: Some(waits_for.clone()), look_again: Some(due), ..submission });
    turn.changes.timers.push(Timer { clock: "evidence".to_owned(), due });
    turn.explanation.blockers.push(Blocker::Task { because: TaskBlocker::EvidencePending { waits_for } });
}

/// Nothing is waited for any more.
fn settle(turn: &mut Turn<'_>) {
    if let Some(submission) = &mut turn.task.work.submission {
        submission.waits_for = None;
        submission.look_again = None;
    }
}

/// Back to whoever has it, with what is missing in one comment.
fn send_back(turn: &mut Turn<'_>, why: Vec<String>) {
    if turn.take(TaskStep::SendBack).is_err() {
        return;
    }
    let by = turn.task.work.submission.take().map(|submission| submission.by);
    let to = match (turn.holder().and_then(|load| load.worker.login.as_ref()), by) {
        (Some(login), _) => format!("@{login}"),
        (None, Some(by)) => by,
        (None, None) => "Whoever has this task".to_owned(),
    };
    let home = &turn.snapshot.repository.name;
    let kind = turn.policy.evidence.kind_of(&turn.task.task_type);
    let wanted = wanted(kind, home, &web_host(&turn.snapshot.issue.url));
    let reasons = why.join("\n- ");
    let so = match turn.snapshot.issue.state {
        IssueState::Open => "so the task is in progress again",
        IssueState::Closed => "and its issue is closed, so the task is cancelled",
    };
    let text = format!("{to}: the evidence does not hold, {so}.\n\n- {reasons}\n\nWanted is {wanted}.");
    let key = format!("evidence/{}/{}", turn.subject(), turn.snapshot.decision);
    let (repository, number) = (turn.snapshot.repository.clone(), turn.task.number);
    turn.plan(key, None, Action::Comment { repository, number, text });
    turn.note(WHO, format!("sent it back: {}", why.join("; ")), Door::Clock);
    turn.explanation.blockers.push(Blocker::Task { because: TaskBlocker::EvidenceRefused { why } });
}
