//! Messages for Slack: blocks with title, text and link buttons, in which what others wrote cannot call anybody.

use serde_json::{Value, json};

use super::post;
use super::{ChannelMeans, Sending, Unsent};
use crate::model::PeopleMessage;

/// Slack takes 3,000 characters in a section (<https://docs.slack.dev/reference/block-kit/blocks/section-block>).
const TEXT_CHARS: usize = 2_900;
/// A headline is no longer than this.
const TITLE_CHARS: usize = 250;
/// Slack takes 75 characters on a button.
const LABEL_CHARS: usize = 75;
/// Slack takes 3,000 characters in a button's address.
const URL_CHARS: usize = 3_000;
/// Slack's own words are short; anything longer is somebody else's.
const WORD_CHARS: usize = 60;

pub(super) async fn send(means: &ChannelMeans, url_env: &str, sending: Sending<'_>) -> Result<String, Unsent> {
    let post = post::address(means, url_env)?.json(&payload(sending.message));
    post::send(means, ("Slack", url_env), post, async |answer| {
        let text = answer.text().await.unwrap_or_default();
        // `no_service`, `invalid_blocks` and the like; whatever else answers might repeat the address.
        let is_word = text.len() <= WORD_CHARS && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
        if is_word && !text.is_empty() { format!(": {text}") } else { String::new() }
    })
    .await
}

/// The message as Slack takes it (<https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks>).
pub(super) fn payload(message: &PeopleMessage) -> Value {
    let title = escaped(&message.title, TITLE_CHARS);
    let text = escaped(&message.text, TEXT_CHARS);
    let mut blocks = vec![section(&format!("*{title}*"))];
    if !text.is_empty() {
        blocks.push(section(&text));
    }
    let buttons = buttons(message);
    if !buttons.is_empty() {
        blocks.push(json!({ "type": "actions", "elements": buttons }));
    }
    // What is shown where there is no room for blocks, such as on a lock screen.
    json!({ "text": format!("{title}\n{text}").trim_end(), "blocks": blocks })
}

/// `verbatim` keeps Slack from making links and mentions out of bare words.
fn section(text: &str) -> Value {
    json!({ "type": "section", "text": { "type": "mrkdwn", "text": text, "verbatim": true } })
}

fn buttons(message: &PeopleMessage) -> Vec<Value> {
    let click = message.click.iter().map(|url| ("Open", url.as_str()));
    let named = message.buttons.iter().map(|button| (button.label.as_str(), button.url.as_str()));
    let mut links: Vec<(&str, &str)> = named.collect();
    for (label, url) in click {
        if !links.iter().any(|(_, known)| *known == url) {
            links.push((label, url));
        }
    }
    let good = |url: &str| (url.starts_with("https://") || url.starts_with("http://")) && url.len() <= URL_CHARS;
    links
        .into_iter()
        .filter(|(_, url)| good(url))
        .enumerate()
        .map(|(place, (label, url))| {
            let label: String = label.chars().take(LABEL_CHARS).collect();
            let text = json!({ "type": "plain_text", "text": label });
            json!({ "type": "button", "text": text, "url": url, "action_id": format!("open-{place}") })
        })
        .collect()
}

/// The three characters by which Slack knows links, mentions and commands
/// (<https://docs.slack.dev/messaging/formatting-message-text#escaping>), cut to so many of the original's.
fn escaped(text: &str, most_chars: usize) -> String {
    let mut out = String::with_capacity(text.len());
    for (place, c) in text.chars().enumerate() {
        if place == most_chars {
            out.push('…');
            break;
        }
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            other => out.push(other),
        }
    }
    out
}
