//! Tags, bare and annotated, their webhooks, what may not be tagged, and what tells of a commit.

use reqwest::Method;
use serde_json::{Value, json};
use stationmaster::model::Number;
use stationmaster::simulator::github::{Access, FileWrite};

use super::{Answered, REPOSITORY, World};

const TAGS: &str = "query($after: String) { repository(owner: \"acme\", name: \"shop\") {
  refs(refPrefix: \"refs/tags/\", first: 2, after: $after) { pageInfo { hasNextPage endCursor }
    nodes { name target { __typename oid ... on Tag { target { __typename oid } } } } } } }";

impl World {
    async fn query(&self, query: &str, variables: Value) -> Value {
        let body = json!({"query": query, "variables": variables});
        let answered = self.send(Method::POST, "/graphql", &self.token, Some(body)).await;
        assert_eq!(answered.body["errors"], Value::Null, "{}", answered.body);
        answered.body["data"]["repository"].clone()
    }

    async fn create_tag(&self, name: &str, sha: &str) -> Answered {
        self.post("/git/refs", json!({"ref": format!("refs/tags/{name}"), "sha": sha})).await
    }

    /// The numbers of the pulls that GraphQL associates with each of these commits.
    async fn pulls_of(&self, commits: &[&str]) -> Vec<Vec<i64>> {
        let asked = commits.iter().enumerate().map(|(at, sha)| {
            format!(
                "c{at}: object(oid: \"{sha}\") {{ ... on Commit {{ associatedPullRequests(first: 5) {{ nodes {{
                number title url merged headRefName baseRefName author {{ __typename login }}
                labels(first: 50) {{ nodes {{ name }} }} }} }} }} }} "
            )
        });
        let asked: String = asked.collect();
        let query = format!("{{ repository(owner: \"acme\", name: \"shop\") {{ {asked} }} }}");
        let found = self.query(&query, json!({})).await;
        let numbers = |at: usize| {
            let pulls = found[format!("c{at}")]["associatedPullRequests"]["nodes"].as_array().unwrap();
            pulls.iter().map(|pull| pull["number"].as_i64().unwrap()).collect()
        };
        (0..commits.len()).map(numbers).collect()
    }
}

#[tokio::test]
async fn a_bare_tag_is_created_once_told_found_and_deleted() {
    let world = World::new().await;
    let sha = world.write("main", "a.txt", "a\n");
    world.github.drop_all();
    let create = async || world.post("/git/refs", json!({"ref": "refs/tags/v1.0.0", "sha": sha})).await;
    let made = create().await;
    assert_eq!((made.status, &made.body["ref"]), (201, &json!("refs/tags/v1.0.0")));
    assert_eq!(made.body["object"]["type"], "commit");
    let told = world.told();
    assert_eq!((&told[0].2["ref"], &told[0].2["after"]), (&json!("refs/tags/v1.0.0"), &json!(sha)));
    assert_eq!((&told[0].2["created"], &told[0].2["base_ref"]), (&json!(true), &json!("refs/heads/main")));
    assert_eq!((&told[1].2["ref"], &told[1].2["ref_type"]), (&json!("v1.0.0"), &json!("tag")));
    assert_eq!(world.news(), ["push", "create"]);
    let again = create().await;
    assert_eq!((again.status, again.message()), (422, "Reference already exists"));
    assert_eq!(world.get("/git/ref/tags/v1.0.0").await.body, made.body);
    assert_eq!(world.get("/git/matching-refs/tags/v1").await.body, json!([made.body]));
    assert_eq!(world.github.tags(REPOSITORY), [("v1.0.0".to_owned(), sha)]);
    assert_eq!(world.delete("/git/refs/tags/v1.0.0").await.status, 204);
    assert_eq!(world.told()[0].2["deleted"], true);
    assert_eq!(world.news(), ["push", "delete"]);
    assert_eq!(world.delete("/git/refs/tags/v1.0.0").await.status, 422);
    assert_eq!(world.get("/git/ref/tags/v1.0.0").await.status, 404);
    let odd = world.post("/git/refs", json!({"ref": "refs/tags/a b", "sha": world.github.head_of(REPOSITORY, "main")}));
    assert_eq!(odd.await.status, 422);
}

