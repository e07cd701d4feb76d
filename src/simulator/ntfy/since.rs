//! From where on a subscriber wants the cached messages.

use super::error::{self, ErrorAnswer};
use super::message::Message;
use crate::model::Timestamp;

/// How long a message id is.
const ID_LENGTH: usize = 12;

/// The `since` parameter (<https://docs.ntfy.sh/subscribe/api/#fetch-cached-messages>).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Since {
    All,
    None,
    /// The newest one of each topic.
    Latest,
    /// Those after this one; all, where it is not known.
    Id(String),
    /// Those of this second or later.
    Seconds(i64),
}

impl Since {
    /// Reads the parameter; without it a poll gets all, a subscription none.
    pub(super) fn parse(text: Option<&str>, poll: bool, now: Timestamp) -> Result<Self, ErrorAnswer> {
        let Some(text) = text else { return Ok(if poll { Self::All } else { Self::None }) };
        if let Ok(seconds) = text.parse() {
            return Ok(Self::Seconds(seconds));
        }
        match text {
            "all" => Ok(Self::All),
            "none" => Ok(Self::None),
            "latest" => Ok(Self::Latest),
            id if id.len() == ID_LENGTH && id.bytes().all(|byte| byte.is_ascii_alphanumeric()) => {
                Ok(Self::Id(id.to_owned()))
            }
            text => match duration_ms(text) {
                Some(ms) => Ok(Self::Seconds(now.plus_ms(-ms).seconds())),
                None => Err(error::SINCE_INVALID),
            },
        }
    }

    /// The wanted ones of `messages`, which are in the order of publishing, sorted by second as ntfy does.
    pub(super) fn select(&self, messages: &[Message], topics: &[String], now: Timestamp) -> Vec<Message> {
        let after = match self {
            Self::Id(id) => messages.iter().position(|message| message.id == *id).map_or(0, |position| position + 1),
            Self::All | Self::None | Self::Latest | Self::Seconds(_) => 0,
        };
        let cached = messages.iter().skip(after).filter(|message| message.expires > now.seconds());
        let cached: Vec<&Message> = cached.filter(|message| topics.contains(&message.topic)).collect();
        let mut wanted: Vec<Message> = match self {
            Self::None => Vec::new(),
            Self::All | Self::Id(_) => cached.into_iter().cloned().collect(),
            Self::Seconds(seconds) => cached.into_iter().filter(|message| message.time >= *seconds).cloned().collect(),
            Self::Latest => {
                let newest = |topic: &String| cached.iter().rfind(|message| message.topic == *topic);
                topics.iter().filter_map(newest).map(|message| (*message).clone()).collect()
            }
        };
        wanted.sort_by_key(|message| message.time);
        wanted
    }
}

/// Reads a duration such as `10m`, `1h30m` or `1.5h`, in milliseconds.
fn duration_ms(text: &str) -> Option<i64> {
    let mut rest = text;
    let mut total_ms = 0.0;
    while !rest.is_empty() {
        let digits = rest.find(|character: char| !character.is_ascii_digit() && character != '.')?;
        let number: f64 = rest[..digits].parse().ok()?;
        rest = &rest[digits..];
        let units = [("ms", 1.0), ("s", 1_000.0), ("m", 60_000.0), ("h", 3_600_000.0)];
        let (unit, unit_ms) = units.into_iter().find(|(unit, _)| rest.starts_with(unit))?;
        total_ms += number * unit_ms;
        rest = &rest[unit.len()..];
    }
    #[expect(clippy::cast_possible_truncation, reason = "a float cast saturates, which is as good as any answer here")]
    (!text.is_empty()).then_some(total_ms as i64)
}
