//! One installation of the App: its token, fetched once however many ask, and the client that uses it.

use std::collections::HashSet;
use std::sync::{Arc, PoisonError};

use http::{HeaderValue, Method};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use tokio::sync::Mutex;

use super::caller::{Caller, Credential, Shared};
use super::request::{Call, Response};
use super::throttle::Limits;
use super::{GithubError, Path};
use crate::model::{InstallationId, LabelName, RepositoryName, Timestamp};

/// A token is replaced this long before its end.
const RENEWED_BEFORE_END_MS: i64 = 60_000;
/// A token may do what the installation was allowed to when it was made. One that was refused for that is replaced once
/// it is so old: people may have granted the permission meanwhile.
const RENEWED_AFTER_REFUSAL_MS: i64 = 60_000;
/// GitHub's tokens live an hour; this counts where an answer does not say.
const LIFETIME_MS: i64 = 3_600_000;

/// The answer to a request for a token
/// (<https://docs.github.com/en/rest/apps/apps#create-an-installation-access-token-for-an-app>).
#[derive(Deserialize)]
struct Minted {
    token: SecretString,
    expires_at: Option<String>,
}

struct Current {
    header: HeaderValue,
    made: Timestamp,
    end: Timestamp,
}

/// The token of one installation.
pub(super) struct InstallationToken {
    pub(super) installation: InstallationId,
    app: Arc<Caller>,
    /// Held while a token is fetched, so that everybody else waits for the same one.
    current: Mutex<Option<Current>>,
}

impl InstallationToken {
    pub(super) fn new(installation: InstallationId, app: Arc<Caller>) -> Self {
        Self { installation, app, current: Mutex::new(None) }
    }

    /// The `Authorization` header, with a new token where there is none or it is about to end.
    pub(super) async fn bearer(&self, now: Timestamp) -> Result<HeaderValue, GithubError> {
        let mut current = self.current.lock().await;
        if let Some(current) = &*current
            && current.end.since_ms(now) > RENEWED_BEFORE_END_MS
        {
            return Ok(current.header.clone());
        }
        let fresh = self.mint(now).await?;
        let header = fresh.header.clone();
        *current = Some(fresh);
        Ok(header)
    }

    /// Forgets the token that GitHub refused, unless somebody has replaced it already.
    pub(super) async fn forget(&self, refused: &HeaderValue) {
        let mut current = self.current.lock().await;
        if current.as_ref().is_some_and(|current| current.header == *refused) {
            *current = None;
        }
    }

    /// Forgets the token that was not allowed something, where a new one may be; `false` where it is too young for that.
    pub(super) async fn forget_old(&self, refused: &HeaderValue, now: Timestamp) -> bool {
        let mut current = self.current.lock().await;
        let is_old = |current: &Current| now.since_ms(current.made) >= RENEWED_AFTER_REFUSAL_MS;
        current.take_if(|current| current.header == *refused && is_old(current)).is_some()
    }

    async fn mint(&self, now: Timestamp) -> Result<Current, GithubError> {
        let id = self.installation.to_string();
        let call = Call::new(Method::POST, Path::new(["app", "installations", &id, "access_tokens"])?);
        // The App speaks here, but it is about this installation, and the error should say so.
        let response = Box::pin(self.app.call(call.clone())).await.map_err(|error| self.named(error))?;
        let unreadable = || GithubError::Decode {
            call: call.to_string(),
            // What was wrong is not said, since it could quote the token.
            fault: "no usable token in it".to_owned(),
            performed: true,
        };
        let minted: Minted = serde_json::from_slice(&response.body).map_err(|_| unreadable())?;
        let header = bearer(minted.token.expose_secret()).ok_or_else(unreadable)?;
        let end = minted.expires_at.as_deref().and_then(Timestamp::parse_rfc3339);
        let end = end.unwrap_or_else(|| now.plus_ms(LIFETIME_MS));
        tracing::debug!(installation = %self.installation, %end, "new installation token");
        Ok(Current { header, made: now, end })
    }

    fn named(&self, error: GithubError) -> GithubError {
        if let GithubError::Suspended { call, .. } = error {
            return GithubError::Suspended { call, installation: Some(self.installation) };
        }
        error
    }
}

/// `Bearer …`, marked so that nothing prints it; `None` when the token could not be sent in a header.
pub(super) fn bearer(token: &str) -> Option<HeaderValue> {
    let mut header = HeaderValue::try_from(format!("Bearer {token}")).ok()?;
    header.set_sensitive(true);
    Some(header)
}

/// Calls GitHub for one installation. There is one for each, shared by all who ask for it.
pub struct InstallationClient {
    id: InstallationId,
    pub(super) caller: Caller,
    /// Labels that a repository was seen to have.
    labels: std::sync::Mutex<HashSet<(RepositoryName, LabelName)>>,
}

impl InstallationClient {
    pub(super) fn new(id: InstallationId, shared: Arc<Shared>, app: Arc<Caller>) -> Self {
        let credential = Credential::Installation(InstallationToken::new(id, app));
        Self { id, caller: Caller::new(shared, credential), labels: std::sync::Mutex::default() }
    }

    /// The installation.
    #[must_use]
    pub const fn id(&self) -> InstallationId {
        self.id
    }

    /// What is known of its rate limit, without asking.
    #[must_use]
    pub fn limits(&self) -> Limits {
        self.caller.limits()
    }

    pub(super) fn knows_label(&self, repository: &RepositoryName, label: &LabelName) -> bool {
        let labels = self.labels.lock().unwrap_or_else(PoisonError::into_inner);
        labels.contains(&(repository.clone(), label.clone()))
    }

    pub(super) fn learn_labels(&self, repository: &RepositoryName, seen: impl Iterator<Item = LabelName>) {
        let mut labels = self.labels.lock().unwrap_or_else(PoisonError::into_inner);
        labels.extend(seen.map(|label| (repository.clone(), label)));
    }

    /// Any call of the API, for what has no function of its own; the answer is one of success.
    pub async fn call(&self, call: Call) -> Result<Response, GithubError> {
        self.caller.call(call).await
    }

    /// Any list of the API whose pages are arrays, whole.
    pub async fn list<T: DeserializeOwned>(&self, path: Path) -> Result<Vec<T>, GithubError> {
        self.caller.list(path).await
    }
}
