//! What registering the App brings: settings that a running configuration takes over.

use std::path::{Path, PathBuf};

use secrecy::SecretString;

use super::{Config, PrivateKey, SignInConfig};

/// The settings of an App that was just registered.
#[derive(Debug, Clone)]
pub struct AppSettings {
    /// The App's id.
    pub app_id: u64,
    /// The file that holds its private key.
    pub private_key: PathBuf,
    /// The webhook's secret.
    pub webhook_secret: SecretString,
    /// How people sign in with it.
    pub sign_in: SignInConfig,
    /// The address under which people and GitHub reach the server, without a slash at its end.
    pub public_url: String,
    /// GitHub's REST API, without a slash at its end.
    pub github_api_url: String,
}

impl Config {
    /// The same configuration with this App in it.
    #[must_use]
    pub fn with_app(self, app: AppSettings) -> Self {
        Self {
            app_id: Some(app.app_id),
            private_key: PrivateKey::At(app.private_key),
            webhook_secrets: vec![app.webhook_secret],
            sign_in: Some(app.sign_in),
            public_url: Some(app.public_url),
            github_api_url: app.github_api_url,
            ..self
        }
    }

    /// The file that holds the App's private key, if the key is in one.
    #[must_use]
    pub fn private_key_path(&self) -> Option<&Path> {
        match &self.private_key {
            PrivateKey::At(path) => Some(path),
            PrivateKey::Unset | PrivateKey::Given(_) => None,
        }
    }
}
