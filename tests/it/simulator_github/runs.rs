//! Workflow runs that a dispatch starts: at which commit, under which title, how they end, and who is told.

use serde_json::{Value, json};
use stationmaster::simulator::github::Access;

use super::{REPOSITORY, World};

const DEPLOY: &str = "name: Deploy\nrun-name: Deploy ${{ inputs.version }} to ${{ github.event.inputs.to }}\non:\n  \
                      workflow_dispatch:\n";

impl World {
    fn add_workflow(&self) -> String {
        self.write("main", ".github/workflows/deploy.yml", DEPLOY)
    }

    async fn run(&self, git_ref: &str, version: &str) -> Value {
        let body = json!({"ref": git_ref, "inputs": {"version": version, "to": "qa"}, "return_run_details": true});
        let started = self.post("/actions/workflows/deploy.yml/dispatches", body).await;
        assert_eq!(started.status, 200, "{}", started.body);
        self.get(&format!("/actions/runs/{}", started.body["workflow_run_id"])).await.body
    }
}

#[tokio::test]
async fn a_run_is_at_the_commit_of_its_branch_or_tag_and_named_after_its_inputs() {
    let world = World::new().await;
    let tagged = world.add_workflow();
    world.github.annotated_tag(REPOSITORY, "v1.0.0", &tagged, "One").unwrap();
    let tip = world.write("main", "a.txt", "a\n");
    world.github.drop_all();
    let run = world.run("v1.0.0", "1.0.0").await;
    assert_eq!((&run["head_sha"], &run["head_branch"]), (&json!(tagged), &json!("v1.0.0")));
    assert_eq!((&run["display_title"], &run["name"]), (&json!("Deploy 1.0.0 to qa"), &json!("Deploy")));
    assert_eq!((&run["status"], &run["conclusion"]), (&json!("queued"), &Value::Null));
    assert_eq!(run["actor"]["login"], "stationmaster[bot]");
    assert_eq!(world.told()[0].2["workflow"]["path"], ".github/workflows/deploy.yml");
    assert_eq!(world.news(), ["workflow_run.requested"]);
    assert_eq!(world.run("refs/heads/main", "1.0.1").await["head_sha"], json!(tip));
    let at_sha = world.post("/actions/workflows/deploy.yml/dispatches", json!({"ref": tip})).await;
    assert_eq!((at_sha.status, at_sha.message()), (422, format!("No ref found for: {tip}").as_str()));
    let plain = world.post("/actions/workflows/deploy.yml/dispatches", json!({"ref": "main"})).await;
    assert_eq!((plain.status, plain.body), (204, Value::Null));
}

#[tokio::test]
async fn a_run_begins_and_ends_and_each_step_is_told_once() {
    let world = World::new().await;
    world.add_workflow();
    let (first, second) = (world.run("main", "1").await, world.run("main", "2").await);
    let id = |run: &Value| run["id"].as_i64().unwrap();
    world.github.drop_all();
    world.github.begin_run(REPOSITORY, id(&first)).unwrap();
    world.clock.advance_ms(60_000);
    world.github.finish_run(REPOSITORY, id(&first), "failure").unwrap();
    let told = world.told().remove(1).2;
    assert_eq!((&told["workflow_run"]["id"], &told["workflow_run"]["conclusion"]), (&first["id"], &json!("failure")));
    assert_eq!(world.news(), ["workflow_run.in_progress", "workflow_run.completed"]);
    let seen = world.get(&format!("/actions/runs/{}", first["id"])).await.body;
    assert_eq!((&seen["status"], &seen["conclusion"]), (&json!("completed"), &json!("failure")));
    assert_ne!(seen["updated_at"], seen["created_at"]);
    assert!(world.github.finish_run(REPOSITORY, id(&first), "success").is_err(), "it has ended");
    let path = format!("/actions/runs/{}/cancel", second["id"]);
    assert_eq!(world.post(&path, json!({})).await.status, 202);
    assert_eq!(world.post(&path, json!({})).await.status, 409);
    let runs = world.github.workflow_runs(REPOSITORY);
    assert_eq!(runs[1].conclusion.as_deref(), Some("cancelled"));
}

#[tokio::test]
async fn runs_are_filtered_by_state_branch_event_and_time() {
    let world = World::new().await;
    let sha = world.add_workflow();
    world.github.tag(REPOSITORY, "v1", &sha).unwrap();
    let first = world.run("v1", "1").await;
    world.clock.advance_ms(60_000);
    let second = world.run("main", "2").await;
    world.github.finish_run(REPOSITORY, first["id"].as_i64().unwrap(), "success").unwrap();
    let ids = async |query: &str| -> Vec<Value> {
        let listed = world.get(&format!("/actions/workflows/deploy.yml/runs{query}")).await.body;
        listed["workflow_runs"].as_array().unwrap().iter().map(|run| run["id"].clone()).collect()
    };
    let (one, two) = (first["id"].clone(), second["id"].clone());
    assert_eq!(ids("").await, [two.clone(), one.clone()]);
    assert_eq!(ids("?status=success").await, std::slice::from_ref(&one));
    assert_eq!(ids("?status=queued&branch=main&event=workflow_dispatch").await, std::slice::from_ref(&two));
    assert_eq!(ids("?event=push").await, Vec::<Value>::new());
    assert_eq!(ids("?branch=v1").await, std::slice::from_ref(&one));
    let since = second["created_at"].as_str().unwrap();
    assert_eq!(ids(&format!("?created=%3E%3D{since}")).await, std::slice::from_ref(&two));
    assert_eq!(ids(&format!("?created=%3C{since}")).await, std::slice::from_ref(&one));
    assert_eq!(ids(&format!("?created=*..{since}")).await, [two, one]);
}

#[tokio::test]
async fn an_event_for_workflows_is_recorded_with_its_payload() {
    let world = World::new().await;
    let payload = json!({"environment": "qa", "tag": "v1.0.0"});
    let sent = world.post("/dispatches", json!({"event_type": "deploy", "client_payload": payload})).await;
    assert_eq!(sent.status, 204);
    let seen = world.github.dispatches(REPOSITORY);
    assert_eq!((seen.len(), seen[0].event.as_str(), &seen[0].payload), (1, "deploy", &payload));
    assert_eq!(world.post("/dispatches", json!({"client_payload": {}})).await.status, 422);
    assert_eq!(world.post("/dispatches", json!({"event_type": "x".repeat(101)})).await.status, 422);
    let many: serde_json::Map<String, Value> = (0..11).map(|at| (format!("k{at}"), json!(at))).collect();
    assert_eq!(world.post("/dispatches", json!({"event_type": "deploy", "client_payload": many})).await.status, 422);
    world.github.set_installation_permissions("acme", &[("contents", Access::Read)]).unwrap();
    assert_eq!(world.post("/dispatches", json!({"event_type": "deploy"})).await.status, 403);
}
