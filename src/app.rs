//! The one place that builds clients: configuration in, store, GitHub, ntfy and rules out.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};

pub use crate::act::{ChannelMeans, ModelClient};
use crate::act::{Hands, ModelAccess, SecretLookup};
use crate::config::Config;
pub use crate::github::{
    Accounts, AppInfo, Github, GithubError, HookConfig, HookDelivery, Installation, Manifest, ManifestPlaces,
    RegisteredApp, register, server_time, webhook_url,
};
use crate::github::{AnswerReport, GithubConfig, Patience};
use crate::metrics::Metrics;
use crate::model::{Clock, Login, PeopleMessage, RepositoryName};
pub use crate::notify::Notifier;
use crate::notify::{self, NtfyConfig};
use crate::policy::{FaultStyle, Faults, Reload, Rules, RulesPlace, RulesWatch};
use crate::reach::Reach;
use crate::store::{ChannelsFor, Store, StoreError};
use crate::trouble::{Cause, Troubles};

/// How often a server that starts looks whether its database is there.
const LOOK_FOR_DATABASE: Duration = Duration::from_millis(500);

/// Everything a stage may need; clones share it all.
#[derive(Clone)]
pub struct App {
    /// The settings.
    pub config: Arc<Config>,
    /// What is remembered.
    pub store: Store,
    /// What acts on the world.
    pub hands: Hands,
    /// The client for ntfy and for signing in, whose addresses the operator names.
    http: reqwest::Client,
    /// The server's rules in force.
    pub rules: LiveRules,
    /// What is counted.
    pub metrics: Metrics,
    /// What keeps it from its work.
    pub troubles: Troubles,
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
        Self::over(store, config, clock)
    }

    /// Builds all clients over a store that is open.
    pub fn over(store: Store, config: Config, clock: Arc<dyn Clock>) -> Result<Self> {
        let rules = LiveRules::start(&config)?;
        let metrics = Metrics::new();
        let http = http_client()?;
        let mut hands = hands(&config, &clock, &metrics, &http)?;
        let known = rules.clone();
        hands.channels = Arc::new(move |name| known.current().channel(name).map(|settings| settings.channel.clone()));
        let store = store.telling_over(Arc::new(rules.clone()));
        let troubles = store.troubles().clone();
        Ok(Self { config: Arc::new(config), store, hands, http, rules, metrics, troubles, clock })
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
            http: self.http.clone(),
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
    open_once(config, clock).await.map_err(|error| unusable(config, &error))
}

async fn open_once(config: &Config, clock: &Arc<dyn Clock>) -> Result<Store, StoreError> {
    let timeout = Duration::from_secs(config.database_timeout_s.into());
    Store::open_within(config.database_url.expose(), Arc::clone(clock), timeout).await
}

async fn open_to_write(config: &Config, clock: &Arc<dyn Clock>) -> Result<Store, StoreError> {
    let store = open_once(config, clock).await?;
    store.may_write().await?;
    Ok(store)
}

/// The same for a server: a database that is only starting, or cannot be reached yet, is waited for as long as for an
/// answer of it, since nobody says in which order the two are started.
pub async fn wait_for_store(config: &Config, clock: &Arc<dyn Clock>) -> Result<Store> {
    let end = Instant::now() + Duration::from_secs(config.database_timeout_s.into());
    let mut told = false;
    loop {
        let error = match open_to_write(config, clock).await {
            Ok(store) => return Ok(store),
            Err(error) if error.may_pass() && Instant::now() < end => error,
            Err(error) => return Err(unusable(config, &error)),
        };
        if !told {
            let (database, for_s) = (&config.database_url, config.database_timeout_s);
            tracing::warn!(%error, %database, for_s, "the database cannot be reached yet; it is waited for");
            told = true;
        }
        tokio::time::sleep(LOOK_FOR_DATABASE).await;
    }
}

fn unusable(config: &Config, error: &StoreError) -> anyhow::Error {
    let advice = match error.cause() {
        Some(Cause::Disk) => {
            "; see that its disk has room, and that the server's user may write the file and its folder"
        }
        _ => "",
    };
    anyhow::anyhow!("the database of DATABASE_URL ({}) cannot be used: {error}{advice}", config.database_url)
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
        patience: Patience::default(),
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
fn hands(config: &Config, clock: &Arc<dyn Clock>, metrics: &Metrics, http: &reqwest::Client) -> Result<Hands> {
    let github = github_config(config)?;
    let counted = metrics.clone();
    let report: AnswerReport = Arc::new(move |method, status, left| {
        counted.github_request(method, status);
        if let Some((installation, requests)) = left {
            counted.github_rate_remaining(installation, requests);
        }
    });
    Ok(Hands {
        github: Github::reporting(github, Arc::clone(clock), report)?,
        notifier: notifier(config, http, clock)?,
        reach: Reach::new(config.private_hosts.clone()),
        secrets: environment(),
        channels: Arc::new(|_| None),
        model: model_alone(config, http)?,
        clock: Arc::clone(clock),
    })
}

/// The client of the model, if there is one, for commands that need nothing else.
pub fn model_alone(config: &Config, http: &reqwest::Client) -> Result<Option<ModelClient>> {
    let Some(model) = &config.model else { return Ok(None) };
    let url = model.url.parse().context("MODEL_URL")?;
    let access = ModelAccess { url, key: model.key.clone(), name: model.name.clone() };
    Ok(Some(ModelClient::new(http.clone(), access)))
}

/// Secrets as the environment of this process has them; an empty one counts as not set.
fn environment() -> SecretLookup {
    Arc::new(|name| std::env::var(name).ok().filter(|value| !value.is_empty()))
}

/// What looks at channels, and sends over them, for commands that need nothing else.
#[must_use]
pub fn channels_alone(config: &Config, clock: &Arc<dyn Clock>) -> ChannelMeans {
    let reach = Reach::new(config.private_hosts.clone());
    ChannelMeans { reach, secrets: environment(), clock: Arc::clone(clock) }
}

/// The server's rules, read again when their files change.
#[derive(Clone)]
pub struct LiveRules {
    place: RulesPlace,
    current: Arc<RwLock<Arc<Rules>>>,
    faults: Arc<RwLock<Option<Arc<Faults>>>>,
    watch: Arc<Mutex<RulesWatch>>,
}

impl ChannelsFor for LiveRules {
    fn is_any(&self) -> bool {
        !self.current().channels.is_empty()
    }

    fn wanting(&self, message: &PeopleMessage, repository: Option<&RepositoryName>) -> Vec<String> {
        let rules = self.current();
        let wanting = rules.channels.iter().filter(|settings| settings.wants(message, repository));
        wanting.map(|settings| settings.channel.name.clone()).collect()
    }
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
