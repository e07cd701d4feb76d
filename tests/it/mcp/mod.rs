//! Agents over the Model Context Protocol: the official client over both transports, and what stands on the wire.

mod marks;
mod official;
mod relay;
mod roles;
mod story;
mod wire;

use reqwest::Response;
use serde_json::{Value, json};

use crate::api::Caller;
use crate::world::World;

/// Posts to `/mcp` what it is given.
pub async fn post(world: &World, headers: &[(&str, &str)], body: impl Into<reqwest::Body>) -> Response {
    let mut request = crate::wire::client().post(format!("{}/mcp", world.url));
    request =
        request.header("accept", "application/json, text/event-stream").header("content-type", "application/json");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.body(body).send().await.unwrap()
}

pub fn bearer(caller: &Caller<'_>) -> String {
    format!("Bearer {}", caller.secret)
}

pub fn message(method: &str, params: &Value) -> String {
    json!({"jsonrpc": "2.0", "id": 1, "method": method, "params": params}).to_string()
}

/// The whole answer to a request.
pub async fn ask(caller: &Caller<'_>, method: &str, params: Value) -> Value {
    let answer = post(caller.world, &[("authorization", &bearer(caller))], message(method, &params)).await;
    let (status, kind) = (answer.status(), answer.headers()["content-type"].to_str().unwrap().to_owned());
    assert!(kind.starts_with("application/json"), "{status} {kind}");
    serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap()
}

/// What a tool answers; decisions are not waited for.
pub async fn call(caller: &Caller<'_>, tool: &str, arguments: Value) -> Value {
    let mut answer = ask(caller, "tools/call", json!({"name": tool, "arguments": arguments})).await;
    assert!(answer["error"].is_null(), "{tool}: {answer}");
    answer["result"].take()
}

/// The same where it must go well: the structured form.
pub async fn good(caller: &Caller<'_>, tool: &str, arguments: Value) -> Value {
    let mut result = call(caller, tool, arguments).await;
    assert_eq!(result["isError"], false, "{tool}: {result}");
    result["structuredContent"].take()
}

/// The same where it must not: the text.
pub async fn refused(caller: &Caller<'_>, tool: &str, arguments: Value) -> String {
    let result = call(caller, tool, arguments).await;
    assert_eq!(result["isError"], true, "{tool}: {result}");
    result["content"][0]["text"].as_str().unwrap().to_owned()
}

/// The tools that a caller is shown.
pub async fn tools(caller: &Caller<'_>) -> Vec<Value> {
    let mut answer = ask(caller, "tools/list", json!({})).await;
    let Value::Array(tools) = answer["result"]["tools"].take() else { panic!("no tools in {answer}") };
    tools
}

pub async fn tool_names(caller: &Caller<'_>) -> Vec<String> {
    let mut names: Vec<String> =
        tools(caller).await.iter().map(|tool| tool["name"].as_str().unwrap().to_owned()).collect();
    names.sort();
    names
}
