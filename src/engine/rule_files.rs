//! The rules that heads of a repository are reviewed by: the server's, and those on its default branch.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::Result;

use crate::app::App;
use crate::model::{Repository, RepositoryId, Timestamp};
use crate::observe;
use crate::policy::{
    Extension, FaultStyle, Faults, IgnoredLeaks, Policy, ReviewRules, ReviewSettings, ReviewSource, RuleFile,
    RulesPlace, SecretRules, fingerprint_of,
};

/// Files of a repository are read again after so long even if no push told of a change.
const FRESH_MS: i64 = 600_000;

/// What heads of one repository are reviewed by, compiled.
#[derive(Debug)]
pub(super) struct HeadRules {
    pub(super) secrets: Arc<SecretRules>,
    pub(super) ignored: IgnoredLeaks,
    pub(super) code: Arc<ReviewRules>,
    pub(super) settings: ReviewSettings,
    /// Files on the default branch that cannot be read: nothing is reviewed as it should be.
    pub(super) faults: Vec<String>,
    fingerprint: String,
}

impl HeadRules {
    /// Changes whenever a file or a setting does: a SHA-256 in hexadecimal.
    pub(super) fn fingerprint(&self) -> &str {
        &self.fingerprint
    }
}

struct Kept {
    rules: Arc<HeadRules>,
    /// The policy that it was put together under.
    policy: String,
    read: Timestamp,
}

/// The server's own rules, which most repositories share.
#[derive(Debug, Clone)]
struct Shared {
    secrets: Arc<SecretRules>,
    code: Arc<ReviewRules>,
    fingerprint: String,
}

/// Rules by repository. Nothing is compiled before the first review.
#[derive(Default)]
pub(super) struct Reviewing {
    kept: Mutex<HashMap<RepositoryId, Kept>>,
    shared: Arc<Mutex<Option<Shared>>>,
}

impl Reviewing {
    /// The rules for a repository.
    pub(super) async fn rules(&self, app: &App, repository: &Repository, policy: &Policy) -> Result<Arc<HeadRules>> {
        let now = app.clock.now();
        if let Some(rules) = self.kept(repository.id, policy, now) {
            return Ok(rules);
        }
        let files = observe::rule_files(&app.hands.github, repository).await?;
        let (place, settings, shared) = (app.rules.place(), policy.review.clone(), Arc::clone(&self.shared));
        let compiled = move || compiled(&shared_rules(&place, &shared)?, &place, settings, files);
        let rules = Arc::new(tokio::task::spawn_blocking(compiled).await??);
        let kept = Kept { rules: Arc::clone(&rules), policy: policy.fingerprint().to_owned(), read: now };
        self.kept.lock().unwrap_or_else(PoisonError::into_inner).insert(repository.id, kept);
        Ok(rules)
    }

    /// Has a repository's files read afresh at the next review.
    pub(super) fn forget(&self, repository: RepositoryId) {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner).remove(&repository);
    }

    fn kept(&self, repository: RepositoryId, policy: &Policy, now: Timestamp) -> Option<Arc<HeadRules>> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.get(&repository)
            .filter(|kept| kept.policy == policy.fingerprint() && now.is_within(FRESH_MS, kept.read))
            .map(|kept| Arc::clone(&kept.rules))
    }
}

/// The server's rules, compiled anew only where a file has changed.
fn shared_rules(place: &RulesPlace, shared: &Mutex<Option<Shared>>) -> Result<Shared> {
    let server = |faults: Faults| anyhow::anyhow!("the server's rules cannot be used:\n{}", told(&faults));
    let secrets = SecretRules::default_file(place).map_err(server)?;
    let source = ReviewSource::of(place).map_err(server)?;
    let code = source.fingerprint();
    let fingerprint = fingerprint_of([("secrets", secrets.text.as_str()), ("code", code.as_str())].into_iter());
    let mut shared = shared.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(known) = shared.as_ref().filter(|known| known.fingerprint == fingerprint) {
        return Ok(known.clone());
    }
    let made = Shared {
        secrets: Arc::new(SecretRules::read(secrets, None).map_err(server)?),
        code: Arc::new(ReviewRules::compile(source).map_err(server)?),
        fingerprint,
    };
    *shared = Some(made.clone());
    Ok(made)
}

/// The server's rules and a repository's own. Faults of the latter are told on its pulls.
fn compiled(
    shared: &Shared,
    place: &RulesPlace,
    settings: ReviewSettings,
    files: observe::RuleFiles,
) -> Result<HeadRules> {
    let mut parts = vec![("server".to_owned(), shared.fingerprint.clone())];
    parts.push(("settings".to_owned(), format!("{settings:?}")));
    parts.extend(files.texts().map(|file| (file.name.clone(), file.text.clone())));
    let fingerprint = fingerprint_of(parts.iter().map(|(name, text)| (name.as_str(), text.as_str())));
    let mut faults = Vec::new();
    let mut secrets = Arc::clone(&shared.secrets);
    if let Some(file) = files.gitleaks {
        let default = SecretRules::default_file(place).map_err(|faults| anyhow::anyhow!(told(&faults)))?;
        let extension = Extension { default: &default, find: &|_| None };
        match SecretRules::read(RuleFile::new(file.name, file.text), Some(&extension)) {
            Ok(own) => secrets = Arc::new(own),
            Err(found) => faults.push(told(&found)),
        }
    }
    let ignored = files.gitleaks_ignore.map_or_else(IgnoredLeaks::default, |file| IgnoredLeaks::parse(&file.text));
    let own: Vec<RuleFile> = files.structural.into_iter().map(|file| RuleFile::new(file.name, file.text)).collect();
    let mut code = Arc::clone(&shared.code);
    if !own.is_empty() {
        match code.with_repository(own) {
            Ok(joined) => code = Arc::new(joined),
            Err(found) => faults.push(told(&found)),
        }
    }
    Ok(HeadRules { secrets, ignored, code, settings, faults, fingerprint })
}

/// Faults as they are told on a pull.
pub(super) fn told(faults: &Faults) -> String {
    faults.render(FaultStyle::Plain).trim_end().to_owned()
}
