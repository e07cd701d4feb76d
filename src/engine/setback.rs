//! Why something could not be done now: which trouble it is a part of, and who is told what of it.

use anyhow::Error;

use super::Engine;
use crate::act::Fault;
use crate::github::GithubError;
use crate::model::{InstallationId, RepositoryId, Timestamp};
use crate::notify::{Next, NotifyError};
use crate::observe::ChangesFault;
use crate::store::StoreError;
use crate::trouble::{Cause, Strike};

/// The error of GitHub's client that is behind an error of ours.
pub(super) fn github_error(error: &Error) -> Option<&GithubError> {
    error.chain().find_map(|error| match error.downcast_ref::<ChangesFault>() {
        Some(ChangesFault::Github(error)) => Some(error),
        Some(ChangesFault::TooMany { .. } | ChangesFault::HeadMoved { .. } | ChangesFault::Incomplete { .. })
        | None => error.downcast_ref::<GithubError>(),
    })
}

/// What people have to know about, however many meet it; `None` for what concerns one thing alone.
pub(super) fn cause_of_github(error: &GithubError, installation: Option<InstallationId>) -> Option<Cause> {
    match error {
        GithubError::Server { .. } | GithubError::Transport { .. } | GithubError::Decode { .. } => Some(Cause::Github),
        GithubError::RateLimited { .. } => Some(Cause::GithubLimit(installation)),
        GithubError::Unauthorized { .. } => Some(Cause::AppKey),
        GithubError::Forbidden { .. } => Some(Cause::Forbidden),
        GithubError::Suspended { installation: named, .. } => Some(Cause::Suspended((*named).or(installation))),
        GithubError::Config { .. }
        | GithubError::Path { .. }
        | GithubError::NotFound { .. }
        | GithubError::Gone { .. }
        | GithubError::NotAllowed { .. }
        | GithubError::Conflict { .. }
        | GithubError::Validation { .. }
        | GithubError::TooLarge { .. }
        | GithubError::TooManyPages { .. }
        | GithubError::Unexpected { .. } => None,
    }
}

fn cause_of_notify(error: &NotifyError) -> Option<Cause> {
    if error.is_of_token() {
        return Some(Cause::Ntfy);
    }
    match error.next() {
        Next::Retry => Some(Cause::Ntfy),
        Next::Wait(_) => Some(Cause::NtfyLimit),
        Next::GiveUp => None,
    }
}

impl Engine {
    /// Which trouble an action failed because of.
    pub(super) async fn cause_of_fault(&self, fault: &Fault, repository: RepositoryId) -> Option<Cause> {
        match fault {
            Fault::Github(GithubError::NotFound { .. }) if self.is_out_of_reach(repository).await => {
                Some(Cause::OutOfReach)
            }
            Fault::Github(error) => cause_of_github(error, self.installation_of(repository).await),
            Fault::Notify(error) => cause_of_notify(error),
        }
    }

    /// Which trouble a look failed because of.
    pub(super) async fn cause_of(&self, error: &Error, repository: RepositoryId) -> Option<Cause> {
        if let Some(error) = github_error(error) {
            return cause_of_github(error, self.installation_of(repository).await);
        }
        error.chain().find_map(|error| error.downcast_ref::<StoreError>())?.cause()
    }

    async fn is_out_of_reach(&self, repository: RepositoryId) -> bool {
        matches!(self.app.store.repository(repository).await, Ok(None))
    }

    async fn installation_of(&self, repository: RepositoryId) -> Option<InstallationId> {
        self.app.store.repository(repository).await.ok().flatten().map(|known| known.installation)
    }

    /// Tells of a look that failed: under its cause, or, where it is the first failure and has none, by itself.
    pub(super) fn look_failed(&self, cause: Option<Cause>, attempts: i64, strike: Strike<'_>) {
        let (subject, reason) = (strike.who, strike.detail);
        match cause {
            Some(cause) => {
                self.app.troubles.struck(cause, strike);
            }
            None if attempts == 0 => {
                tracing::warn!(subject, reason, "a subject could not be decided on and is looked at again");
            }
            None => tracing::debug!(subject, attempts = attempts + 1, reason, "a subject is looked at again"),
        }
    }

    /// Tells of a part of the sweep that GitHub failed; the next sweep covers the same time.
    pub(super) fn sweep_failed(
        &self,
        who: &str,
        (error, installation): (&GithubError, Option<InstallationId>),
        again: Timestamp,
    ) {
        let detail = error.to_string();
        if let Some(cause) = cause_of_github(error, installation) {
            self.app.troubles.struck(cause, Strike { who, detail: &detail, again });
        } else {
            tracing::warn!(who, %error, "what a sweep could not look at is left for the next one");
        }
    }
}
