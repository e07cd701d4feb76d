//! The judge is judged: what is wrong is refused, and what is said to be put right was wrong.

use std::sync::Arc;

use axum::http::HeaderMap;
use serde_json::{Value, json};
use stationmaster::model::{ManualClock, SystemClock, Timestamp};
use stationmaster::simulator::github::{WebhookMode, WitnessedAnswer, WitnessedBody, WitnessedExchange};

use super::description::Description;
use super::patches::{self, Patch};
use super::schema::{Checker, Extras, Source};
use super::{exchange, graphql, webhook};
use crate::world::{On, World};
use crate::world_releases::Town;

/// What is said about a request, and about its answer if there is one.
fn faults_of(request: &str, body: &Value, answer: Option<(u16, &Value)>) -> Vec<String> {
    let (method, target) = request.split_once(' ').unwrap();
    let body = if body.is_null() { Vec::new() } else { serde_json::to_vec(body).unwrap() };
    let answer = answer.map(|(status, value)| WitnessedAnswer { status, body: WitnessedBody::Json(value) });
    let exchange = WitnessedExchange { method, target, headers: &HeaderMap::new(), body: &body, answer };
    let judged = exchange::judge(Description::get(), &exchange).unwrap();
    judged.faults.into_iter().map(|fault| fault.text).collect()
}

#[track_caller]
fn assert_says(faults: &[String], words: &str) {
    assert!(faults.iter().any(|fault| fault.contains(words)), "nobody says {words:?}: {faults:#?}");
}

#[test]
fn a_wrong_request_is_refused_at_its_place() {
    let none = &Value::Null;
    let open = "POST /repos/acme/shop/issues";
    assert_eq!(faults_of(open, &json!({"title": "Deploy", "labels": ["a"]}), None), [""; 0]);
    assert_says(&faults_of(open, &json!({"title": "Deploy", "labels": "a"}), None), "body /labels: want array");
    assert_says(&faults_of(open, &json!({"title": "Deploy", "lables": []}), None), "'lables' not allowed");
    assert_says(&faults_of(open, &json!({"body": "no title"}), None), "missing properties 'title'");
    assert_says(&faults_of(open, none, None), "the body is missing");
    assert_eq!(faults_of("GET /repos/acme/shop/issues?state=open&per_page=100", none, None), [""; 0]);
    assert_says(&faults_of("GET /repos/acme/shop/issues?state=ajar", none, None), "state=ajar: value must be one of");
    assert_says(&faults_of("GET /repos/acme/shop/issues?per_page=many", none, None), "per_page=many: want integer");
    assert_says(&faults_of("GET /repos/acme/shop/issues?limit=5", none, None), "?limit=: no such parameter");
    assert_says(&faults_of("GET /repos/acme/shop/issues/first", none, None), "issue_number=first: want integer");
    assert_says(&faults_of("GET /repos/acme/shop/tasks", none, None), "no such operation");
    assert_says(&faults_of("PUT /repos/acme/shop/issues", none, None), "no such operation");
    assert_says(&faults_of("GET /repos/acme/shop", &json!({"a": 1}), None), "a body is sent where none is described");
}

#[test]
fn a_parameter_with_slashes_is_found_and_what_is_spelt_out_wins() {
    let operation = |path: &str| {
        let (at, filled) = Description::get().operation("GET", path).unwrap();
        (Description::get().operations[at].path.as_str(), filled.last().unwrap().1.clone())
    };
    let contents = "/repos/{owner}/{repo}/contents/{path}";
    assert_eq!(operation("/repos/acme/shop/contents/src/main.rs"), (contents, "src/main.rs".to_owned()));
    let tag = "/repos/{owner}/{repo}/git/ref/{ref}";
    assert_eq!(operation("/repos/acme/shop/git/ref/tags/v1"), (tag, "tags/v1".to_owned()));
    let latest = "/repos/{owner}/{repo}/releases/latest";
    assert_eq!(operation("/repos/acme/shop/releases/latest"), (latest, "shop".to_owned()));
}

/// Some validators drop these bodies without a word, for their `nullable` that no `type` stands beside.
#[test]
fn the_bodies_that_validators_drop_are_judged_too() {
    let description = Description::get();
    let dropped = description.operations.iter().filter(|operation| {
        let body = description.of(operation).pointer("/requestBody/content/application~1json/schema");
        body.is_some_and(|body| is_dropped(description, body, 0))
    });
    let mut seen = Vec::new();
    for operation in dropped {
        let path = operation.path.replace("{issue_number}", "1").replace("{project_number}", "1");
        let request = format!("{} {}", operation.method, path.replace("{item_id}", "1"));
        let faults = faults_of(&request, &json!("no object"), None);
        assert!(faults.iter().any(|fault| fault.starts_with("body")), "{request} takes anything");
        seen.push(operation.name.as_str());
    }
    assert!(seen.len() >= 4, "{seen:?}");
    assert!(seen.contains(&"POST /repos/{owner}/{repo}/issues"), "{seen:?}");
    assert!(seen.contains(&"PATCH /repos/{owner}/{repo}/issues/{issue_number}"), "{seen:?}");
    let edit = "PATCH /repos/acme/shop/issues/1";
    assert_eq!(faults_of(edit, &json!({"title": null, "milestone": null, "state": "closed"}), None), [""; 0]);
    assert_says(&faults_of(edit, &json!({"state": "ajar"}), None), "body /state: value must be one of");
}

