//! JSON of any shape, under names that mean something to a reader.

use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::holds;
use crate::properties;

fn value() -> impl Strategy<Value = Value> {
    let text = "|[ -~]{0,20}|[\"\\\\/\u{0}-\u{1f}äé🚂]{0,12}|high|task|2026-11-21T12:00:00Z|octo/app#12|octo/app";
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        (-1_000_i64..1_000).prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        text.prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 40, 6, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(Value::from),
            btree_map(name(), inner, 0..6)
                .prop_map(|map| Value::from(map.into_iter().collect::<serde_json::Map<_, _>>())),
        ]
    })
}

fn name() -> impl Strategy<Value = String> {
    let names = [
        "type",
        "id",
        "priority",
        "timestamp",
        "text",
        "task",
        "task_id",
        "result",
        "url",
        "from",
        "to",
        "re",
        "nonce",
        "sig",
        "action",
        "sender",
        "login",
        "installation",
        "repository",
        "full_name",
        "issue",
        "number",
        "pull_request",
        "check_run",
        "head_sha",
        "ref",
        "ref_type",
        "repositories",
        "default_branch",
        "ask",
        "wish",
        "door",
        "title",
    ];
    prop_oneof![9 => proptest::sample::select(names.to_vec()).prop_map(str::to_owned), 1 => "[ -~é]{0,6}"]
}

fn object() -> impl Strategy<Value = Value> {
    btree_map(name(), value(), 0..10).prop_map(|map| json!(map))
}

#[test]
fn messages_of_any_shape() {
    holds(256, object(), |message| properties::messages::check(message.to_string().as_bytes()));
}

#[test]
fn messages_as_long_as_they_like() {
    let text = || "([ -~]|\"|\\\\|\n|é|🚂){0,3000}";
    holds(24, (text(), text()), |(text, result): (String, String)| {
        let message = json!({"type": "task_complete", "id": "1", "text": text, "result": result});
        properties::messages::check(message.to_string().as_bytes());
        properties::ntfy::check(format!("a title\nhttps://example.org\nOpen\ntag\n{text}{result}").as_bytes());
    });
}

#[test]
fn webhooks_of_any_shape() {
    let events = ["issues", "issue_comment", "pull_request", "check_run", "status", "push", "create", "installation"];
    holds(256, (proptest::sample::select(events.to_vec()), object()), |(event, body)| {
        properties::webhook::check(format!("{event}\n{body}").as_bytes());
    });
}

#[test]
fn requests_and_answers_of_any_shape() {
    holds(256, object(), |body| {
        properties::requests::check(body.to_string().as_bytes());
        properties::answers::check(json!({"repository": {"issue": body, "pullRequest": body}}).to_string().as_bytes());
    });
}
