//! Fits a message to ntfy's limits: pure, and the same for the same message, so that it can be found again.

use serde::Serialize;

use crate::model::{MessageButton, PeopleMessage};

/// The longest text in bytes: at 4,096 ntfy makes it a file (<https://docs.ntfy.sh/publish/#limitations>).
pub(super) const TEXT_LIMIT_BYTES: usize = 4_095;
/// The largest JSON request in bytes: at 8,192, twice the text's limit, ntfy refuses it.
pub(super) const REQUEST_LIMIT_BYTES: usize = 8_191;
/// The longest title in bytes; ntfy sets no limit, phones show about a line.
pub(super) const TITLE_LIMIT_BYTES: usize = 250;
/// How many buttons ntfy takes (<https://docs.ntfy.sh/publish/#action-buttons>).
pub(super) const BUTTON_LIMIT: usize = 3;
/// What buttons, tags and link must leave for the text, in bytes of the request.
const TEXT_RESERVE_BYTES: usize = 2_048;
/// Stands where something was cut.
const ELLIPSIS: &str = "…";

/// A message as it goes to ntfy (<https://docs.ntfy.sh/publish/#publish-as-json>).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Fitted {
    /// Where to.
    pub topic: String,
    /// The headline; empty where the text says it all.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub title: String,
    /// The text.
    pub message: String,
    /// 1 to 5.
    pub priority: u8,
    /// Tags.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
    /// What a tap opens.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub click: Option<String>,
    /// Buttons.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub actions: Vec<FittedButton>,
}

/// A button as it goes to ntfy (<https://docs.ntfy.sh/publish/#open-websiteapp>).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FittedButton {
    /// Always `view`.
    pub action: &'static str,
    /// What it says.
    pub label: String,
    /// What it opens.
    pub url: String,
}

impl Fitted {
    /// Fits `message` for `topic`. Texts are trimmed as ntfy would; what is too long is cut between characters and
    /// ends in `…` and the link. Where even that does not make room, buttons go first (from the last), then tags,
    /// then the link.
    #[must_use]
    pub fn new(topic: &str, message: &PeopleMessage) -> Self {
        let title = one_line(&message.title);
        let text = message.text.trim();
        let mut fitted = Self {
            topic: topic.to_owned(),
            title: cut_title(&title),
            message: String::new(),
            priority: message.priority.number(),
            tags: message.tags.iter().map(|tag| one_line(tag)).filter(|tag| !tag.is_empty()).collect(),
            click: message.click.as_deref().map(str::trim).filter(|link| !link.is_empty()).map(str::to_owned),
            actions: message.buttons.iter().filter(|button| is_usable(button)).take(BUTTON_LIMIT).map(view).collect(),
        };
        fitted.make_room();
        let room = Room { bytes: TEXT_LIMIT_BYTES, escaped_bytes: fitted.room_for_text() };
        fitted.message = if text.is_empty() {
            // ntfy would put "triggered" in place of an empty text.
            fitted.title = String::new();
            cut(&title, None, room)
        } else {
            cut(text, fitted.click.as_deref(), room)
        };
        fitted
    }

    /// The request's body.
    #[must_use]
    pub fn to_json(&self) -> Vec<u8> {
        // Strings and numbers alone: there is nothing that JSON cannot say.
        serde_json::to_vec(self).unwrap_or_default()
    }

    fn make_room(&mut self) {
        while self.room_for_text() < TEXT_RESERVE_BYTES {
            let gave_up = self.actions.pop().is_some() || self.tags.pop().is_some() || self.click.take().is_some();
            if !gave_up {
                return;
            }
        }
    }

    /// How many bytes of the request are left while the text is empty.
    fn room_for_text(&self) -> usize {
        REQUEST_LIMIT_BYTES.saturating_sub(self.to_json().len())
    }
}

/// How long a text can be, as it is and as it stands in JSON.
#[derive(Debug, Clone, Copy)]
struct Room {
    bytes: usize,
    escaped_bytes: usize,
}

impl Room {
    fn holds(self, text: &str) -> bool {
        text.len() <= self.bytes && escaped_len(text) <= self.escaped_bytes
    }

    fn without(self, text: &str) -> Self {
        Self {
            bytes: self.bytes.saturating_sub(text.len()),
            escaped_bytes: self.escaped_bytes.saturating_sub(escaped_len(text)),
        }
    }
}

/// `text`, or as much of it as fits together with `… <link>`.
fn cut(text: &str, link: Option<&str>, room: Room) -> String {
    if room.holds(text) {
        return text.to_owned();
    }
    let with_link = link.map(|link| format!("{ELLIPSIS} {link}")).filter(|ending| room.holds(ending));
    let ending = with_link.unwrap_or_else(|| ELLIPSIS.to_owned());
    let kept = longest_prefix(text, room.without(&ending));
    format!("{}{ending}", kept.trim_end())
}

fn cut_title(title: &str) -> String {
    // One escaped byte is at most six; the request's limit is kept by what the text gets.
    cut(title, None, Room { bytes: TITLE_LIMIT_BYTES, escaped_bytes: usize::MAX })
}

fn longest_prefix(text: &str, room: Room) -> &str {
    let mut escaped_bytes = 0;
    for (start, character) in text.char_indices() {
        escaped_bytes += escaped_char_len(character);
        if start + character.len_utf8() > room.bytes || escaped_bytes > room.escaped_bytes {
            return &text[..start];
        }
    }
    text
}

fn escaped_len(text: &str) -> usize {
    text.chars().map(escaped_char_len).sum()
}

/// How many bytes the character has in JSON as `serde_json` writes it (RFC 8259, section 7).
const fn escaped_char_len(character: char) -> usize {
    match character {
        '"' | '\\' | '\u{8}' | '\t' | '\n' | '\u{c}' | '\r' => 2,
        '\0'..='\u{1f}' => 6,
        _ => character.len_utf8(),
    }
}

/// Line breaks and other control characters become spaces: ntfy carries titles and tags as headers.
fn one_line(text: &str) -> String {
    let spaced: String = text.chars().map(|character| if character.is_control() { ' ' } else { character }).collect();
    spaced.trim().to_owned()
}

/// ntfy refuses the whole message for a button without label or URL.
fn is_usable(button: &MessageButton) -> bool {
    !button.label.trim().is_empty() && !button.url.trim().is_empty()
}

fn view(button: &MessageButton) -> FittedButton {
    FittedButton { action: "view", label: one_line(&button.label), url: button.url.trim().to_owned() }
}

#[cfg(test)]
mod tests;
