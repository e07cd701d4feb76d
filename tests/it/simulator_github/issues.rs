//! Issues, labels, comments and assignees are refused, made and ignored as on GitHub.

use reqwest::Method;
use serde_json::{Value, json};
use stationmaster::simulator::github::Permission;

use super::{REPOSITORY, World};

#[tokio::test]
async fn a_label_that_exists_or_is_too_long_is_refused_and_an_unknown_one_is_made_when_used() {
    let world = World::new().await;
    let label = json!({"name": "Status/Ready", "color": "0e8a16", "description": "May be taken"});
    assert_eq!(world.post("/labels", label.clone()).await.status, 201);
    let again = world.post("/labels", json!({"name": "status/ready", "color": "0e8a16"})).await;
    assert_eq!(again.status, 422);
    assert_eq!(again.body["errors"], json!([{"resource": "Label", "code": "already_exists", "field": "name"}]));
    let long = world.post("/labels", json!({"name": "x".repeat(51), "color": "0e8a16"})).await;
    assert_eq!(long.status, 422);
    let described = json!({"name": "y", "color": "0e8a16", "description": "y".repeat(101)});
    assert_eq!(world.post("/labels", described).await.status, 422);

    let issue = world.github.open_issue(REPOSITORY, "alice", "Deploy", "").unwrap();
    let worn = world.post(&format!("/issues/{issue}/labels"), json!({"labels": ["status/ready", "role/new"]})).await;
    assert_eq!(worn.body[0]["name"], "Status/Ready");
    assert_eq!(worn.body[1]["color"], "ededed");
    let path = format!("/repos/{REPOSITORY}/issues/{issue}/labels/status%2Fready");
    assert_eq!(world.send(Method::DELETE, &path, &world.token, None).await.status, 200);
    let gone = world.send(Method::DELETE, &path, &world.token, None).await;
    assert_eq!((gone.status, gone.message()), (404, "Label does not exist"));
    assert_eq!(world.github.issue(REPOSITORY, issue.0).unwrap().labels, ["role/new"]);
}

#[tokio::test]
async fn comments_come_in_pages_that_link_to_each_other() {
    let world = World::new().await;
    let issue = world.github.open_issue(REPOSITORY, "alice", "Talk", "").unwrap();
    for index in 0..5 {
        world.github.comment(REPOSITORY, "alice", issue, &format!("number {index}")).unwrap();
    }
    let first = world.get(&format!("/issues/{issue}/comments?per_page=2")).await;
    assert_eq!(first.body.as_array().unwrap().len(), 2);
    let link = first.header("link");
    assert!(link.contains("rel=\"next\"") && link.contains("page=3>; rel=\"last\"") && !link.contains("prev"));
    let mut seen = Vec::new();
    let mut path = format!("/repos/{REPOSITORY}/issues/{issue}/comments?per_page=2");
    loop {
        let page = world.send(Method::GET, &path, &world.token, None).await;
        seen.extend(page.body.as_array().unwrap().iter().map(|one| one["body"].as_str().unwrap().to_owned()));
        let next = page.header("link").split(", ").find(|link| link.contains("rel=\"next\"")).map(str::to_owned);
        let Some(next) = next else { break };
        path = next.split(['<', '>']).nth(1).unwrap().replace(&world.github.api_url(), "");
    }
    assert_eq!(seen, ["number 0", "number 1", "number 2", "number 3", "number 4"]);
}

#[tokio::test]
async fn a_comment_of_65537_characters_is_refused_and_one_of_the_app_names_the_app() {
    let world = World::new().await;
    let issue = world.github.open_issue(REPOSITORY, "alice", "Talk", "").unwrap();
    let path = format!("/issues/{issue}/comments");
    let long = world.post(&path, json!({"body": "ä".repeat(65_537)})).await;
    assert_eq!(long.status, 422);
    assert_eq!(long.body["errors"][0]["message"], "Body is too long (maximum is 65536 characters)");
    let good = world.post(&path, json!({"body": "ä".repeat(65_536)})).await;
    assert_eq!(good.status, 201);
    assert_eq!(good.body["user"]["login"], "stationmaster[bot]");
    assert_eq!(good.body["user"]["type"], "Bot");
    assert_eq!(good.body["performed_via_github_app"]["slug"], "stationmaster");
}

