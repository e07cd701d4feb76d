//! Setting the scene: the App, accounts, repositories, permissions, limits and faults.

use super::GithubSimulator;
use super::entities::{AccountKind, Actor, Permission};
use super::error::SimulatorError;
use super::faults::Fault;
use super::installations::Access;
use super::limits::Bucket;
use crate::model::{InstallationId, RepositoryId};

/// What a GitHub App is configured with.
#[derive(Clone)]
pub struct AppCredentials {
    /// `GITHUB_APP_ID`.
    pub app_id: i64,
    /// The App's name in URLs; its account is `<slug>[bot]`.
    pub slug: String,
    /// `GITHUB_APP_PRIVATE_KEY`, PKCS#8 in PEM.
    pub private_key_pem: String,
    /// `GITHUB_WEBHOOK_SECRET`.
    pub webhook_secret: String,
    /// `GITHUB_APP_CLIENT_ID`.
    pub client_id: String,
    /// `GITHUB_APP_CLIENT_SECRET`.
    pub client_secret: String,
}

impl std::fmt::Debug for AppCredentials {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("AppCredentials")
            .field("app_id", &self.app_id)
            .field("slug", &self.slug)
            .finish_non_exhaustive()
    }
}

impl GithubSimulator {
    /// The App's credentials.
    #[must_use]
    pub fn app(&self) -> AppCredentials {
        let state = self.shared.lock();
        AppCredentials {
            app_id: state.app.id,
            slug: state.app.slug.clone(),
            private_key_pem: state.app.key.private_pem.clone(),
            webhook_secret: state.app.webhook_secret.clone(),
            client_id: state.app.client_id.clone(),
            client_secret: state.app.client_secret.clone(),
        }
    }

    /// The App's own login, `<slug>[bot]`.
    #[must_use]
    pub fn app_login(&self) -> String {
        self.shared.lock().bot().login
    }

    /// Adds a callback address of the App, to which its people are sent back; those on loopback need not be added.
    pub fn add_callback(&self, url: &str) {
        self.shared.change(|state| state.sign_ins.callbacks.push(url.to_owned()));
    }

    /// Adds a person; whoever acts without having been added is added then.
    pub fn add_user(&self, login: &str) {
        self.shared.change(|state| state.add_account(login, AccountKind::User));
    }

    /// Adds a bot, such as `dependabot[bot]`.
    pub fn add_bot(&self, login: &str) {
        self.shared.change(|state| state.add_account(login, AccountKind::Bot));
    }

    /// Creates a public repository with one commit on `main` and installs the App on it.
    /// The owner becomes an organisation, unless that account was added as something else before.
    pub fn create_repository(&self, full_name: &str) -> Result<RepositoryId, SimulatorError> {
        self.shared.change(|state| state.create_repository(full_name)).map(RepositoryId)
    }

    /// Makes a repository private or public.
    pub fn set_private(&self, repository: &str, private: bool) -> Result<(), SimulatorError> {
        self.shared.change(|state| {
            let id = state.repository_id(repository)?;
            state.repository_mut(id)?.private = private;
            Ok(())
        })
    }

    /// Archives a repository, which makes it read-only, or takes it out of the archive.
    pub fn set_archived(&self, repository: &str, archived: bool) -> Result<(), SimulatorError> {
        self.shared.change(|state| {
            let id = state.repository_id(repository)?;
            state.repository_mut(id)?.archived = archived;
            Ok(())
        })
    }

    /// Puts a repository into its owner's installation, or takes it out.
    pub fn set_installed(&self, repository: &str, installed: bool) -> Result<(), SimulatorError> {
        self.shared.change(|state| {
            let id = state.repository_id(repository)?;
            let owner = Actor::person(&state.repository(id)?.owner.clone());
            state.set_installed(id, installed, &owner)
        })
    }

    /// The installation of an account.
    pub fn installation_id(&self, owner: &str) -> Result<InstallationId, SimulatorError> {
        let state = self.shared.lock();
        let installation = state.installation_of(owner).map(|installation| InstallationId(installation.id));
        installation.ok_or_else(|| SimulatorError::NotInstalled(owner.to_owned()))
    }

    /// Gives a person a role on a repository; [`Permission::None`] takes it away.
    pub fn set_permission(&self, repository: &str, login: &str, role: Permission) -> Result<(), SimulatorError> {
        self.shared.change(|state| {
            state.add_account(login, AccountKind::User);
            let id = state.repository_id(repository)?;
            state.repository_mut(id)?.permissions.insert(login.to_lowercase(), role);
            Ok(())
        })
    }

    /// Suspends an account's installation, as its owner would, or wakes it up.
    pub fn suspend_installation(&self, owner: &str, suspended: bool) -> Result<(), SimulatorError> {
        self.shared.change(|state| state.set_suspended(owner, suspended, &Actor::person(owner)))
    }

    /// Uninstalls the App from an account.
    pub fn uninstall(&self, owner: &str) -> Result<(), SimulatorError> {
        self.shared.change(|state| state.uninstall(owner, &Actor::person(owner)))
    }

    /// Replaces what the App asks for; installations keep what they granted.
    pub fn set_app_asks(&self, permissions: &[(&str, Access)], events: &[&str]) {
        self.shared.change(|state| {
            state.app.permissions = permissions.iter().map(|(name, access)| ((*name).to_owned(), *access)).collect();
            state.app.events = events.iter().map(|event| (*event).to_owned()).collect();
        });
    }

    /// Changes the webhook's settings as they are shown: whether its body is a form, and whether it has a secret.
    pub fn set_hook_shown(&self, is_form: bool, has_secret: bool) {
        self.shared.change(|state| {
            state.webhooks.is_form = is_form;
            state.webhooks.is_unsigned = !has_secret;
        });
    }

    /// Replaces what an account's installation may do; also tokens made before lose what is taken away.
    pub fn set_installation_permissions(&self, owner: &str, granted: &[(&str, Access)]) -> Result<(), SimulatorError> {
        self.shared.change(|state| {
            let id = state.installation_of(owner).map(|installation| installation.id);
            let installation = id.and_then(|id| state.installations.get_mut(&id));
            let installation = installation.ok_or_else(|| SimulatorError::NotInstalled(owner.to_owned()))?;
            installation.permissions = granted.iter().map(|(name, access)| ((*name).to_owned(), *access)).collect();
            Ok(())
        })
    }

    /// Makes every installation token expire now.
    pub fn expire_tokens(&self) {
        self.shared.change(|state| state.tokens.clear());
    }

    /// Sets the hourly limit of every installation, and what remains of it in the present window.
    pub fn set_rate_limit(&self, limit: i64, remaining: i64) {
        self.shared.change(|state| {
            let buckets: Vec<Bucket> = state.installations.keys().copied().map(Bucket::Installation).collect();
            let now = state.now();
            state.limits.set(limit, remaining, now, &buckets);
        });
    }

    /// Refuses content beyond so many writes a minute of an installation with the secondary limit, as GitHub does at
    /// about 80. Off from the start, because on a clock that stands still a minute never ends.
    pub fn limit_content(&self, per_minute: Option<usize>) {
        self.shared.change(|state| state.limits.content_per_minute = per_minute);
    }

    /// Adds a fault; faults strike in the order they were added.
    pub fn inject(&self, fault: Fault) {
        self.shared.change(|state| state.faults.push(fault));
    }

    /// Removes the faults that have not struck yet, and says how many there were.
    #[expect(clippy::must_use_candidate, reason = "it is called for what it does")]
    pub fn clear_faults(&self) -> usize {
        self.shared.change(|state| std::mem::take(&mut state.faults).len())
    }
}
