//! Whether people can be told over ntfy, and machines be believed.

use std::time::Duration;

use serde::Deserialize;

use super::Look;
use super::report::Finding;
use crate::app::notifier_alone;

const WHAT: &str = "ntfy";
const PROTOCOL: &str = "ntfy protocol";
const TIMEOUT: Duration = Duration::from_secs(10);

/// ntfy's answer (<https://docs.ntfy.sh/config/#health-checks>).
#[derive(Deserialize)]
struct Health {
    healthy: bool,
}

/// A line for the server and one for the machines' topic. `beside` says whether people are told over other channels.
pub(super) async fn check(look: &Look, beside: bool) -> Vec<Finding> {
    let ntfy = &look.config.ntfy;
    let mut found = Vec::new();
    if ntfy.topic.is_none() && ntfy.protocol_topic.is_none() && beside {
        found.push(Finding::ok(WHAT, "no topic is set; people are told over other channels alone"));
    } else if ntfy.topic.is_none() && ntfy.protocol_topic.is_none() {
        let fix = "set NTFY_TOPIC to a topic that people subscribe to";
        found.push(Finding::warn(WHAT, "no topic is set, so nobody is told", fix));
    } else {
        found.push(health(look).await);
    }
    if ntfy.protocol_topic.is_some() {
        found.push(if ntfy.secret.is_some() {
            Finding::ok(PROTOCOL, "messages between machines are signed")
        } else {
            let fix = "set NTFY_SECRET here and with whoever sends";
            Finding::warn(PROTOCOL, "NTFY_SECRET is not set, so no message between machines is obeyed", fix)
        });
    }
    if look.send && ntfy.topic.is_some() {
        found.push(sent(look).await);
    }
    found
}

async fn health(look: &Look) -> Finding {
    let url = &look.config.ntfy.url;
    let fix = "see whether NTFY_URL is right and its server runs";
    let answer = match look.http.get(format!("{url}/v1/health")).timeout(TIMEOUT).send().await {
        Ok(answer) => answer,
        Err(error) => {
            let found = format!("{url} could not be looked at: {}", error.without_url());
            return Finding::unseen(WHAT, found, fix);
        }
    };
    let status = answer.status();
    match answer.json::<Health>().await {
        Ok(Health { healthy: true }) => Finding::ok(WHAT, format!("{url} is healthy")),
        Ok(Health { healthy: false }) => Finding::fail(WHAT, format!("{url} says that it is not healthy"), fix),
        Err(_) => Finding::fail(WHAT, format!("{url} does not answer as ntfy does (status {})", status.as_u16()), fix),
    }
}

/// Whether the token may publish is only shown by publishing.
async fn sent(look: &Look) -> Finding {
    let published = match notifier_alone(&look.config, &look.clock) {
        Ok(notifier) => notifier.publish(&look.test_message()).await.map_err(|error| error.to_string()),
        Err(error) => Err(format!("{error:#}")),
    };
    match published {
        Ok(published) => Finding::ok("ntfy message", format!("ntfy took it (id {})", published.id)),
        Err(error) => Finding::fail("ntfy message", error, "see whether NTFY_TOKEN may publish to NTFY_TOPIC"),
    }
}