#[tokio::test]
async fn whoever_cannot_be_assigned_is_passed_over_in_silence() {
    let world = World::new().await;
    let issue = world.github.open_issue(REPOSITORY, "alice", "Work", "").unwrap();
    world.github.set_permission(REPOSITORY, "carol", Permission::Write).unwrap();
    let path = format!("/issues/{issue}/assignees");
    let answer = world.post(&path, json!({"assignees": ["carol", "stranger", "alice"]})).await;
    assert_eq!(answer.status, 201);
    assert_eq!(world.github.issue(REPOSITORY, issue.0).unwrap().assignees, ["carol"]);
    assert_eq!(world.get("/assignees/carol").await.status, 204);
    assert_eq!(world.get("/assignees/alice").await.status, 404);
    let created = world.post("/issues", json!({"title": "x", "assignees": ["alice"]})).await;
    assert_eq!((created.status, created.body["errors"][0]["field"].as_str()), (422, Some("assignees")));
}

#[tokio::test]
async fn an_edit_tells_what_was_there_before_and_who_edited() {
    let world = World::new().await;
    let issue = world.github.open_issue(REPOSITORY, "alice", "Old", "text").unwrap();
    let comment = world.github.comment(REPOSITORY, "alice", issue, "first").unwrap();
    world.github.drop_all();
    world.github.edit_title(REPOSITORY, "bob", issue, "New").unwrap();
    world.github.edit_title(REPOSITORY, "bob", issue, "New").unwrap();
    world.github.edit_comment(REPOSITORY, "bob", comment, "second").unwrap();
    let told: Vec<Value> =
        world.github.pending_webhooks().iter().map(|told| serde_json::from_str(&told.payload).unwrap()).collect();
    assert_eq!(told.len(), 2);
    assert_eq!((&told[0]["changes"], &told[0]["sender"]["login"]), (&json!({"title": {"from": "Old"}}), &json!("bob")));
    assert_eq!(told[1]["changes"], json!({"body": {"from": "first"}}));
    assert_eq!((&told[1]["comment"]["user"]["login"], &told[1]["sender"]["login"]), (&json!("alice"), &json!("bob")));
}

#[tokio::test]
async fn a_deleted_issue_is_gone_and_a_moved_one_redirects_and_neither_number_comes_back() {
    let world = World::new().await;
    world.github.create_repository("acme/other").unwrap();
    let deleted = world.github.open_issue(REPOSITORY, "alice", "Mistake", "").unwrap();
    let moved = world.github.open_issue(REPOSITORY, "alice", "Elsewhere", "").unwrap();
    world.github.delete_issue(REPOSITORY, "alice", deleted).unwrap();
    world.github.transfer_issue(REPOSITORY, "alice", moved, "acme/other").unwrap();
    let answer = world.get(&format!("/issues/{deleted}")).await;
    assert_eq!((answer.status, answer.message()), (410, "This issue was deleted"));
    let answer = world.get(&format!("/issues/{moved}")).await;
    assert_eq!((answer.status, &answer.body["title"]), (200, &json!("Elsewhere")));
    assert!(answer.body["url"].as_str().unwrap().ends_with("/repos/acme/other/issues/1"));
    assert_eq!(world.github.open_issue(REPOSITORY, "alice", "Next", "").unwrap().0, 3);
}

#[tokio::test]
async fn an_archived_repository_can_be_read_but_not_written() {
    let world = World::new().await;
    world.github.set_archived(REPOSITORY, true).unwrap();
    assert_eq!(world.get("/issues").await.status, 200);
    let refused = world.post("/issues", json!({"title": "x"})).await;
    assert_eq!((refused.status, refused.message()), (403, "Repository was archived so is read-only."));
}
