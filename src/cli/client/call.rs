//! A call of the API before it is sent.

use reqwest::Method;
use serde_json::Value;

use crate::cli::item::Item;

/// A call: method, path below `/api/v1/`, query and body.
#[derive(Debug)]
pub struct Call {
    pub(super) method: Method,
    path: String,
    query: Vec<(&'static str, String)>,
    pub(super) body: Option<Value>,
    pub(super) key: Option<String>,
}

impl Call {
    /// Reads.
    pub fn get(path: impl Into<String>) -> Self {
        Self { method: Method::GET, path: path.into(), query: Vec::new(), body: None, key: None }
    }

    /// Asks for something; the same call sent twice takes effect once.
    pub fn post(path: impl Into<String>, body: Value) -> Self {
        Self { method: Method::POST, body: Some(body), key: Some(fresh_key()), ..Self::get(path) }
    }

    /// Says what something is from now on.
    pub fn put(path: impl Into<String>, body: Value) -> Self {
        Self { method: Method::PUT, ..Self::post(path, body) }
    }

    /// Asks a task for something.
    pub fn ask(item: &Item, verb: &str, body: Value) -> Self {
        Self::post(format!("tasks/{}/{verb}", path_of(item)), body)
    }

    /// With this in its query, where there is a value.
    pub fn with(mut self, name: &'static str, value: Option<impl ToString>) -> Self {
        self.query.extend(value.map(|value| (name, value.to_string())));
        self
    }

    pub(super) fn target(&self) -> String {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        query.extend_pairs(&self.query);
        let query = query.finish();
        if query.is_empty() { self.path.clone() } else { format!("{}?{query}", self.path) }
    }
}

/// An item as paths have it: `owner/name/12`.
pub fn path_of(item: &Item) -> String {
    format!("{}/{}", item.repository, item.number)
}

/// A body without what was not said.
pub fn said(mut body: Value) -> Value {
    if let Value::Object(keys) = &mut body {
        keys.retain(|_, value| !value.is_null());
    }
    body
}

fn fresh_key() -> String {
    format!("cli-{:032x}", rand::random::<u128>())
}
