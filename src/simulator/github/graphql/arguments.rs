//! Arguments and directives, with variables put in.

use graphql_parser::query::{Directive, Value as Written};
use serde_json::{Map, Value};

use super::Field;

/// A written value as JSON; enum words become texts.
pub fn value(written: &Written<'static, String>, variables: &Map<String, Value>) -> Value {
    match written {
        Written::Variable(name) => variables.get(name).cloned().unwrap_or_default(),
        Written::Int(number) => number.as_i64().into(),
        Written::Float(number) => (*number).into(),
        Written::String(text) | Written::Enum(text) => text.as_str().into(),
        Written::Boolean(truth) => (*truth).into(),
        Written::Null => Value::Null,
        Written::List(items) => items.iter().map(|item| value(item, variables)).collect(),
        Written::Object(fields) => fields.iter().map(|(name, field)| (name.clone(), value(field, variables))).collect(),
    }
}

/// The arguments of one field.
#[derive(Debug)]
pub struct Arguments(Map<String, Value>);

impl Arguments {
    pub fn of(field: &Field, variables: &Map<String, Value>) -> Self {
        Self(field.arguments.iter().map(|(name, written)| (name.clone(), value(written, variables))).collect())
    }

    pub fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name).and_then(Value::as_str)
    }

    pub fn number(&self, name: &str) -> Option<i64> {
        self.0.get(name).and_then(Value::as_i64)
    }

    /// A word within an object.
    pub fn word_within(&self, name: &str, key: &str) -> Option<&str> {
        self.0.get(name)?.get(key)?.as_str()
    }

    pub fn truth(&self, name: &str) -> bool {
        self.0.get(name).and_then(Value::as_bool).unwrap_or(false)
    }

    /// A list of words; one word alone counts as a list of it, as GraphQL coerces it.
    pub fn words(&self, name: &str) -> Option<Vec<String>> {
        match self.0.get(name)? {
            Value::String(word) => Some(vec![word.clone()]),
            Value::Array(words) => Some(words.iter().filter_map(Value::as_str).map(str::to_owned).collect()),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => None,
        }
    }
}

/// Whether `@include` and `@skip` leave a selection in.
pub fn wanted(directives: &[Directive<'static, String>], variables: &Map<String, Value>) -> bool {
    directives.iter().all(|directive| {
        let condition = directive.arguments.iter().find(|(name, _)| name == "if");
        let holds = condition.is_some_and(|(_, written)| value(written, variables) == Value::Bool(true));
        match directive.name.as_str() {
            "include" => holds,
            "skip" => !holds,
            _ => true,
        }
    })
}
