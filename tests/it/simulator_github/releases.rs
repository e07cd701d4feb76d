//! Releases make their tags, are found again, and are told of.

use serde_json::{Value, json};
use stationmaster::simulator::github::ReleaseView;

use super::{REPOSITORY, World};

#[tokio::test]
async fn a_release_of_a_missing_tag_makes_it_and_a_second_one_of_it_is_refused() {
    let world = World::new().await;
    let sha = world.write("main", "a.txt", "a\n");
    world.write("main", "b.txt", "b\n");
    world.github.drop_all();
    let body = json!({"tag_name": "v1.0.0", "target_commitish": sha, "name": "v1.0.0", "body": "Notes"});
    let made = world.post("/releases", body.clone()).await;
    assert_eq!((made.status, &made.body["tag_name"]), (201, &json!("v1.0.0")));
    assert_eq!((&made.body["draft"], &made.body["prerelease"]), (&json!(false), &json!(false)));
    assert_eq!(made.body["author"]["login"], "stationmaster[bot]");
    assert!(made.body["html_url"].as_str().unwrap().ends_with("/acme/shop/releases/tag/v1.0.0"));
    assert_eq!(world.github.tags(REPOSITORY), [("v1.0.0".to_owned(), sha.clone())]);
    assert_eq!(world.told()[3].2["release"], made.body);
    assert_eq!(world.news(), ["push", "create", "release.created", "release.published", "release.released"]);
    let again = world.post("/releases", body).await;
    assert_eq!((again.status, again.message()), (422, "Validation Failed"));
    let error = json!([{"resource": "Release", "code": "already_exists", "field": "tag_name"}]);
    assert_eq!(again.body["errors"], error);
    for path in ["/releases/tags/v1.0.0", "/releases/latest", &format!("/releases/{}", made.body["id"])] {
        assert_eq!(world.get(path).await.body, made.body, "{path}");
    }
    assert_eq!(world.get("/releases/tags/v2.0.0").await.status, 404);
    let seen = ReleaseView {
        tag: "v1.0.0".to_owned(),
        name: "v1.0.0".to_owned(),
        body: "Notes".to_owned(),
        prerelease: false,
        draft: false,
        url: made.body["html_url"].as_str().unwrap().to_owned(),
        target: sha,
    };
    assert_eq!(world.github.releases(REPOSITORY), [seen]);
}

#[tokio::test]
async fn a_release_of_a_tag_that_is_there_leaves_it_where_it_is() {
    let world = World::new().await;
    let sha = world.write("main", "a.txt", "a\n");
    world.github.annotated_tag(REPOSITORY, "v1.0.0", &sha, "First").unwrap();
    world.write("main", "b.txt", "b\n");
    world.github.drop_all();
    let made = world.post("/releases", json!({"tag_name": "v1.0.0", "target_commitish": "main"})).await;
    assert_eq!(made.status, 201);
    assert_eq!(world.github.tags(REPOSITORY), [("v1.0.0".to_owned(), sha)]);
    assert_eq!(world.news(), ["release.created", "release.published", "release.released"]);
}

#[tokio::test]
async fn what_github_refuses_of_a_release_is_refused() {
    let world = World::new().await;
    let post = async |body: Value| {
        let refused = world.post("/releases", body).await;
        let error = refused.body["errors"][0].clone();
        (refused.status, error["field"].clone(), error["code"].clone())
    };
    assert_eq!(post(json!({})).await, (422, json!("tag_name"), json!("missing_field")));
    let nowhere = json!({"tag_name": "v1", "target_commitish": "nowhere"});
    assert_eq!(post(nowhere).await, (422, json!("target_commitish"), json!("invalid")));
    let long = json!({"tag_name": "v1", "body": "x".repeat(125_001)});
    assert_eq!(post(long).await, (422, json!("body"), json!("custom")));
    let latest = json!({"tag_name": "v1", "prerelease": true, "make_latest": "true"});
    assert_eq!(post(latest).await.0, 422);
    assert_eq!(post(json!({"tag_name": "v1", "make_latest": true})).await.0, 422, "the flag is a text");
    assert_eq!(world.github.tags(REPOSITORY), []);
    assert_eq!(world.github.releases(REPOSITORY), []);
}

