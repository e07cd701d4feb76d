//! The App's webhook: where GitHub sends it, and what became of the latest deliveries.

use http::Method;
use serde::Deserialize;

use super::pages;
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
    /// GitHub's id of this attempt.
    pub id: i64,
    /// The sender's id of it, the same for every attempt.
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

/// A page of the log of deliveries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HookLogPage {
    /// Attempts, the newest first.
    pub deliveries: Vec<HookDelivery>,
    /// Where the next page begins; `None` after the last one.
    pub next: Option<String>,
}

fn cursor_of(url: &str) -> Option<String> {
    let url = url::Url::parse(url).ok()?;
    url.query_pairs().find(|(name, _)| name == "cursor").map(|(_, cursor)| cursor.into_owned())
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
        Ok(self.hook_log(None).await?.deliveries)
    }

    /// One page of the log, the newest first; `cursor` is what the page before it gave.
    pub async fn hook_log(&self, cursor: Option<&str>) -> Result<HookLogPage, GithubError> {
        let path = Path::new(["app", "hook", "deliveries"])?.query("per_page", DELIVERIES_SEEN);
        let path = match cursor {
            Some(cursor) => path.query("cursor", cursor),
            None => path,
        };
        let call = Call::get(path).fresh(Freshness::Bypass);
        let response = self.call(call.clone()).await?;
        let next = pages::next(&response).and_then(cursor_of);
        Ok(HookLogPage { deliveries: response.decode(&call)?, next })
    }

    /// Asks for one more attempt at a delivery
    /// (<https://docs.github.com/en/rest/apps/webhooks#redeliver-a-delivery-for-an-app-webhook>).
    ///
    /// # Errors
    /// [`GithubError::NotFound`] once GitHub has forgotten it, which it does after three days.
    pub async fn redeliver(&self, attempt: i64) -> Result<(), GithubError> {
        let attempt = attempt.to_string();
        let path = Path::new(["app", "hook", "deliveries", &attempt, "attempts"])?;
        self.call(Call::new(Method::POST, path)).await.map(drop)
    }
}
