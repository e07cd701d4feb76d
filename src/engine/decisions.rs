//! Looks at marked subjects and decides on them: one at a time within a subject, different subjects at once.

use std::sync::Arc;

use anyhow::Result;
use futures::future::join_all;
use tracing::Instrument as _;

use super::Engine;
use super::backoff;
use super::holding::holding;
use super::setback::github_error;
use super::story::Step;
use super::tick::RULES_FACT;
use crate::decide;
use crate::github::GithubError;
use crate::model::{Decision, Explanation, Planned, Repository, RepositoryId, Subject};
use crate::observe;
use crate::policy::Policy;
use crate::store::{ClaimedSubject, Committed, DecisionRecord, KnownRepository, MarkedDelivery, RepositoryUpdate};
use crate::trouble::Strike;

impl Engine {
    /// Decides on the subjects that are due, up to `most` at once; returns how many there were.
    pub async fn decide_step(&self, most: usize) -> Result<usize> {
        let mut claims = Vec::new();
        while claims.len() < most {
            match self.claim_subject().await? {
                Some(claimed) => claims.push(claimed),
                None => break,
            }
        }
        let count = claims.len();
        for result in join_all(claims.into_iter().map(|claimed| self.decide(claimed))).await {
            result?;
        }
        Ok(count)
    }

    pub(super) async fn claim_subject(&self) -> Result<Option<ClaimedSubject>> {
        Ok(self.app.store.claim_subject(&self.owner, self.lease_ms()).await?)
    }

    /// Decides on one subject. What fails is put back to be looked at again; only the store failing is an error.
    pub(super) async fn decide(&self, claimed: ClaimedSubject) -> Result<()> {
        let (subject, repository) = (&claimed.subject, claimed.subject.repository());
        let span = tracing::error_span!("decision", subject = %subject, repository = %repository);
        self.decide_within(claimed).instrument(span).await
    }

    async fn decide_within(&self, claimed: ClaimedSubject) -> Result<()> {
        let look = Box::pin(async {
            match &claimed.subject {
                Subject::Issue(repository, number) => self.decide_issue(&claimed, *repository, *number).await,
                Subject::Repository(id) => self.look_at_repository(&claimed, *id).await,
                Subject::Pull(repository, number) => self.decide_pull(&claimed, *repository, *number).await,
                Subject::Branch(repository, base) => self.decide_branch(&claimed, *repository, base).await,
                Subject::Releases(repository) => self.decide_releases(&claimed, *repository).await,
                Subject::Environment(repository, name) => self.decide_environment(&claimed, *repository, name).await,
            }
        });
        let (store, lease_ms) = (&self.app.store, self.lease_ms());
        let renew = || store.renew_subject(&claimed, lease_ms);
        // A claim that is lost was taken by another server: what it decides counts.
        let Some(looked) = holding(lease_ms, renew, look).await else { return Ok(()) };
        let who = claimed.subject.to_string();
        let Err(error) = looked else {
            self.app.troubles.passed(&who);
            return Ok(());
        };
        let reason = format!("{error:#}");
        let (again, noted) = match github_error(&error) {
            // GitHub said when to come back.
            Some(GithubError::RateLimited { until, .. }) => (*until, None),
            Some(_) | None => (backoff::retry_at(self.app.clock.now(), claimed.attempts), Some(reason.as_str())),
        };
        let cause = self.cause_of(&error, claimed.subject.repository()).await;
        self.look_failed(cause, claimed.attempts, Strike { who: &who, detail: &reason, again });
        self.app.store.put_back(&claimed, again, noted).await?;
        Ok(())
    }

    /// The rules and the repository's policy that were last applied to open tasks.
    pub(super) async fn in_force(&self, id: RepositoryId) -> Result<(Option<String>, Option<String>)> {
        let store = &self.app.store;
        Ok((store.fact(RULES_FACT).await?, store.fact(&policy_fact(id)).await?))
    }

    /// The policy of a repository. Where it is not the one last applied, it is read afresh, and if it still is not,
    /// the repository is looked at, so that its other tasks follow.
    pub(super) async fn policy(&self, repository: &Repository, applied: Option<&str>) -> Result<Arc<Policy>> {
        let policy = self.policies.of(&self.app, repository).await?;
        if applied.is_none_or(|applied| applied == policy.fingerprint()) {
            return Ok(policy);
        }
        self.policies.forget(repository.id);
        let policy = self.policies.of(&self.app, repository).await?;
        if applied != Some(policy.fingerprint()) {
            self.app.store.mark(&[Subject::Repository(repository.id)]).await?;
        }
        Ok(policy)
    }

