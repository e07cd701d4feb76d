//! Links between issues are made, told and refused as on GitHub, and the query for an issue is answered.

use reqwest::Method;
use serde_json::{Value, json};
use stationmaster::model::Number;
use stationmaster::simulator::github::{FileWrite, NewPull};

use super::{Answered, REPOSITORY, World};

const ISSUE: &str = include_str!("../../../src/github/graphql/issue.graphql");

impl World {
    fn issues(&self, count: usize) -> Vec<Number> {
        (0..count).map(|_| self.github.open_issue(REPOSITORY, "alice", "Work", "").unwrap()).collect()
    }

    async fn id_of(&self, number: Number) -> i64 {
        self.get(&format!("/issues/{number}")).await.body["id"].as_i64().unwrap()
    }

    async fn wait_for(&self, number: Number, on: Number) -> Answered {
        let id = self.id_of(on).await;
        self.post(&format!("/issues/{number}/dependencies/blocked_by"), json!({"issue_id": id})).await
    }

    async fn ask_for_issue(&self, number: Number) -> Value {
        let variables = json!({"owner": "acme", "name": "shop", "number": number.0});
        let body = json!({"query": ISSUE, "variables": variables});
        let answered = self.send(Method::POST, "/graphql", &self.token, Some(body)).await;
        assert_eq!((answered.status, &answered.body["errors"]), (200, &Value::Null), "{}", answered.body);
        answered.body["data"]["repository"]["issue"].clone()
    }

    fn told_of(&self, event: &str) -> Vec<Value> {
        let waiting = self.github.pending_webhooks();
        let told = waiting.iter().filter(|webhook| webhook.event == event);
        told.map(|webhook| serde_json::from_str(&webhook.payload).unwrap()).collect()
    }
}

#[tokio::test]
async fn an_issue_has_one_parent_and_both_are_told() {
    let world = World::new().await;
    let issues = world.issues(3);
    let id = world.id_of(issues[1]).await;
    let path = format!("/issues/{}/sub_issues", issues[0]);
    assert_eq!(world.post(&path, json!({"sub_issue_id": id})).await.status, 201);
    let told = world.told_of("sub_issues");
    let actions: Vec<_> = told.iter().map(|told| told["action"].as_str().unwrap()).collect();
    assert_eq!(actions, ["sub_issue_added", "parent_issue_added"]);
    assert_eq!((&told[0]["parent_issue"]["number"], &told[0]["sub_issue"]["number"]), (&json!(1), &json!(2)));
    assert_eq!(told[0]["sub_issue_repo"]["full_name"], REPOSITORY);
    let again = world.post(&path, json!({"sub_issue_id": id})).await;
    assert!(again.status == 422 && again.message().contains("duplicate sub-issues"), "{}", again.body);
    let second = format!("/issues/{}/sub_issues", issues[2]);
    let other = world.post(&second, json!({"sub_issue_id": id})).await;
    assert!(other.status == 422 && other.message().contains("only have one parent"), "{}", other.body);
    let upward = world.id_of(issues[0]).await;
    let circle = world.post(&format!("/issues/{}/sub_issues", issues[1]), json!({"sub_issue_id": upward})).await;
    assert_eq!(circle.status, 422);
    world.github.close_issue(REPOSITORY, "alice", issues[1]).unwrap();
    let parent = world.get("/issues/1").await.body;
    assert_eq!(parent["sub_issues_summary"], json!({"total": 1, "completed": 1, "percent_completed": 100}));
    assert!(world.get("/issues/2").await.body["parent_issue_url"].as_str().unwrap().ends_with("/issues/1"));
    assert_eq!(world.get("/issues/2/parent").await.body["number"], 1);
    let moved = world.post(&second, json!({"sub_issue_id": id, "replace_parent": true})).await;
    assert_eq!(moved.status, 201);
    assert_eq!(world.get(&path).await.body, json!([]));
    assert_eq!(world.get(&second).await.body[0]["number"], 2);
}

#[tokio::test]
async fn nothing_waits_for_itself_nor_twice_nor_in_a_circle() {
    let world = World::new().await;
    let issues = world.issues(3);
    assert_eq!(world.wait_for(issues[0], issues[1]).await.status, 201);
    assert_eq!(world.wait_for(issues[1], issues[2]).await.status, 201);
    let told = world.told_of("issue_dependencies");
    let shown = |told: &Value| {
        (told["action"].clone(), told["blocked_issue"]["number"].clone(), told["blocking_issue"]["number"].clone())
    };
    assert_eq!(shown(&told[0]), (json!("blocked_by_added"), json!(1), json!(2)));
    assert_eq!(shown(&told[1]), (json!("blocking_added"), json!(1), json!(2)));
    for (from, on) in [(0, 0), (0, 1), (2, 0)] {
        let refused = world.wait_for(issues[from], issues[on]).await;
        assert_eq!(refused.status, 422, "{from} {on}: {}", refused.body);
    }
    let unknown = world.post("/issues/1/dependencies/blocked_by", json!({"issue_id": 5})).await;
    assert_eq!(unknown.status, 404);
    let summary = world.get("/issues/2").await.body["issue_dependencies_summary"].clone();
    assert_eq!(summary, json!({"blocked_by": 1, "total_blocked_by": 1, "blocking": 1, "total_blocking": 1}));
    world.github.close_issue(REPOSITORY, "alice", issues[2]).unwrap();
    let summary = world.get("/issues/2").await.body["issue_dependencies_summary"].clone();
    assert_eq!(summary, json!({"blocked_by": 0, "total_blocked_by": 1, "blocking": 1, "total_blocking": 1}));
    assert_eq!(world.get("/issues/2/dependencies/blocking").await.body[0]["number"], 1);
    let id = world.id_of(issues[1]).await;
    assert_eq!(world.delete(&format!("/issues/1/dependencies/blocked_by/{id}")).await.status, 200);
    assert_eq!(world.delete(&format!("/issues/1/dependencies/blocked_by/{id}")).await.status, 404);
    assert_eq!(world.get("/issues/1/dependencies/blocked_by").await.body, json!([]));
}

