//! What a tool takes: the parts of its route's path, its query and its body, under one roof; and the call that they make.

use axum::http::Method;
use serde_json::{Map, Value, json};

use super::catalogue::{ROOT, Tool};
use super::inner::Call;
use crate::http::api::auth::Caller;
use crate::http::api::shapes;
use crate::model::{Item, RepositoryName, Scope};

/// How long a decision may be waited for, in seconds.
const PATIENCE_MAX_S: u64 = 20;
/// How long it is waited for where nothing is said, in seconds.
const PATIENCE_S: u64 = 10;
/// How long it may be waited for.
const WAIT: &str = "wait_s";
/// By which the same call is known when it comes again.
const NAME_OF_CALL: &str = "idempotency_key";
/// What can be asked of an environment.
const VERBS: [&str; 6] = ["deploy", "rollback", "freeze", "unfreeze", "approve", "reject"];

/// A call, and how long its decision is waited for, in seconds.
#[derive(Debug)]
pub(super) struct Asked {
    pub(super) call: Call,
    pub(super) patience_s: u64,
    /// What the answer is about: the task, or the tool.
    pub(super) about: String,
}

/// One argument.
struct Argument {
    name: &'static str,
    schema: Value,
    is_needed: bool,
}

impl Argument {
    fn new(name: &'static str, is_needed: bool, schema: Value) -> Self {
        Self { name, schema, is_needed }
    }
}

/// The JSON schema of a tool's arguments, for callers of this scope.
pub(super) fn schema(tool: &Tool, scope: &Scope) -> Map<String, Value> {
    let arguments = arguments(tool, scope);
    let needed: Vec<&str> = arguments.iter().filter(|one| one.is_needed).map(|one| one.name).collect();
    let mut schema = Map::new();
    schema.insert("type".to_owned(), json!("object"));
    schema.insert("required".to_owned(), json!(needed));
    schema.insert("additionalProperties".to_owned(), json!(false));
    let properties = arguments.into_iter().map(|one| (one.name.to_owned(), one.schema));
    schema.insert("properties".to_owned(), Value::Object(properties.collect()));
    schema
}

fn arguments(tool: &Tool, scope: &Scope) -> Vec<Argument> {
    let mut all: Vec<Argument> = in_path(tool, scope);
    let keys = tool.query.iter().chain(tool.body.unwrap_or_default());
    let follows = |name: &str| tool.hides(scope, name) || (tool.is_own && name == "worker");
    let keys = keys.filter(|key| !follows(key.name));
    all.extend(keys.map(|key| Argument::new(key.name, key.needed, inlined(key.described()))));
    if tool.is_decided_later {
        let says = "How long its decision is waited for, in seconds; 10 where nothing is said.";
        all.push(Argument::new(
            WAIT,
            false,
            json!({"type": "integer", "minimum": 0, "maximum": PATIENCE_MAX_S, "description": says}),
        ));
    }
    if tool.body.is_some() {
        let says = "A word of your own for this call: the same call twice under it takes effect once.";
        all.push(Argument::new(NAME_OF_CALL, false, json!({"type": "string", "maxLength": 100, "description": says})));
    }
    all
}

/// The parts of a path: a task, a project and a repository are each one argument.
fn in_path(tool: &Tool, scope: &Scope) -> Vec<Argument> {
    let text = |says: &str| json!({"type": "string", "description": says});
    let mut all = Vec::new();
    if tool.path.contains("{number}") {
        let what = item_name(tool);
        let (is_needed, says) = match tool.path_of_any {
            Some(_) => (false, format!("The {what} as owner/name#12; the best one where nothing is said.")),
            None => (true, format!("The {what} as owner/name#12.")),
        };
        all.push(Argument::new(what, is_needed, text(&says)));
    } else if tool.path.contains("{owner}") {
        all.push(Argument::new("repo", true, text("The repository as owner/name.")));
    }
    if tool.path.contains("{id}") {
        // A worker's token says whose it is.
        let own = matches!(scope, Scope::Worker(_));
        if !tool.hides(scope, "worker") {
            let says = if own { "The worker's id; your own where nothing is said." } else { "The worker's id." };
            all.push(Argument::new("worker", !own, text(says)));
        }
    }
    if tool.path.contains("{guid}") {
        all.push(Argument::new("request", true, text("The `request` that the call was answered with.")));
    }
    if tool.path.contains("{environment}") {
        all.push(Argument::new("environment", true, text("The environment, such as prod.")));
        let verb = json!({"type": "string", "enum": VERBS, "description": "What is asked of it."});
        all.push(Argument::new("verb", true, verb));
    }
    all
}

fn item_name(tool: &Tool) -> &'static str {
    if tool.path.starts_with("projects/") { "project" } else { "task" }
}

