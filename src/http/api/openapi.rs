//! `GET /api/openapi.json`: the API as OpenAPI 3.1 describes it, made of the table that routes it.

use std::sync::LazyLock;

use axum::Json;
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value, json};

use super::call::KEY;
use super::keys::object;
use super::shapes::schemas;
use super::table::{self, Route};

static DESCRIPTION: LazyLock<Value> = LazyLock::new(describe);

/// `GET /api/openapi.json`
pub(super) async fn openapi() -> Response {
    Json(&*DESCRIPTION).into_response()
}

/// The description (<https://spec.openapis.org/oas/v3.1.0>).
fn describe() -> Value {
    let mut paths: Map<String, Value> = Map::new();
    for route in table::routes() {
        let methods = paths.entry(route.path.clone()).or_insert_with(|| json!({}));
        if let Value::Object(methods) = methods {
            methods.insert(route.method.to_owned(), operation(&route));
        }
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Stationmaster",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "Tasks, workers, releases and deployments. An item is owner/name/number in a path and \
                            owner/name#number elsewhere; times are RFC 3339.",
        },
        "security": [{"token": []}],
        "paths": paths,
        "components": {
            "securitySchemes": {"token": {
                "type": "http", "scheme": "bearer",
                "description": "`stationmaster token create --name N --scope orchestrator|worker:ID|read|admin`",
            }},
            "schemas": schemas(),
        },
    })
}

fn operation(route: &Route) -> Value {
    let scopes = route.admits.names().join(", ");
    let mut operation = json!({
        "operationId": operation_id(route),
        "summary": route.says,
        "description": format!("Scopes: {scopes}."),
        "parameters": parameters(route),
        "responses": responses(route),
    });
    if let (Some(keys), Value::Object(members)) = (route.body, &mut operation) {
        let needed = keys.iter().any(|key| key.needed);
        let content = json!({"application/json": {"schema": object(keys)}});
        members.insert("requestBody".to_owned(), json!({"required": needed, "content": content}));
    }
    operation
}

/// `post_tasks_owner_name_number_claim`
fn operation_id(route: &Route) -> String {
    let words = route.path.trim_start_matches("/api/v1/").split(['/', '-']).map(|part| part.trim_matches(['{', '}']));
    std::iter::once(route.method).chain(words).collect::<Vec<_>>().join("_")
}

fn parameters(route: &Route) -> Vec<Value> {
    let in_path = route.path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'));
    let mut all: Vec<Value> = in_path
        .map(|name| {
            let kind = if name == "number" { "integer" } else { "string" };
            json!({"name": name, "in": "path", "required": true, "schema": {"type": kind}})
        })
        .collect();
    all.extend(route.query.iter().map(|key| {
        json!({
            "name": key.name, "in": "query", "required": key.needed, "description": key.says,
            "schema": key.kind.schema(),
        })
    }));
    if route.body.is_some() {
        all.push(json!({
            "name": KEY, "in": "header", "required": false,
            "description": "What the caller calls its call: the same call twice takes effect once.",
            "schema": {"type": "string", "maxLength": 100},
        }));
    }
    all
}

fn responses(route: &Route) -> Value {
    let problem = |says: &str| {
        let schema = json!({"$ref": "#/components/schemas/Problem"});
        json!({"description": says, "content": {"application/problem+json": {"schema": schema}}})
    };
    let (status, shape) = route.answers;
    let schema = json!({"$ref": format!("#/components/schemas/{shape}")});
    let mut all = Map::new();
    let good = json!({"description": "It went well.", "content": {"application/json": {"schema": schema}}});
    all.insert(status.to_string(), good);
    if route.may_be_nothing {
        all.insert("204".to_owned(), json!({"description": "There is nothing to claim."}));
    }
    all.insert("401".to_owned(), problem("No token, or none that counts."));
    all.insert("403".to_owned(), problem("The token is of another scope."));
    if route.path.contains('{') {
        all.insert("404".to_owned(), problem("It does not exist."));
    }
    if route.body.is_some() {
        all.insert("409".to_owned(), problem("It does not fit to how things stand; the detail says why."));
        all.insert("413".to_owned(), problem("The body is too large."));
    }
    if route.body.is_some() || !route.query.is_empty() {
        all.insert("422".to_owned(), problem("Something in it cannot be; the detail names it."));
    }
    Value::Object(all)
}
