//! Files, workflows and names of a repository.

use serde_json::{Value, json};

use super::{REPOSITORY, World};

#[tokio::test]
async fn a_file_is_read_as_base64_and_raw_at_the_ref_that_is_asked_for() {
    let world = World::new().await;
    let first = world.github.write_file(REPOSITORY, "main", ("rules/a b.toml", "one = 1\n"), "Add").unwrap();
    world.github.write_file(REPOSITORY, "main", ("rules/a b.toml", "one = 2\n"), "Change").unwrap();
    let file = world.get(&format!("/contents/rules/a%20b.toml?ref={first}")).await;
    assert_eq!(file.body["content"], "b25lID0gMQo=\n");
    let url = format!("{}/repos/{REPOSITORY}/contents/rules/a%20b.toml", world.github.api_url());
    let raw = world.client.get(url).bearer_auth(&world.token).header("accept", "application/vnd.github.raw+json");
    assert_eq!(raw.send().await.unwrap().text().await.unwrap(), "one = 2\n");
    assert_eq!(world.get("/contents/nothing.toml").await.status, 404);
    let branches = world.get("/branches").await;
    assert_eq!(branches.body[0]["name"], "main");
    let compared = world.get(&format!("/compare/{first}...main")).await;
    assert_eq!((&compared.body["status"], &compared.body["ahead_by"]), (&json!("ahead"), &json!(1)));
}

#[tokio::test]
async fn a_workflow_is_dispatched_only_where_its_file_allows_it() {
    let world = World::new().await;
    world.github.write_file(REPOSITORY, "main", (".github/workflows/ci.yml", "on: push\n"), "CI").unwrap();
    world.github.write_file(REPOSITORY, "main", (".github/workflows/go.yml", "on: workflow_dispatch\n"), "Go").unwrap();
    let dispatch = async |file: &str, git_ref: &str| {
        let body = json!({"ref": git_ref, "inputs": {"env": "qa"}});
        world.post(&format!("/actions/workflows/{file}/dispatches"), body).await
    };
    assert_eq!(dispatch("none.yml", "main").await.status, 404);
    assert_eq!(dispatch("ci.yml", "main").await.status, 422);
    assert_eq!(dispatch("go.yml", "nowhere").await.status, 422);
    assert_eq!(dispatch("go.yml", "main").await.status, 204);
    let runs = world.github.workflow_runs(REPOSITORY);
    assert_eq!((runs.len(), &runs[0].inputs["env"]), (1, &json!("qa")));
    assert_eq!(world.get("/actions/workflows/go.yml/runs").await.body["total_count"], 1);
}

#[tokio::test]
async fn a_renamed_repository_is_found_under_its_old_name_by_a_redirect() {
    let world = World::new().await;
    world.github.rename_repository(REPOSITORY, "store").unwrap();
    let answer = world.get("/issues?state=all").await;
    assert_eq!((answer.status, answer.body), (200, json!([])));
    let moved = world.github.requests().into_iter().rev().nth(1).unwrap();
    assert_eq!(moved.status, Some(301));
    let told = world.github.pending_webhooks().pop().unwrap();
    let payload: Value = serde_json::from_str(&told.payload).unwrap();
    assert_eq!(payload["changes"]["repository"]["name"]["from"], "shop");
    assert_eq!(payload["repository"]["full_name"], "acme/store");
}
