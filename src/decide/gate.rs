//! The gate: every reason why a pull request is not merged now, and every reason why it could be.

mod approvals;
mod checks;

use serde::{Deserialize, Serialize};

use super::depends::{depends_on, same_repository};
use crate::model::{
    Dependency, FindingKind, HeadReview, LabelName, Login, MergeBlocker, Mergeability, PullSnapshot, PullState,
    Timestamp, WaitsOn,
};
use crate::policy::Policy;

pub(super) use checks::demanded;
pub use checks::{OWN_CHECK, counted, newest};

/// What stands between a pull request and its merge.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gate {
    /// Every reason against; empty when it is to be merged.
    pub blockers: Vec<MergeBlocker>,
    /// What was found in its favour, and what was passed over, as sentences.
    pub reasons: Vec<String>,
}

impl Gate {
    /// Whether nothing stands against it.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.blockers.is_empty()
    }

    /// The earliest time at which a blocker ends by itself.
    #[must_use]
    pub fn look_again(&self) -> Option<Timestamp> {
        let until = |blocker: &MergeBlocker| match blocker.waits_on(&Login::from("")) {
            WaitsOn::Time(until) => Some(until),
            WaitsOn::Author(_)
            | WaitsOn::Person(_)
            | WaitsOn::Reviewer
            | WaitsOn::Maintainer
            | WaitsOn::Check(_)
            | WaitsOn::Dependency(..)
            | WaitsOn::GitHub
            | WaitsOn::Stationmaster => None,
        };
        self.blockers.iter().filter_map(until).min()
    }

    fn block(&mut self, blocker: MergeBlocker) {
        self.blockers.push(blocker);
    }

    fn because(&mut self, reason: impl Into<String>) {
        self.reasons.push(reason.into());
    }
}

/// Collects every blocker of a pull request. None hides another; only of one that is not open nothing more is said.
#[must_use]
pub fn gate(snapshot: &PullSnapshot, policy: &Policy, now: Timestamp) -> Gate {
    let mut gate = Gate { blockers: Vec::new(), reasons: Vec::new() };
    if snapshot.pull.state != PullState::Open {
        gate.block(MergeBlocker::NotOpen);
        return gate;
    }
    settings(&mut gate, snapshot, policy);
    intent(&mut gate, snapshot, policy);
    freezes(&mut gate, snapshot, policy, now);
    branch(&mut gate, snapshot);
    review(&mut gate, snapshot);
    checks::judge(&mut gate, snapshot, policy);
    approvals::judge(&mut gate, snapshot, policy);
    dependencies(&mut gate, snapshot);
    history(&mut gate, snapshot, now);
    gate
}

/// What the policy says of the repository and the base.
fn settings(gate: &mut Gate, snapshot: &PullSnapshot, policy: &Policy) {
    if let Some(fault) = &policy.unreadable {
        gate.block(MergeBlocker::PolicyUnreadable { fault: fault.clone() });
    }
    if !policy.merge.enabled {
        gate.block(MergeBlocker::MergingOff);
    }
    let (base, default) = (&snapshot.pull.base, &snapshot.repository.default_branch);
    if !policy.merge.merges_into(base, default) {
        let allowed = policy.merge.shown_bases(default);
        gate.block(MergeBlocker::WrongBase { base: base.clone(), allowed });
    }
    if snapshot.protection.github_queue {
        gate.block(MergeBlocker::GithubQueue);
    }
}

/// What people have said: draft, hold, labels, `/merge`.
fn intent(gate: &mut Gate, snapshot: &PullSnapshot, policy: &Policy) {
    let pull = &snapshot.pull;
    if pull.draft {
        gate.block(MergeBlocker::Draft);
    }
    if let Some(hold) = snapshot.record.as_ref().and_then(|record| record.hold.as_ref()) {
        gate.block(MergeBlocker::Held { by: hold.by.clone(), why: hold.why.clone() });
    }
    for label in carried(&pull.labels, &policy.merge.forbid_labels) {
        gate.block(MergeBlocker::ForbiddenByLabel { label: label.to_string() });
    }
    if policy.merge.automatic {
        return;
    }
    let asked = snapshot.record.as_ref().and_then(|record| record.merge_asked.as_ref());
    let by_label = carried(&pull.labels, &policy.merge.ask_labels).next();
    match (asked, by_label) {
        (Some((by, head)), _) if *head == pull.head => gate.because(format!("{by} asked for the merge of this head")),
        (_, Some(label)) => gate.because(format!("the label `{label}` asks for the merge")),
        (Some(_) | None, None) => gate.block(MergeBlocker::NotAsked),
    }
}

/// Those labels of the pull that are listed; GitHub's labels do not differ by case.
fn carried<'l>(labels: &'l [LabelName], listed: &[LabelName]) -> impl Iterator<Item = &'l LabelName> {
    labels.iter().filter(|label| listed.iter().any(|one| one.as_str().eq_ignore_ascii_case(label.as_str())))
}

/// Freezes of the database, which except nobody, and those of the policy.
fn freezes(gate: &mut Gate, snapshot: &PullSnapshot, policy: &Policy, now: Timestamp) {
    for freeze in &snapshot.freezes {
        if freeze.until.is_none_or(|until| now < until) {
            gate.block(MergeBlocker::Frozen { until: freeze.until, why: freeze.why.clone() });
        }
    }
    for window in &policy.freezes {
        if window.stops(&snapshot.pull.base, &snapshot.pull.labels, now) {
            gate.block(MergeBlocker::Frozen { until: window.until, why: window.why.clone() });
        } else if window.stops(&snapshot.pull.base, &[], now) {
            gate.because(format!("merging is frozen ({}), but a label excepts this pull", window.why));
        }
    }
}

