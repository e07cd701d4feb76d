//! Git's refs, blobs, trees and commits over HTTP.

use serde_json::json;

use super::{REPOSITORY, World};

#[tokio::test]
async fn a_ref_is_created_once_moved_forward_or_by_force_and_told_each_time() {
    let world = World::new().await;
    let start = world.github.head_of(REPOSITORY, "main").unwrap();
    let ahead = world.write("topic", "a.txt", "a\n");
    world.github.drop_all();
    let create = async || world.post("/git/refs", json!({"ref": "refs/heads/new", "sha": ahead})).await;
    let made = create().await;
    assert_eq!((made.status, &made.body["ref"]), (201, &json!("refs/heads/new")));
    assert_eq!(made.body["object"]["sha"], json!(ahead));
    let again = create().await;
    assert_eq!((again.status, again.message()), (422, "Reference already exists"));
    let back = world.patch("/git/refs/heads/new", json!({"sha": start})).await;
    assert_eq!((back.status, back.message()), (422, "Update is not a fast forward"));
    assert_eq!(world.patch("/git/refs/heads/new", json!({"sha": start, "force": true})).await.status, 200);
    let absent = world.patch("/git/refs/heads/nowhere", json!({"sha": start})).await;
    assert_eq!((absent.status, absent.message()), (422, "Reference does not exist"));
    let told = world.told();
    let flags = |at: usize| (told[at].2["created"].clone(), told[at].2["forced"].clone(), told[at].2["before"].clone());
    assert_eq!(flags(0), (json!(true), json!(false), json!("0".repeat(40))));
    assert_eq!(flags(1), (json!(false), json!(true), json!(ahead)));
    assert_eq!(told.len(), 2);
    let matching = world.get("/git/matching-refs/heads/ne").await.body;
    assert_eq!((&matching[0]["ref"], matching.as_array().unwrap().len()), (&json!("refs/heads/new"), 1));
}

#[tokio::test]
async fn blobs_trees_and_commits_are_read_by_their_sha() {
    let world = World::new().await;
    let bytes = vec![0, 159, 146, 150, 10];
    let files = [("bin/data.bin", Some(bytes.clone())), ("src/a.txt", Some(b"a\n".to_vec()))];
    let sha = world.github.commit_files(REPOSITORY, "carol", "main", &files, "Add files").unwrap();
    let commit = world.get(&format!("/git/commits/{sha}")).await.body;
    assert_eq!((&commit["message"], &commit["author"]["name"]), (&json!("Add files"), &json!("carol")));
    let tree = commit["tree"]["sha"].as_str().unwrap();
    let flat = world.get(&format!("/git/trees/{tree}")).await.body;
    let paths = |tree: &serde_json::Value| -> Vec<String> {
        tree["tree"].as_array().unwrap().iter().map(|line| line["path"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(paths(&flat), ["README.md", "bin", "src"]);
    let deep = world.get(&format!("/git/trees/{tree}?recursive=1")).await.body;
    assert_eq!(paths(&deep), ["README.md", "bin", "bin/data.bin", "src", "src/a.txt"]);
    assert_eq!((&deep["tree"][2]["size"], &deep["truncated"]), (&json!(5), &json!(false)));
    assert_eq!((&deep["tree"][1]["mode"], &deep["tree"][2]["mode"]), (&json!("040000"), &json!("100644")));
    let blob = deep["tree"][2]["sha"].as_str().unwrap();
    let shown = world.get(&format!("/git/blobs/{blob}")).await.body;
    assert_eq!((&shown["content"], &shown["size"]), (&json!("AJ+Slgo=\n"), &json!(5)));
    let url = format!("{}/repos/{REPOSITORY}/git/blobs/{blob}", world.github.api_url());
    let raw = world.client.get(url).bearer_auth(&world.token).header("accept", "application/vnd.github.raw+json");
    assert_eq!(raw.send().await.unwrap().bytes().await.unwrap(), bytes);
    assert_eq!(world.get(&format!("/git/blobs/{sha}")).await.status, 404);
    assert_eq!(world.get(&format!("/git/trees/{}", "0".repeat(40))).await.status, 404);
    assert_eq!(world.get(&format!("/git/commits/{tree}")).await.status, 404);
}

#[tokio::test]
async fn a_comparison_counts_both_sides_and_pages_its_commits() {
    let world = World::new().await;
    let start = world.github.head_of(REPOSITORY, "main").unwrap();
    for at in 0..3 {
        world.write("topic", &format!("{at}.txt"), "x\n");
    }
    world.write("main", "main.txt", "m\n");
    let compared = world.get("/compare/main...topic").await.body;
    assert_eq!((&compared["status"], &compared["merge_base_commit"]["sha"]), (&json!("diverged"), &json!(start)));
    assert_eq!((&compared["ahead_by"], &compared["behind_by"]), (&json!(3), &json!(1)));
    assert_eq!(compared["files"].as_array().unwrap().len(), 3);
    let page = world.get("/compare/main...topic?per_page=2&page=2").await;
    assert_eq!((page.body["commits"].as_array().unwrap().len(), &page.body["total_commits"]), (1, &json!(3)));
    assert!(page.header("link").contains("rel=\"prev\""));
    assert_eq!(world.get("/compare/main...main").await.body["status"], "identical");
    assert_eq!(world.get("/compare/main...nowhere").await.status, 404);
    assert_eq!(world.get("/commits/nowhere").await.status, 422);
}
