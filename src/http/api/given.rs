//! What a caller gives, as a body or a query: read by its list of keys, with a sentence for everything that is wrong.

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::keys::{Key, Kind};
use crate::http::Door;
use crate::http::problem::{Problem, ProblemKind};
use crate::model::Impact;
use crate::receive::is_object;

/// No text is longer, in characters.
const TEXT_MAX_CHARS: usize = 4_000;

/// What is wrong with what was given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Wrong {
    /// It is no JSON object.
    NotJson(String),
    /// Something in it cannot be.
    Key(String),
}

impl Wrong {
    /// Something cannot be, as a sentence.
    pub(super) fn key(sentence: impl Into<String>) -> Self {
        Self::Key(sentence.into())
    }

    pub(super) fn problem(self, door: &Door) -> Problem {
        match self {
            Self::NotJson(detail) => ProblemKind::NotJson.counted(&door.metrics, detail),
            Self::Key(detail) => ProblemKind::Unprocessable.counted(&door.metrics, detail),
        }
    }
}

/// What was given, each value under a key of the list and of its kind.
#[derive(Debug, Clone, Default)]
pub(super) struct Given(Map<String, Value>);

impl Given {
    /// Reads a body; none at all is an empty object.
    pub(super) fn of_body(body: &[u8], keys: &[Key]) -> Result<Self, Wrong> {
        let body = if body.trim_ascii().is_empty() { b"{}" } else { body };
        if !is_object(body) {
            let why = serde_json::from_slice::<Value>(body).err();
            let why = why.map_or_else(|| "it is not an object".to_owned(), |fault| fault.to_string());
            return Err(Wrong::NotJson(format!("The body is not a JSON object: {why}.")));
        }
        let all: Map<String, Value> = serde_json::from_slice(body)
            .map_err(|fault| Wrong::NotJson(format!("The body is not a JSON object: {fault}.")))?;
        Self::checked(all.into_iter().filter(|(_, value)| !value.is_null()).collect(), keys)
    }

    /// Reads a query, whose values are all written as texts.
    pub(super) fn of_query(pairs: Vec<(String, String)>, keys: &[Key]) -> Result<Self, Wrong> {
        let mut all = Map::new();
        for (name, text) in pairs.into_iter().filter(|(_, text)| !text.is_empty()) {
            let kind = keys.iter().find(|key| key.name == name).map(|key| key.kind);
            let value = match kind {
                Some(Kind::Whole(..) | Kind::Share) => serde_json::from_str(&text).unwrap_or(Value::String(text)),
                Some(Kind::Flag) => match text.as_str() {
                    "true" | "1" => Value::Bool(true),
                    "false" | "0" => Value::Bool(false),
                    _ => Value::String(text),
                },
                Some(_) | None => Value::String(text),
            };
            if all.insert(name.clone(), value).is_some() {
                return Err(Wrong::key(format!("`{name}` is given twice.")));
            }
        }
        Self::checked(all, keys)
    }

    fn checked(all: Map<String, Value>, keys: &[Key]) -> Result<Self, Wrong> {
        for (name, value) in &all {
            let key = keys.iter().find(|key| key.name == name).ok_or_else(|| unknown(name, keys))?;
            check(key, value)?;
        }
        match keys.iter().find(|key| key.needed && !all.contains_key(key.name)) {
            Some(key) => Err(Wrong::key(format!("`{}` is missing: {}.", key.name, key.kind.wanted()))),
            None => Ok(Self(all)),
        }
    }

    /// The text under a key, if there is any.
    pub(super) fn text(&self, name: &str) -> Option<String> {
        self.0.get(name).and_then(Value::as_str).map(str::to_owned)
    }

    /// The text under a key that has to be there.
    pub(super) fn said(&self, name: &str) -> String {
        self.text(name).unwrap_or_default()
    }

    /// The texts under a key.
    pub(super) fn texts(&self, name: &str) -> Option<Vec<String>> {
        let list = self.0.get(name)?.as_array()?;
        Some(list.iter().filter_map(Value::as_str).map(str::to_owned).collect())
    }

