//! The two ways to publish: plain to `/{topic}` and as JSON to `/`.

use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, RawQuery, State};
use axum::http::HeaderMap;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::access::Wish;
use super::actions;
use super::error::{self, ErrorAnswer};
use super::message::{Button, Draft, File, Message};
use super::params::{self, Params};
use super::state::Shared;

/// From this size on a text is no longer one: at exactly 4,096 bytes it becomes a file.
const TEXT_LIMIT_BYTES: usize = 4096;
/// From this size on a JSON request is refused.
const JSON_LIMIT_BYTES: usize = 8192;

/// What a JSON request can say (<https://docs.ntfy.sh/publish/#publish-as-json>).
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct JsonMessage {
    topic: String,
    title: String,
    message: String,
    priority: i64,
    tags: Vec<String>,
    click: String,
    actions: Vec<Button>,
    filename: String,
}

/// `POST /` and `PUT /`.
pub(super) async fn as_json(
    State(shared): State<Arc<Shared>>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Json<Message>, ErrorAnswer> {
    if body.len() >= JSON_LIMIT_BYTES {
        return Err(error::JSON_TOO_LARGE);
    }
    // By way of an object, since a struct could also be read from an array.
    let object: Map<String, Value> = serde_json::from_slice(&body).map_err(|_| error::JSON_INVALID)?;
    let asked: JsonMessage = serde_json::from_value(object.into()).map_err(|_| error::JSON_INVALID)?;
    let priority = match asked.priority {
        0 => None,
        number => Some(params::priority(&number.to_string())?),
    };
    let mut draft = Draft {
        topic: asked.topic,
        title: filled(&asked.title),
        priority,
        // On its way through ntfy the list is joined with commas and split again.
        tags: params::list(&asked.tags.join(",")),
        click: filled(&asked.click),
        actions: actions::check(asked.actions)?,
        ..Draft::default()
    };
    set_body(&shared, &mut draft, asked.message.as_bytes(), filled(&asked.filename))?;
    accept(&shared, &headers, draft)
}

/// `POST /{topic}` and `PUT /{topic}`.
pub(super) async fn plain(
    State(shared): State<Arc<Shared>>,
    Path(topic): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Json<Message>, ErrorAnswer> {
    let given = Params::new(&headers, query.as_deref());
    let mut draft = Draft {
        topic,
        title: given.read(&["x-title", "title", "t"]),
        text: given.read(&["x-message", "message", "m"]).unwrap_or_default().replace("\\n", "\n"),
        priority: given
            .read(&["x-priority", "priority", "prio", "p"])
            .map(|text| params::priority(&text))
            .transpose()?,
        tags: params::list(&given.read(&["x-tags", "tags", "tag", "ta"]).unwrap_or_default()),
        click: given.read(&["x-click", "click"]),
        actions: given
            .read(&["x-actions", "actions", "action"])
            .map_or_else(|| Ok(Vec::new()), |text| actions::parse(&text))?,
        file: None,
    };
    let filename = given.read(&["x-filename", "filename", "file", "f"]);
    set_body(&shared, &mut draft, &body, filename)?;
    accept(&shared, &headers, draft)
}

/// Takes the body as the text, or as a file where it is named one, too long or not UTF-8.
fn set_body(shared: &Shared, draft: &mut Draft, body: &[u8], filename: Option<String>) -> Result<(), ErrorAnswer> {
    let text = std::str::from_utf8(body).ok();
    match text {
        Some(text) if body.len() < TEXT_LIMIT_BYTES && filename.is_none() => {
            if !body.is_empty() {
                text.trim().clone_into(&mut draft.text);
            }
        }
        Some(_) | None if !shared.attachments => return Err(error::ATTACHMENTS_DISALLOWED),
        Some(_) | None => {
            let name = filename.unwrap_or_default();
            draft.file = Some(File { name, is_text: text.is_some(), size: body.len() });
        }
    }
    Ok(())
}

fn accept(shared: &Shared, headers: &HeaderMap, draft: Draft) -> Result<Json<Message>, ErrorAnswer> {
    if !params::is_topic(&draft.topic) {
        return Err(error::TOPIC_INVALID);
    }
    shared.lock().access.authorize(headers, Wish::Publish, &draft.topic)?;
    shared.publish(draft).map(Json)
}

fn filled(text: &str) -> Option<String> {
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}
