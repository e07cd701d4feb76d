//! Performs what the outbox holds, each lane in order, different lanes at once.

use anyhow::Result;
use futures::future::join_all;
use tracing::Instrument as _;

use super::Engine;
use super::backoff;
use super::holding::{Term, holding_strictly};
use super::story::Step;
use crate::act::Deed;
use crate::decide;
use crate::model::{Action, Outcome, Timestamp};
use crate::store::Attempt;
use crate::trouble::{Cause, Strike};

impl Engine {
    /// Performs the actions that are due, up to `most` at once; returns how many there were.
    pub async fn act_step(&self, most: usize) -> Result<usize> {
        let mut attempts = Vec::new();
        while attempts.len() < most {
            match self.claim_action().await? {
                Some(attempt) => attempts.push(attempt),
                None => break,
            }
        }
        let count = attempts.len();
        for result in join_all(attempts.into_iter().map(|attempt| self.perform(attempt))).await {
            result?;
        }
        Ok(count)
    }

    pub(super) async fn claim_action(&self) -> Result<Option<Attempt>> {
        Ok(self.app.store.claim_action(&self.owner, self.lease_ms()).await?)
    }

    pub(super) async fn perform(&self, attempt: Attempt) -> Result<()> {
        let (subject, repository) = (&attempt.subject, attempt.subject.repository());
        let action = attempt.action.kind();
        let span =
            tracing::error_span!("action", action, key = attempt.key, subject = %subject, repository = %repository);
        self.perform_within(attempt).instrument(span).await
    }

    async fn perform_within(&self, attempt: Attempt) -> Result<()> {
        let deed = Deed {
            key: &attempt.key,
            action: &attempt.action,
            attempts: attempt.attempts,
            first_attempt: attempt.first_attempt,
            fresh: attempt.fresh,
        };
        let (store, lease_ms) = (&self.app.store, self.lease_ms());
        let renew = || store.renew_action(&attempt, lease_ms);
        let _under_way = self.under_way(&attempt);
        let term = Term { since: attempt.since, lease_ms };
        let Some((outcome, fault)) = holding_strictly(term, renew, self.performed(&attempt, deed)).await else {
            tracing::info!(key = attempt.key, "an action was taken over by another server, which performs it");
            return Ok(());
        };
        let now = self.app.clock.now();
        let outcome = match outcome {
            Outcome::Failed { reason } if now.since_ms(attempt.first_attempt) > backoff::GIVE_UP_MS => {
                Outcome::Refused { reason: format!("given up after seven days: {reason}") }
            }
            outcome @ (Outcome::Performed { .. }
            | Outcome::Later { .. }
            | Outcome::Failed { .. }
            | Outcome::Refused { .. }) => outcome,
        };
        let retry_at = match &outcome {
            Outcome::Later { until, .. } => *until,
            Outcome::Failed { .. } => backoff::retry_at(now, attempt.attempts),
            Outcome::Performed { .. } | Outcome::Refused { .. } => now,
        };
        self.answer_opening(&attempt, &outcome).await?;
        self.tell_refusal(&attempt, &outcome).await?;
        let kept = self.app.store.finish_action(&attempt, &outcome, retry_at).await?;
        if !kept {
            tracing::info!(key = attempt.key, "an action was taken over by another server; its outcome counts");
        }
        let cause = match &fault {
            Some(fault) => self.cause_of_fault(fault, attempt.subject.repository()).await,
            None => None,
        };
        self.report(&attempt, &outcome, (cause, retry_at));
        Ok(())
    }

    /// Only GitHub knows whether an issue is there and whether it waits for this one in the end, so whoever asked for
    /// the impossible is told once it has said so.
    async fn tell_refusal(&self, attempt: &Attempt, outcome: &Outcome) -> Result<()> {
        let (Action::AddDependency { repository, number, on }, Outcome::Refused { reason }) =
            (&attempt.action, outcome)
        else {
            return Ok(());
        };
        let told = decide::cannot_wait(&attempt.key, (repository, *number), on, reason);
        Ok(self.app.store.queue_alone(&attempt.subject, &told).await?)
    }

    fn report(&self, attempt: &Attempt, outcome: &Outcome, (cause, again): (Option<Cause>, Timestamp)) {
        let (word, note) = match outcome {
            Outcome::Performed { note, .. } => ("performed", note),
            Outcome::Later { reason, .. } => ("later", reason),
            Outcome::Failed { reason } => ("failed", reason),
            Outcome::Refused { reason } => ("refused", reason),
        };
        self.tell_trouble(attempt, outcome, (cause, Strike { who: &attempt.key, detail: note, again }));
        self.app.metrics.action(attempt.action.kind(), word);
        self.story.tell(Step::Acted {
            subject: attempt.subject.clone(),
            key: attempt.key.clone(),
            performed: matches!(outcome, Outcome::Performed { .. }),
            note: note.clone(),
        });
    }

    /// What many actions fail of is told once; what concerns this one alone, when it first fails and when it is given up.
    fn tell_trouble(&self, attempt: &Attempt, outcome: &Outcome, (cause, strike): (Option<Cause>, Strike<'_>)) {
        let (troubles, subject, reason) = (&self.app.troubles, &attempt.subject, strike.detail);
        match (outcome, cause) {
            (Outcome::Performed { .. }, _) => troubles.passed(strike.who),
            (Outcome::Refused { .. }, Some(cause @ (Cause::Forbidden | Cause::OutOfReach)))
            | (Outcome::Later { .. } | Outcome::Failed { .. }, Some(cause)) => {
                troubles.struck(cause, strike);
            }
            (Outcome::Refused { .. }, _) => {
                troubles.passed(strike.who);
                tracing::error!(key = strike.who, %subject, reason,
                    "an action was given up; `stationmaster outbox replay` tries it again");
            }
            (Outcome::Later { .. }, None) => {
                tracing::info!(key = strike.who, %subject, until = %strike.again, reason, "an action waits");
            }
            (Outcome::Failed { .. }, None) if attempt.attempts == 0 => {
                tracing::warn!(key = strike.who, %subject, reason, "an action failed and is tried again");
            }
            (Outcome::Failed { .. }, None) => {
                tracing::debug!(key = strike.who, %subject, attempts = attempt.attempts + 1, reason,
                    "an action failed again");
            }
        }
    }
}
