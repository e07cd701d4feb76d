//! Deployments keep GitHub's rules: what must be green, what is merged first, and what becomes inactive.

use serde_json::{Value, json};
use stationmaster::simulator::github::{Access, CheckApp};

use super::{REPOSITORY, World};

impl World {
    /// Creates a deployment to an environment and returns its id.
    async fn deploy(&self, environment: &str, more: Value) -> i64 {
        let mut body = json!({"ref": "main", "environment": environment, "required_contexts": []});
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let made = self.post("/deployments", body).await;
        assert_eq!(made.status, 201, "{}", made.body);
        made.body["id"].as_i64().unwrap()
    }

    async fn say(&self, deployment: i64, state: &str) {
        let said = self.post(&format!("/deployments/{deployment}/statuses"), json!({"state": state})).await;
        assert_eq!(said.status, 201, "{}", said.body);
    }

    /// The newest state of each deployment, oldest first.
    fn states(&self) -> Vec<String> {
        let state = |one: stationmaster::simulator::github::DeploymentView| one.statuses.last().unwrap().0.clone();
        self.github.deployments(REPOSITORY).into_iter().map(state).collect()
    }
}

#[tokio::test]
async fn a_deployment_is_created_with_its_payload_told_and_found_again() {
    let world = World::new().await;
    let sha = world.write("main", "a.txt", "a\n");
    world.github.tag(REPOSITORY, "v1.0.0", &sha).unwrap();
    world.github.drop_all();
    let payload = json!({"stationmaster": {"environment": "prod", "number": 3}});
    let body = json!({"ref": "v1.0.0", "task": "deploy", "auto_merge": false, "required_contexts": [],
        "payload": payload, "environment": "prod", "description": "v1.0.0", "production_environment": true});
    let made = world.post("/deployments", body).await;
    assert_eq!((made.status, &made.body["sha"], &made.body["ref"]), (201, &json!(sha), &json!("v1.0.0")));
    assert_eq!((&made.body["payload"], &made.body["production_environment"]), (&payload, &json!(true)));
    assert_eq!(made.body["creator"]["login"], "stationmaster[bot]");
    assert_eq!(world.told()[0].2["deployment"], made.body);
    assert_eq!(world.news(), ["deployment.created"]);
    world.deploy("qa", json!({})).await;
    for query in ["?environment=prod", "?ref=v1.0.0", &format!("?sha={sha}&environment=prod&task=deploy")] {
        assert_eq!(world.get(&format!("/deployments{query}")).await.body, json!([made.body]), "{query}");
    }
    assert_eq!(world.get("/deployments").await.body[1], made.body, "the newest is first");
    assert_eq!(world.get("/deployments?environment=nowhere").await.body, json!([]));
    assert_eq!(world.get(&format!("/deployments/{}", made.body["id"])).await.body, made.body);
    let environments = world.get("/environments").await.body;
    let names: Vec<&Value> = environments["environments"].as_array().unwrap().iter().map(|one| &one["name"]).collect();
    assert_eq!((&environments["total_count"], names), (&json!(2), vec![&json!("prod"), &json!("qa")]));
}

#[tokio::test]
async fn production_is_the_default_environment_and_is_production_by_itself() {
    let world = World::new().await;
    let made = world.post("/deployments", json!({"ref": "main"})).await;
    let told = |field: &str| made.body[field].clone();
    assert_eq!((told("environment"), told("production_environment")), (json!("production"), json!(true)));
    assert_eq!((told("task"), told("payload"), told("description")), (json!("deploy"), json!({}), Value::Null));
    let other = world.post("/deployments", json!({"ref": "main", "environment": "qa"})).await;
    assert_eq!(other.body["production_environment"], false);
    let nowhere = world.post("/deployments", json!({"ref": "nowhere"})).await;
    assert_eq!((nowhere.status, nowhere.message()), (422, "No ref found for: nowhere"));
    assert_eq!(world.post("/deployments", json!({})).await.status, 422);
}

#[tokio::test]
async fn every_submitted_context_must_be_green_unless_the_request_says_which() {
    let world = World::new().await;
    let sha = world.write("main", "a.txt", "a\n");
    world.github.set_status(REPOSITORY, "ci[bot]", &sha, ("legacy", "success")).unwrap();
    let check = world.github.start_check(REPOSITORY, &sha, CheckApp::actions(), "build").unwrap();
    let deploy = async |more: Value| {
        let mut body = json!({"ref": "main", "environment": "qa"});
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        world.post("/deployments", body).await
    };
    let refused = deploy(json!({})).await;
    assert_eq!((refused.status, refused.message()), (409, "Conflict: Commit status checks failed for main."));
    let contexts = json!([{"context": "build", "state": "pending"}]);
    assert_eq!(refused.body["errors"][0]["contexts"], contexts);
    assert_eq!(deploy(json!({"required_contexts": ["legacy"]})).await.status, 201);
    assert_eq!(deploy(json!({"required_contexts": []})).await.status, 201);
    assert_eq!(deploy(json!({"required_contexts": ["never-seen"]})).await.status, 409);
    world.github.finish_check(check, "failure").unwrap();
    assert_eq!(deploy(json!({})).await.status, 409);
    let again = world.github.start_check(REPOSITORY, &sha, CheckApp::actions(), "build").unwrap();
    world.github.finish_check(again, "success").unwrap();
    assert_eq!(deploy(json!({})).await.status, 201);
}

