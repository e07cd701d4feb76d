//! The policies of repositories, for pages that say what may be asked: remembered for a moment, as pages load often.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use futures::StreamExt as _;
use moka::future::Cache;

use crate::http::Door;
use crate::model::RepositoryId;
use crate::policy::Policy;
use crate::store::KnownRepository;

/// How long a policy counts; what is asked is judged by the one in force.
const FRESH: Duration = Duration::from_secs(30);
/// So many are remembered.
const REMEMBERED: u64 = 1_000;
/// So many are asked for at once.
const AT_ONCE: usize = 8;
/// A page waits no longer for GitHub.
const PATIENCE: Duration = Duration::from_secs(3);

/// Policies that were read lately.
pub(super) struct Policies(Cache<RepositoryId, Arc<Policy>>);

impl Default for Policies {
    fn default() -> Self {
        Self(Cache::builder().max_capacity(REMEMBERED).time_to_live(FRESH).build())
    }
}

impl Policies {
    /// The policy in force at this moment, for what would be wrong by an older one; `None` where GitHub does not tell now.
    pub(super) async fn fresh(&self, door: &Door, repository: &KnownRepository) -> Option<Arc<Policy>> {
        self.0.invalidate(&repository.id).await;
        self.of(door, repository).await
    }

    /// The policy of a repository; `None` where GitHub does not tell now.
    pub(super) async fn of(&self, door: &Door, repository: &KnownRepository) -> Option<Arc<Policy>> {
        let api = door.api.as_ref()?;
        let name = &repository.name;
        let read = self.0.try_get_with(repository.id, async {
            let asked = tokio::time::timeout(PATIENCE, (api.policy_of())(name.clone())).await;
            let known = asked.map_err(|_| "GitHub does not answer".to_owned())??;
            known.map(|(_, policy)| policy).ok_or_else(|| "the App does not reach its repository".to_owned())
        });
        match read.await {
            Ok(policy) => Some(policy),
            Err(fault) => {
                tracing::warn!(repository = %name, %fault, "a page is shown without what the policy says");
                None
            }
        }
    }
}

/// The policies of several repositories, those left out that are not known now.
pub(super) async fn policies(
    door: &Door,
    known: &Policies,
    repositories: &[&KnownRepository],
) -> HashMap<RepositoryId, Arc<Policy>> {
    let asked = repositories.iter().map(|repository| async {
        let policy = known.of(door, repository).await;
        policy.map(|policy| (repository.id, policy))
    });
    let asked: Vec<_> = asked.collect();
    futures::stream::iter(asked).buffer_unordered(AT_ONCE).filter_map(std::future::ready).collect().await
}
