//! Whether people can be told over the channels beside ntfy.

use super::Look;
use super::report::Finding;
use crate::app::{ChannelMeans, channels_alone};
use crate::model::{Channel, Outcome};
use crate::policy::Rules;

const WHAT: &str = "channels";

/// A line for each channel; none where there are none. Rules that cannot be read have lines of their own.
pub(super) async fn check(look: &Look) -> Vec<Finding> {
    let rules = Rules::locate(look.config.rules.as_deref()).load();
    let channels = rules.map(|rules| rules.channels).unwrap_or_default();
    let means = channels_alone(&look.config, &look.clock);
    let mut found = Vec::new();
    for settings in &channels {
        found.push(one(&means, &settings.channel).await);
        if look.send {
            found.push(sent(look, &means, &settings.channel).await);
        }
    }
    found
}

async fn one(means: &ChannelMeans, channel: &Channel) -> Finding {
    let named = |said: &str| format!("`{}` ({}): {said}", channel.name, channel.way.kind());
    match means.look(channel).await {
        Ok(said) => Finding::ok(WHAT, named(&said)),
        Err(why) => {
            let fix = "set the variable in the server's environment, or put channels.toml right; see docs/channels.md";
            Finding::fail(WHAT, named(&why), fix)
        }
    }
}

/// Whether a message arrives is only shown by sending one.
async fn sent(look: &Look, means: &ChannelMeans, channel: &Channel) -> Finding {
    let key = format!("doctor/{}/{}", channel.name, look.clock.now().ms());
    match means.tell(channel, &key, &look.test_message()).await {
        Outcome::Performed { note, .. } => Finding::ok(WHAT, format!("`{}`: {note}", channel.name)),
        Outcome::Failed { reason } | Outcome::Refused { reason } | Outcome::Later { reason, .. } => {
            let fix = "see what the receiver says of it, and look again";
            Finding::fail(WHAT, format!("`{}`: {reason}", channel.name), fix)
        }
    }
}
