//! Schemas as OpenAPI 3.0 and webhooks have them, turned into JSON Schema draft 7 that asserts all that they mean.
//!
//! What is changed on the way, and why:
//! - `nullable: true` becomes a type `null` beside the others, also where there is no `type` for it to stand beside
//!   (validators that go by the letter drop the whole body then), and `null` joins the values of an `enum`.
//! - Objects whose properties are listed take no others: GitHub ignores what it does not know, and so would never tell
//!   us of a misspelt property. Where schemas are combined, the properties of all of them are allowed together.
//! - Objects that are known by one property may have another that GitHub sends and not all schemas know ([`WIDENED`]).
//! - Descriptions and examples go. `format: email` asserts nothing, since GitHub's own bots have `[` in theirs;
//!   `uri-template` neither, since the validator knows none of RFC 6570's operators; and a `uri` may be empty, as it is
//!   in GitHub's own examples where there is none.
//! - Where other properties are allowed, `oneOf` becomes `anyOf`: it told its parts apart by what they forbid.

use std::collections::{BTreeMap, BTreeSet};

use boon::{Compiler, Draft, ErrorKind, Format, SchemaIndex, Schemas, ValidationError};
use serde_json::{Map, Value, json};

/// Where named schemas are found, and what is done about properties that they do not list.
pub struct Source<'a> {
    pub prefix: &'static str,
    pub named: &'a Value,
    pub extras: Extras,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Extras {
    Refused,
    Allowed,
}

/// A schema, compiled.
pub struct Checker {
    schemas: Schemas,
    index: SchemaIndex,
}

/// Objects that have the first property have the second too, whatever the schema in hand says. The description says so
/// of each in `simple-user`, `integration`, `installation`, `issue` and `workflow-run`, and forgets it in their copies.
const WIDENED: [(&str, &str); 5] = [
    ("received_events_url", "user_view_type"),
    ("external_url", "client_id"),
    ("access_tokens_url", "client_id"),
    ("timeline_url", "parent_issue_url"),
    ("check_suite_node_id", "display_title"),
];

/// `@octokit/webhooks-schemas` has one definition for the repository of an event and for those at the ends of a pull;
/// of these the newer description knows no custom properties.
const NOT_REQUIRED: &str = "custom_properties";

const PLACE: &str = "https://contract.test/schema";
const COMBINED: [&str; 3] = ["allOf", "anyOf", "oneOf"];
const UNSAID: [&str; 9] = [
    "nullable",
    "example",
    "examples",
    "description",
    "title",
    "default",
    "discriminator",
    "deprecated",
    "externalDocs",
];

impl Checker {
    /// Compiles a schema with all that it refers to.
    pub fn new(schema: &Value, source: &Source<'_>) -> Result<Self, String> {
        let mut bundle = Bundle { source, wanted: Vec::new(), parts: BTreeMap::new() };
        let root = bundle.convert(schema, true);
        while let Some((name, closed)) = bundle.wanted.pop() {
            let key = key(&name, closed);
            if !bundle.parts.contains_key(&key) {
                let named = source.named.get(&name).ok_or_else(|| format!("nothing is named {name}"))?;
                bundle.parts.insert(key.clone(), Value::Null);
                let part = bundle.convert(named, closed);
                bundle.parts.insert(key, part);
            }
        }
        let document = json!({"allOf": [root], "parts": bundle.parts});
        let (mut compiler, mut schemas) = (Compiler::new(), Schemas::new());
        compiler.set_default_draft(Draft::V7);
        compiler.enable_format_assertions();
        for name in ["email", "uri-template"] {
            compiler.register_format(Format { name, func: |_| Ok(()) });
        }
        compiler.register_format(Format { name: "uri", func: is_address });
        compiler.add_resource(PLACE, document).map_err(|error| error.to_string())?;
        let index = compiler.compile(PLACE, &mut schemas).map_err(|error| format!("{error:#}"))?;
        Ok(Self { schemas, index })
    }

    /// What is wrong with a value, each as its JSON pointer and a sentence.
    pub fn faults(&self, value: &Value) -> Vec<String> {
        let mut found = Vec::new();
        if let Err(error) = self.schemas.validate(value, self.index) {
            explain(&error, &mut found);
        }
        found.sort();
        found.dedup();
        found
    }
}

/// Which of two versions of a named schema: the one that takes no other properties, or the one for combinations.
fn key(name: &str, closed: bool) -> String {
    format!("{}-{name}", if closed { "closed" } else { "open" })
}

struct Bundle<'a> {
    source: &'a Source<'a>,
    wanted: Vec<(String, bool)>,
    parts: BTreeMap<String, Value>,
}