#[tokio::test]
async fn an_annotated_tag_is_an_object_that_leads_to_its_commit() {
    let world = World::new().await;
    let sha = world.write("main", "a.txt", "a\n");
    let body = json!({"tag": "v1.0.0", "message": "The first", "object": sha, "type": "commit"});
    let made = world.post("/git/tags", body).await;
    assert_eq!((made.status, &made.body["object"]["sha"]), (201, &json!(sha)));
    assert_eq!((&made.body["tag"], &made.body["message"]), (&json!("v1.0.0"), &json!("The first")));
    assert_eq!(made.body["tagger"]["name"], "stationmaster[bot]");
    let tag = made.body["sha"].as_str().unwrap();
    assert_eq!(world.get(&format!("/git/tags/{tag}")).await.body, made.body);
    assert_eq!(world.github.tags(REPOSITORY), [], "the object alone is no tag yet");
    let set = world.post("/git/refs", json!({"ref": "refs/tags/v1.0.0", "sha": tag})).await;
    assert_eq!((&set.body["object"]["type"], &set.body["object"]["sha"]), (&json!("tag"), &json!(tag)));
    assert_eq!(world.github.tags(REPOSITORY), [("v1.0.0".to_owned(), sha.clone())]);
    assert_eq!(world.get("/commits/v1.0.0").await.body["sha"], json!(sha));
    assert_eq!(world.get("/compare/v1.0.0...main").await.body["status"], "identical");
    let wrong = json!({"tag": "v2", "message": "x", "object": "0".repeat(40), "type": "commit"});
    assert_eq!(world.post("/git/tags", wrong).await.status, 422);
    assert_eq!(world.get(&format!("/git/tags/{sha}")).await.status, 404);
}

#[tokio::test]
async fn a_tag_moves_only_forward_unless_forced() {
    let world = World::new().await;
    let first = world.write("main", "a.txt", "a\n");
    let second = world.write("main", "a.txt", "b\n");
    world.github.tag(REPOSITORY, "v1", &first).unwrap();
    assert_eq!(world.patch("/git/refs/tags/v1", json!({"sha": second})).await.status, 200);
    let back = world.patch("/git/refs/tags/v1", json!({"sha": first})).await;
    assert_eq!((back.status, back.message()), (422, "Update is not a fast forward"));
    world.github.drop_all();
    assert_eq!(world.patch("/git/refs/tags/v1", json!({"sha": first, "force": true})).await.status, 200);
    assert_eq!(world.told()[0].2["forced"], true);
    assert_eq!(world.news(), ["push"], "what moves is not created");
}

#[tokio::test]
async fn a_commit_with_workflow_files_that_no_branch_has_is_tagged_only_with_the_workflows_permission() {
    let mut world = World::new().await;
    let workflow = ".github/workflows/ci.yml";
    let old = world.write("main", workflow, "on: push\n");
    world.write("main", workflow, "on: [push]\n");
    assert_eq!(world.create_tag("v0", &old).await.status, 201, "nobody minds");
    world.github.set_workflows_permission_needed(REPOSITORY, true).unwrap();
    let refused = world.create_tag("v1", &old).await;
    assert_eq!((refused.status, refused.message()), (403, "Resource not accessible by integration"));
    let released = world.post("/releases", json!({"tag_name": "v1", "target_commitish": old})).await;
    assert_eq!(released.status, 403, "a release would make the tag");
    let later = world.write("main", "a.txt", "a\n");
    let next = world.write("main", "b.txt", "b\n");
    assert_ne!(later, next);
    assert_eq!(world.create_tag("v1", &later).await.status, 201, "not at a head, but with the same workflows as one");
    let granted = [("contents", Access::Write), ("metadata", Access::Read), ("workflows", Access::Write)];
    world.github.set_installation_permissions("acme", &granted).unwrap();
    world.token = world.new_token().await;
    assert_eq!(world.create_tag("v2", &old).await.status, 201);
}

