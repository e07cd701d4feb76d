//! The keys that a body, a query or an answer may have: one list says what is read, what is refused and what is documented.

use serde_json::{Map, Value, json};

/// What stands under a key.
#[derive(Debug, Clone, Copy)]
pub(in crate::http) enum Kind {
    /// A text.
    Text,
    /// One of these words.
    Word(&'static [&'static str]),
    /// A list of texts.
    Texts,
    /// A whole number between two others.
    Whole(i64, i64),
    /// A number from 0 to 1.
    Share,
    /// Yes or no.
    Flag,
    /// A time, in RFC 3339.
    Time,
    /// One of the documented objects.
    One(&'static str),
    /// A list of one of the documented objects.
    Many(&'static str),
    /// Whatever JSON there is; whoever reads it says what is wrong with it.
    Any,
}

/// A key and what stands under it.
#[derive(Debug, Clone, Copy)]
pub(in crate::http) struct Key {
    /// Its name.
    pub(in crate::http) name: &'static str,
    /// What stands under it.
    pub(in crate::http) kind: Kind,
    /// Whether it has to be there.
    pub(in crate::http) needed: bool,
    /// A sentence for the documentation.
    pub(in crate::http) says: &'static str,
}

/// A key that has to be there.
pub(in crate::http) const fn needed(name: &'static str, kind: Kind, says: &'static str) -> Key {
    Key { name, kind, needed: true, says }
}

/// A key that may be left out, or null.
pub(in crate::http) const fn optional(name: &'static str, kind: Kind, says: &'static str) -> Key {
    Key { name, kind, needed: false, says }
}

/// A body that is empty, or an object without keys.
pub(in crate::http) const NO_KEYS: &[Key] = &[];

impl Kind {
    /// What should stand there, with an article.
    pub(in crate::http) fn wanted(self) -> String {
        match self {
            Self::Text => "a text".to_owned(),
            Self::Word(words) => format!("one of {}", words.join(", ")),
            Self::Texts => "a list of texts".to_owned(),
            Self::Whole(least, most) if most == i64::MAX => format!("a whole number from {least}"),
            Self::Whole(least, most) => format!("a whole number from {least} to {most}"),
            Self::Share => "a number from 0 to 1".to_owned(),
            Self::Flag => "true or false".to_owned(),
            Self::Time => "a time such as 2026-11-21T08:00:00Z".to_owned(),
            Self::One(_) => "an object".to_owned(),
            Self::Many(_) => "a list of objects".to_owned(),
            Self::Any => "a value".to_owned(),
        }
    }

    /// Its JSON schema (<https://spec.openapis.org/oas/v3.1.0#schema-object>).
    pub(in crate::http) fn schema(self) -> Value {
        let named = |name: &str| json!({"$ref": format!("#/components/schemas/{name}")});
        match self {
            Self::Text => json!({"type": "string"}),
            Self::Word(words) => json!({"type": "string", "enum": words}),
            Self::Texts => json!({"type": "array", "items": {"type": "string"}}),
            Self::Whole(least, most) if most == i64::MAX => json!({"type": "integer", "minimum": least}),
            Self::Whole(least, most) => json!({"type": "integer", "minimum": least, "maximum": most}),
            Self::Share => json!({"type": "number", "minimum": 0, "maximum": 1}),
            Self::Flag => json!({"type": "boolean"}),
            Self::Time => json!({"type": "string", "format": "date-time"}),
            Self::One(name) => named(name),
            Self::Many(name) => json!({"type": "array", "items": named(name)}),
            Self::Any => json!({}),
        }
    }
}

impl Key {
    /// Its schema with its sentence.
    pub(in crate::http) fn described(&self) -> Value {
        let mut schema = self.kind.schema();
        if let Value::Object(members) = &mut schema {
            members.insert("description".to_owned(), json!(self.says));
        }
        schema
    }
}

/// The schema of an object that has these keys and no others.
pub(in crate::http) fn object(keys: &[Key]) -> Value {
    let properties: Map<String, Value> = keys.iter().map(|key| (key.name.to_owned(), key.described())).collect();
    let required: Vec<&str> = keys.iter().filter(|key| key.needed).map(|key| key.name).collect();
    json!({"type": "object", "properties": properties, "required": required, "additionalProperties": false})
}
