//! What many pull requests of a repository have in common, read once in a while: protection and permissions.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, PoisonError};

use crate::app::App;
use crate::github::GithubError;
use crate::model::{BranchName, BranchProtection, Login, Permission, Repository, RepositoryId, Timestamp};
use crate::observe;

/// How long an answer counts. GitHub tells of no change of these, and permissions may be so old (design §4.4).
const FRESH_MS: i64 = 60_000;

/// After so many looks at a subject that have failed, whoever's permission still cannot be read may do nothing: they are
/// told so, and the subject does not stand still because of them. Some fifteen seconds.
const PATIENT_LOOKS: i64 = 3;

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

    /// What these people may do. `attempts` are the looks that have failed before: at first an error is one, then there
    /// is no entry for whoever's permission cannot be read.
    pub(super) async fn permissions(
        &self,
        app: &App,
        (repository, people): (&Repository, &[Login]),
        attempts: i64,
    ) -> Result<BTreeMap<Login, Permission>, GithubError> {
        let mut found = BTreeMap::new();
        let mut unknown = Vec::new();
        for login in people {
            match fresh(&self.permissions, &(repository.id, login.clone()), app.clock.now()) {
                Some(permission) => drop(found.insert(login.clone(), permission)),
                None => unknown.push(login.clone()),
            }
        }
        let asked = match observe::permissions(&app.hands.github, repository, unknown.iter().cloned()).await {
            Ok(asked) => asked,
            Err(error) if attempts < PATIENT_LOOKS || matches!(error, GithubError::RateLimited { .. }) => {
                return Err(error);
            }
            Err(error) => {
                tracing::warn!(repository = %repository.name, %error,
                    "permissions cannot be read, so whoever's is not known may do nothing");
                readable(app, repository, unknown).await
            }
        };
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

/// The permissions that can be read.
async fn readable(app: &App, repository: &Repository, people: Vec<Login>) -> BTreeMap<Login, Permission> {
    let mut found = BTreeMap::new();
    for login in people {
        found.extend(observe::permissions(&app.hands.github, repository, [login]).await.unwrap_or_default());
    }
    found
}

fn fresh<K: std::hash::Hash + Eq, V: Clone>(kept: &Kept<K, V>, key: &K, now: Timestamp) -> Option<V> {
    let kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
    kept.get(key).filter(|(_, read)| now.is_within(FRESH_MS, *read)).map(|(value, _)| value.clone())
}

fn keep<K: std::hash::Hash + Eq, V>(kept: &Kept<K, V>, key: K, value: V, now: Timestamp) {
    let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
    // What is stale is of no use to anybody, and would pile up.
    kept.retain(|_, (_, read)| now.is_within(FRESH_MS, *read));
    kept.insert(key, (value, now));
}