    /// A decision that was under way while rules or policy changed was made by the old ones.
    pub(super) async fn look_again_if_changed(
        &self,
        subject: &Subject,
        before: &(Option<String>, Option<String>),
    ) -> Result<()> {
        if self.in_force(subject.repository()).await? != *before {
            self.policies.forget(subject.repository());
            self.app.store.mark(std::slice::from_ref(subject)).await?;
        }
        Ok(())
    }

    /// Tells whoever listens of a decision that has a form of its own.
    pub(super) fn told_of(
        &self,
        claimed: &ClaimedSubject,
        summary: String,
        explanation: Explanation,
        actions: Vec<Planned>,
    ) {
        self.told(claimed, Decision { summary, explanation, actions, ..Decision::default() });
    }

    pub(super) fn told(&self, claimed: &ClaimedSubject, decision: Decision) {
        let result = if decision.actions.is_empty() { "unchanged" } else { "changed" };
        self.app.metrics.decision(claimed.subject.kind().as_str(), result, claimed.since.elapsed());
        tracing::info!(subject = %claimed.subject, actions = decision.actions.len(), "{}", decision.summary);
        self.story.tell(Step::Decided { subject: claimed.subject.clone(), decision: Box::new(decision) });
    }

    /// A changed policy, name or installation of a repository concerns all of its open tasks.
    async fn look_at_repository(&self, claimed: &ClaimedSubject, id: RepositoryId) -> Result<()> {
        let seen = self.app.store.marked_deliveries(&claimed.subject).await?;
        let Some(repository) = self.reachable(id).await? else {
            return self.rest(claimed, &seen, "the App cannot reach it").await;
        };
        self.policies.forget(id);
        self.around.forget(id);
        self.reviewing.forget(id);
        let policy = self.policies.of(&self.app, &repository).await?;
        let applied = self.app.store.apply_policy(&policy_fact(id), policy.fingerprint(), Some(id)).await?;
        if let Some(tasks) = applied {
            tracing::info!(repository = %repository.name, tasks, "a new policy is in force; open tasks are looked at again");
        }
        if policy.release.is_some() {
            self.app.store.open_release_line(id).await?;
            self.app.store.mark(&[Subject::Releases(id)]).await?;
        }
        let summary = policy_summary(&repository, &policy);
        if self.decide_rules((claimed, &seen), (&repository, &policy), &summary).await? {
            return Ok(());
        }
        self.rest(claimed, &seen, &summary).await
    }

    /// The repository under its present name; `None` when it is gone or the App was taken off it.
    pub(super) async fn reachable(&self, id: RepositoryId) -> Result<Option<Repository>> {
        let Some(known) = self.app.store.repository(id).await? else { return Ok(None) };
        let KnownRepository { installation, name, .. } = known;
        let found = observe::repository(&self.app.hands.github, installation, id).await?;
        let update = match &found {
            Some(repository) if repository.name == name => return Ok(found),
            Some(repository) => RepositoryUpdate::Seen(id, repository.name.clone(), installation),
            None => RepositoryUpdate::Gone(id),
        };
        self.app.store.note_repositories(&[update]).await?;
        Ok(found)
    }

    pub(super) async fn rest(&self, claimed: &ClaimedSubject, seen: &[MarkedDelivery], why: &str) -> Result<()> {
        let decision = Decision {
            summary: format!("{}: {why}.", claimed.subject),
            explanation: decide::because(why),
            ..Decision::default()
        };
        let record = DecisionRecord {
            claimed,
            seen,
            decision: &decision,
            reports_read: 0,
            title: "",
            saw: "null",
            replay: None,
            places: &[],
            route: None,
            notable: !seen.is_empty() || self.is_news(claimed, &decision.explanation).await?,
        };
        if self.app.store.commit_decision(record).await? == Committed::Done {
            self.told(claimed, decision);
        }
        Ok(())
    }

    /// Releases and environments are not shown their reports while they rest, so the reason is kept where it is new.
    async fn is_news(&self, claimed: &ClaimedSubject, explanation: &Explanation) -> Result<bool> {
        if !matches!(claimed.subject, Subject::Releases(_) | Subject::Environment(..)) {
            return Ok(false);
        }
        let last = self.app.store.last_decision(&claimed.subject).await?;
        Ok(last.is_none_or(|last| last.explanation != *explanation))
    }
}

fn policy_fact(id: RepositoryId) -> String {
    format!("policy/{id}")
}

fn policy_summary(repository: &Repository, policy: &Policy) -> String {
    match &policy.unreadable {
        Some(fault) => format!("the policy of {} cannot be read: {fault}", repository.name),
        None => format!("the policy of {} is in force", repository.name),
    }
}
