//! What an error of a client means for an action: wait, try again, or give up.

use crate::github::GithubError;
use crate::model::Outcome;
use crate::notify::{Next, NotifyError};

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

pub(super) fn of_notify_error(error: &NotifyError) -> Outcome {
    let reason = error.to_string();
    match error.next() {
        Next::Retry => Outcome::Failed { reason },
        Next::Wait(until) => Outcome::Later { until, reason },
        Next::GiveUp => Outcome::Refused { reason },
    }
}
