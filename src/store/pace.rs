//! Pacing: one installation creates no more content in a minute and in an hour than GitHub bears.

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
        | Action::CreateDeployment(_)
        | Action::SetDeploymentStatus { .. }
        | Action::RetireDeployments { .. }
        | Action::TriggerDeploy(_)
        | Action::ProbeHealth(_)
        | Action::Notify(_) => None,
    }
}

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
                "SELECT finished_ms FROM outbox WHERE pace = $1 AND finished_ms > $2 AND state = 'done' \
                 ORDER BY finished_ms DESC LIMIT 1 OFFSET $3",
            )
            .bind(pace.as_str())
            .bind(now - window_ms)
            .bind((most - 1 - under_way).max(0))
            .fetch_optional(self.database.reader())
            .await?;
            if let Some(finished) = finished {
                return Ok(Some(Timestamp(finished + window_ms)));
            }
        }
        Ok(None)
    }
}
