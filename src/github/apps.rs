//! The App itself: who it is, where it is installed and with which permissions.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Deserialize;

use super::caller::Caller;
use super::request::{Call, Response};
use super::throttle::Limits;
use super::{GithubError, Path};
use crate::model::{InstallationId, Login, RepositoryName};

/// Calls GitHub as the App, with its JWT.
#[derive(Clone)]
pub struct AppClient {
    caller: Arc<Caller>,
}

/// The App (<https://docs.github.com/en/rest/apps/apps#get-the-authenticated-app>).
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct AppInfo {
    /// Its id.
    pub id: i64,
    /// Its name in URLs.
    #[serde(default)]
    pub slug: String,
    /// Its name.
    #[serde(default)]
    pub name: String,
    /// Where people read of it.
    #[serde(default)]
    pub html_url: String,
    /// What it asks for, such as `issues` → `write`.
    #[serde(default)]
    pub permissions: BTreeMap<String, String>,
    /// The webhook events it asks for.
    #[serde(default)]
    pub events: Vec<String>,
    /// The client id, with which people sign in.
    #[serde(default)]
    pub client_id: Option<String>,
}

impl AppInfo {
    /// The account under which it comments, `slug[bot]`.
    #[must_use]
    pub fn bot_login(&self) -> Login {
        Login::new(format!("{}[bot]", self.slug))
    }
}

/// An account that has installed the App.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Installation {
    /// Its id.
    pub id: InstallationId,
    /// Whose it is; `None` for an enterprise, which has no login.
    pub account: Option<Login>,
    /// Where its owner changes it, if GitHub says so.
    pub settings_url: Option<String>,
    /// Whether every call for it is refused at present.
    pub suspended: bool,
    /// What it was granted, such as `issues` → `write`.
    pub permissions: BTreeMap<String, String>,
    /// The webhook events it sends.
    pub events: Vec<String>,
}

/// An installation as GitHub tells it (<https://docs.github.com/en/rest/apps/apps#get-an-installation-for-the-authenticated-app>).
#[derive(Deserialize)]
struct InstallationBody {
    id: i64,
    account: Option<AccountBody>,
    html_url: Option<String>,
    suspended_at: Option<String>,
    #[serde(default)]
    permissions: BTreeMap<String, String>,
    #[serde(default)]
    events: Vec<String>,
}

#[derive(Deserialize)]
struct AccountBody {
    login: Option<String>,
}

impl From<InstallationBody> for Installation {
    fn from(body: InstallationBody) -> Self {
        Self {
            id: InstallationId(body.id),
            account: body.account.and_then(|account| account.login).map(Login::new),
            settings_url: body.html_url,
            suspended: body.suspended_at.is_some(),
            permissions: body.permissions,
            events: body.events,
        }
    }
}

impl AppClient {
    pub(super) fn new(caller: Arc<Caller>) -> Self {
        Self { caller }
    }

    /// Who the App is; also the proof that id and key belong together.
    pub async fn app(&self) -> Result<AppInfo, GithubError> {
        self.caller.read(Path::new(["app"])?).await
    }

    /// Everywhere the App is installed.
    pub async fn installations(&self) -> Result<Vec<Installation>, GithubError> {
        let bodies: Vec<InstallationBody> = self.caller.list(Path::new(["app", "installations"])?).await?;
        Ok(bodies.into_iter().map(Installation::from).collect())
    }

    /// The installation through which a repository is reached.
    ///
    /// # Errors
    /// [`GithubError::NotFound`] when the App is not installed there.
    pub async fn installation_of(&self, repository: &RepositoryName) -> Result<Installation, GithubError> {
        let body: InstallationBody = self.caller.read(Path::repository(repository, ["installation"])?).await?;
        Ok(body.into())
    }

    /// Any call of the API that the App makes as itself; the answer is one of success.
    pub async fn call(&self, call: Call) -> Result<Response, GithubError> {
        self.caller.call(call).await
    }

    /// What is known of the rate limit of the App's own calls.
    #[must_use]
    pub fn limits(&self) -> Limits {
        self.caller.limits()
    }
}
