//! Pacing: one installation creates no more content in a minute and in an hour than GitHub bears.

use sqlx::AssertSqlSafe;

use super::durable::Durable as _;
use super::outbox::Attempt;
use super::{Store, StoreError};
use crate::model::{Action, Timestamp};

/// The window of GitHub's limit on created content, about 80 a minute
/// (<https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api#about-secondary-rate-limits>).
const PACE_WINDOW_MS: i64 = 60_000;
/// What one installation may create in that window; a little under GitHub's limit, for people's own use of it.
const PACE_PER_WINDOW: i64 = 70;
/// The long window of the same limit, about 500 an hour.
const PACE_LONG_WINDOW_MS: i64 = 3_600_000;
/// What one installation may create in the long window.
const PACE_PER_LONG_WINDOW: i64 = 480;

/// What creates content on GitHub is paced by installation.
pub(super) fn pace_of(action: &Action) -> Option<String> {
    match action {
        Action::WriteCard { repository, comment: None, .. }
        | Action::Comment { repository, .. }
        | Action::SubmitReview { repository, .. }
        | Action::OpenIssue { repository, .. }
        | Action::CloseIssue { repository, .. } => Some(repository.installation.to_string()),
        Action::SetLabels { .. }
        | Action::AddDependency { .. }
        | Action::Publish { .. }
        | Action::WriteCard { comment: Some(_), .. }
        | Action::RemoveComment { .. }
        | Action::React { .. }
        | Action::Retest { .. }
        | Action::Assign { .. }
        | Action::DispatchWorkflow { .. }
        | Action::BuildStaging { .. }
        | Action::LandStaging { .. }
        | Action::CallHook { .. }
        | Action::PublishCheck { .. }
        | Action::Merge(_)
        | Action::DeleteBranch { .. }
        | Action::Release(_)
        | Action::WriteReleasePull(_)
        | Action::ProposeRules(_)
        | Action::CreateDeployment(_)
        | Action::SetDeploymentStatus { .. }
        | Action::RetireDeployments { .. }
        | Action::TriggerDeploy(_)
        | Action::ProbeHealth(_)
        | Action::Redeliver { .. }
        | Action::Notify(_)
        | Action::NotifyChannel { .. }
        | Action::AskModel(_)
        | Action::AmendCheck { .. } => None,
    }
}

/// Rows that are spread in one transaction; the next claim spreads the next ones.
const SPREAD_AT_ONCE: i64 = 500;

impl Store {
    /// When the installation may create content again; `None` when it may now.
    pub(super) async fn pace_until(&self, attempt: &Attempt, now: i64) -> Result<Option<Timestamp>, StoreError> {
        let Some(pace) = pace_of(&attempt.action) else { return Ok(None) };
        // What others are creating at this moment counts as created.
        let under_way: i64 = sqlx::query_scalar(
            "SELECT COUNT(*) FROM outbox WHERE pace = $1 AND finished_ms IS NULL AND state = 'running' AND id <> $2",
        )
        .bind(pace.as_str())
        .bind(attempt.id)
        .fetch_one(self.database.reader())
        .await?;
        for (window_ms, most) in [(PACE_WINDOW_MS, PACE_PER_WINDOW), (PACE_LONG_WINDOW_MS, PACE_PER_LONG_WINDOW)] {
            // The `most`-th newest creation: while it is inside the window, there is no room.
            let finished: Option<i64> = sqlx::query_scalar(
                "SELECT finished_ms FROM outbox WHERE pace = $1 AND finished_ms > $2 AND finished_ms <= $4 \
                   AND state = 'done' ORDER BY finished_ms DESC LIMIT 1 OFFSET $3",
            )
            .bind(pace.as_str())
            .bind(now - window_ms)
            .bind((most - 1 - under_way).max(0))
            // What was created in the future was so before the clock was set back.
            .bind(now + PACE_WINDOW_MS)
            .fetch_optional(self.database.reader())
            .await?;
            if let Some(finished) = finished {
                return Ok(Some(Timestamp(finished + window_ms)));
            }
        }
        Ok(None)
    }

    /// Spreads what waits for the same pace, so that no more of it falls due in one window than may be created in it:
    /// if all of it fell due at once, all of it would be claimed and put off again at the end of every window.
    pub(super) async fn spread(&self, pace: &str, until: Timestamp) -> Result<(), StoreError> {
        let mut transaction = self.database.begin().await?;
        let placed: i64 =
            sqlx::query_scalar("SELECT COUNT(*) FROM outbox WHERE pace = $1 AND state = 'pending' AND due_ms = $2")
                .bind(pace)
                .bind(until.ms())
                .fetch_one(&mut *transaction)
                .await?;
        let crowd: Vec<(String, i64)> = sqlx::query_as(AssertSqlSafe(format!(
            "SELECT lane, id FROM outbox WHERE pace = $1 AND state = 'pending' AND due_ms < $2 \
             ORDER BY due_ms, id LIMIT $3 {}",
            self.database.skip_locked()
        )))
        .bind(pace)
        .bind(until.ms())
        .bind(SPREAD_AT_ONCE)
        .fetch_all(&mut *transaction)
        .await?;
        for ((lane, id), place) in crowd.iter().zip(placed..) {
            let due = until.plus_ms(place / PACE_PER_WINDOW * PACE_WINDOW_MS);
            self.hold_lane(&mut transaction, (lane, *id), due).await?;
        }
        Ok(transaction.commit().durably("spread").await?)
    }
}
