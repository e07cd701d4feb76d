//! The App's manifest: what the App asks for, and how GitHub makes an App of it.

use std::collections::BTreeMap;
use std::time::Duration;

use http::StatusCode;
use reqwest::header;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};

use super::GithubError;

/// The manifest in the repository, which is also for reading.
const SHIPPED: &str = include_str!("../../app-manifest.yml");
/// Whoever registers an App waits no longer for GitHub.
const TIMEOUT: Duration = Duration::from_secs(20);
/// What errors call the exchange; the code itself is a secret for as long as it counts.
const CONVERSION: &str = "POST /app-manifests/…/conversions";

/// What an App of ours asks for
/// (<https://docs.github.com/en/apps/sharing-github-apps/registering-a-github-app-from-a-manifest#github-app-manifest-parameters>).
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// The name that it suggests.
    pub name: String,
    url: String,
    public: bool,
    hook_attributes: HookAttributes,
    /// The least access to everything that is used, such as `issues` → `write`.
    #[serde(rename = "default_permissions")]
    pub permissions: BTreeMap<String, String>,
    /// The webhook events that are understood.
    #[serde(rename = "default_events")]
    pub events: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
struct HookAttributes {
    url: String,
    active: bool,
}

/// What differs from App to App.
#[derive(Debug, Clone, Copy)]
pub struct ManifestPlaces<'a> {
    /// How the App is to be called; GitHub has each name only once.
    pub name: &'a str,
    /// The address under which people and GitHub reach the server, without a slash at its end.
    pub public_url: &'a str,
    /// Where GitHub sends the browser once the App is made.
    pub redirect_url: &'a str,
}

#[derive(Serialize)]
struct Filled<'a> {
    name: &'a str,
    url: &'a str,
    hook_attributes: HookAttributes,
    redirect_url: &'a str,
    callback_urls: [String; 1],
    setup_url: String,
    public: bool,
    default_permissions: &'a BTreeMap<String, String>,
    default_events: &'a [String],
}

impl Manifest {
    /// The manifest that this program was built with.
    ///
    /// # Errors
    /// [`GithubError::Config`] where the file in the repository is broken, which a test rules out.
    pub fn shipped() -> Result<Self, GithubError> {
        serde_saphyr::from_str(SHIPPED)
            .map_err(|fault| GithubError::Config { setting: "app-manifest.yml", fault: fault.to_string() })
    }

    /// The manifest as GitHub takes it, in JSON.
    #[must_use]
    pub fn filled(&self, places: ManifestPlaces<'_>) -> String {
        let ManifestPlaces { name, public_url, redirect_url } = places;
        let filled = Filled {
            name,
            url: public_url,
            hook_attributes: HookAttributes { url: webhook_url(public_url), active: self.hook_attributes.active },
            redirect_url,
            callback_urls: [format!("{public_url}/sign-in/callback")],
            setup_url: format!("{public_url}/"),
            public: self.public,
            default_permissions: &self.permissions,
            default_events: &self.events,
        };
        serde_json::json!(filled).to_string()
    }
}

/// Where webhooks of a server at this address go.
#[must_use]
pub fn webhook_url(public_url: &str) -> String {
    format!("{public_url}/webhooks/github")
}

/// An App that was just made, with everything that is told only this once
/// (<https://docs.github.com/en/rest/apps/apps#create-a-github-app-from-a-manifest>).
#[derive(Debug, Deserialize)]
pub struct RegisteredApp {
    /// Its id.
    pub id: u64,
    /// Its name in URLs.
    pub slug: String,
    /// Its name.
    pub name: String,
    /// Its page.
    pub html_url: String,
    /// The client id, for signing in.
    pub client_id: String,
    /// The client secret, for signing in.
    pub client_secret: SecretString,
    /// What webhooks are signed with; `None` where the manifest has no webhook.
    pub webhook_secret: Option<SecretString>,
    /// Its private key.
    #[serde(rename = "pem")]
    pub private_key: SecretString,
}

/// Takes the credentials of the App for which GitHub gave this code to the browser. It gives them out once, within an
/// hour.
///
/// # Errors
/// [`GithubError::NotFound`] for a code that is wrong, used or too old.
pub async fn register(http: &reqwest::Client, api_url: &str, code: &str) -> Result<RegisteredApp, GithubError> {
    if code.is_empty() || !code.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_')) {
        return Err(GithubError::Path { segment: "the code".to_owned() });
    }
    let answer = http
        .post(format!("{api_url}/app-manifests/{code}/conversions"))
        .header(header::ACCEPT, "application/vnd.github+json")
        .header(header::CONTENT_LENGTH, 0)
        .timeout(TIMEOUT)
        .send()
        .await
        .map_err(|error| GithubError::Transport {
            call: CONVERSION.to_owned(),
            fault: error.without_url().to_string(),
            ambiguous: true,
        })?;
    let (call, status) = (CONVERSION.to_owned(), answer.status());
    match status {
        StatusCode::NOT_FOUND | StatusCode::UNPROCESSABLE_ENTITY => {
            let message = "the code is wrong, was used before, or is more than an hour old".to_owned();
            Err(GithubError::NotFound { call, message })
        }
        status if status.is_success() => answer.json().await.map_err(|error| GithubError::Decode {
            call,
            fault: error.without_url().to_string(),
            performed: true,
        }),
        status => {
            Err(GithubError::Unexpected { call, status: status.as_u16(), message: "no App was given".to_owned() })
        }
    }
}