#[tokio::test]
async fn tags_need_the_permission_to_write_contents() {
    let world = World::new().await;
    let sha = world.github.head_of(REPOSITORY, "main").unwrap();
    world.github.set_installation_permissions("acme", &[("contents", Access::Read)]).unwrap();
    assert_eq!(world.post("/git/refs", json!({"ref": "refs/tags/v1", "sha": sha})).await.status, 403);
    assert_eq!(world.post("/releases", json!({"tag_name": "v1"})).await.status, 403);
    assert_eq!(world.get("/git/matching-refs/tags/").await.body, json!([]));
}

#[tokio::test]
async fn graphql_lists_tags_page_by_page_and_tells_annotated_ones() {
    let world = World::new().await;
    let sha = world.write("main", "a.txt", "a\n");
    world.github.tag(REPOSITORY, "v1", &sha).unwrap();
    let object = world.github.annotated_tag(REPOSITORY, "v2", &sha, "Second").unwrap();
    world.github.tag(REPOSITORY, "v3", &sha).unwrap();
    let first = world.query(TAGS, json!({})).await["refs"].clone();
    let bare = json!({"name": "v1", "target": {"__typename": "Commit", "oid": sha}});
    let annotated = json!({"name": "v2", "target": {
        "__typename": "Tag", "oid": object, "target": {"__typename": "Commit", "oid": sha}}});
    assert_eq!(first["nodes"], json!([bare, annotated]));
    assert_eq!(first["pageInfo"]["hasNextPage"], true);
    let rest = world.query(TAGS, json!({"after": first["pageInfo"]["endCursor"]})).await["refs"].clone();
    assert_eq!((&rest["nodes"][0]["name"], &rest["pageInfo"]["hasNextPage"]), (&json!("v3"), &json!(false)));
}

#[tokio::test]
async fn the_pulls_of_a_commit_are_found_however_they_were_merged() {
    let world = World::new().await;
    let pull = |name: &str| {
        let shas = [1, 2].map(|at| world.write(name, &format!("{name}-{at}.txt"), "x\n"));
        (world.open_pull(name, ""), shas)
    };
    let start = world.github.head_of(REPOSITORY, "main").unwrap();
    let (squashed, own) = pull("squashed");
    world.merge(squashed, json!({"merge_method": "squash"})).await;
    let squash = world.github.head_of(REPOSITORY, "main").unwrap();
    let (rebased, _) = pull("rebased");
    world.merge(rebased, json!({"merge_method": "rebase"})).await;
    let rebase = world.github.head_of(REPOSITORY, "main").unwrap();
    let rebase_first = world.github.parents_of(REPOSITORY, &rebase)[0].clone();
    let (merged, commits) = pull("merged");
    world.merge(merged, json!({"merge_method": "merge"})).await;
    let merge = world.github.head_of(REPOSITORY, "main").unwrap();
    let asked = [&start, &squash, &own[0], &rebase_first, &rebase, &commits[0], &merge].map(String::as_str);
    let found = world.pulls_of(&asked).await;
    let one = |number: Number| vec![number.0];
    let (squashed, rebased, merged) = (one(squashed), one(rebased), one(merged));
    assert_eq!(found, [vec![], squashed.clone(), squashed, rebased.clone(), rebased, merged.clone(), merged]);
}

