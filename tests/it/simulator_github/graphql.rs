//! GraphQL answers the query that the gate asks, in the words of GitHub's schema.

use reqwest::Method;
use serde_json::{Value, json};
use stationmaster::simulator::github::{Access, CheckApp, FileWrite, Permission, Protection, ReviewEvent};

use super::{Answered, REPOSITORY, World};

const PULL: &str = concat!(
    include_str!("../../../src/github/graphql/pull.graphql"),
    include_str!("../../../src/github/graphql/check.graphql")
);
const MORE: &str = "query($owner: String!, $name: String!, $oid: GitObjectID!, $after: String) {
  repository(owner: $owner, name: $name) { object(oid: $oid) { ... on Commit { statusCheckRollup {
    contexts(first: 100, after: $after) { pageInfo { hasNextPage endCursor } nodes {
      __typename ... on CheckRun { name } ... on StatusContext { context } } } } } } } }";

impl World {
    async fn graphql(&self, query: &str, variables: Value) -> Answered {
        let body = json!({"query": query, "variables": variables});
        self.send(Method::POST, "/graphql", &self.token, Some(body)).await
    }

    pub(super) async fn ask_for_pull(&self, number: i64) -> Value {
        let variables =
            json!({"owner": "acme", "name": "shop", "number": number, "headBranch": "topic", "known": true});
        let answered = self.graphql(PULL, variables).await;
        assert_eq!((answered.status, &answered.body["errors"]), (200, &Value::Null), "{}", answered.body);
        answered.body["data"]["repository"].clone()
    }
}

#[tokio::test]
async fn one_query_tells_all_that_the_gate_asks_of_a_pull() {
    let world = World::new().await;
    world.github.set_unknown_mergeability_reads(0);
    world.github.set_permission(REPOSITORY, "alice", Permission::Write).unwrap();
    let message = "Write a\n\nCo-authored-by: Dan <dan@example.com>";
    let file = FileWrite { branch: "topic", path: "a.txt", content: Some("a\n"), message };
    let sha = world.github.push_file(REPOSITORY, "carol", file).unwrap();
    let pull = world.open_pull("topic", "Fixes #1");
    world.github.add_label(REPOSITORY, "alice", pull, "urgent").unwrap();
    world.github.review(REPOSITORY, "alice", pull, (ReviewEvent::Approve, None)).unwrap();
    let check = world.github.start_check(REPOSITORY, &sha, CheckApp::actions(), "build").unwrap();
    world.github.finish_check(check, "success").unwrap();
    world.github.set_status(REPOSITORY, "ci-bot[bot]", &sha, ("legacy", "pending")).unwrap();
    let comment = world.post(&format!("/issues/{pull}/comments"), json!({"body": "card"})).await;
    let seen = world.ask_for_pull(pull.0).await;
    let told = &seen["pullRequest"];
    assert_eq!(
        (&told["state"], &told["mergeable"], &told["isDraft"]),
        (&json!("OPEN"), &json!("MERGEABLE"), &json!(false))
    );
    assert_eq!((&told["mergeStateStatus"], &told["reviewDecision"]), (&json!("UNSTABLE"), &json!("APPROVED")));
    assert_eq!((&told["headRefOid"], &told["changedFiles"]), (&json!(sha), &json!(1)));
    assert_eq!(told["author"], json!({"__typename": "User", "login": "carol"}));
    assert_eq!(told["labels"]["nodes"], json!([{"name": "urgent"}]));
    assert_eq!(
        told["commits"]["nodes"][0]["commit"]["authors"]["nodes"][1],
        json!({"name": "Dan", "email": "dan@example.com"})
    );
    let contexts = &told["head"]["nodes"][0]["commit"]["statusCheckRollup"]["contexts"];
    assert_eq!(contexts["pageInfo"]["hasNextPage"], false);
    let run = &contexts["nodes"][0];
    assert_eq!(
        (&run["__typename"], &run["status"], &run["conclusion"]),
        (&json!("CheckRun"), &json!("COMPLETED"), &json!("SUCCESS"))
    );
    assert_eq!((&run["databaseId"], &run["checkSuite"]["app"]["databaseId"]), (&json!(check), &json!(15368)));
    let status = json!({"__typename": "StatusContext", "context": "legacy", "state": "PENDING",
        "createdAt": contexts["nodes"][1]["createdAt"], "targetUrl": null, "creator": {"__typename": "Bot", "login": "ci-bot"}});
    assert_eq!(contexts["nodes"][1], status);
    assert_eq!(told["reviews"]["nodes"][0]["commit"]["oid"], json!(sha));
    let said = &told["comments"]["nodes"][0];
    assert_eq!(said["author"], json!({"__typename": "Bot", "login": "stationmaster"}));
    assert_eq!(
        (&said["fullDatabaseId"], &said["lastEditedAt"], &said["editor"]),
        (&json!(comment.body["id"].to_string()), &Value::Null, &Value::Null)
    );
    assert_eq!(seen["dependents"]["nodes"], json!([]));
}

