//! A channel beside ntfy over which people are told: what it is called, and how it is reached.

use serde::{Deserialize, Serialize};

/// A channel beside ntfy. Addresses and keys are in the server's environment; here are only the names of the variables.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Channel {
    /// What it is called in the outbox and in policies.
    pub name: String,
    /// How it is reached.
    pub way: ChannelWay,
}

/// How a channel is reached.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum ChannelWay {
    /// An incoming webhook of Slack (<https://api.slack.com/messaging/webhooks>).
    Slack {
        /// The variable that holds its address, which is as good as a password.
        url_env: String,
    },
    /// A signed call with the message as JSON.
    Webhook {
        /// The variable that holds the address.
        url_env: String,
        /// The variable that holds the key.
        secret_env: String,
    },
    /// An e-mail.
    Email {
        /// The variable that holds the SMTP server's address, with user and password.
        smtp_env: String,
        /// Who it is from.
        from: String,
        /// Whom it goes to.
        to: Vec<String>,
    },
}

impl ChannelWay {
    /// The word for it in the file and in lists.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Slack { .. } => "slack",
            Self::Webhook { .. } => "webhook",
            Self::Email { .. } => "email",
        }
    }
}
