//! Repositories with their policy, and what is asked of their environments: for the API and for pages alike.

use std::sync::Arc;

use tracing::warn;

use super::{Api, Door};
use crate::decide::tracking::{self, AskContext, AskRefusal, AskWords};
use crate::model::{Authority, Repository, RepositoryName, Request};
use crate::policy::Policy;
use crate::store::StoreError;

/// Why nothing is asked of an environment.
#[derive(Debug)]
pub(super) enum AskFault {
    /// The App does not reach the repository, or there is none.
    NotReached,
    /// GitHub did not tell the policy.
    PolicyUnknown,
    /// The policy cannot be read: why, with line and column.
    PolicyUnreadable(String),
    /// It does not fit to what there is.
    Refused(AskRefusal),
    /// The database failed.
    Store(StoreError),
}

impl From<StoreError> for AskFault {
    fn from(fault: StoreError) -> Self {
        Self::Store(fault)
    }
}

/// The repository and its policy, which GitHub is asked for unless it was just asked.
pub(super) async fn repository(api: &Api, name: &RepositoryName) -> Result<(Repository, Arc<Policy>), AskFault> {
    match (api.policy_of())(name.clone()).await {
        Ok(Some(found)) => Ok(found),
        Ok(None) => Err(AskFault::NotReached),
        Err(fault) => {
            warn!(repository = %name, fault, "whoever asks has to wait for the policy");
            Err(AskFault::PolicyUnknown)
        }
    }
}

/// What somebody asks of an environment, as it is stored. Whether they may is judged by the environment's decision.
pub(super) async fn request(
    door: &Door,
    name: &RepositoryName,
    (words, authority): (&AskWords, Authority),
) -> Result<Request, AskFault> {
    let api = door.api.as_ref().ok_or(AskFault::NotReached)?;
    let (repository, policy) = repository(api, name).await?;
    if let Some(fault) = &policy.unreadable {
        return Err(AskFault::PolicyUnreadable(fault.clone()));
    }
    let store = door.doors.store();
    let context = AskContext {
        environments: &policy.environments,
        records: &store.environments(repository.id).await?,
        releases: &store.releases(repository.id).await?,
        now: door.clock.now(),
    };
    let (environment, wish) = tracking::ask(words, &context).map_err(AskFault::Refused)?;
    Ok(Request::Environment { repository, environment, wish, authority })
}