#[tokio::test]
async fn what_became_of_a_pull_is_told_by_its_state_and_its_edits_by_their_editor() {
    let world = World::new().await;
    world.write("topic", "a.txt", "a\n");
    let pull = world.open_pull("topic", "");
    let comment = world.github.comment(REPOSITORY, "carol", pull, "one").unwrap();
    world.github.edit_comment(REPOSITORY, "alice", comment, "two").unwrap();
    world.merge(pull, json!({"merge_method": "squash"})).await;
    let told = world.ask_for_pull(pull.0).await["pullRequest"].clone();
    assert_eq!((&told["state"], &told["mergeable"]), (&json!("MERGED"), &json!("UNKNOWN")));
    assert_eq!(told["mergeCommit"]["oid"], world.get("/commits/main").await.body["sha"]);
    assert_eq!(told["comments"]["nodes"][0]["editor"]["login"], "alice");
    assert_ne!(told["comments"]["nodes"][0]["lastEditedAt"], Value::Null);
    assert_eq!(told["head"]["nodes"][0]["commit"]["statusCheckRollup"], Value::Null);
}

#[tokio::test]
async fn checks_beyond_the_first_hundred_are_on_the_next_page() {
    let world = World::new().await;
    let sha = world.write("topic", "a.txt", "a\n");
    let pull = world.open_pull("topic", "");
    for number in 0..120 {
        world.github.start_check(REPOSITORY, &sha, CheckApp::actions(), &format!("job {number}")).unwrap();
    }
    let told = world.ask_for_pull(pull.0).await;
    let first = told["pullRequest"]["head"]["nodes"][0]["commit"]["statusCheckRollup"]["contexts"].clone();
    assert_eq!((first["nodes"].as_array().unwrap().len(), &first["pageInfo"]["hasNextPage"]), (100, &json!(true)));
    let variables = json!({"owner": "acme", "name": "shop", "oid": sha, "after": first["pageInfo"]["endCursor"]});
    let more = world.graphql(MORE, variables).await;
    let rest = &more.body["data"]["repository"]["object"]["statusCheckRollup"]["contexts"];
    assert_eq!((rest["nodes"].as_array().unwrap().len(), &rest["pageInfo"]["hasNextPage"]), (20, &json!(false)));
    assert_ne!(rest["nodes"][0], first["nodes"][0]);
}

