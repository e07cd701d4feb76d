//! The description of the API, and that every route keeps to what it says: scopes, keys and shapes.

use std::collections::BTreeSet;

use reqwest::Method;
use serde_json::{Value, json};

use super::{Caller, answer, item, ready_task};
use crate::world::{On, World, scenarios};

/// What the contract promises, without `/api/v1`.
const PROMISED: &[(&str, &str)] = &[
    ("get", "/whoami"),
    ("get", "/tasks"),
    ("get", "/tasks/{owner}/{name}/{number}"),
    ("get", "/tasks/{owner}/{name}/{number}/timeline"),
    ("get", "/tasks/{owner}/{name}/{number}/handoff"),
    ("get", "/tasks/{owner}/{name}/{number}/notes"),
    ("post", "/tasks/{owner}/{name}/{number}/notes"),
    ("post", "/tasks/claim"),
    ("post", "/tasks/{owner}/{name}/{number}/claim"),
    ("post", "/projects"),
    ("post", "/projects/{owner}/{name}/{number}/tasks"),
    ("get", "/projects/{owner}/{name}/{number}"),
    ("get", "/projects/{owner}/{name}/{number}/discoveries"),
    ("get", "/requests/{guid}"),
    ("get", "/workers"),
    ("get", "/workers/{id}"),
    ("put", "/workers/{id}"),
    ("delete", "/workers/{id}"),
    ("post", "/workers/{id}/heartbeat"),
    ("get", "/learnings"),
    ("get", "/audit"),
    ("get", "/stats"),
    ("get", "/repositories/{owner}/{name}/releases"),
    ("get", "/repositories/{owner}/{name}/environments"),
    ("get", "/repositories/{owner}/{name}/deployments"),
    ("post", "/repositories/{owner}/{name}/environments/{environment}/{verb}"),
];
const VERBS: &str = "release ack progress discover blocker unblock request-approval complete fail learn assign subtask \
    depends route priority urgent escalate retry defer cancel risk request-changes accept-discovery approve reject";

async fn described(world: &World) -> Value {
    let answer = answer(crate::wire::client().get(format!("{}/api/openapi.json", world.url))).await;
    answer.good(200)
}

/// Every route: its method, its path with a task, a worker and a repository filled in, and its description.
fn routes(described: &Value, number: i64) -> Vec<(String, String, Value)> {
    let mut all = Vec::new();
    for (path, methods) in described["paths"].as_object().unwrap() {
        let filled = path.trim_start_matches("/api/v1/").replace("{owner}/{name}", "octo/station");
        let filled = filled.replace("{number}", &number.to_string()).replace("{id}", "architect");
        let filled = filled.replace("{guid}", "none").replace("{environment}/{verb}", "qa/unfreeze");
        assert!(!filled.contains('{'), "{filled}");
        for (method, operation) in methods.as_object().unwrap() {
            all.push((method.clone(), filled.clone(), operation.clone()));
        }
    }
    all
}

fn body(method: &str, body: Value) -> Option<(Value, Option<&'static str>)> {
    (method != "get" && method != "delete").then_some((body, None))
}

scenarios! {
    async fn every_route_is_described(world: &World) {
        let described = described(world).await;
        assert_eq!(described["openapi"], "3.1.0");
        let verbs = VERBS.split_whitespace().map(|verb| ("post", format!("/tasks/{{owner}}/{{name}}/{{number}}/{verb}")));
        let promised = PROMISED.iter().map(|(method, path)| (*method, (*path).to_owned())).chain(verbs);
        let mut count = 0;
        for (method, path) in promised {
            assert!(described["paths"][format!("/api/v1{path}")][method].is_object(), "{method} {path} is not described");
            count += 1;
        }
        assert_eq!(routes(&described, 1).len(), count, "a route is described that nobody promised");
        let ids: BTreeSet<String> =
            routes(&described, 1).into_iter().map(|(.., one)| one["operationId"].as_str().unwrap().to_owned()).collect();
        assert_eq!(ids.len(), count, "two routes share an operationId");
        let text = described.to_string();
        for (at, _) in text.match_indices("#/components/schemas/") {
            let name: String = text[at + 21..].chars().take_while(char::is_ascii_alphanumeric).collect();
            assert!(described["components"]["schemas"][&name].is_object(), "there is no schema {name}");
        }
    }

    async fn every_route_keeps_to_its_scopes(world: &World) {
        let number = ready_task(world, "Fix the login").await;
        let described = described(world).await;
        let callers = [
            ("read", Caller::new(world, "read").await),
            ("worker:ID", Caller::new(world, "worker:architect").await),
            ("orchestrator", Caller::of(world, "orchestrator", Some("alice")).await),
            ("admin", Caller::of(world, "admin", Some("alice")).await),
        ];
        let nobody = Caller { world, secret: "sm_nothing".to_owned() };
        for (method, path, operation) in routes(&described, number) {
            let verb: Method = method.to_uppercase().parse().unwrap();
            let refused = nobody.send(verb.clone(), &path, body(&method, json!({}))).await;
            assert_eq!(refused.problem(401, "wrong-token"), "This is no token of this server, or it was revoked.");
            let scopes = operation["description"].as_str().unwrap().to_owned();
            for (scope, caller) in &callers {
                // A key that nobody knows: whoever is let in changes nothing.
                let answer = caller.send(verb.clone(), &path, body(&method, json!({"nonsense": 1}))).await;
                let refused = answer.status == 403 && answer.body["detail"].as_str().unwrap().starts_with("This takes a token");
                assert_eq!(refused, !scopes.contains(scope), "{method} {path} as {scope}: {}", answer.body);
                let known = path.contains("/environments/") || method == "get" || method == "delete";
                if !refused && !known {
                    assert!(answer.problem(422, "unprocessable").contains("`nonsense`"), "{path}");
                }
            }
        }
        world.settle().await;
    }

    async fn answers_have_the_keys_that_are_described(world: &World) {
        let number = ready_task(world, "Fix the login").await;
        let described = described(world).await;
        let worker = Caller::new(world, "worker:dev_worker1").await;
        let claim = worker.post("tasks/claim", json!({})).await.good(200);
        world.settle().await;
        let admin = Caller::operator(world);
        for (shape, answer) in [
            ("Claim", claim),
            ("Who", admin.get("whoami").await.good(200)),
            ("WholeTask", admin.get(&item(number, "")).await.good(200)),
            ("Task", admin.get("tasks").await.good(200)["tasks"][0].clone()),
            ("TimelineEntry", admin.get(&item(number, "timeline")).await.good(200)["timeline"][0].clone()),
            ("Handoff", admin.get(&item(number, "handoff")).await.good(200)),
            ("WholeWorker", admin.get("workers/dev_worker1").await.good(200)),
            ("Worker", admin.get("workers").await.good(200)["workers"][0].clone()),
            ("Stats", admin.get("stats").await.good(200)),
            ("AuditEntry", admin.get("audit").await.good(200)["entries"][0].clone()),
            ("Problem", admin.get("workers/nobody").await.body),
        ] {
            let keys: BTreeSet<&String> = answer.as_object().unwrap().keys().collect();
            let schema = &described["components"]["schemas"][shape];
            let known: BTreeSet<&String> = schema["properties"].as_object().unwrap().keys().collect();
            assert!(keys.is_subset(&known), "{shape}: {keys:?} are not all in {known:?}");
            for needed in schema["required"].as_array().unwrap() {
                assert!(!answer[needed.as_str().unwrap()].is_null(), "{shape} lacks {needed}: {answer}");
            }
        }
    }
}