/// Head and base.
fn branch(gate: &mut Gate, snapshot: &PullSnapshot) {
    let pull = &snapshot.pull;
    match pull.mergeability {
        Mergeability::Conflicting => gate.block(MergeBlocker::Conflict),
        Mergeability::Unknown => gate.block(MergeBlocker::MergeabilityUnknown),
        Mergeability::Mergeable => gate.because(format!("it can be merged into `{}` without conflict", pull.base)),
    }
    if pull.behind {
        gate.block(MergeBlocker::Behind);
    }
}

/// Our own review, which counts for the head that it was made of and for no other.
fn review(gate: &mut Gate, snapshot: &PullSnapshot) {
    let Some(review) = snapshot.review.as_ref().filter(|review| review.head == snapshot.pull.head) else {
        gate.block(MergeBlocker::ReviewPending);
        return;
    };
    for fault in &review.faults {
        gate.block(MergeBlocker::ReviewImpossible { fault: fault.clone() });
    }
    let (code, secrets) = blocking(review);
    if secrets > 0 {
        gate.block(MergeBlocker::SecretFound { findings: secrets });
    }
    if code > 0 {
        gate.block(MergeBlocker::ReviewFailed { findings: code });
    }
    if code == 0 && secrets == 0 && review.faults.is_empty() {
        let files = if review.files == 1 { "1 file".to_owned() } else { format!("{} files", review.files) };
        gate.because(format!("the review of {files} found nothing that blocks"));
    }
}

/// How many findings block: those of code, and secrets.
#[must_use]
pub fn blocking(review: &HeadReview) -> (u32, u32) {
    let count = |kind: FindingKind| {
        let found = review.findings.iter().filter(|finding| finding.blocks() && finding.kind == kind).count();
        u32::try_from(found).unwrap_or(u32::MAX)
    };
    (count(FindingKind::Code), count(FindingKind::Secret))
}

/// What must come first; what the text names and nobody has looked at yet counts as open.
fn dependencies(gate: &mut Gate, snapshot: &PullSnapshot) {
    for dependency in &snapshot.dependencies {
        let (repository, number) = (dependency.repository.clone(), dependency.number);
        if dependency.met {
            gate.because(format!("{repository}#{number}, on which it depends, is {}", dependency.state));
        } else {
            gate.block(MergeBlocker::DependencyOpen { repository, number, state: dependency.state.clone() });
        }
    }
    let named = depends_on(&snapshot.pull.body, &snapshot.repository.name);
    for (repository, number) in named.found {
        let looked_at = |seen: &Dependency| seen.number == number && same_repository(&seen.repository, &repository);
        if !snapshot.dependencies.iter().any(looked_at) {
            let state = "not looked at yet".to_owned();
            gate.block(MergeBlocker::DependencyOpen { repository, number, state });
        }
    }
    for word in named.unreadable {
        gate.because(format!("the text says that it depends on “{word}”, which names no pull request or issue"));
    }
}

/// What became of this very head before.
fn history(gate: &mut Gate, snapshot: &PullSnapshot, now: Timestamp) {
    let Some(record) = &snapshot.record else { return };
    let head = &snapshot.pull.head;
    if let Some((_, why)) = record.put_out.as_ref().filter(|(of, _)| of == head) {
        gate.block(MergeBlocker::PutOut { why: why.clone() });
    }
    if let Some(refusal) = record.refused.as_ref().filter(|refusal| refusal.head == *head)
        && refusal.again.is_none_or(|again| now < again)
    {
        gate.block(MergeBlocker::MergeRefused { message: refusal.message.clone(), again: refusal.again });
    }
}

/// Whether nothing but checks that are missing or not over stands in the way.
#[must_use]
pub fn only_waits_for_checks(gate: &Gate) -> bool {
    let waits = |blocker: &MergeBlocker| {
        matches!(
            blocker,
            MergeBlocker::CheckMissing { .. } | MergeBlocker::CheckRunning { .. } | MergeBlocker::NoChecks
        )
    };
    !gate.blockers.is_empty() && gate.blockers.iter().all(waits)
}

/// Whether somebody must do something that they may not know of, so that a card is worth its notification. A draft
/// and a pull that is not open need nobody, and neither does a repository whose policy merges nothing.
#[must_use]
pub fn needs_a_person(blockers: &[MergeBlocker], author: &Login) -> bool {
    blockers.iter().any(|blocker| {
        let quiet = matches!(blocker, MergeBlocker::NotOpen | MergeBlocker::Draft | MergeBlocker::MergingOff);
        // The check that was forged and GitHub's queue do not move by themselves, whomever they are said to wait on.
        let stuck = matches!(blocker, MergeBlocker::CheckForged { .. } | MergeBlocker::GithubQueue);
        let on_somebody = match blocker.waits_on(author) {
            WaitsOn::Author(_) | WaitsOn::Person(_) | WaitsOn::Reviewer | WaitsOn::Maintainer => true,
            WaitsOn::Check(_)
            | WaitsOn::Dependency(..)
            | WaitsOn::GitHub
            | WaitsOn::Stationmaster
            | WaitsOn::Time(_) => false,
        };
        !quiet && (stuck || on_somebody)
    })
}
