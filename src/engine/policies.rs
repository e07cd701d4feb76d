//! Each repository's policy in force: the server's rules and what its default branch says, read again after a while.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::Result;

use super::Engine;
use crate::app::App;
use crate::model::{Repository, RepositoryId, RepositoryName, Timestamp};
use crate::observe;
use crate::policy::{Policy, RepositoryPolicy, Rules};

/// A policy is read again after so long even if no push told of a change.
const FRESH_MS: i64 = 60_000;

struct Kept {
    policy: Arc<Policy>,
    rules: String,
    read: Timestamp,
}

impl Engine {
    /// The repository of this name and its policy in force; `None` where the App does not reach it.
    pub async fn policy_of(&self, name: &RepositoryName) -> Result<Option<(Repository, Arc<Policy>)>> {
        let Some(known) = self.app.store.repository_named(name).await? else { return Ok(None) };
        let Some(repository) = self.reachable(known.id).await? else { return Ok(None) };
        let in_force = self.in_force(known.id).await?;
        let policy = self.policy(&repository, in_force.1.as_deref()).await?;
        Ok(Some((repository, policy)))
    }
}

/// The server's rules with a repository's own file, by name and text; one that cannot be read does not count.
pub(super) fn combined(app: &App, rules: &Rules, own: Option<(&str, &str)>) -> Policy {
    let mut policy = match own.map(|(file, text)| RepositoryPolicy::parse(text, file)) {
        None => Policy::combine(rules, None),
        Some(Ok(own)) => Policy::combine(rules, Some(&own)),
        Some(Err(faults)) => Policy::without_repository(rules, &faults),
    };
    policy.advice.available = app.config.model.is_some();
    policy
}

/// Policies by repository.
#[derive(Default)]
pub(super) struct Policies(Mutex<HashMap<RepositoryId, Kept>>);

impl Policies {
    /// The policy of a repository. Read through the client's conditional requests, so a second look is free.
    pub(super) async fn of(&self, app: &App, repository: &Repository) -> Result<Arc<Policy>> {
        let (rules, now) = (app.rules.current(), app.clock.now());
        if let Some(policy) = self.kept(repository.id, rules.fingerprint(), now) {
            return Ok(policy);
        }
        let found = observe::policy(&app.hands.github, repository).await?;
        let own = found.as_ref().map(|found| (found.file.as_str(), found.text.as_str()));
        let policy = Arc::new(combined(app, &rules, own));
        let kept = Kept { policy: Arc::clone(&policy), rules: rules.fingerprint().to_owned(), read: now };
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(repository.id, kept);
        Ok(policy)
    }

    /// Has a repository's policy read afresh at the next look.
    pub(super) fn forget(&self, repository: RepositoryId) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&repository);
    }

    fn kept(&self, repository: RepositoryId, rules: &str, now: Timestamp) -> Option<Arc<Policy>> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.get(&repository)
            .filter(|kept| kept.rules == rules && now.is_within(FRESH_MS, kept.read))
            .map(|kept| Arc::clone(&kept.policy))
    }
}