#[tokio::test]
async fn a_deleted_issue_leaves_no_link_behind() {
    let world = World::new().await;
    let issues = world.issues(3);
    world.github.add_sub_issue(REPOSITORY, "alice", issues[0], issues[1]).unwrap();
    world.github.add_dependency(REPOSITORY, "alice", issues[2], (REPOSITORY, issues[1])).unwrap();
    world.github.delete_issue(REPOSITORY, "alice", issues[1]).unwrap();
    assert_eq!(world.get("/issues/1/sub_issues").await.body, json!([]));
    assert_eq!(world.get("/issues/3/dependencies/blocked_by").await.body, json!([]));
}

#[tokio::test]
async fn the_query_tells_who_edited_who_labelled_and_what_closes_it() {
    let world = World::new().await;
    let issues = world.issues(2);
    let before = world.ask_for_issue(issues[0]).await;
    assert_eq!(
        (&before["lastEditedAt"], &before["editor"], &before["parent"]),
        (&json!(null), &json!(null), &json!(null))
    );
    world.clock.advance_ms(60_000);
    world.github.edit_title(REPOSITORY, "bob", issues[0], "Other work").unwrap();
    assert_eq!(world.ask_for_issue(issues[0]).await["editor"], json!(null), "a title is no text");
    world.github.edit_body(REPOSITORY, "bob", issues[0], "Text").unwrap();
    world.github.add_label(REPOSITORY, "carol", issues[0], "urgent").unwrap();
    world.github.add_sub_issue(REPOSITORY, "alice", issues[1], issues[0]).unwrap();
    let file = FileWrite { branch: "topic", path: "a.txt", content: Some("a\n"), message: "Write a" };
    world.github.push_file(REPOSITORY, "carol", file).unwrap();
    for (base, body) in [("main", "It closes ACME/shop#1."), ("main", "See #1")] {
        let pull = NewPull {
            title: "Fix".to_owned(),
            body: Some(body.to_owned()),
            head: "topic".to_owned(),
            base: base.to_owned(),
            draft: false,
        };
        world.github.open_pull(REPOSITORY, "carol", pull).unwrap();
    }
    let told = world.ask_for_issue(issues[0]).await;
    assert_eq!(told["editor"], json!({"__typename": "User", "login": "bob"}));
    let event = &told["timelineItems"]["nodes"][0];
    assert_eq!(
        (&event["__typename"], &event["actor"]["login"], &event["label"]),
        (&json!("LabeledEvent"), &json!("carol"), &json!({"name": "urgent"}))
    );
    assert_eq!(told["timelineItems"]["nodes"].as_array().unwrap().len(), 1, "only what was asked for");
    assert_eq!((&told["parent"]["number"], &told["parent"]["title"]), (&json!(2), &json!("Work")));
    let pulls = told["closedByPullRequestsReferences"]["nodes"].as_array().unwrap();
    assert_eq!(pulls.len(), 1, "{pulls:?}");
    assert_eq!((&pulls[0]["number"], &pulls[0]["reviewDecision"]), (&json!(3), &json!(null)));
    let parts = world.ask_for_issue(issues[1]).await["subIssues"]["nodes"].clone();
    assert_eq!((&parts[0]["number"], &parts[0]["state"]), (&json!(1), &json!("OPEN")));
    assert_eq!(parts[0]["labels"]["nodes"], json!([{"name": "urgent"}]));
}

#[tokio::test]
async fn a_merge_into_the_default_branch_closes_what_it_fixes_and_one_elsewhere_does_not() {
    let world = World::new().await;
    let issues = world.issues(2);
    for (branch, path) in [("dev", "d.txt"), ("one", "a.txt"), ("two", "b.txt")] {
        let file = FileWrite { branch, path, content: Some("x\n"), message: "Write" };
        world.github.push_file(REPOSITORY, "carol", file).unwrap();
    }
    for (head, base, issue) in [("one", "main", issues[0]), ("two", "dev", issues[1])] {
        let pull = NewPull {
            title: "Fix".to_owned(),
            body: Some(format!("Resolves #{issue}")),
            head: head.to_owned(),
            base: base.to_owned(),
            draft: false,
        };
        let number = world.github.open_pull(REPOSITORY, "carol", pull).unwrap();
        assert!(world.github.merge_pull(REPOSITORY, "alice", number).unwrap());
    }
    let closed = world.github.issue(REPOSITORY, issues[0].0).unwrap();
    assert_eq!((closed.state.as_str(), closed.state_reason.as_deref()), ("closed", Some("completed")));
    let told = world.told_of("issues");
    let closing = told.iter().find(|told| told["action"] == "closed").unwrap();
    assert_eq!((&closing["issue"]["number"], &closing["sender"]["login"]), (&json!(1), &json!("alice")));
    assert_eq!(world.github.issue(REPOSITORY, issues[1].0).unwrap().state, "open");
}