#[tokio::test]
async fn what_is_missing_or_misspelt_is_said_in_githubs_form() {
    let world = World::new().await;
    let query = "query($n: Int!) { repository(owner: \"acme\", name: \"shop\") { pullRequest(number: $n) { title } } }";
    let missing = world.graphql(query, json!({"n": 99})).await;
    assert_eq!((missing.status, &missing.body["data"]), (200, &json!({"repository": {"pullRequest": null}})));
    let error = &missing.body["errors"][0];
    assert_eq!((&error["type"], &error["path"]), (&json!("NOT_FOUND"), &json!(["repository", "pullRequest"])));
    assert_eq!(error["message"], "Could not resolve to a PullRequest with the number of 99.");
    let nowhere = world.graphql("{ repository(owner: \"acme\", name: \"nowhere\") { name } }", json!({})).await;
    assert_eq!(nowhere.body["errors"][0]["message"], "Could not resolve to a Repository with the name 'acme/nowhere'.");
    let wrong = world.graphql("query Q { repository(owner: \"acme\", name: \"shop\") { titel } }", json!({})).await;
    assert_eq!(wrong.body["errors"][0]["message"], "Field 'titel' doesn't exist on type 'Repository'");
    assert_eq!(wrong.body["errors"][0]["extensions"]["code"], "undefinedField");
    assert!(wrong.body.get("data").is_none());
    let many = "{ repository(owner: \"acme\", name: \"shop\") { pullRequests(first: 101) { nodes { number } } } }";
    assert_eq!(world.graphql(many, json!({})).await.body["errors"][0]["type"], "EXCESSIVE_PAGINATION");
    assert!(world.graphql(query, json!({})).await.body["errors"][0]["message"].as_str().unwrap().contains("$n"));
    world.github.set_installation_permissions("acme", &[("metadata", Access::Read)]).unwrap();
    assert_eq!(world.graphql(query, json!({"n": 1})).await.body["errors"][0]["type"], "FORBIDDEN");
    assert_eq!(world.send(Method::POST, "/graphql", "", Some(json!({"query": query}))).await.status, 401);
}

#[tokio::test]
async fn the_merge_state_says_what_stands_in_the_way() {
    let world = World::new().await;
    world.github.set_unknown_mergeability_reads(0);
    let state = async |pull: i64| world.ask_for_pull(pull).await["pullRequest"]["mergeStateStatus"].clone();
    let sha = world.write("topic", "a.txt", "a\n");
    let pull = world.open_pull("topic", "");
    assert_eq!(state(pull.0).await, "CLEAN");
    let required_checks = vec![("build".to_owned(), Some(15368))];
    let protection = Protection { required_checks, strict: true, required_approvals: 1, ..Protection::default() };
    world.github.protect(REPOSITORY, "main", protection).unwrap();
    assert_eq!(state(pull.0).await, "BLOCKED");
    assert_eq!(world.ask_for_pull(pull.0).await["pullRequest"]["reviewDecision"], "REVIEW_REQUIRED");
    let check = world.github.start_check(REPOSITORY, &sha, CheckApp::actions(), "build").unwrap();
    world.github.finish_check(check, "success").unwrap();
    world.github.set_permission(REPOSITORY, "alice", Permission::Write).unwrap();
    world.github.review(REPOSITORY, "alice", pull, (ReviewEvent::Approve, None)).unwrap();
    assert_eq!(state(pull.0).await, "CLEAN");
    world.github.set_draft(REPOSITORY, "carol", pull, true).unwrap();
    assert_eq!(state(pull.0).await, "DRAFT");
    world.github.set_draft(REPOSITORY, "carol", pull, false).unwrap();
    world.write("main", "b.txt", "b\n");
    assert_eq!(state(pull.0).await, "BEHIND");
    world.write("main", "a.txt", "other\n");
    assert_eq!(state(pull.0).await, "DIRTY");
}

#[tokio::test]
async fn one_query_is_one_read_of_a_mergeability_that_is_not_known_yet() {
    let world = World::new().await;
    world.write("topic", "a.txt", "a\n");
    let pull = world.open_pull("topic", "");
    world.github.set_unknown_mergeability_reads(1);
    let first = world.ask_for_pull(pull.0).await["pullRequest"].clone();
    assert_eq!((&first["mergeable"], &first["mergeStateStatus"]), (&json!("UNKNOWN"), &json!("UNKNOWN")));
    let second = world.ask_for_pull(pull.0).await["pullRequest"].clone();
    assert_eq!((&second["mergeable"], &second["mergeStateStatus"]), (&json!("MERGEABLE"), &json!("CLEAN")));
}
