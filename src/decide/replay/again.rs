//! The second making of a decision, by the very functions that made it the first time.

use serde::de::DeserializeOwned;

use super::{Outcome, VERSION};
use crate::decide::pull::PullScene;
use crate::decide::{card, explain::because, gone, queue, show_review, tracking, whole};
use crate::model::{
    Beside, Decision, EnvironmentSnapshot, Explanation, IssueSnapshot, Planned, PlannedMark, PullBeside, PullSnapshot,
    PullState, QueueSnapshot, ReleaseSnapshot, ReplayRecord, StoredDecision, Subject, Task, Timestamp,
    TrackingSnapshot,
};
use crate::policy::Policy;

/// So much of a digest tells two texts apart.
const DIGEST_CHARS: usize = 16;

/// What is kept of a decision, so that it can be made again.
#[must_use]
pub fn kept(now: Timestamp, policy: &Policy, (beside, actions): (Beside, &[Planned])) -> ReplayRecord {
    ReplayRecord {
        version: VERSION.to_owned(),
        now,
        policy: policy.fingerprint().to_owned(),
        beside,
        actions: actions.iter().map(mark).collect(),
    }
}

/// An action without its content.
#[must_use]
pub fn mark(planned: &Planned) -> PlannedMark {
    // Actions are stored as JSON in the outbox, so they can always be written.
    let mut digest = card::digest(&serde_json::to_string(&planned.action).unwrap_or_default());
    digest.truncate(DIGEST_CHARS);
    PlannedMark { key: planned.key.clone(), kind: planned.action.kind().to_owned(), digest }
}

/// Decides again; an error is why that cannot be done, as a sentence part.
pub(super) fn again(
    stored: &StoredDecision,
    record: Option<&ReplayRecord>,
    policy: &Policy,
) -> Result<Outcome, String> {
    // Before records were kept, the time of writing was a moment later than that of deciding.
    let now = record.map_or(stored.at, |record| record.now);
    let supposed;
    let beside = if let Some(record) = record {
        &record.beside
    } else {
        supposed = suppose(&stored.subject)?;
        &supposed
    };
    let saw = stored.saw.as_str();
    match beside {
        Beside::Issue { cards, machines } => {
            let snapshot: IssueSnapshot = read(saw)?;
            Ok(of_decision(whole::issue(&snapshot, (cards, *machines), policy, now)))
        }
        Beside::Gone => {
            let task: Task = read(saw)?;
            Ok(of_decision(gone(&task, now)))
        }
        Beside::Pull(beside) => Ok(of_decision(pull(&read(saw)?, beside, policy, now))),
        Beside::Branch => {
            let snapshot: QueueSnapshot = read(saw)?;
            let made = queue(&snapshot, &whole::queue_settings(policy), now);
            Ok(outcome(made.summary, made.explanation, &made.actions))
        }
        Beside::Releases => {
            let snapshot: ReleaseSnapshot = read(saw)?;
            let Some(settings) = policy.release.as_ref().filter(|_| policy.unreadable.is_none()) else {
                return Ok(at_rest(&stored.subject, policy, "its policy has no [release], so nothing is released"));
            };
            let made = whole::releases(&snapshot, (policy, settings), now);
            Ok(outcome(made.summary, made.explanation, &made.actions))
        }
        Beside::Environment => {
            let snapshot: EnvironmentSnapshot = read(saw)?;
            if policy.unreadable.is_some() {
                return Ok(at_rest(&stored.subject, policy, ""));
            }
            let made = whole::environment(&snapshot, policy, now);
            Ok(outcome(made.summary, made.explanation, &made.actions))
        }
        Beside::Tracking { known_since } => {
            let snapshot: TrackingSnapshot = read(saw)?;
            let made = tracking::decide(&whole::tracking_scene(&snapshot, policy, *known_since), now);
            Ok(outcome(made.summary, made.explanation, &made.actions))
        }
    }
}

/// What a decision was made of that was stored before that was kept: of some nothing is missing but the actions.
fn suppose(subject: &Subject) -> Result<Beside, String> {
    match subject {
        Subject::Issue(..) => Ok(Beside::Issue { cards: Vec::new(), machines: true }),
        Subject::Branch(..) => Ok(Beside::Branch),
        Subject::Releases(_) => Ok(Beside::Releases),
        Subject::Environment(..) => Ok(Beside::Environment),
        Subject::Pull(..) => {
            Err("an older version made it, which did not keep the comments that it was made of".to_owned())
        }
        Subject::Repository(_) => Err("nothing is decided about a repository as a whole".to_owned()),
    }
}

fn read<T: DeserializeOwned>(saw: &str) -> Result<T, String> {
    serde_json::from_str(saw).map_err(|fault| format!("its snapshot cannot be read by this version: {fault}"))
}

fn pull(snapshot: &PullSnapshot, beside: &PullBeside, policy: &Policy, now: Timestamp) -> Decision {
    let shown = snapshot.review.as_ref().filter(|_| snapshot.pull.state == PullState::Open).map(show_review);
    let scene = PullScene {
        snapshot,
        policy,
        review: shown.as_ref(),
        tests: beside.tests.as_deref(),
        comments: &beside.comments,
        known_since: beside.known_since,
        reports: &beside.reports,
        place: beside.place.as_ref(),
    };
    whole::pull(&scene, (&beside.cards, beside.advice.as_ref()), now)
}

fn of_decision(decision: Decision) -> Outcome {
    outcome(decision.summary, decision.explanation, &decision.actions)
}

fn outcome(summary: String, explanation: Explanation, actions: &[Planned]) -> Outcome {
    Outcome { summary, explanation, actions: Some(actions.iter().map(mark).collect()) }
}

/// What is said where the policy leaves nothing to decide.
fn at_rest(subject: &Subject, policy: &Policy, why: &str) -> Outcome {
    let why = match &policy.unreadable {
        Some(fault) => format!("nothing happens while the policy cannot be read: {fault}"),
        None => why.to_owned(),
    };
    outcome(format!("{subject}: {why}."), because(why), &[])
}
