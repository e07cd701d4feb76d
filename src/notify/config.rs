//! Where ntfy is, and what we may do there.

use secrecy::SecretString;
use url::Url;

/// How to reach ntfy. Nothing is read from the environment here.
#[derive(Debug, Clone)]
pub struct NtfyConfig {
    /// The server (`NTFY_URL`).
    pub url: Url,
    /// The topic for people (`NTFY_TOPIC`), for messages that name none.
    pub topic: Option<String>,
    /// The topic for machines (`NTFY_PROTOCOL_TOPIC`).
    pub protocol_topic: Option<String>,
    /// The access token (`NTFY_TOKEN`).
    pub token: Option<SecretString>,
    /// Another server, for urgent messages when the day's quota is used up (`NTFY_FALLBACK_URL`). It never gets the
    /// token. One with the origin of `url` is not used, since it has the same quota.
    pub fallback_url: Option<Url>,
    /// The topic there (`NTFY_FALLBACK_TOPIC`); without it the topic is the same as at `url`. Of no use
    /// without `fallback_url`.
    pub fallback_topic: Option<String>,
}
