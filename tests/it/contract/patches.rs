//! Where GitHub's descriptions are wrong about GitHub: what is put right, and why.

use serde_json::Value;

use super::description::read;

/// A place in a description that does not say what GitHub does.
pub struct Patch {
    /// JSON pointer of the schema that is put right.
    pub at: &'static str,
    /// What is merged into it, as a JSON merge patch (RFC 7396).
    pub merge: &'static str,
    /// How it is known to be wrong.
    #[expect(dead_code, reason = "a patch without a reason is none")]
    pub reason: &'static str,
    /// A value that is right and that the description refuses without the patch.
    pub right: &'static str,
}

/// In `@octokit/openapi`.
pub const API: &[Patch] = &[
    Patch {
        at: "/components/parameters/created/schema",
        merge: r#"{"format": null}"#,
        reason: "it is a range in GitHub's search syntax, as its own description says",
        right: r#"">=2026-11-21T12:00:00Z""#,
    },
    Patch {
        at: "/components/schemas/pull-request/properties/head/properties/repo",
        merge: r#"{"nullable": true}"#,
        reason: "a fork may be deleted while its pull request stays: the description of webhooks says so",
        right: "null",
    },
    Patch {
        at: "/components/schemas/pull-request-simple/properties/head/properties/repo",
        merge: r#"{"nullable": true}"#,
        reason: "a fork may be deleted while its pull request stays: the description of webhooks says so",
        right: "null",
    },
    Patch {
        at: "/components/schemas/webhook-issue-comment-created/properties/issue/allOf/1/properties/user",
        merge: r#"{"nullable": true}"#,
        reason: "an account may be deleted: the first half of the same description says that there is nobody then",
        right: "null",
    },
    Patch {
        at: "/components/schemas/webhook-issue-comment-edited/properties/issue/allOf/1/properties/user",
        merge: r#"{"nullable": true}"#,
        reason: "an account may be deleted: the first half of the same description says that there is nobody then",
        right: "null",
    },
    Patch {
        at: "/paths/~1app~1installations/get/responses/200/content/application~1json/schema/items/properties/account",
        merge: r##"{"allOf": null, "anyOf": [{"$ref": "#/components/schemas/simple-user"}, {"$ref": "#/components/schemas/enterprise"}]}"##,
        reason: "no account is a person and an enterprise at once; `installation` itself says `anyOf`",
        right: r#"{"id": 1, "node_id": "E_1", "name": "Acme", "slug": "acme", "html_url": "https://github.com/acme",
                   "created_at": "2026-11-21T12:00:00Z", "updated_at": "2026-11-21T12:00:00Z",
                   "avatar_url": "https://github.com/acme.png"}"#,
    },
];

/// In `@octokit/webhooks-schemas`.
pub const WEBHOOKS: &[Patch] = &[
    Patch {
        at: "/definitions/installation/properties/events/items",
        merge: r#"{"enum": null}"#,
        reason: "the list is of 2024, and `sub_issues` and `issue_dependencies` came later: the newer description has none",
        right: r#""sub_issues""#,
    },
    Patch {
        at: "/definitions/app/properties/events/items",
        merge: r#"{"enum": null}"#,
        reason: "the list is of 2024, and `sub_issues` and `issue_dependencies` came later: the newer description has none",
        right: r#""sub_issues""#,
    },
    Patch {
        at: "/definitions/issue/properties/user",
        merge: r##"{"$ref": null, "anyOf": [{"$ref": "#/definitions/user"}, {"type": "null"}]}"##,
        reason: "an account may be deleted: the newer description says that there is nobody then",
        right: "null",
    },
    Patch {
        at: "/definitions/release/properties/name",
        merge: r#"{"type": ["string", "null"]}"#,
        reason: "a release may be made without a name: the newer description says so, and an example has none",
        right: "null",
    },
    Patch {
        at: "/definitions/release/properties/body",
        merge: r#"{"type": ["string", "null"]}"#,
        reason: "a release may be made without a text: the newer description says so, and an example has none",
        right: "null",
    },
    Patch {
        at: "/definitions/deployment_status$created/properties/check_run",
        merge: r#"{"type": ["object", "null"]}"#,
        reason: "a deployment that no workflow made has none: the newer description says so",
        right: "null",
    },
    Patch {
        at: "/definitions/deployment_status$created/properties/workflow",
        merge: r##"{"$ref": null, "oneOf": [{"$ref": "#/definitions/workflow"}, {"type": "null"}]}"##,
        reason: "a deployment that no workflow made has none: the newer description says so",
        right: "null",
    },
    Patch {
        at: "/definitions/deployment_status$created/properties/workflow_run",
        merge: r##"{"$ref": null, "oneOf": [{"$ref": "#/definitions/deployment-workflow-run"}, {"type": "null"}]}"##,
        reason: "a deployment that no workflow made has none: the newer description says so",
        right: "null",
    },
    Patch {
        at: "/definitions/check_suite$completed/properties/check_suite/properties/conclusion",
        merge: r#"{"enum": null}"#,
        reason: "a suite whose runs were all skipped is skipped: the newer description lists it, and is asked too",
        right: r#""skipped""#,
    },
    Patch {
        at: "/definitions/check_run$completed/properties/check_run/properties/check_suite/properties/conclusion",
        merge: r#"{"enum": null}"#,
        reason: "a suite whose runs were all skipped is skipped: the newer description lists it, and is asked too",
        right: r#""skipped""#,
    },
    Patch {
        at: "/definitions/check_run$rerequested/properties/check_run/properties/check_suite/properties/conclusion",
        merge: r#"{"type": ["string", "null"], "enum": null}"#,
        reason: "when a run is asked for again its suite is queued and has no conclusion: \
                 https://docs.github.com/en/rest/checks/runs#rerequest-a-check-run",
        right: "null",
    },
    Patch {
        at: "/definitions/check_run$rerequested/properties/check_run/properties/check_suite/properties/status",
        merge: r#"{"enum": null}"#,
        reason: "when a run is asked for again its suite is queued and has no conclusion: \
                 https://docs.github.com/en/rest/checks/runs#rerequest-a-check-run",
        right: r#""queued""#,
    },
];

/// The description of the API as it is published.
pub fn unpatched_api() -> Value {
    read("@octokit/openapi/generated/api.github.com.json")
}

/// The description of the webhooks as it is published.
pub fn unpatched_webhooks() -> Value {
    read("@octokit/webhooks-schemas/schema.json")
}

pub fn apply(patches: &[Patch], description: &mut Value) {
    for patch in patches {
        let place = description.pointer_mut(patch.at).unwrap_or_else(|| panic!("there is nothing at {}", patch.at));
        merge(place, &serde_json::from_str(patch.merge).unwrap());
    }
}

/// RFC 7396.
fn merge(target: &mut Value, patch: &Value) {
    let Value::Object(patch) = patch else {
        *target = patch.clone();
        return;
    };
    if !target.is_object() {
        *target = Value::Object(serde_json::Map::new());
    }
    for (name, value) in patch {
        if value.is_null() {
            target.as_object_mut().unwrap().remove(name);
        } else {
            merge(&mut target[name], value);
        }
    }
}