fn is_dropped(description: &Description, schema: &Value, depth: usize) -> bool {
    let schema = description.resolve(schema);
    match schema {
        Value::Object(parts) => {
            (parts.get("nullable") == Some(&Value::Bool(true)) && !parts.contains_key("type"))
                || depth < 12 && parts.values().any(|part| is_dropped(description, part, depth + 1))
        }
        Value::Array(parts) => parts.iter().any(|part| is_dropped(description, part, depth + 1)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => false,
    }
}

#[tokio::test]
async fn an_answer_without_one_of_its_fields_is_refused() {
    World::run(On::Sqlite, async |world: &World| {
        world.open_issue("Deploy v2").await;
        let requests = world.github.requests();
        let card = requests.iter().find(|one| one.method == "POST" && one.path.ends_with("/issues/1/comments"));
        let card = card.unwrap();
        let (request, body) = ("POST /repos/octo/station/issues/1/comments", json!({"body": "Hello"}));
        let answer = card.response_body.clone().unwrap();
        assert_eq!(faults_of(request, &body, Some((201, &answer))), [""; 0]);
        for field in ["id", "created_at", "user"] {
            let mut without = answer.clone();
            without.as_object_mut().unwrap().remove(field);
            assert_says(
                &faults_of(request, &body, Some((201, &without))),
                &format!("201 : missing properties '{field}'"),
            );
        }
        let mut wrong = answer.clone();
        wrong["user"]["id"] = json!("seven");
        assert_says(&faults_of(request, &body, Some((201, &wrong))), "201 /user/id: want integer");
        wrong = answer.clone();
        wrong["created_at"] = json!("yesterday");
        assert_says(&faults_of(request, &body, Some((201, &wrong))), "201 /created_at: ");
        wrong = answer.clone();
        wrong["mood"] = json!("good");
        assert_says(&faults_of(request, &body, Some((201, &wrong))), "'mood' not allowed");
        assert_says(&faults_of(request, &body, Some((202, &answer))), "202 is not described");
    })
    .await;
}

#[tokio::test]
async fn a_webhook_that_lacks_a_field_is_refused() {
    let github = super::github(Arc::new(ManualClock::at(Timestamp(1_795_262_400_000)))).await;
    github.set_webhook_mode(WebhookMode::Manual);
    github.create_repository("acme/shop").unwrap();
    github.open_issue("acme/shop", "alice", "Deploy v2", "Soon").unwrap();
    let opened = github.pending_webhooks().into_iter().find(|webhook| webhook.event == "issues").unwrap();
    let payload: Value = serde_json::from_str(&opened.payload).unwrap();
    let judge = |event: &str, payload: &Value| webhook::judge(Description::get(), event, payload);
    assert_eq!(judge("issues", &payload), [""; 0]);
    let mut wrong = payload.clone();
    wrong["issue"].as_object_mut().unwrap().remove("title");
    assert_says(&judge("issues", &wrong), "/issue: missing properties 'title'");
    wrong = payload.clone();
    wrong["issue"]["number"] = json!("one");
    assert_says(&judge("issues", &wrong), "/issue/number: want integer");
    wrong = payload.clone();
    wrong["weather"] = json!("fine");
    assert_says(&judge("issues", &wrong), "'weather' not allowed");
    wrong = payload.clone();
    wrong["action"] = json!("opend");
    assert_says(&judge("issues", &wrong), "no webhook issues opend is described");
    assert_says(&judge("tissues", &payload), "no webhook tissues opened is described");
}

#[test]
fn a_query_that_github_would_refuse_is_refused() {
    let wrong = |query: &str| graphql::judge(query, None).0;
    let head = "query($owner: String!, $name: String!) { repository(owner: $owner, name: $name)";
    assert_eq!(wrong(&format!("{head} {{ id issue(number: 1) {{ title }} }} }}")), [""; 0]);
    assert_says(&wrong(&format!("{head} {{ colour }} }}")), "a Repository has no colour");
    assert_says(&wrong(&format!("{head} {{ issue {{ title }} }} }}")), "the argument \"number\" is missing");
    assert_says(&wrong(&format!("{head} {{ issue(number: \"1\") {{ title }} }} }}")), "is no Int!");
    assert_says(&wrong(&format!("{head} {{ issue(number: 1) }} }}")), "Issue has parts to select");
    assert_says(&wrong("query($owner: Int!) { user(login: $owner) { id } }"), "$owner is Int! where String! is wanted");
    assert_says(&wrong("query($a: Int) { viewer { login } }"), "$a is not used");
    assert_says(&wrong("{ viewer { ... on Issue { title } } }"), "a User is never a Issue");
}

#[test]
fn data_that_github_would_not_answer_are_refused() {
    let query = "{ repository(owner: \"acme\", name: \"shop\") { issue(number: 1) { title state } } }";
    let answered = |issue: Value| graphql::judge(query, Some(&json!({"repository": {"issue": issue}}))).1;
    assert_eq!(answered(json!({"title": "Deploy", "state": "OPEN"})), [""; 0]);
    assert_says(&answered(json!({"title": "Deploy", "state": "AJAR"})), "is no IssueState");
    assert_says(&answered(json!({"title": null, "state": "OPEN"})), "/title: is null, and never may be");
    assert_says(&answered(json!({"state": "OPEN"})), "/title: was asked for and is not there");
    assert_says(&answered(json!({"title": "", "state": "OPEN", "id": "1"})), "/id: nobody asked for it");
}

/// Runs a test of its own, in which something goes wrong or not, and gives back what it failed with.
fn failure_of(test: impl AsyncFnOnce(&super::Watched) + Send + 'static) -> Option<String> {
    let failed = std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let github = super::github(Arc::new(SystemClock)).await;
            test(&github).await;
        });
    });
    failed.join().err().map(|payload| payload.downcast_ref::<String>().cloned().unwrap_or_default())
}

