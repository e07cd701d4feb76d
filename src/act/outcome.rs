//! What an error of a client means for an action: wait, try again, or give up.

use super::Deed;
use crate::github::GithubError;
use crate::model::{Action, Outcome};
use crate::notify::{Next, NotifyError};

/// What kept an action from being performed, as the client said it.
#[derive(Debug)]
pub enum Fault {
    /// GitHub's client.
    Github(GithubError),
    /// ntfy's client.
    Notify(NotifyError),
}

/// GitHub may not know for a moment what it has just been told of: what is not found is asked for so often again.
const LOOKS_FOR_MISSING: i64 = 1;

impl Fault {
    /// What it means for the action that it happened to.
    pub(super) fn outcome(&self, deed: &Deed<'_>) -> Outcome {
        match self {
            Self::Github(error @ GithubError::NotFound { .. }) if deed.attempts < LOOKS_FOR_MISSING => {
                Outcome::Failed { reason: error.to_string() }
            }
            // What was to be done on an issue that was deleted meanwhile is to be done no more.
            Self::Github(error @ GithubError::Gone { .. }) if is_about_an_issue(deed.action) => {
                Outcome::Performed { note: format!("nothing is left to do it on: {error}"), learned: None }
            }
            Self::Github(error) => of_github_error(error),
            Self::Notify(error) => of_notify_error(error),
        }
    }
}

const fn is_about_an_issue(action: &Action) -> bool {
    matches!(
        action,
        Action::SetLabels { .. }
            | Action::WriteCard { .. }
            | Action::Comment { .. }
            | Action::React { .. }
            | Action::Assign { .. }
            | Action::CloseIssue { .. }
            | Action::AddDependency { .. }
    )
}

pub(super) fn of_github_error(error: &GithubError) -> Outcome {
    let reason = error.to_string();
    match error {
        GithubError::RateLimited { until, .. } => Outcome::Later { until: *until, reason },
        GithubError::Server { .. }
        | GithubError::Transport { .. }
        | GithubError::Decode { .. }
        // Credentials and installations are mended by people, and nothing should be lost until they have.
        | GithubError::Unauthorized { .. }
        | GithubError::Suspended { .. } => Outcome::Failed { reason },
        GithubError::Config { .. }
        | GithubError::Path { .. }
        | GithubError::Forbidden { .. }
        | GithubError::NotFound { .. }
        | GithubError::Gone { .. }
        | GithubError::NotAllowed { .. }
        | GithubError::Conflict { .. }
        | GithubError::Validation { .. }
        | GithubError::TooLarge { .. }
        | GithubError::TooManyPages { .. }
        | GithubError::Unexpected { .. } => Outcome::Refused { reason },
    }
}

/// Whether the same call fails again until people have changed something.
pub(super) fn will_not_pass(error: &GithubError) -> bool {
    matches!(of_github_error(error), Outcome::Refused { .. })
}

fn of_notify_error(error: &NotifyError) -> Outcome {
    let reason = error.to_string();
    // Tokens and what they may do are mended by people, and nothing should be lost until they have.
    if error.is_of_token() {
        return Outcome::Failed { reason };
    }
    match error.next() {
        Next::Retry => Outcome::Failed { reason },
        Next::Wait(until) => Outcome::Later { until, reason },
        Next::GiveUp => Outcome::Refused { reason },
    }
}