#[tokio::test]
async fn the_latest_release_is_never_a_pre_release_nor_one_that_declined() {
    let world = World::new().await;
    let release = async |tag: &str, more: Value| {
        let mut body = json!({"tag_name": tag});
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        assert_eq!(world.post("/releases", body).await.status, 201, "{tag}");
    };
    let latest = async || world.get("/releases/latest").await.body["tag_name"].clone();
    assert_eq!(world.get("/releases/latest").await.status, 404);
    release("v2.0.0", json!({"make_latest": "legacy"})).await;
    release("v1.9.1", json!({"make_latest": "legacy"})).await;
    assert_eq!(latest().await, "v2.0.0", "an older line does not take over");
    world.github.drop_all();
    release("v3.0.0-rc.1", json!({"prerelease": true, "make_latest": "false"})).await;
    assert_eq!(world.news()[2..], ["release.created", "release.published", "release.prereleased"]);
    assert_eq!(latest().await, "v2.0.0");
    release("v2.1.0", json!({"make_latest": "legacy"})).await;
    assert_eq!(latest().await, "v2.1.0");
    release("v1.9.2", json!({})).await;
    assert_eq!(latest().await, "v1.9.2", "it is by itself what was published last");
    let listed = world.get("/releases?per_page=2").await;
    let tags: Vec<&Value> = listed.body.as_array().unwrap().iter().map(|release| &release["tag_name"]).collect();
    assert_eq!(tags, ["v1.9.2", "v2.1.0"]);
    assert!(listed.header("link").contains("rel=\"next\""));
}

#[tokio::test]
async fn a_draft_has_no_tag_until_it_is_published() {
    let world = World::new().await;
    world.github.drop_all();
    let draft = world.post("/releases", json!({"tag_name": "v1.0.0", "draft": true})).await;
    assert_eq!((draft.status, &draft.body["published_at"]), (201, &Value::Null));
    assert_eq!(world.news(), ["release.created"]);
    assert_eq!(world.get("/releases/tags/v1.0.0").await.status, 404);
    assert_eq!(world.github.tags(REPOSITORY), []);
    let path = format!("/releases/{}", draft.body["id"]);
    let named = world.patch(&path, json!({"name": "One", "body": "Notes"})).await;
    assert_eq!((named.status, &named.body["name"], &named.body["draft"]), (200, &json!("One"), &json!(true)));
    assert_eq!(world.news(), ["release.edited"]);
    let published = world.patch(&path, json!({"draft": false})).await;
    assert_eq!((&published.body["draft"], &published.body["body"]), (&json!(false), &json!("Notes")));
    assert_eq!(world.news(), ["push", "create", "release.published", "release.released"]);
    assert_eq!(world.github.tags(REPOSITORY).len(), 1);
    assert_eq!(world.delete(&path).await.status, 204);
    assert_eq!(world.github.tags(REPOSITORY).len(), 1, "the tag stays");
    assert_eq!(world.get(&path).await.status, 404);
}

#[tokio::test]
async fn without_pages_a_comparison_ends_with_the_newest_commits_and_files_are_on_the_first_page() {
    let world = World::new().await;
    let start = world.github.head_of(REPOSITORY, "main").unwrap();
    let mut last = String::new();
    for at in 0..255 {
        last = world.write("main", "a.txt", &format!("{at}\n"));
    }
    let whole = world.get(&format!("/compare/{start}...main")).await.body;
    let commits = whole["commits"].as_array().unwrap();
    assert_eq!((commits.len(), &whole["total_commits"]), (250, &json!(255)));
    assert_eq!((&commits[249]["sha"], &commits[249]["author"]["login"]), (&json!(last), &json!("acme")));
    let page = world.get(&format!("/compare/{start}...main?per_page=100&page=3")).await.body;
    assert_eq!((page["commits"].as_array().unwrap().len(), &page["files"]), (55, &json!([])));
    assert_eq!(page["commits"][54]["html_url"].as_str().unwrap().rsplit('/').next().unwrap(), last);
}
