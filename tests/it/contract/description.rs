//! GitHub's own description of its API and of its webhooks, as npm packages bring them, patched once.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock, Mutex};

use serde_json::Value;

use super::patches;
use super::schema::{Checker, Extras, Source};

/// What `tests/run` installs for this.
pub const PACKAGES: &str = "@octokit/openapi@23.0.2 @octokit/webhooks-schemas@7.6.1 @octokit/graphql-schema@15.26.1";

/// One operation: a method on a path with its places for parameters.
pub struct Operation {
    /// `GET /repos/{owner}/{repo}`.
    pub name: String,
    pub method: String,
    pub path: String,
    parts: Vec<Part>,
}

enum Part {
    Literal(String),
    /// A parameter, and whether it may go over several segments.
    Parameter(String, bool),
}

/// A path's segments with the values of its parameters.
pub type Filled = Vec<(String, String)>;

pub struct Description {
    pub api: Value,
    pub webhooks: Value,
    pub operations: Vec<Operation>,
    checkers: Mutex<HashMap<String, Arc<Checker>>>,
}

static DESCRIPTION: LazyLock<Description> = LazyLock::new(Description::load);

/// A file of an npm package under `$STATIONMASTER_TEST_DATA` or `target/test-data`.
pub fn package_file(name: &str) -> PathBuf {
    let root = std::env::var_os("STATIONMASTER_TEST_DATA")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("target/test-data"), PathBuf::from);
    let file = root.join("node_modules").join(name);
    assert!(
        file.exists(),
        "GitHub's description is missing: run `npm install --prefix {} {PACKAGES}`, or set STATIONMASTER_TEST_DATA to \
         where they are",
        root.display()
    );
    file
}

/// Reads one of them as JSON.
pub fn read(name: &str) -> Value {
    serde_json::from_slice(&std::fs::read(package_file(name)).unwrap()).unwrap()
}

impl Description {
    /// The one of this process.
    pub fn get() -> &'static Self {
        &DESCRIPTION
    }

    fn load() -> Self {
        let (mut api, mut webhooks) = (patches::unpatched_api(), patches::unpatched_webhooks());
        patches::apply(patches::API, &mut api);
        patches::apply(patches::WEBHOOKS, &mut webhooks);
        let operations = operations(&api);
        Self { api, webhooks, operations, checkers: Mutex::default() }
    }

    /// Follows `$ref` within the description of the API.
    pub fn resolve<'a>(&'a self, value: &'a Value) -> &'a Value {
        match value.get("$ref").and_then(Value::as_str).and_then(|path| path.strip_prefix('#')) {
            Some(pointer) => self.api.pointer(pointer).unwrap(),
            None => value,
        }
    }

    /// The operation that a request is one of, with its parameters.
    pub fn operation(&self, method: &str, path: &str) -> Option<(usize, Filled)> {
        let segments: Vec<&str> = path.trim_matches('/').split('/').collect();
        let fitting = self.operations.iter().enumerate().filter(|(_, operation)| operation.method == method);
        let filled = fitting.filter_map(|(at, operation)| {
            let mut filled = Filled::new();
            fill(&operation.parts, &segments, &mut filled).then_some((at, filled))
        });
        // What is spelt out wins over what a parameter would take.
        filled.min_by_key(|(_, filled)| filled.iter().map(|(_, value)| value.split('/').count()).sum::<usize>())
    }

    pub fn of(&self, operation: &Operation) -> &Value {
        &self.api["paths"][&operation.path][operation.method.to_lowercase()]
    }

    /// The checker of a schema of the API's description, compiled the first time that it is asked for.
    pub fn checker(&self, name: &str, schema: &Value) -> Arc<Checker> {
        let named = &self.api["components"]["schemas"];
        self.compiled(name, schema, &Source { prefix: "#/components/schemas/", named, extras: Extras::Refused })
    }

    /// The same for an answer that refuses: GitHub says more in these than is described, `status` above all.
    pub fn error_checker(&self, name: &str, schema: &Value) -> Arc<Checker> {
        let named = &self.api["components"]["schemas"];
        self.compiled(name, schema, &Source { prefix: "#/components/schemas/", named, extras: Extras::Allowed })
    }

    /// The same of a schema of the webhooks'. These are older: they know less, but require more.
    pub fn webhook_checker(&self, name: &str, schema: &Value) -> Arc<Checker> {
        let named = &self.webhooks["definitions"];
        self.compiled(name, schema, &Source { prefix: "#/definitions/", named, extras: Extras::Allowed })
    }

    fn compiled(&self, name: &str, schema: &Value, source: &Source<'_>) -> Arc<Checker> {
        if let Some(known) = self.checkers.lock().unwrap().get(name) {
            return Arc::clone(known);
        }
        let made = Checker::new(schema, source).unwrap_or_else(|error| panic!("the schema of {name}: {error}"));
        Arc::clone(self.checkers.lock().unwrap().entry(name.to_owned()).or_insert_with(|| Arc::new(made)))
    }
}

fn operations(api: &Value) -> Vec<Operation> {
    let paths = api["paths"].as_object().unwrap().iter();
    let all = paths.flat_map(|(path, methods)| {
        let methods = methods.as_object().unwrap().iter();
        methods.map(move |(method, described)| {
            let method = method.to_uppercase();
            let parts = path.trim_matches('/').split('/').map(|part| match part.strip_prefix('{') {
                Some(name) => {
                    let name = name.trim_end_matches('}').to_owned();
                    let goes_on = goes_on(described, &name);
                    Part::Parameter(name, goes_on)
                }
                None => Part::Literal(part.to_owned()),
            });
            Operation { name: format!("{method} {path}"), parts: parts.collect(), path: path.clone(), method }
        })
    });
    all.collect()
}

/// Whether a parameter may hold slashes. The description marks some; of a `ref` its words say that it is
/// `heads/<branch name>`, and a branch's name has slashes of its own.
fn goes_on(described: &Value, name: &str) -> bool {
    let marked = described["parameters"].as_array().into_iter().flatten();
    let mut marked = marked.filter(|parameter| parameter["x-multi-segment"] == Value::Bool(true));
    name == "ref" || name == "branch" || marked.any(|parameter| parameter["name"] == name)
}

fn fill(parts: &[Part], segments: &[&str], filled: &mut Filled) -> bool {
    match (parts.split_first(), segments.split_first()) {
        (None, None) => true,
        (Some((Part::Literal(literal), parts)), Some((segment, segments))) => {
            literal == segment && fill(parts, segments, filled)
        }
        (Some((Part::Parameter(name, goes_on), parts)), Some(_)) => {
            let longest = if *goes_on { segments.len() } else { 1 };
            (1..=longest).any(|length| {
                filled.push((name.clone(), segments[..length].join("/")));
                let fits = fill(parts, &segments[length..], filled);
                if !fits {
                    filled.pop();
                }
                fits
            })
        }
        (None, Some(_)) | (Some(_), None) => false,
    }
}
