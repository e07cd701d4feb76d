//! Each kind of decision as a whole, of snapshot, policy and time: so it is made, and so it is made again.

use super::environment::{self, EnvironmentPolicy};
use super::pull::{self, PullScene};
use super::release::{self, ReleasePolicy};
use super::tracking::TrackingSeen;
use super::{CardsSeen, QueueSettings, advice, doubled_cards, task, tell_over};
use crate::model::{
    Action, Advice, CommentId, Decision, EnvironmentDecision, EnvironmentName, EnvironmentSnapshot, IssueSnapshot,
    Login, Number, Planned, ReleaseDecision, ReleaseSnapshot, Repository, Timestamp, TrackingSnapshot,
};
use crate::policy::{Policy, ReleaseSettings};

const MINUTE_MS: i64 = 60_000;

/// Decides about an issue: also takes away cards that are there twice, and tells machines only where some listen.
#[must_use]
pub fn issue(
    snapshot: &IssueSnapshot,
    (cards, machines): (&[(CommentId, Login)], bool),
    policy: &Policy,
    now: Timestamp,
) -> Decision {
    let mut decision = task(snapshot, policy, now);
    tell_over(&mut decision.actions, policy.notify_channels.as_deref());
    if !machines {
        decision.actions.retain(|planned| !matches!(planned.action, Action::Publish { topic: None, .. }));
    }
    let known = snapshot.task.as_ref().and_then(|task| task.card);
    decision.actions.extend(doubled((&snapshot.repository, snapshot.issue.number), &snapshot.own.0, (known, cards)));
    decision
}

/// Decides about a pull request: also asks a model or shows what it said, and takes away cards that are there twice.
#[must_use]
pub fn pull(
    scene: &PullScene<'_>,
    (cards, advice): (&[(CommentId, Login)], Option<&Advice>),
    now: Timestamp,
) -> Decision {
    let mut decision = pull::decide(scene, now);
    let (snapshot, policy) = (scene.snapshot, scene.policy);
    decision.actions.extend(advice::of_pull(snapshot, policy, advice));
    tell_over(&mut decision.actions, policy.notify_channels.as_deref());
    let known = snapshot.record.as_ref().and_then(|record| record.card);
    decision.actions.extend(doubled((&snapshot.repository, snapshot.pull.number), &snapshot.own.0, (known, cards)));
    decision
}

fn doubled(
    place: (&Repository, Number),
    own: &Login,
    (known, cards): (Option<CommentId>, &[(CommentId, Login)]),
) -> Vec<Planned> {
    let seen = cards.iter().map(|(comment, author)| (*comment, author)).collect();
    doubled_cards(&CardsSeen { place, own, known, seen })
}

/// Decides about a repository's releases.
#[must_use]
pub fn releases(
    snapshot: &ReleaseSnapshot,
    (policy, settings): (&Policy, &ReleaseSettings),
    now: Timestamp,
) -> ReleaseDecision {
    let mut decision = release::decide(snapshot, release_policy(policy, settings), now);
    tell_over(&mut decision.actions, policy.notify_channels.as_deref());
    decision
}

/// Decides about an environment.
#[must_use]
pub fn environment(snapshot: &EnvironmentSnapshot, policy: &Policy, now: Timestamp) -> EnvironmentDecision {
    let mut decision = environment::decide(snapshot, environment_policy(policy, &snapshot.name), now);
    tell_over(&mut decision.actions, policy.notify_channels.as_deref());
    decision
}

/// What of the policy concerns a branch's queue.
#[must_use]
pub fn queue_settings(policy: &Policy) -> QueueSettings {
    QueueSettings {
        batch_size: policy.merge.batch_size,
        timeout_ms: i64::from(policy.merge.queue_timeout_min) * MINUTE_MS,
        checks: policy.checks.clone(),
    }
}

/// What of the policy concerns releases.
#[must_use]
pub fn release_policy<'a>(policy: &'a Policy, settings: &'a ReleaseSettings) -> ReleasePolicy<'a> {
    ReleasePolicy {
        release: settings,
        checks: &policy.checks,
        environments: &policy.environments,
        topic: policy.notify_topic.as_deref(),
    }
}

/// What of the policy concerns an environment.
#[must_use]
pub fn environment_policy<'a>(policy: &'a Policy, name: &EnvironmentName) -> EnvironmentPolicy<'a> {
    EnvironmentPolicy {
        settings: policy.environment(name),
        all: &policy.environments,
        checks: &policy.checks,
        allow_no_checks: policy.release.as_ref().is_some_and(|release| release.allow_no_checks),
        stable_after: policy.release.as_ref().and_then(|release| release.stable_after.as_ref()),
        commands: &policy.commands,
        topic: policy.notify_topic.as_deref(),
    }
}

/// What a decision about a release's issue is made of.
#[must_use]
pub fn tracking_scene<'a>(
    snapshot: &'a TrackingSnapshot,
    policy: &'a Policy,
    known_since: Timestamp,
) -> TrackingSeen<'a> {
    TrackingSeen {
        snapshot,
        environments: &policy.environments,
        unreadable: policy.unreadable.as_deref(),
        known_since,
        bots: &[],
    }
}