#[tokio::test]
async fn pulls_that_a_push_brings_in_together_each_have_their_own_merge_commit() {
    let world = World::new().await;
    let first_head = world.write("first", "1.txt", "1\n");
    let first = world.open_pull("first", "");
    world.write("second", "2.txt", "2\n");
    let second = world.open_pull("second", "");
    let start = world.github.head_of(REPOSITORY, "main").unwrap();
    world.post("/git/refs", json!({"ref": "refs/heads/batch", "sha": start})).await;
    let mut commits = Vec::new();
    for head in ["first", "second"] {
        let merged = world.post("/merges", json!({"base": "batch", "head": head})).await;
        commits.push(merged.body["sha"].as_str().unwrap().to_owned());
    }
    world.patch("/git/refs/heads/main", json!({"sha": commits[1]})).await;
    let merged_as = |number: Number| world.github.pull(REPOSITORY, number.0).unwrap().merge_sha;
    assert_eq!((merged_as(first), merged_as(second)), (Some(commits[0].clone()), Some(commits[1].clone())));
    let found = world.pulls_of(&[&commits[0], &commits[1], &first_head]).await;
    assert_eq!(found, [vec![first.0], vec![second.0], vec![first.0]]);
}

#[tokio::test]
async fn commits_are_listed_newest_first_and_by_author() {
    let world = World::new().await;
    let by = |who: &str, path: &str| {
        let file = FileWrite { branch: "main", path, content: Some("x\n"), message: path };
        world.clock.advance_ms(1000);
        world.github.push_file(REPOSITORY, who, file).unwrap()
    };
    let (first, second, third) = (by("alice", "a.txt"), by("bob", "b.txt"), by("alice", "c.txt"));
    let shas = async |query: &str| -> Vec<String> {
        let listed = world.get(&format!("/commits{query}")).await.body;
        listed.as_array().unwrap().iter().map(|commit| commit["sha"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(shas("?per_page=2").await, [third.clone(), second.clone()]);
    assert_eq!(shas("?author=alice").await, [third, first.clone()]);
    assert_eq!(shas(&format!("?author=alice&sha={second}&per_page=1")).await, [first]);
    assert_eq!(shas("?author=carol").await, Vec::<String>::new());
    assert_eq!(world.get("/commits?sha=nowhere").await.status, 404);
}

#[tokio::test]
async fn a_commit_is_made_of_a_tree_and_a_branch_of_it_becomes_a_pull() {
    let world = World::new().await;
    let tip = world.write("main", "docs/old.md", "old\n");
    let lines = json!([
        {"path": "docs/new.md", "mode": "100644", "type": "blob", "content": "new\n"},
        {"path": "docs/old.md", "mode": "100644", "type": "blob", "sha": null},
    ]);
    let tree = world.post("/git/trees", json!({"base_tree": tip, "tree": lines})).await;
    assert_eq!((tree.status, tree.body["truncated"].clone()), (201, json!(false)));
    let body = json!({"message": "Prepare", "tree": tree.body["sha"], "parents": [tip]});
    let commit = world.post("/git/commits", body).await;
    assert_eq!((commit.status, &commit.body["author"]["name"]), (201, &json!("stationmaster[bot]")));
    let sha = commit.body["sha"].as_str().unwrap();
    assert_eq!(world.github.parents_of(REPOSITORY, sha), std::slice::from_ref(&tip));
    let files = world.github.files_at(REPOSITORY, sha);
    assert_eq!(files.keys().collect::<Vec<_>>(), ["README.md", "docs/new.md"]);
    world.post("/git/refs", json!({"ref": "refs/heads/station/release/main", "sha": sha})).await;
    let open = json!({"title": "Release v1", "head": "station/release/main", "base": "main"});
    let pull = world.post("/pulls", open).await;
    assert_eq!(pull.body["user"]["login"], "stationmaster[bot]");
    let found = world.get("/pulls?head=acme:station/release/main&base=main&state=open").await.body;
    assert_eq!((&found[0]["number"], found.as_array().unwrap().len()), (&pull.body["number"], 1));
    let gone = json!([{"path": "nowhere.md", "mode": "100644", "type": "blob", "sha": null}]);
    assert_eq!(world.post("/git/trees", json!({"base_tree": tip, "tree": gone})).await.status, 422);
    assert_eq!(world.post("/git/commits", json!({"message": "x", "tree": tip})).await.status, 422);
}
