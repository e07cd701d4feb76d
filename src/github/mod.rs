//! The one client for GitHub: App and installation credentials, rate limits, conditional requests, typed calls.

mod account;
mod accounts;
mod answers;
mod apps;
mod assignees;
mod branches;
mod cache;
mod caller;
mod check_runs;
mod comments;
mod contents;
mod deployments;
mod errors;
mod git_data;
mod graphql;
mod hooks;
mod installation;
mod issue_answer;
mod issue_links;
mod issues;
mod jwt;
mod labels;
mod landed;
mod linked_pulls;
mod manifest;
mod merging;
mod newest;
mod nodes;
mod observed_issue;
mod observed_pull;
mod own_pulls;
mod pages;
mod past_pulls;
mod path;
mod permissions;
mod pull_answer;
mod pulls;
mod reactions;
mod refs;
mod releases;
mod repositories;
mod request;
mod reruns;
mod reviews;
mod server_time;
mod tags;
mod throttle;
mod transport;
mod workflows;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use secrecy::SecretString;
use tokio::sync::OnceCell;
use url::Url;

pub use accounts::Accounts;
pub use answers::{PullAnswer, issue_of_answer, pull_of_answer};
pub use apps::{AppClient, AppInfo, Installation};
pub use branches::BranchHead;
pub use check_runs::{ANNOTATIONS_A_REQUEST, CheckRunOutput, NewCheckRun};
pub use comments::Comment;
pub use contents::FolderEntry;
pub use deployments::{DeploymentSeen, NewDeployment, NewDeploymentStatus, StatusSeen};
pub use errors::GithubError;
pub use hooks::{HookConfig, HookDelivery, HookLogPage};
pub use installation::InstallationClient;
pub use issue_links::SubIssueRefusal;
pub use issues::{IssueFilter, IssuePatch, IssueSeen, ListedIssue, NewIssue};
pub use manifest::{Manifest, ManifestPlaces, RegisteredApp, register, webhook_url};
pub use merging::{MergeRefusal, MergeRequest};
pub use newest::NewestChange;
pub use observed_issue::IssueThread;
pub use observed_pull::{ObservedPull, PullComment};
pub use own_pulls::{BranchPull, NewPull, PullCreation};
pub use path::Path;
pub use pulls::{FilesPage, ListedPull, PullStanding};
pub use reactions::Reaction;
pub use refs::{BranchCreation, BranchMove, CommitObject, Comparison, ComparisonStatus, MergeInto};
pub use releases::{NewRelease, ReleaseCreation, ReleaseSeen};
pub use repositories::ListedRepository;
pub use request::{Call, Freshness, Response};
pub use reruns::CommitRun;
pub use reviews::{NewReview, ReviewEvent};
pub use server_time::server_time;
pub use tags::TagCreation;
pub use throttle::Limits;
pub use transport::Patience;
pub use workflows::{WorkflowDispatch, WorkflowRun};

use crate::model::{Clock, InstallationId, Login};

/// What the client is built from.
#[derive(Debug, Clone)]
pub struct GithubConfig {
    /// `GITHUB_API_URL`: the base of the API, with `/api/v3` on Enterprise.
    pub api_url: Url,
    /// `GITHUB_APP_ID`.
    pub app_id: i64,
    /// `GITHUB_APP_PRIVATE_KEY`: the App's RSA key in PEM form.
    pub private_key_pem: SecretString,
    /// How long GitHub is waited for.
    pub patience: Patience,
}

/// Told of every answer, for the metrics: the method, the status (0 without an answer), and who asked with how many
/// requests left, where GitHub said so.
pub type AnswerReport = Arc<dyn Fn(&'static str, u16, Option<(InstallationId, i64)>) + Send + Sync>;

/// The way to GitHub; clones share everything.
#[derive(Clone)]
pub struct Github {
    inner: Arc<Inner>,
}

struct Inner {
    shared: Arc<caller::Shared>,
    app: Arc<caller::Caller>,
    installations: Mutex<BTreeMap<InstallationId, Arc<InstallationClient>>>,
    own_login: OnceCell<Login>,
    app_id: i64,
}

impl Github {
    /// Builds the client; makes no request. Must be called within a Tokio runtime.
    ///
    /// # Errors
    /// [`GithubError::Config`] that names the setting at fault and never shows the key.
    pub fn new(config: GithubConfig, clock: Arc<dyn Clock>) -> Result<Self, GithubError> {
        Self::reporting(config, clock, Arc::new(|_, _, _| {}))
    }

    /// As [`Github::new`], and tells `report` of every answer.
    pub fn reporting(config: GithubConfig, clock: Arc<dyn Clock>, report: AnswerReport) -> Result<Self, GithubError> {
        let app_id = config.app_id;
        let transport = transport::Transport::new(config.api_url, config.patience)?;
        let jwt = Arc::new(jwt::AppJwt::new(config.app_id, &config.private_key_pem, Arc::clone(&clock))?);
        let shared = Arc::new(caller::Shared { transport, answers: cache::Answers::new(), clock, report });
        let app = Arc::new(caller::Caller::new(Arc::clone(&shared), caller::Credential::App(jwt)));
        let (installations, own_login) = (Mutex::default(), OnceCell::new());
        Ok(Self { inner: Arc::new(Inner { shared, app, installations, own_login, app_id }) })
    }

    /// The client of an installation, always the same one.
    #[must_use]
    pub fn installation(&self, id: InstallationId) -> Arc<InstallationClient> {
        let Inner { shared, app, installations, .. } = &*self.inner;
        let mut installations = installations.lock().unwrap_or_else(PoisonError::into_inner);
        let new = || Arc::new(InstallationClient::new(id, Arc::clone(shared), Arc::clone(app)));
        Arc::clone(installations.entry(id).or_insert_with(new))
    }

    /// The client of the App itself, outside of any installation.
    #[must_use]
    pub fn app(&self) -> AppClient {
        AppClient::new(Arc::clone(&self.inner.app))
    }

    /// The login under which the App acts, `slug[bot]`; asked for once.
    pub async fn own_login(&self) -> Result<Login, GithubError> {
        let ask = || async { Ok(self.app().app().await?.bot_login()) };
        self.inner.own_login.get_or_try_init(ask).await.cloned()
    }

    /// The login under which the App acts, and its id: what checks and reviews of ours are known by.
    pub async fn own_app(&self) -> Result<(Login, i64), GithubError> {
        Ok((self.own_login().await?, self.inner.app_id))
    }

    /// The login under which the App acts, if it has been asked for; asks nobody.
    #[must_use]
    pub fn known_login(&self) -> Option<Login> {
        self.inner.own_login.get().cloned()
    }

    /// The rate limits of every credential used so far; `None` is the App itself.
    #[must_use]
    pub fn limits(&self) -> Vec<(Option<InstallationId>, Limits)> {
        let installations = self.inner.installations.lock().unwrap_or_else(PoisonError::into_inner);
        let each = installations.values().map(|client| (Some(client.id()), client.limits()));
        std::iter::once((None, self.inner.app.limits())).chain(each).collect()
    }
}

impl fmt::Debug for Github {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Github").finish_non_exhaustive()
    }
}