impl Bundle<'_> {
    fn convert(&mut self, schema: &Value, closed: bool) -> Value {
        let Value::Object(schema) = schema else { return schema.clone() };
        let nullable = schema.get("nullable") == Some(&Value::Bool(true));
        let mut made = Map::new();
        if let Some(name) = self.reference(schema) {
            made.insert("$ref".to_owned(), format!("#/parts/{}", key(&name, closed)).into());
            self.wanted.push((name, closed));
        } else {
            for (word, value) in schema.iter().filter(|(word, _)| !is_unsaid(word)) {
                let value = self.keyword(schema, (word, value), closed);
                let loose = word == "oneOf" && self.source.extras == Extras::Allowed;
                let word = if loose { "anyOf" } else { word };
                made.extend(value.map(|value| (word.to_owned(), value)));
            }
            if closed && self.source.extras == Extras::Refused {
                self.close(schema, &mut made);
            }
        }
        if nullable { with_null(made) } else { Value::Object(made) }
    }

    /// The name that a `$ref` refers to.
    fn reference(&self, schema: &Map<String, Value>) -> Option<String> {
        schema.get("$ref")?.as_str()?.strip_prefix(self.source.prefix).map(str::to_owned)
    }

    fn keyword(&mut self, schema: &Map<String, Value>, (word, value): (&str, &Value), closed: bool) -> Option<Value> {
        Some(match (word, value) {
            ("properties" | "patternProperties", Value::Object(properties)) => {
                let converted = properties.iter().map(|(name, schema)| (name.clone(), self.convert(schema, true)));
                Value::Object(converted.collect())
            }
            ("items", Value::Array(items)) => items.iter().map(|item| self.convert(item, true)).collect(),
            ("items", item) => self.convert(item, true),
            ("required", Value::Array(names)) => names.iter().filter(|name| *name != NOT_REQUIRED).cloned().collect(),
            ("additionalProperties", Value::Bool(false)) if self.source.extras == Extras::Allowed => return None,
            ("additionalProperties", extra) => self.convert(extra, true),
            ("not" | "if" | "then" | "else", part) => self.convert(part, false),
            (word, Value::Array(parts)) if COMBINED.contains(&word) => {
                let apart = closed && word != "allOf" && !schema.contains_key("properties");
                parts.iter().map(|part| self.convert(part, apart)).collect()
            }
            (_, value) => value.clone(),
        })
    }

    /// Refuses properties that are not listed, unless the schema itself says what is to become of them.
    fn close(&self, schema: &Map<String, Value>, made: &mut Map<String, Value>) {
        let together = schema.contains_key("properties") || schema.contains_key("allOf");
        if !together || schema.contains_key("additionalProperties") {
            return;
        }
        let mut names = BTreeSet::new();
        if !self.names(schema, &mut names) || names.is_empty() {
            return;
        }
        for (mark, other) in WIDENED {
            if names.contains(mark) {
                names.insert(other.to_owned());
            }
        }
        let mut properties = made.remove("properties").unwrap_or_else(|| json!({}));
        for name in names {
            if properties.get(&name).is_none() {
                properties[name] = json!({});
            }
        }
        made.insert("properties".to_owned(), properties);
        made.insert("additionalProperties".to_owned(), Value::Bool(false));
    }

    /// Collects the properties that a schema lists, also by reference; `false` when it takes any.
    fn names(&self, schema: &Map<String, Value>, found: &mut BTreeSet<String>) -> bool {
        if let Some(name) = self.reference(schema) {
            return self
                .source
                .named
                .get(&name)
                .and_then(Value::as_object)
                .is_none_or(|named| self.names(named, found));
        }
        let properties = schema.get("properties").and_then(Value::as_object);
        found.extend(properties.into_iter().flat_map(|properties| properties.keys().cloned()));
        let takes_any = match schema.get("additionalProperties") {
            Some(extra) => extra != &Value::Bool(false),
            None => properties.is_none() && schema.get("type").is_some_and(|kind| kind == "object"),
        };
        let parts = COMBINED.iter().filter_map(|word| schema.get(*word)?.as_array()).flatten();
        !takes_any && parts.filter_map(Value::as_object).all(|part| self.names(part, found))
    }
}

fn is_address(value: &Value) -> Result<(), Box<dyn std::error::Error>> {
    match value.as_str() {
        Some("") | None => Ok(()),
        Some(text) => Ok(url::Url::parse(text).map(drop)?),
    }
}

fn is_unsaid(word: &str) -> bool {
    UNSAID.contains(&word) || word.starts_with("x-")
}

fn with_null(mut schema: Map<String, Value>) -> Value {
    let combined = COMBINED.iter().any(|word| schema.contains_key(*word));
    if let (false, Some(Value::String(kind))) = (combined, schema.get("type")) {
        let kinds = json!([kind, "null"]);
        schema.insert("type".to_owned(), kinds);
        if let Some(Value::Array(values)) = schema.get_mut("enum")
            && !values.contains(&Value::Null)
        {
            values.push(Value::Null);
        }
        return Value::Object(schema);
    }
    json!({"anyOf": [{"type": "null"}, schema]})
}

/// Writes down the faults that matter: of alternatives, those of the one that comes closest.
fn explain(error: &ValidationError<'_, '_>, found: &mut Vec<String>) {
    if matches!(error.kind, ErrorKind::AnyOf | ErrorKind::OneOf(None)) {
        let place = error.instance_location.to_string();
        let explained = error.causes.iter().map(|cause| {
            let mut faults = Vec::new();
            explain(cause, &mut faults);
            let another_kind = faults.iter().any(|fault| fault.starts_with(&format!("{place}: want")));
            (another_kind, faults.len(), faults)
        });
        if let Some((_, _, faults)) = explained.min_by_key(|(another, count, _)| (*another, *count)) {
            found.extend(faults);
        }
    } else if error.causes.is_empty() {
        found.push(format!("{}: {}", error.instance_location, error.kind));
    } else {
        error.causes.iter().for_each(|cause| explain(cause, found));
    }
}
