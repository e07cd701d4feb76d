//! Messages as ntfy keeps them and writes them on the wire.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// What ntfy puts in place of an empty text.
const EMPTY_TEXT: &str = "triggered";

/// A published message (<https://docs.ntfy.sh/subscribe/api/#json-message-format>).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Message {
    /// Twelve letters and digits.
    pub id: String,
    /// When it was published, in seconds since the epoch.
    pub time: i64,
    /// Until when it can be fetched, in seconds since the epoch.
    pub expires: i64,
    /// Always `message`.
    pub event: &'static str,
    /// Where it was published to.
    pub topic: String,
    /// The headline.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// The text.
    pub message: String,
    /// 1 to 5; absent when the publisher gave none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub priority: Option<u8>,
    /// Tags in their order.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
    /// What a tap opens.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub click: Option<String>,
    /// At most three buttons.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub actions: Vec<Button>,
    /// The file that a text became which was too long, or that was sent as one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attachment: Option<Attachment>,
}

/// An action button (<https://docs.ntfy.sh/publish/#action-buttons>).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Button {
    /// `view`, `http` or `broadcast`.
    pub action: String,
    /// What it says.
    pub label: String,
    /// Whether a press clears the notification.
    pub clear: bool,
    /// What `view` opens and `http` calls.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub url: String,
    /// The method of `http`.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub method: String,
    /// The headers of `http`.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub headers: BTreeMap<String, String>,
    /// The body of `http`.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub body: String,
}

/// A file under a message (<https://docs.ntfy.sh/publish/#attachments>).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Attachment {
    /// Its file name.
    pub name: String,
    /// Its media type.
    #[serde(rename = "type")]
    pub media_type: String,
    /// Its size in bytes.
    pub size: usize,
    /// Where it could be fetched; the simulator keeps no files.
    pub url: String,
}

/// A message before it is accepted.
#[derive(Debug, Clone, Default)]
pub(super) struct Draft {
    pub topic: String,
    pub title: Option<String>,
    pub text: String,
    pub priority: Option<u8>,
    pub tags: Vec<String>,
    pub click: Option<String>,
    pub actions: Vec<Button>,
    pub file: Option<File>,
}

/// A body that is not the text.
#[derive(Debug, Clone)]
pub(super) struct File {
    pub name: String,
    pub is_text: bool,
    pub size: usize,
}

impl Draft {
    pub(super) fn into_message(self, id: String, now_s: i64, cache_s: i64, url: &str) -> Message {
        let attachment = self.file.map(|file| {
            let (media_type, extension) =
                if file.is_text { ("text/plain; charset=utf-8", ".txt") } else { ("application/octet-stream", ".bin") };
            let name = if file.name.is_empty() { format!("attachment{extension}") } else { file.name };
            let url = format!("{url}/file/{id}{extension}");
            Attachment { name, media_type: media_type.to_owned(), size: file.size, url }
        });
        let text = match (self.text.is_empty(), &attachment) {
            (false, _) => self.text,
            (true, Some(file)) => format!("You received a file: {}", file.name),
            (true, None) => EMPTY_TEXT.to_owned(),
        };
        Message {
            id,
            time: now_s,
            expires: now_s + cache_s,
            event: "message",
            topic: self.topic,
            title: self.title,
            message: text,
            priority: self.priority,
            tags: self.tags,
            click: self.click,
            actions: self.actions,
            attachment,
        }
    }
}
