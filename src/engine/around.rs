//! What many pull requests of a repository have in common, read once in a while: protection and permissions.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, PoisonError};

use crate::app::App;
use crate::github::GithubError;
use crate::model::{BranchName, BranchProtection, Login, Permission, Repository, RepositoryId, Timestamp};
use crate::observe;

/// How long an answer counts. GitHub tells of no change of these, and permissions may be so old (design §4.4).
const FRESH_MS: i64 = 60_000;

type Kept<K, V> = Mutex<HashMap<K, (V, Timestamp)>>;

/// Protection by branch, and permissions by person.
#[derive(Debug, Default)]
pub(super) struct Around {
    protections: Kept<(RepositoryId, BranchName), BranchProtection>,
    permissions: Kept<(RepositoryId, Login), Permission>,
}

impl Around {
    /// What a branch demands. An error is an error: nothing is merged because it could not be read.
    pub(super) async fn protection(
        &self,
        app: &App,
        repository: &Repository,
        branch: &BranchName,
    ) -> Result<BranchProtection, GithubError> {
        let key = (repository.id, branch.clone());
        if let Some(kept) = fresh(&self.protections, &key, app.clock.now()) {
            return Ok(kept);
        }
        let protection = observe::protection(&app.hands.github, repository, branch).await?;
        keep(&self.protections, key, protection.clone(), app.clock.now());
        Ok(protection)
    }

    /// What these people may do.
    pub(super) async fn permissions(
        &self,
        app: &App,
        repository: &Repository,
        people: &[Login],
    ) -> Result<BTreeMap<Login, Permission>, GithubError> {
        let mut found = BTreeMap::new();
        let mut unknown = Vec::new();
        for login in people {
            match fresh(&self.permissions, &(repository.id, login.clone()), app.clock.now()) {
                Some(permission) => drop(found.insert(login.clone(), permission)),
                None => unknown.push(login.clone()),
            }
        }
        let asked = observe::permissions(&app.hands.github, repository, unknown).await?;
        for (login, permission) in &asked {
            keep(&self.permissions, (repository.id, login.clone()), *permission, app.clock.now());
        }
        found.extend(asked);
        Ok(found)
    }

    /// Has a repository's protections read afresh at the next look.
    pub(super) fn forget(&self, repository: RepositoryId) {
        let mut protections = self.protections.lock().unwrap_or_else(PoisonError::into_inner);
        protections.retain(|(id, _), _| *id != repository);
    }
}

fn fresh<K: std::hash::Hash + Eq, V: Clone>(kept: &Kept<K, V>, key: &K, now: Timestamp) -> Option<V> {
    let kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
    kept.get(key).filter(|(_, read)| now.since_ms(*read) < FRESH_MS).map(|(value, _)| value.clone())
}

fn keep<K: std::hash::Hash + Eq, V>(kept: &Kept<K, V>, key: K, value: V, now: Timestamp) {
    let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
    // What is stale is of no use to anybody, and would pile up.
    kept.retain(|_, (_, read)| now.since_ms(*read) < FRESH_MS);
    kept.insert(key, (value, now));
}
