//! Configuration: flags over environment over `stationmaster.toml` over defaults, checked before anything starts.

mod address;
mod app_settings;
mod fault;
mod file;
mod flags;
mod load;
mod model;
mod private_key;
mod reader;
mod settings;

use std::path::{Path, PathBuf};

use secrecy::SecretString;

pub use address::{DatabaseUrl, http_url};
pub use app_settings::AppSettings;
pub use fault::{ConfigFault, ConfigFaults, Origin, Place};
pub use file::{check_dotenv, read_dotenv};
pub use flags::Flags;
pub use model::ModelConfig;
pub use settings::{SETTINGS, Setting, settings_table_markdown};

use file::FileValues;
use reader::Reader;

use crate::reach::PrivateHosts;

/// Everything that can be set, checked. Its `Debug` shows no secret.
#[derive(Debug, Clone)]
pub struct Config {
    /// Where the state is kept.
    pub database_url: DatabaseUrl,
    /// GitHub's REST API, without a slash at its end.
    pub github_api_url: String,
    /// How people sign in with GitHub, if they can.
    pub sign_in: Option<SignInConfig>,
    /// The address under which people reach the server, without a slash at its end, if it was named.
    pub public_url: Option<String>,
    /// Whether strangers may read what concerns public repositories.
    pub public_dashboard: bool,
    /// What of the server's own network may be called where other people name addresses.
    pub private_hosts: PrivateHosts,
    /// Where traces are sent, if anywhere.
    pub otlp_endpoint: Option<String>,
    /// Whom to tell, and over what.
    pub ntfy: NtfyConfig,
    /// The model that may be asked, if there is one.
    pub model: Option<ModelConfig>,
    /// The folder of rules, if one was named.
    pub rules: Option<PathBuf>,
    /// The token that calls of the HTTP API carry, if there is one.
    pub api_token: Option<SecretString>,
    /// How commands call a server.
    pub client: ClientConfig,
    /// The address to listen on.
    pub host: String,
    /// The port to listen on; 0 takes one that is free.
    pub port: u16,
    /// How log lines are written.
    pub log_format: LogFormat,
    /// Which log lines are written, in tracing's filter syntax.
    pub log_filter: String,
    /// How often everything is looked at again, in seconds.
    pub sweep_interval_s: u32,
    /// How long a replica owns what it works on, in seconds.
    pub lease_s: u32,
    /// How long an answer of the database is waited for, in seconds.
    pub database_timeout_s: u32,
    /// How many deliveries share one commit at most.
    pub ingest_batch_max: u32,
    /// How long processed deliveries are kept, in days.
    pub retention_days: u32,
    /// How long a stopping server waits for the requests it is answering, in seconds.
    pub shutdown_timeout_s: u32,
    /// Whether the server stores what comes in and decides nothing.
    pub receive_only: bool,
    /// Whether the last day's decisions are made again by night and compared.
    pub replay_nightly: bool,
    app_id: Option<u64>,
    private_key: PrivateKey,
    webhook_secrets: Vec<SecretString>,
}

/// What the ntfy client needs; every part may be missing but the server.
#[derive(Debug, Clone)]
pub struct NtfyConfig {
    /// The server, without a slash at its end.
    pub url: String,
    /// The topic for people.
    pub topic: Option<String>,
    /// The topic for machines.
    pub protocol_topic: Option<String>,
    /// The access token.
    pub token: Option<SecretString>,
    /// The shared secret that signs messages between machines.
    pub secret: Option<SecretString>,
    /// Where tasks are opened that come over ntfy and name no repository, as `owner/name`.
    pub repository: Option<String>,
    /// The server for urgent messages when the first one refuses.
    pub fallback_url: Option<String>,
    /// The topic for urgent messages when the first one refuses.
    pub fallback_topic: Option<String>,
}

/// How people sign in with GitHub.
#[derive(Debug, Clone)]
pub struct SignInConfig {
    /// The App's client id.
    pub client_id: String,
    /// The App's client secret.
    pub client_secret: SecretString,
}

/// What acting as the App needs.
#[derive(Debug, Clone)]
pub struct GithubConfig {
    /// The App's id.
    pub app_id: u64,
    /// The App's private key as PEM.
    pub private_key: SecretString,
    /// GitHub's REST API, without a slash at its end.
    pub api_url: String,
}

/// What commands that call a server need.
#[derive(Debug, Clone)]
pub struct ClientConfig {
    /// The server, without a slash at its end.
    pub url: String,
    /// The worker that they act for, if it is named.
    pub agent_id: Option<String>,
    token: Option<SecretString>,
}

impl ClientConfig {
    /// The token that calls carry.
    pub fn token(&self) -> Result<&SecretString, ConfigFault> {
        let settings::Setting { name: setting, expected, .. } = settings::STATIONMASTER_TOKEN;
        self.token.as_ref().ok_or(ConfigFault::Unset { setting, needed_for: "calling the server", expected })
    }
}