#[tokio::test]
async fn a_ref_behind_the_default_branch_is_brought_up_to_date_instead_of_deployed() {
    let world = World::new().await;
    let old = world.write("topic", "topic.txt", "x\n");
    let tip = world.write("main", "main.txt", "x\n");
    let deploy = async |git_ref: &str, auto_merge: Value| {
        let mut body = json!({"ref": git_ref, "environment": "qa", "required_contexts": []});
        if !auto_merge.is_null() {
            body["auto_merge"] = auto_merge;
        }
        world.post("/deployments", body).await
    };
    assert_eq!(deploy("topic", json!(false)).await.status, 201);
    let merged = deploy("topic", Value::Null).await;
    assert_eq!((merged.status, merged.message()), (202, "Auto-merged main into topic on deployment."));
    let head = world.github.head_of(REPOSITORY, "topic").unwrap();
    assert_eq!(world.github.parents_of(REPOSITORY, &head), [old.clone(), tip]);
    assert_eq!(deploy("topic", Value::Null).await.status, 201, "now it is up to date");
    let fixed = deploy(&old, Value::Null).await;
    assert_eq!((fixed.status, fixed.message()), (409, format!("Conflict merging main into {old}").as_str()));
    world.write("other", "same.txt", "one\n");
    world.write("main", "same.txt", "two\n");
    let conflict = deploy("other", Value::Null).await;
    assert_eq!((conflict.status, conflict.message()), (409, "Conflict merging main into other"));
    assert_eq!(world.github.deployments(REPOSITORY).len(), 2);
}

#[tokio::test]
async fn success_makes_earlier_successes_inactive_but_not_those_of_production() {
    let world = World::new().await;
    let transient = world.deploy("qa", json!({"transient_environment": true})).await;
    let failed = world.deploy("qa", json!({})).await;
    let (first, second) = (world.deploy("qa", json!({})).await, world.deploy("qa", json!({})).await);
    let other = world.deploy("test", json!({})).await;
    world.say(failed, "failure").await;
    for deployment in [transient, first, other] {
        world.say(deployment, "success").await;
    }
    world.say(second, "in_progress").await;
    assert_eq!(world.states(), ["success", "failure", "success", "in_progress", "success"]);
    world.github.drop_all();
    world.say(second, "success").await;
    assert_eq!(world.states(), ["success", "failure", "inactive", "success", "success"]);
    assert_eq!(world.news(), ["deployment_status.created"], "nobody is told of what becomes inactive");
    for _ in 0..2 {
        let prod = world.deploy("prod", json!({"production_environment": true})).await;
        world.say(prod, "success").await;
    }
    assert_eq!(world.states()[5..], ["success", "success"], "production keeps both");
}

#[tokio::test]
async fn earlier_deployments_stay_active_when_the_status_asks_for_it() {
    let world = World::new().await;
    let (first, second) = (world.deploy("qa", json!({})).await, world.deploy("qa", json!({})).await);
    world.say(first, "success").await;
    let path = format!("/deployments/{second}/statuses");
    world.post(&path, json!({"state": "success", "auto_inactive": false})).await;
    assert_eq!(world.states(), ["success", "success"]);
}

#[tokio::test]
async fn what_is_said_of_a_deployment_is_listed_newest_first_with_who_said_it() {
    let world = World::new().await;
    let id = world.deploy("qa", json!({})).await;
    let path = format!("/deployments/{id}/statuses");
    let body = json!({"state": "in_progress", "description": "Under way", "log_url": "https://example.com/log"});
    let said = world.post(&path, body).await;
    assert_eq!((said.status, &said.body["environment"]), (201, &json!("qa")));
    assert_eq!((&said.body["target_url"], &said.body["environment_url"]), (&said.body["log_url"], &json!("")));
    world.github.drop_all();
    world.github.report_deployment(REPOSITORY, id, "argo[bot]", "success", "Synced").unwrap();
    let told = world.told().remove(0).2;
    assert_eq!((&told["deployment"]["id"], &told["sender"]["type"]), (&json!(id), &json!("Bot")));
    assert_eq!(told["deployment_status"]["description"], "Synced");
    let listed = world.get(&path).await.body;
    assert_eq!((&listed[0], &listed[1]), (&told["deployment_status"], &said.body));
    assert_eq!(world.get(&format!("{path}/{}", said.body["id"])).await.body, said.body);
    let seen = &world.github.deployments(REPOSITORY)[0].statuses;
    let words = |state: &str, what: &str, who: &str| (state.to_owned(), what.to_owned(), who.to_owned());
    let ours = words("in_progress", "Under way", "stationmaster[bot]");
    assert_eq!(*seen, [ours, words("success", "Synced", "argo[bot]")]);
    assert_eq!(world.post(&path, json!({"state": "fine"})).await.status, 422);
    let long = json!({"state": "error", "description": "x".repeat(141)});
    assert_eq!(world.post(&path, long).await.status, 422);
    assert_eq!(world.post("/deployments/1/statuses", json!({"state": "error"})).await.status, 404);
    world.github.set_installation_permissions("acme", &[("deployments", Access::Read)]).unwrap();
    assert_eq!(world.get(&path).await.status, 200);
    assert_eq!(world.post(&path, json!({"state": "error"})).await.status, 403);
    assert_eq!(world.post("/deployments", json!({"ref": "main"})).await.status, 403);
}
