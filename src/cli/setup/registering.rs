//! The end of a registration: GitHub's code becomes credentials, and these become files.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{Context as _, Result};
use futures::FutureExt as _;
use secrecy::ExposeSecret as _;
use tokio_util::sync::CancellationToken;

use super::files::Place;
use crate::app::{self, Manifest, ManifestPlaces, RegisteredApp};
use crate::config::{AppSettings, Config, SignInConfig};
use crate::http::{ManifestOf, MayStore, Register, Registered, SetUp, Wanted};
use crate::model::Clock;

/// What is chosen unless somebody chooses otherwise.
pub(super) struct Usual {
    pub(super) wanted: Wanted,
    /// Whether nothing is left to choose.
    pub(super) is_chosen: bool,
    /// The path of the dashboard, where this process goes on as a server.
    pub(super) board: Option<&'static str>,
}

/// What was registered.
struct Made {
    shown: Registered,
    settings: AppSettings,
}

/// Registers one App.
#[derive(Clone)]
pub(super) struct Registering {
    http: reqwest::Client,
    /// GitHub's pages and its API as they are configured, which need not be as usual.
    github: (String, String),
    place: Place,
    clock: Arc<dyn Clock>,
    made: Arc<Mutex<Option<Made>>>,
}

impl Registering {
    pub(super) fn new(config: &Config, place: Place, clock: Arc<dyn Clock>) -> Result<Self> {
        let github = (config.github_web_url(), config.github_api_url.clone());
        Ok(Self { http: app::http_client()?, github, place, clock, made: Arc::default() })
    }

    /// What was registered, as people are told of it.
    pub(super) fn registered(&self) -> Option<Registered> {
        let made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        made.as_ref().map(|made| made.shown.clone())
    }

    /// The settings of what was registered.
    pub(super) fn settings(&self) -> Option<AppSettings> {
        let made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        made.as_ref().map(|made| made.settings.clone())
    }

    /// Set-up at this address, and the code that opens it.
    pub(super) fn room(&self, usual: Usual, address: SocketAddr, done: CancellationToken) -> Result<(SetUp, String)> {
        let code = format!("{:032x}", rand::random::<u128>());
        let manifest = Manifest::shipped().context("the App's manifest")?;
        let asks = manifest.permissions.iter().map(|(name, access)| (name.replace('_', " "), access.clone())).collect();
        let manifest_of: ManifestOf = Arc::new(move |wanted, redirect_url| {
            manifest.filled(ManifestPlaces { name: &wanted.name, public_url: &wanted.public_url, redirect_url })
        });
        let place = self.place.clone();
        let may_store: MayStore = Arc::new(move || place.check().map_err(|error| sentence(&error)));
        let (registering, board) = (self.clone(), usual.board);
        let register: Register = Arc::new(move |wanted, code| {
            let registering = registering.clone();
            async move { registering.register(&wanted, &code, board).await.map_err(|error| sentence(&error)) }.boxed()
        });
        let set_up = SetUp {
            code: code.clone(),
            usual: usual.wanted,
            is_chosen: usual.is_chosen,
            asks,
            manifest_of,
            register,
            may_store,
            done,
            clock: Arc::clone(&self.clock),
            address,
        };
        Ok((set_up, code))
    }

    async fn register(&self, wanted: &Wanted, code: &str, board: Option<&str>) -> Result<Registered> {
        let api_url = self.api_url(&wanted.github_url);
        let app = app::register(&self.http, &api_url, code).await.context("GitHub gave no credentials")?;
        let (settings, shown) = self.stored(wanted, api_url, app).await?;
        let next = match board {
            Some(board) => Ok(board.to_owned()),
            None => Err("stationmaster serve".to_owned()),
        };
        let shown = Registered { next, ..shown };
        tracing::info!(app = shown.name, id = settings.app_id, "the App is registered");
        let made = Made { shown: shown.clone(), settings };
        *self.made.lock().unwrap_or_else(PoisonError::into_inner) = Some(made);
        Ok(shown)
    }

    /// The credentials, once they are in files.
    async fn stored(&self, wanted: &Wanted, api_url: String, app: RegisteredApp) -> Result<(AppSettings, Registered)> {
        let webhook_secret = app.webhook_secret.context("GitHub made an App without a webhook; delete it there")?;
        let settings = AppSettings {
            app_id: app.id,
            private_key: self.place.key_path(),
            webhook_secret,
            sign_in: SignInConfig { client_id: app.client_id, client_secret: app.client_secret },
            public_url: wanted.public_url.clone(),
            github_api_url: api_url,
        };
        let (place, stored, key) = (self.place.clone(), settings.clone(), app.private_key);
        let notes = tokio::task::spawn_blocking(move || place.store(&stored, key.expose_secret())).await?;
        let notes = notes.with_context(|| {
            format!(
                "GitHub registered {}, and its credentials could not be stored. Delete it on {} and begin again",
                app.name, app.html_url
            )
        })?;
        let install_url = format!("{}/installations/new", app.html_url);
        let shown = Registered { name: app.name, app_url: app.html_url, install_url, notes, next: Ok(String::new()) };
        Ok((settings, shown))
    }

    /// The API that belongs to these pages
    /// (<https://docs.github.com/en/enterprise-server/rest/quickstart>, and for `ghe.com`
    /// <https://docs.github.com/en/enterprise-cloud@latest/admin/data-residency/about-github-enterprise-cloud-with-data-residency>).
    fn api_url(&self, web_url: &str) -> String {
        let (configured_web, configured_api) = &self.github;
        if web_url == configured_web {
            return configured_api.clone();
        }
        let (scheme, host) = web_url.split_once("://").unwrap_or(("https", web_url));
        if host == "github.com" || host.ends_with(".ghe.com") {
            format!("{scheme}://api.{host}")
        } else {
            format!("{web_url}/api/v3")
        }
    }
}

/// What went wrong, as sentences for people.
fn sentence(error: &anyhow::Error) -> String {
    format!("{error:#}.")
}
