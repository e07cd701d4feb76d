//! The one place that builds clients: configuration in, store, GitHub, ntfy and rules out.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use anyhow::{Context, Result};

use crate::act::Hands;
use crate::config::Config;
pub use crate::github::{
    Accounts, AppInfo, Github, GithubError, HookConfig, HookDelivery, Installation, Manifest, ManifestPlaces,
    RegisteredApp, register, server_time, webhook_url,
};
use crate::github::{AnswerReport, GithubConfig};
use crate::metrics::Metrics;
use crate::model::{Clock, Login};
pub use crate::notify::Notifier;
use crate::notify::{self, NtfyConfig};
use crate::policy::{FaultStyle, Faults, Reload, Rules, RulesPlace, RulesWatch};
use crate::store::Store;

/// Everything a stage may need; clones share it all.
#[derive(Clone)]
pub struct App {
    /// The settings.
    pub config: Arc<Config>,
    /// What is remembered.
    pub store: Store,
    /// What acts on the world.
    pub hands: Hands,
    /// The server's rules in force.
    pub rules: LiveRules,
    /// What is counted.
    pub metrics: Metrics,
    /// The present.
    pub clock: Arc<dyn Clock>,
}

impl fmt::Debug for App {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("App").field("config", &self.config).finish_non_exhaustive()
    }
}

impl App {
    /// Opens the store and builds all clients. GitHub and ntfy are not called yet.
    pub async fn connect(config: Config, clock: Arc<dyn Clock>) -> Result<Self> {
        let store = open_store(&config, &clock).await?;
        let rules = LiveRules::start(&config)?;
        let metrics = Metrics::new();
        let hands = hands(&config, &clock, &metrics)?;
        Ok(Self { config: Arc::new(config), store, hands, rules, metrics, clock })
    }

    /// The login under which the App acts, once it is known.
    #[must_use]
    pub fn own_login(&self) -> Option<Login> {
        self.hands.github.known_login()
    }

    /// Who signs in, where people can sign in with GitHub.
    #[must_use]
    pub fn accounts(&self) -> Option<Accounts> {
        let sign_in = self.config.sign_in.as_ref()?;
        Some(Accounts {
            http: self.hands.http.clone(),
            web_url: self.config.github_web_url(),
            api_url: self.config.github_api_url.clone(),
            client_id: sign_in.client_id.clone(),
            client_secret: sign_in.client_secret.clone(),
        })
    }

    /// Asks GitHub for the App's login, if it is not known yet.
    pub async fn learn_own_login(&self) -> Result<()> {
        self.hands.github.own_login().await?;
        Ok(())
    }
}

/// Opens the database of `DATABASE_URL`; the error names it, without its password.
pub async fn open_store(config: &Config, clock: &Arc<dyn Clock>) -> Result<Store> {
    Store::open(config.database_url.expose(), Arc::clone(clock))
        .await
        .with_context(|| format!("the database of DATABASE_URL ({}) cannot be used", config.database_url))
}

/// The client for GitHub alone, for commands that need nothing else.
pub fn github_alone(config: &Config, clock: &Arc<dyn Clock>) -> Result<Github> {
    Ok(Github::new(github_config(config)?, Arc::clone(clock))?)
}

/// The client for everything that is neither GitHub's API nor the database; it follows no redirects.
pub fn http_client() -> Result<reqwest::Client> {
    notify::http_client().context("the HTTP client could not be built")
}

fn github_config(config: &Config) -> Result<GithubConfig> {
    let settings = config.github()?;
    Ok(GithubConfig {
        api_url: settings.api_url.parse().context("GITHUB_API_URL")?,
        app_id: i64::try_from(settings.app_id).context("GITHUB_APP_ID")?,
        private_key_pem: settings.private_key,
    })
}

/// The client for ntfy alone, for commands that need nothing else.
pub fn notifier_alone(config: &Config, clock: &Arc<dyn Clock>) -> Result<Notifier> {
    notifier(config, &http_client()?, clock)
}

fn notifier(config: &Config, http: &reqwest::Client, clock: &Arc<dyn Clock>) -> Result<Notifier> {
    let ntfy = NtfyConfig {
        url: config.ntfy.url.parse().context("NTFY_URL")?,
        topic: config.ntfy.topic.clone(),
        protocol_topic: config.ntfy.protocol_topic.clone(),
        token: config.ntfy.token.clone(),
        fallback_url: config.ntfy.fallback_url.as_deref().map(str::parse).transpose().context("NTFY_FALLBACK_URL")?,
        fallback_topic: config.ntfy.fallback_topic.clone(),
    };
    Ok(Notifier::new(http.clone(), ntfy, Arc::clone(clock)).signing(config.ntfy.secret.clone()))
}

/// One connection pool for everything that is not GitHub.
fn hands(config: &Config, clock: &Arc<dyn Clock>, metrics: &Metrics) -> Result<Hands> {
    let github = github_config(config)?;
    let http = http_client()?;
    let counted = metrics.clone();
    let report: AnswerReport = Arc::new(move |method, status, left| {
        counted.github_request(method, status);
        if let Some((installation, requests)) = left {
            counted.github_rate_remaining(installation, requests);
        }
    });
    Ok(Hands {
        github: Github::reporting(github, Arc::clone(clock), report)?,
        notifier: notifier(config, &http, clock)?,
        http,
        secrets: Arc::new(|name| std::env::var(name).ok().filter(|value| !value.is_empty())),
        clock: Arc::clone(clock),
    })
}

/// The server's rules, read again when their files change.
#[derive(Clone)]
pub struct LiveRules {
    place: RulesPlace,
    current: Arc<RwLock<Arc<Rules>>>,
    faults: Arc<RwLock<Option<Arc<Faults>>>>,
    watch: Arc<Mutex<RulesWatch>>,
}

impl LiveRules {
    /// Reads the rules for the first time; broken ones are an error, as there are no last good ones yet.
    fn start(config: &Config) -> Result<Self> {
        let place = Rules::locate(config.rules.as_deref());
        let watch = RulesWatch::start(place.clone())
            .map_err(|faults| anyhow::anyhow!("the rules cannot be used:\n{}", faults.render(FaultStyle::Carets)))?;
        let current = Arc::new(RwLock::new(watch.current()));
        Ok(Self { place, current, faults: Arc::default(), watch: Arc::new(Mutex::new(watch)) })
    }

    /// Where they are.
    #[must_use]
    pub fn place(&self) -> RulesPlace {
        self.place.clone()
    }

    /// The rules in force.
    #[must_use]
    pub fn current(&self) -> Arc<Rules> {
        Arc::clone(&self.current.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// What is wrong with the files, while the last good rules are in force instead.
    #[must_use]
    pub fn faults(&self) -> Option<Arc<Faults>> {
        self.faults.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Takes over changed files; broken ones leave the last good rules in force.
    #[must_use]
    pub fn poll(&self) -> Reload {
        let reload = self.watch.lock().unwrap_or_else(PoisonError::into_inner).poll();
        match &reload {
            Reload::Unchanged => {}
            Reload::Loaded(rules) => {
                *self.current.write().unwrap_or_else(PoisonError::into_inner) = Arc::clone(rules);
                *self.faults.write().unwrap_or_else(PoisonError::into_inner) = None;
            }
            Reload::Broken(faults) => {
                *self.faults.write().unwrap_or_else(PoisonError::into_inner) = Some(Arc::new(faults.clone()));
            }
        }
        reload
    }
}
