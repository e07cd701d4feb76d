//! Every example payload that GitHub's own documentation is made of is accepted, also when it is damaged in harmless ways.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

use serde_json::{Value, json};
use stationmaster::model::{EventName, Parsed};
use stationmaster::receive::parse;

const PACKAGE: &str = "@octokit/webhooks-examples@7.6.1";

/// The event and the payload of each example.
static EXAMPLES: LazyLock<Vec<(EventName, Value)>> = LazyLock::new(|| {
    let text = std::fs::read(index()).unwrap();
    let events: Vec<Value> = serde_json::from_slice(&text).unwrap();
    let examples = events.iter().flat_map(|event| {
        let name = EventName(event["name"].as_str().unwrap().to_owned());
        event["examples"].as_array().unwrap().iter().map(move |example| (name.clone(), example.clone()))
    });
    examples.collect()
});

/// The event and the payload of each example.
pub fn all() -> &'static [(EventName, Value)] {
    &EXAMPLES
}

/// `$STATIONMASTER_TEST_DATA` or `target/test-data`, where the package is installed if it is not there yet.
fn index() -> PathBuf {
    let root = std::env::var_os("STATIONMASTER_TEST_DATA")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("target/test-data"), PathBuf::from);
    let index = root.join("node_modules/@octokit/webhooks-examples/api.github.com/index.json");
    if !index.exists() {
        let mut npm = Command::new("npm");
        npm.args([
            "install",
            "--no-save",
            "--no-audit",
            "--no-fund",
            "--fetch-retries=1",
            "--fetch-timeout=20000",
            "--prefix",
        ]);
        let installed = npm.arg(&root).arg(PACKAGE).output().is_ok_and(|output| output.status.success());
        assert!(
            installed && index.exists(),
            "the example payloads are missing: run `npm install --prefix {} {PACKAGE}`, or set STATIONMASTER_TEST_DATA to where they are",
            root.display()
        );
    }
    index
}

/// Parses all examples after `damage` and counts what became of them by event: (known, ignored).
fn accepted_after(damage: impl Fn(&mut Value)) -> BTreeMap<String, (usize, usize)> {
    let mut counts = BTreeMap::<String, (usize, usize)>::new();
    for (event, example) in EXAMPLES.iter() {
        let mut example = example.clone();
        damage(&mut example);
        let count = counts.entry(event.0.clone()).or_default();
        match parse(event, &serde_json::to_vec(&example).unwrap()) {
            Ok(Parsed::Known(_)) => count.0 += 1,
            Ok(Parsed::Ignored(reason)) => {
                assert!(!reason.is_empty());
                count.1 += 1;
            }
            Err(fault) => panic!("{fault}\n{example:#}"),
        }
    }
    counts
}

fn totals(counts: &BTreeMap<String, (usize, usize)>) -> (usize, usize, usize) {
    let known = counts.values().map(|count| count.0).sum();
    let ignored = counts.values().map(|count| count.1).sum();
    (counts.len(), known, ignored)
}

fn each_object(value: &mut Value, change: &impl Fn(&mut serde_json::Map<String, Value>)) {
    match value {
        Value::Object(object) => {
            // Inner ones first, so that what a change adds is not changed again.
            object.values_mut().for_each(|inner| each_object(inner, change));
            change(object);
        }
        Value::Array(array) => array.iter_mut().for_each(|inner| each_object(inner, change)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

#[test]
fn every_published_example_is_accepted() {
    let counts = accepted_after(|_| {});
    assert_eq!(totals(&counts), (58, 141, 188));
    let known: Vec<_> = counts.iter().filter(|(_, count)| count.0 > 0).map(|(name, c)| (name.as_str(), *c)).collect();
    let expected = [
        ("check_run", (9, 0)),
        ("check_suite", (9, 0)),
        ("deployment_status", (4, 0)),
        ("installation", (7, 0)),
        ("installation_repositories", (3, 0)),
        ("issue_comment", (9, 0)),
        ("issues", (29, 0)),
        ("label", (6, 0)),
        ("pull_request", (29, 0)),
        ("pull_request_review", (4, 0)),
        ("pull_request_review_comment", (5, 0)),
        ("pull_request_review_thread", (3, 0)),
        // The others are pushes of tags.
        ("push", (2, 5)),
        ("repository", (13, 0)),
        ("status", (4, 0)),
        ("workflow_run", (5, 0)),
    ];
    assert_eq!(known, expected);
}

#[test]
fn examples_whose_accounts_were_all_deleted_mean_the_same() {
    let ghost = |object: &mut serde_json::Map<String, Value>| {
        for value in object.values_mut() {
            if value.get("login").is_some() {
                *value = Value::Null;
            }
        }
    };
    assert_eq!(accepted_after(|example| each_object(example, &ghost)), accepted_after(|_| {}));
}

#[test]
fn an_unknown_action_never_fails_and_only_installations_ignore_it() {
    let counts = accepted_after(|example| {
        if example.get("action").is_some() {
            example["action"] = json!("invented_tomorrow");
        }
    });
    assert_eq!(totals(&counts), (58, 131, 198));
    assert_eq!((counts["installation"], counts["installation_repositories"]), ((0, 7), (0, 3)));
}

#[test]
fn new_fields_anywhere_change_nothing() {
    let grow = |object: &mut serde_json::Map<String, Value>| {
        object.insert("added_tomorrow".to_owned(), json!({"deep": [1, null, {"login": 7}]}));
    };
    assert_eq!(accepted_after(|example| each_object(example, &grow)), accepted_after(|_| {}));
}

#[test]
fn any_field_that_is_not_an_identity_may_be_null_missing_or_of_another_kind() {
    let identity = [
        "id",
        "number",
        "repository",
        "issue",
        "pull_request",
        "installation",
        "ref",
        "ref_type",
        "check_run",
        "check_suite",
        "workflow_run",
        "head_sha",
        "sha",
    ];
    for replacement in
        [None, Some(Value::Null), Some(json!("text")), Some(json!([[]])), Some(json!(-1.5)), Some(json!({}))]
    {
        let counts = accepted_after(|example| {
            each_object(example, &|object| {
                let others: Vec<_> = object.keys().filter(|key| !identity.contains(&key.as_str())).cloned().collect();
                for key in others {
                    object.remove(&key);
                    object.extend(replacement.clone().map(|value| (key, value)));
                }
            });
        });
        assert_eq!(totals(&counts), (58, 131, 198), "with {replacement:?}");
    }
}
