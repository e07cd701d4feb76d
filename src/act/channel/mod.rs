//! Tells people over a channel beside ntfy, whose address and keys are in the server's environment.
//!
//! None of the ways can be asked whether a message has arrived, so after a lost answer it is sent again, in a form by
//! which a repetition is known: a webhook gets the same `idempotency-key`, an e-mail the same `Message-ID`. Slack has
//! nothing of the kind, and shows such a message twice.

mod email;
mod post;
mod slack;
mod webhook;

use std::sync::Arc;

use super::{Deed, Hands, SecretLookup, performed};
use crate::model::{Channel, ChannelWay, Clock, Outcome, PeopleMessage, Timestamp};
use crate::reach::Reach;

/// What telling people over channels needs.
#[derive(Clone)]
pub struct ChannelMeans {
    /// Calls Slack and webhooks.
    pub reach: Reach,
    /// Where addresses and keys are.
    pub secrets: SecretLookup,
    /// The present.
    pub clock: Arc<dyn Clock>,
}

/// Finds a channel by its name, as the rules have it now.
pub type ChannelLookup = Arc<dyn Fn(&str) -> Option<Channel> + Send + Sync>;

/// A message on its way over one channel.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sending<'m> {
    /// The action's key, by which a repetition is known.
    key: &'m str,
    message: &'m PeopleMessage,
}

/// Why a message was not sent.
#[derive(Debug)]
pub(super) enum Unsent {
    /// It may pass, or is mended by people.
    Failed(String),
    /// It will not pass by itself.
    Refused(String),
    /// The receiver wants no more until then.
    Later(Timestamp, String),
}

impl From<Unsent> for Outcome {
    fn from(unsent: Unsent) -> Self {
        match unsent {
            Unsent::Failed(reason) => Self::Failed { reason },
            Unsent::Refused(reason) => Self::Refused { reason },
            Unsent::Later(until, reason) => Self::Later { until, reason },
        }
    }
}

/// The channel is looked up when the message is sent, so what was mended in the file counts for what waits, too.
pub(super) async fn tell(hands: &Hands, deed: &Deed<'_>, (name, message): (&str, &PeopleMessage)) -> Outcome {
    let Some(channel) = (hands.channels)(name) else {
        return Outcome::Refused { reason: format!("there is no channel `{name}` in channels.toml any more") };
    };
    let means = ChannelMeans {
        reach: hands.reach.clone(),
        secrets: Arc::clone(&hands.secrets),
        clock: Arc::clone(&hands.clock),
    };
    means.tell(&channel, deed.key, message).await
}

impl ChannelMeans {
    /// Sends a message. `key` is the same whenever the same message is sent again.
    pub async fn tell(&self, channel: &Channel, key: &str, message: &PeopleMessage) -> Outcome {
        let sending = Sending { key, message };
        let sent = match &channel.way {
            ChannelWay::Slack { url_env } => slack::send(self, url_env, sending).await,
            ChannelWay::Webhook { url_env, secret_env } => webhook::send(self, (url_env, secret_env), sending).await,
            ChannelWay::Email { smtp_env, from, to } => {
                email::send(self, (&channel.name, smtp_env), email::Envelope { from, to }, sending).await
            }
        };
        sent.map_or_else(Outcome::from, performed)
    }

    /// Looks at a channel without sending anything: whether its variables are set and hold what they must, and, for
    /// e-mail, whether the server lets us in.
    ///
    /// # Errors
    /// A sentence that says what is wrong, without what the variables hold.
    pub async fn look(&self, channel: &Channel) -> Result<String, String> {
        let looked = match &channel.way {
            ChannelWay::Slack { url_env } => {
                post::address(self, url_env).map(|_| format!("{url_env} holds an address that may be called"))
            }
            ChannelWay::Webhook { url_env, secret_env } => post::address(self, url_env)
                .and_then(|_| self.variable(secret_env))
                .map(|_| format!("{url_env} holds an address that may be called, and {secret_env} a key")),
            ChannelWay::Email { smtp_env, .. } => email::look(self, smtp_env).await,
        };
        looked.map_err(|unsent| match unsent {
            Unsent::Failed(reason) | Unsent::Refused(reason) | Unsent::Later(_, reason) => reason,
        })
    }

    /// What a variable holds; nothing is lost while it is not set.
    fn variable(&self, name: &str) -> Result<String, Unsent> {
        (self.secrets)(name).ok_or_else(|| Unsent::Failed(format!("{name} is not set in the server's environment")))
    }
}
