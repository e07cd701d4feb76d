//! The App's webhook: where GitHub sends it, and what became of the latest deliveries.

use serde::Deserialize;

use super::request::{Call, Freshness};
use super::{AppClient, GithubError, Path};

/// Deliveries that are looked at, the most of one page.
const DELIVERIES_SEEN: &str = "100";

/// How the webhook is set (<https://docs.github.com/en/rest/apps/webhooks#get-a-webhook-configuration-for-an-app>).
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct HookConfig {
    /// Where it is sent.
    #[serde(default)]
    pub url: String,
    /// `json` or `form`.
    #[serde(default)]
    pub content_type: String,
    /// `********` where a secret is set.
    #[serde(default)]
    pub secret: Option<String>,
    #[serde(default)]
    insecure_ssl: serde_json::Value,
}

impl HookConfig {
    /// Whether GitHub sends it to a server whose certificate it cannot verify.
    #[must_use]
    pub fn is_insecure(&self) -> bool {
        self.insecure_ssl == "1" || self.insecure_ssl == 1
    }
}

/// One delivery (<https://docs.github.com/en/rest/apps/webhooks#list-deliveries-for-an-app-webhook>).
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct HookDelivery {
    /// The sender's id of it.
    pub guid: String,
    /// When it was sent, in RFC 3339.
    pub delivered_at: String,
    /// What came of it in GitHub's words.
    pub status: String,
    /// The status that we answered, or one of GitHub's own where no answer came.
    pub status_code: u16,
    /// What it told of.
    pub event: String,
}

impl HookDelivery {
    /// Whether it arrived.
    #[must_use]
    pub const fn arrived(&self) -> bool {
        matches!(self.status_code, 200..=399)
    }
}

impl AppClient {
    /// How the webhook is set; `None` where the App has none.
    pub async fn hook_config(&self) -> Result<Option<HookConfig>, GithubError> {
        let call = Call::get(Path::new(["app", "hook", "config"])?).fresh(Freshness::Bypass);
        match self.call(call.clone()).await {
            Ok(response) => response.decode(&call).map(Some),
            Err(GithubError::NotFound { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// The latest deliveries, the newest first, 100 at most.
    pub async fn hook_deliveries(&self) -> Result<Vec<HookDelivery>, GithubError> {
        let path = Path::new(["app", "hook", "deliveries"])?.query("per_page", DELIVERIES_SEEN);
        let call = Call::get(path).fresh(Freshness::Bypass);
        self.call(call.clone()).await?.decode(&call)
    }
}