async fn get(github: &super::Watched, agent: &str, path: &str) {
    let client = crate::wire::builder().user_agent(agent).build().unwrap();
    client.get(format!("{}{path}", github.api_url())).send().await.unwrap();
}

#[test]
fn a_violation_fails_the_test_that_made_it() {
    let unknown = failure_of(async |github| get(github, "stationmaster", "/repos/acme/shop/weather").await).unwrap();
    assert!(unknown.contains("GET /repos/acme/shop/weather sent: no such operation"), "{unknown}");
    assert_eq!(failure_of(async |github| get(github, "stationmaster", "/rate_limit").await), None);
    // A test that tries what GitHub refuses says so by its name, and the simulator must refuse it then.
    assert_eq!(failure_of(async |github| get(github, exchange::BY_HAND, "/repos/acme/shop/weather").await), None);
}

#[tokio::test]
async fn a_story_from_an_issue_to_production_is_judged_in_many_operations() {
    World::run(On::Sqlite, async |world: &World| {
        let town = Town::open().await;
        world.set_policy(&town.policy("", "")).await;
        world.open_issue("Deploy v2").await;
        world.land("feat: signals").await;
        let (operations, exchanges) = world.github.judged();
        let names: Vec<&str> = operations.iter().map(String::as_str).collect();
        for name in [
            "POST /graphql",
            "POST /repos/{owner}/{repo}/issues/{issue_number}/comments",
            "PUT /repos/{owner}/{repo}/pulls/{pull_number}/merge",
            "POST /repos/{owner}/{repo}/git/refs",
            "POST /repos/{owner}/{repo}/releases",
            "POST /repos/{owner}/{repo}/deployments",
        ] {
            assert!(names.contains(&name), "{name} was not judged: {names:#?}");
        }
        assert!(names.len() >= 25 && exchanges >= 100, "{exchanges} exchanges of {}: {names:#?}", names.len());
    })
    .await;
}

#[test]
fn every_patch_is_still_needed_and_puts_right_what_it_is_for() {
    let api = patches::unpatched_api();
    let named = |patched| if patched { &Description::get().api } else { &api };
    assert_needed(patches::API, |patch, patched| {
        let source = Source {
            prefix: "#/components/schemas/",
            named: &named(patched)["components"]["schemas"],
            extras: Extras::Refused,
        };
        Checker::new(named(patched).pointer(patch.at).unwrap(), &source).unwrap()
    });
    let webhooks = patches::unpatched_webhooks();
    let named = |patched| if patched { &Description::get().webhooks } else { &webhooks };
    assert_needed(patches::WEBHOOKS, |patch, patched| {
        let source =
            Source { prefix: "#/definitions/", named: &named(patched)["definitions"], extras: Extras::Allowed };
        Checker::new(named(patched).pointer(patch.at).unwrap(), &source).unwrap()
    });
}

fn assert_needed(patches: &[Patch], checker: impl Fn(&Patch, bool) -> Checker) {
    for patch in patches {
        let right: Value = serde_json::from_str(patch.right).unwrap();
        let before = checker(patch, false).faults(&right);
        assert!(!before.is_empty(), "the description is no longer wrong at {}: drop the patch", patch.at);
        assert_eq!(checker(patch, true).faults(&right), [""; 0], "the patch at {} does not help", patch.at);
    }
}