/// A schema without references, which agents' clients do not follow.
fn inlined(schema: Value) -> Value {
    match schema {
        Value::Object(members) => {
            let named = members.get("$ref").and_then(Value::as_str).and_then(|name| name.rsplit('/').next());
            if let Some(mut whole) = named.map(|name| shapes::schemas()[name].clone()) {
                if let (Some(says), Value::Object(own)) = (members.get("description"), &mut whole) {
                    own.insert("description".to_owned(), says.clone());
                }
                return inlined(whole);
            }
            Value::Object(members.into_iter().map(|(name, value)| (name, inlined(value))).collect())
        }
        Value::Array(list) => Value::Array(list.into_iter().map(inlined).collect()),
        plain @ (Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_)) => plain,
    }
}

/// The call that a tool makes of its arguments.
///
/// # Errors
/// A sentence that says what should stand there; it repeats nothing of what does, which may be somebody else's words.
pub(super) fn read(tool: &Tool, caller: &Caller, mut given: Map<String, Value>) -> Result<Asked, String> {
    given.retain(|_, value| !value.is_null());
    let known = arguments(tool, &caller.scope);
    if given.keys().any(|name| known.iter().all(|one| one.name != name)) {
        let names: Vec<String> = known.iter().map(|one| format!("`{}`", one.name)).collect();
        let names = if names.is_empty() { "none".to_owned() } else { names.join(", ") };
        return Err(format!("An argument is not known to `{}`; known are: {names}.", tool.name));
    }
    if let Some(missing) = known.iter().find(|one| one.is_needed && !given.contains_key(one.name)) {
        return Err(format!("`{}` is missing.", missing.name));
    }
    let patience_s = patience(&mut given)?;
    let key = word(&mut given, NAME_OF_CALL)?;
    let mut about = format!("tool:{}", tool.name);
    let path = path(tool, caller, (&mut given, &mut about))?;
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    if let (true, Some(own)) = (tool.is_own, caller.worker()) {
        query.append_pair("worker", own.as_str());
    }
    for one in tool.query {
        if let Some(value) = given.remove(one.name) {
            query.append_pair(one.name, &value.as_str().map_or_else(|| value.to_string(), str::to_owned));
        }
    }
    let query = query.finish();
    let target = if query.is_empty() { format!("{ROOT}{path}") } else { format!("{ROOT}{path}?{query}") };
    let method = Method::from_bytes(tool.method.to_uppercase().as_bytes()).unwrap_or_default();
    let body = tool.body.map(|_| Value::Object(given));
    Ok(Asked { call: Call { method, target, body, key }, patience_s, about })
}

fn patience(given: &mut Map<String, Value>) -> Result<u64, String> {
    match given.remove(WAIT) {
        None => Ok(PATIENCE_S),
        Some(value) => value
            .as_u64()
            .filter(|seconds| *seconds <= PATIENCE_MAX_S)
            .ok_or_else(|| format!("`{WAIT}` should be a whole number from 0 to {PATIENCE_MAX_S}.")),
    }
}

/// The path with what it names; what the answer is about is the task, where there is one.
fn path(
    tool: &Tool,
    caller: &Caller,
    (given, about): (&mut Map<String, Value>, &mut String),
) -> Result<String, String> {
    let mut path = tool.path.clone();
    if path.contains("{number}") {
        let name = item_name(tool);
        let item = match (word(given, name)?, tool.path_of_any) {
            (Some(text), _) => text.trim().parse::<Item>().map_err(|_| shape(name, "octo/station#12"))?,
            (None, Some(any)) => return Ok(any.to_owned()),
            (None, None) => return Err(format!("`{name}` is missing.")),
        };
        *about = item.to_string();
        path = placed(&path, &item.repository).replace("{number}", &item.number.to_string());
    } else if path.contains("{owner}") {
        let text = word(given, "repo")?.unwrap_or_default();
        let repository: RepositoryName = text.trim().parse().map_err(|_| shape("repo", "octo/station"))?;
        *about = repository.to_string();
        path = placed(&path, &repository);
    }
    for (part, name) in
        [("{id}", "worker"), ("{guid}", "request"), ("{environment}", "environment"), ("{verb}", "verb")]
    {
        if path.contains(part) {
            let own = || (part == "{id}").then(|| caller.worker()).flatten().map(|own| own.as_str().to_owned());
            let text = word(given, name)?.or_else(own).ok_or_else(|| format!("`{name}` is missing."))?;
            path = path.replace(part, &escaped(text.trim()));
        }
    }
    Ok(path)
}

fn placed(path: &str, repository: &RepositoryName) -> String {
    path.replace("{owner}", &repository.owner).replace("{name}", &repository.name)
}

fn shape(name: &str, example: &str) -> String {
    format!("`{name}` should be such as {example}.")
}

fn word(given: &mut Map<String, Value>, name: &str) -> Result<Option<String>, String> {
    match given.remove(name) {
        None => Ok(None),
        Some(Value::String(text)) if !text.trim().is_empty() => Ok(Some(text)),
        Some(_) => Err(format!("`{name}` should be a text that says something.")),
    }
}

/// A part of a path (<https://www.rfc-editor.org/rfc/rfc3986#section-2.3>).
pub(super) fn escaped(text: &str) -> String {
    let plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"-._~".contains(byte);
    text.bytes().map(|byte| if plain(&byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect()
}