/// How log lines are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    Text,
    /// For machines, one object a line.
    Json,
}

#[derive(Debug, Clone)]
enum PrivateKey {
    Unset,
    Given(SecretString),
    At(PathBuf),
}

impl Config {
    /// Puts a configuration together from what each place says; `file` is the path and the text of the configuration
    /// file. Pure, but for what `environment` does.
    pub fn load(
        flags: &Flags,
        environment: impl Fn(&str) -> Option<String>,
        file: Option<(&Path, &str)>,
    ) -> Result<Self, ConfigFaults> {
        let mut faults = Vec::new();
        let file = file.map(|(path, text)| FileValues::read(path, text, &mut faults)).unwrap_or_default();
        let mut reader = Reader { flags, environment, file, faults };
        let config = load::read_all(&mut reader);
        match config {
            Some(config) if reader.faults.is_empty() => Ok(config),
            Some(_) | None => Err(ConfigFaults(reader.faults)),
        }
    }

    /// Reads the configuration file, if there is one, and loads with the environment of this process.
    pub fn read(flags: &Flags) -> Result<Self, ConfigFaults> {
        let path = flags.file.as_deref().unwrap_or(Path::new("stationmaster.toml"));
        let text = match std::fs::read_to_string(path) {
            Ok(text) => Some(text),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound && flags.file.is_none() => None,
            Err(error) => return Err(unreadable(path, "the configuration file", &error).into()),
        };
        Self::load(flags, |name| std::env::var(name).ok(), text.as_deref().map(|text| (path, text)))
    }

    /// What acting as the App needs. Reads the key file, if the key is in one.
    pub fn github(&self) -> Result<GithubConfig, ConfigFaults> {
        let needed_for = "acting on GitHub";
        let mut faults = Vec::new();
        let unset = |setting, expected| ConfigFault::Unset { setting, needed_for, expected };
        if self.app_id.is_none() {
            faults.push(unset(settings::GITHUB_APP_ID.name, settings::GITHUB_APP_ID.expected));
        }
        let private_key = match &self.private_key {
            PrivateKey::Given(key) => Some(key.clone()),
            PrivateKey::At(path) => read_key(path).map_err(|fault| faults.push(fault)).ok(),
            PrivateKey::Unset => {
                let expected = settings::GITHUB_APP_PRIVATE_KEY.expected;
                faults.push(unset("GITHUB_APP_PRIVATE_KEY (or GITHUB_APP_PRIVATE_KEY_PATH)", expected));
                None
            }
        };
        match (self.app_id, private_key) {
            (Some(app_id), Some(private_key)) => {
                Ok(GithubConfig { app_id, private_key, api_url: self.github_api_url.clone() })
            }
            (Some(_) | None, _) => Err(ConfigFaults(faults)),
        }
    }

    /// GitHub's pages, without a slash at their end: those that belong to its API.
    #[must_use]
    pub fn github_web_url(&self) -> String {
        match self.github_api_url.strip_suffix("/api/v3") {
            Some(enterprise) => enterprise.to_owned(),
            None => self.github_api_url.replacen("://api.", "://", 1),
        }
    }

    /// Whether nothing of the App is set, as before it was registered.
    #[must_use]
    pub const fn has_no_app(&self) -> bool {
        self.app_id.is_none() && matches!(self.private_key, PrivateKey::Unset) && self.webhook_secrets.is_empty()
    }

    /// The webhook's secrets: one, or two while it is being changed.
    pub fn webhook_secrets(&self) -> Result<&[SecretString], ConfigFault> {
        if self.webhook_secrets.is_empty() {
            let settings::Setting { name: setting, expected, .. } = settings::GITHUB_WEBHOOK_SECRET;
            return Err(ConfigFault::Unset { setting, needed_for: "receiving webhooks", expected });
        }
        Ok(&self.webhook_secrets)
    }
}

fn read_key(path: &Path) -> Result<SecretString, ConfigFault> {
    let text =
        std::fs::read_to_string(path).map_err(|error| unreadable(path, "GITHUB_APP_PRIVATE_KEY_PATH", &error))?;
    private_key::private_key(&text).ok_or_else(|| {
        let detail = format!("it does not hold {}", settings::GITHUB_APP_PRIVATE_KEY.expected);
        ConfigFault::Unreadable { path: path.to_owned(), what: "GITHUB_APP_PRIVATE_KEY_PATH", detail }
    })
}

fn unreadable(path: &Path, what: &'static str, error: &std::io::Error) -> ConfigFault {
    ConfigFault::Unreadable { path: path.to_owned(), what, detail: error.to_string() }
}