    /// The whole number under a key.
    pub(super) fn whole(&self, name: &str) -> Option<i64> {
        self.0.get(name).and_then(Value::as_i64)
    }

    /// Whether a key says yes.
    pub(super) fn flag(&self, name: &str) -> bool {
        self.0.get(name).and_then(Value::as_bool).unwrap_or(false)
    }

    /// The number from 0 to 1 under a key.
    pub(super) fn share(&self, name: &str) -> Option<Impact> {
        self.0.get(name).and_then(Value::as_f64)?.to_string().parse().ok()
    }

    /// The value under a key, as it is.
    pub(super) fn value(&self, name: &str) -> Option<&Value> {
        self.0.get(name)
    }

    /// The text under a key as what it names.
    pub(super) fn parsed<T>(&self, name: &str) -> Result<Option<T>, Wrong>
    where
        T: std::str::FromStr,
        T::Err: std::fmt::Display,
    {
        let Some(text) = self.text(name) else { return Ok(None) };
        text.parse().map(Some).map_err(|fault: T::Err| Wrong::key(format!("`{name}`: {fault}.")))
    }

    /// The value under a key as something that has a form of its own.
    pub(super) fn shaped<T: DeserializeOwned>(&self, name: &str) -> Result<Option<T>, Wrong> {
        let Some(value) = self.value(name) else { return Ok(None) };
        serde_path_to_error::deserialize(value).map(Some).map_err(|fault| {
            let path = fault.path().to_string();
            let place = if path == "." { name.to_owned() } else { format!("{name}.{path}") };
            Wrong::key(format!("`{place}`: {}.", fault.inner()))
        })
    }
}

fn unknown(name: &str, keys: &[Key]) -> Wrong {
    let known: Vec<String> = keys.iter().map(|key| format!("`{}`", key.name)).collect();
    let known = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
    Wrong::key(format!("There is no `{name}` here; known are: {known}."))
}

fn check(key: &Key, value: &Value) -> Result<(), Wrong> {
    let Key { name, kind, needed, .. } = key;
    check_texts(name, value)?;
    let fits = match kind {
        Kind::Text | Kind::Time => value.is_string(),
        Kind::Word(words) => value.as_str().is_some_and(|word| words.contains(&word)),
        Kind::Texts => value.as_array().is_some_and(|list| list.iter().all(Value::is_string)),
        Kind::Whole(least, most) => value.as_i64().is_some_and(|number| (*least..=*most).contains(&number)),
        Kind::Share => value.as_f64().is_some_and(|number| (0.0..=1.0).contains(&number)),
        Kind::Flag => value.is_boolean(),
        Kind::One(_) => value.is_object(),
        Kind::Many(_) => value.is_array(),
        Kind::Any => true,
    };
    if !fits {
        let shown: String = value.to_string().chars().take(60).collect();
        return Err(Wrong::key(format!("`{name}` should be {}, and is {shown}.", kind.wanted())));
    }
    if *needed && value.as_str().is_some_and(|text| text.trim().is_empty()) {
        return Err(Wrong::key(format!("`{name}` says nothing.")));
    }
    Ok(())
}

/// No text, however deep, is too long or holds what a database cannot keep.
fn check_texts(name: &str, value: &Value) -> Result<(), Wrong> {
    match value {
        Value::String(text) => {
            let chars = text.chars().count();
            if chars > TEXT_MAX_CHARS {
                return Err(Wrong::key(format!("`{name}` has {chars} characters; at most {TEXT_MAX_CHARS} fit.")));
            }
            if text.contains('\0') {
                return Err(Wrong::key(format!("`{name}` holds the character NUL, which cannot be stored.")));
            }
            Ok(())
        }
        Value::Array(list) => list.iter().try_for_each(|value| check_texts(name, value)),
        Value::Object(members) => members.values().try_for_each(|value| check_texts(name, value)),
        Value::Null | Value::Bool(_) | Value::Number(_) => Ok(()),
    }
}
