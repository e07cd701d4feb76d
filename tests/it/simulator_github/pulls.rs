//! Pull requests and branches are real Git: they merge, conflict, synchronize and close as on GitHub.

use reqwest::Method;
use serde_json::{Value, json};
use stationmaster::model::Number;
use stationmaster::simulator::github::{NewPull, Webhook};

use super::{Answered, REPOSITORY, World};

impl World {
    pub(super) fn write(&self, branch: &str, path: &str, content: &str) -> String {
        self.github.write_file(REPOSITORY, branch, (path, content), &format!("Write {path}")).unwrap()
    }

    pub(super) fn open_pull(&self, head: &str, body: &str) -> Number {
        let pull = NewPull {
            title: format!("Merge {head}"),
            body: Some(body.to_owned()),
            head: head.to_owned(),
            base: "main".to_owned(),
            draft: false,
        };
        self.github.open_pull(REPOSITORY, "carol", pull).unwrap()
    }

    pub(super) async fn merge(&self, pull: Number, body: Value) -> Answered {
        let path = format!("/repos/{REPOSITORY}/pulls/{pull}/merge");
        self.send(Method::PUT, &path, &self.token, Some(body)).await
    }

    pub(super) fn told(&self) -> Vec<(String, Option<String>, Value)> {
        let read = |told: Webhook| (told.event, told.action, serde_json::from_str(&told.payload).unwrap());
        self.github.pending_webhooks().into_iter().map(read).collect()
    }
}

#[tokio::test]
async fn a_pull_merges_only_at_the_head_that_was_named_and_closes_what_it_fixes() {
    let world = World::new().await;
    let issue = world.github.open_issue(REPOSITORY, "alice", "Broken", "").unwrap();
    let judged = world.write("fix", "fix.txt", "one\n");
    let pull = world.open_pull("fix", &format!("Fixes #{issue}"));
    let pushed = world.write("fix", "fix.txt", "two\n");
    let stale = world.merge(pull, json!({"sha": judged, "merge_method": "squash"})).await;
    assert_eq!((stale.status, stale.message()), (409, "Head branch was modified. Review and try the merge again."));
    world.github.drop_all();
    let merged = world.merge(pull, json!({"sha": pushed, "merge_method": "squash"})).await;
    assert_eq!((merged.status, &merged.body["merged"]), (200, &json!(true)));
    let main = world.get("/commits/main").await;
    assert_eq!((&main.body["sha"], main.body["parents"].as_array().unwrap().len()), (&merged.body["sha"], 1));
    assert_eq!(main.body["commit"]["message"], format!("Merge fix (#{pull})"));
    assert_eq!(world.github.issue(REPOSITORY, issue.0).unwrap().state, "closed");
    let events: Vec<String> = world.told().into_iter().map(|(event, ..)| event).collect();
    assert_eq!(events, ["push", "pull_request", "issues"]);
    assert_eq!(world.told()[1].2["pull_request"]["merged"], true);
    assert_eq!(world.merge(pull, json!({})).await.status, 405);
}

#[tokio::test]
async fn pulls_that_touch_the_same_line_conflict_and_are_not_mergeable() {
    let world = World::new().await;
    world.write("one", "README.md", "one\n");
    world.write("two", "README.md", "two\n");
    let (one, two) = (world.open_pull("one", ""), world.open_pull("two", ""));
    world.github.set_unknown_mergeability_reads(0);
    assert_eq!(world.get(&format!("/pulls/{two}")).await.body["mergeable"], true);
    assert_eq!(world.merge(one, json!({"merge_method": "rebase"})).await.status, 200);
    let seen = world.get(&format!("/pulls/{two}")).await;
    assert_eq!((&seen.body["mergeable"], &seen.body["mergeable_state"]), (&json!(false), &json!("dirty")));
    let refused = world.merge(two, json!({})).await;
    assert_eq!((refused.status, refused.message()), (405, "Pull Request is not mergeable"));
}

#[tokio::test]
async fn a_push_synchronizes_the_pulls_of_its_branch_and_names_both_ends() {
    let world = World::new().await;
    let before = world.write("topic", "a.txt", "a\n");
    world.open_pull("topic", "");
    world.github.drop_all();
    let after = world.write("topic", "b.txt", "b\n");
    let told = world.told();
    assert_eq!((&told[0].2["before"], &told[0].2["commits"][0]["added"]), (&json!(before), &json!(["b.txt"])));
    assert_eq!(told[1].1.as_deref(), Some("synchronize"));
    assert_eq!((&told[1].2["before"], &told[1].2["after"]), (&json!(before), &json!(after)));
    assert_eq!(told[1].2["pull_request"]["changed_files"], 2);
}

#[tokio::test]
async fn a_branch_is_only_moved_forward_and_a_pull_whose_head_it_reaches_is_merged() {
    let world = World::new().await;
    let start = world.get("/branches/main").await.body["commit"]["sha"].clone();
    let head = world.write("topic", "a.txt", "a\n");
    let other = world.write("other", "b.txt", "b\n");
    let pull = world.open_pull("topic", "");
    let path = format!("/repos/{REPOSITORY}/git/refs/heads/main");
    let forward = world.send(Method::PATCH, &path, &world.token, Some(json!({"sha": head}))).await;
    assert_eq!((forward.status, &forward.body["object"]["sha"]), (200, &json!(head)));
    assert_eq!(world.get(&format!("/pulls/{pull}")).await.body["merged"], true);
    for sha in [json!(other), start] {
        let refused = world.send(Method::PATCH, &path, &world.token, Some(json!({"sha": sha}))).await;
        assert_eq!((refused.status, refused.message()), (422, "Update is not a fast forward"));
    }
    let path = format!("/repos/{REPOSITORY}/git/refs/heads/topic");
    assert_eq!(world.send(Method::DELETE, &path, &world.token, None).await.status, 204);
    assert_eq!(world.get("/git/ref/heads/topic").await.status, 404);
}

#[tokio::test]
async fn a_pull_without_commits_or_a_second_one_of_a_branch_is_refused() {
    let world = World::new().await;
    let open = async |head: &str| world.post("/pulls", json!({"title": "x", "head": head, "base": "main"})).await;
    world.write("topic", "a.txt", "a\n");
    assert_eq!(open("topic").await.status, 201);
    let again = open("topic").await;
    assert_eq!(again.body["errors"][0]["message"], "A pull request already exists for acme:topic.");
    assert_eq!(open("main").await.body["errors"][0]["message"], "No commits between main and main");
    assert_eq!(open("nowhere").await.body["errors"][0]["field"], "head");
}
