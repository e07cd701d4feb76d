//! Findings as SARIF 2.1.0 (<https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html>).

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde_json::{Value, json};

use crate::decide::secrets::Leak;
use crate::policy::SecretRules;

const SCHEMA: &str = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

/// One run with every rule that found something.
pub(super) fn log(leaks: &[Leak], rules: &SecretRules) -> Value {
    let mut index: BTreeMap<&str, usize> = BTreeMap::new();
    let mut descriptions = Vec::new();
    for rule in rules.rules().iter().filter(|rule| leaks.iter().any(|leak| leak.rule == rule.id)) {
        index.insert(&rule.id, descriptions.len());
        let text = if rule.description.is_empty() { &rule.id } else { &rule.description };
        descriptions.push(json!({
            "id": rule.id,
            "shortDescription": {"text": text},
            "defaultConfiguration": {"level": "error"},
            "properties": {"tags": rule.tags},
        }));
    }
    let results: Vec<Value> = leaks.iter().map(|leak| result(leak, &index)).collect();
    json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {
                "name": "stationmaster",
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "rules": descriptions,
            }},
            "results": results,
        }],
    })
}

fn result(leak: &Leak, index: &BTreeMap<&str, usize>) -> Value {
    let mut result = json!({
        "ruleId": leak.rule,
        "level": "error",
        "message": {"text": leak.finding().message},
        "locations": [{"physicalLocation": {
            "artifactLocation": {"uri": uri(&leak.path)},
            "region": {"startLine": leak.line, "startColumn": leak.column, "endLine": leak.end_line},
        }}],
        "partialFingerprints": {"gitleaks/v1": leak.fingerprint},
    });
    if let (Some(position), Some(object)) = (index.get(leak.rule.as_str()), result.as_object_mut()) {
        object.insert("ruleIndex".to_owned(), json!(position));
    }
    result
}

/// A path as a relative URI reference (RFC 3986).
fn uri(path: &str) -> String {
    let mut uri = String::with_capacity(path.len());
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || b"/-._~".contains(&byte) {
            uri.push(char::from(byte));
        } else {
            // Writing to a String cannot fail.
            let _ = write!(uri, "%{byte:02X}");
        }
    }
    uri
}
