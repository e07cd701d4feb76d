//! What machines say to each other over ntfy (design §7), and the form of it that is signed.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{Item, Number, Repository, RepositoryName, TaskState, Timestamp};

/// How we call ourselves in [`Envelope::from`].
pub const OUR_NAME: &str = "stationmaster";

/// A message of the protocol, as its JSON has it; fields that a type does not use are left out.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Envelope {
    /// `task`, `status_request`, `message`, `task_complete`, `ack` or `status`.
    #[serde(rename = "type")]
    pub kind: String,
    /// The sender's id for it.
    pub id: String,
    /// `critical`, `high`, `medium` or `low`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub priority: Option<String>,
    /// When it was sent, in RFC 3339.
    pub timestamp: String,
    /// What it says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// The task that it is about, as `owner/name#12`; the repository alone for a task that is to be opened.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub task: Option<String>,
    /// The sender's name for the task, or our id for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub task_id: Option<String>,
    /// What came of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub result: Option<String>,
    /// Where people read more.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// Who sends it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// Whom it is for, where it is for one of many.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
    /// The id of the message that it answers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub re: Option<String>,
    /// Used once.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nonce: Option<String>,
    /// HMAC-SHA256 of the canonical JSON without this field, in hexadecimal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sig: Option<String>,
}

/// The JSON text that is signed: objects with their keys sorted by code point, no spaces, characters outside ASCII as
/// they are, and the outermost `sig` left out. Fields that nobody knows are part of it.
#[must_use]
pub fn canonical_json(message: &Map<String, Value>) -> String {
    let signed: BTreeMap<&str, Value> =
        message.iter().filter(|(key, _)| *key != "sig").map(|(key, value)| (key.as_str(), sorted(value))).collect();
    // Maps of texts to values have nothing in them that JSON cannot say.
    serde_json::to_string(&signed).unwrap_or_default()
}

/// The same value, with the keys of every object in order, whether or not the parser keeps them as they came.
fn sorted(value: &Value) -> Value {
    match value {
        Value::Object(map) => {
            let ordered: BTreeMap<&String, &Value> = map.iter().collect();
            Value::Object(ordered.into_iter().map(|(key, value)| (key.clone(), sorted(value))).collect())
        }
        Value::Array(list) => Value::Array(list.iter().map(sorted).collect()),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => value.clone(),
    }
}

/// A message that was let in, with what was known when it came; stored as the body of its delivery.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Inbound {
    /// The message.
    pub envelope: Envelope,
    /// The repository that it is about.
    pub repository: Option<Repository>,
    /// The task that it is about.
    pub item: Option<Item>,
    /// What there is to answer a question for the status with.
    pub overview: Option<Overview>,
    /// Why it cannot be followed, as a sentence without its end.
    pub fault: Option<String>,
}

/// How all tasks stand.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Overview {
    /// How many there are in each state in which somebody still has something to do.
    pub counts: Vec<(TaskState, i64)>,
    /// Those that are worked on or blocked, the blocked ones first, then by age.
    pub tasks: Vec<OverviewLine>,
}

/// How one task stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OverviewLine {
    /// Its repository.
    pub repository: RepositoryName,
    /// Its number.
    pub number: Number,
    /// Its title.
    pub title: String,
    /// Where it stands.
    pub state: TaskState,
    /// Who has it.
    pub worker: Option<String>,
    /// How far it is, from 0 to 100.
    pub percent: Option<u8>,
    /// What is in its way.
    pub obstacle: Option<String>,
}

/// A message as it was found on the topic for machines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeardMessage {
    /// ntfy's id of it.
    pub id: String,
    /// When ntfy took it.
    pub published: Timestamp,
    /// Its text, which should be an [`Envelope`].
    pub text: String,
}
