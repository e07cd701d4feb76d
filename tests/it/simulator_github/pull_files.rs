//! The files of a pull: renamed, removed, binary, long and many.

use serde_json::{Value, json};

use super::{REPOSITORY, World};

#[expect(clippy::unnecessary_wraps, reason = "what is committed is `None` where a file is deleted")]
fn lines(count: usize) -> Option<Vec<u8>> {
    Some((0..count).flat_map(|at| format!("line {at}\n").into_bytes()).collect())
}

async fn file(world: &World, pull: impl std::fmt::Display, path: &str) -> Value {
    let files = world.get(&format!("/pulls/{pull}/files?per_page=100")).await.body;
    files.as_array().unwrap().iter().find(|file| file["filename"] == path).unwrap().clone()
}

#[tokio::test]
async fn each_file_says_what_became_of_it_and_only_text_has_a_patch() {
    let world = World::new().await;
    let before = [("old.txt", lines(20)), ("gone.txt", lines(3)), ("kept.txt", lines(3))];
    world.github.commit_files(REPOSITORY, "carol", "main", &before, "Before").unwrap();
    world.github.drop_all();
    let after = [
        ("old.txt", None),
        ("new.txt", lines(20)),
        ("gone.txt", None),
        ("kept.txt", lines(4)),
        ("image.bin", Some(vec![0, 1, 2, 3])),
        ("long.txt", lines(10_000)),
    ];
    world.github.commit_files(REPOSITORY, "carol", "topic", &after, "After").unwrap();
    let push = &world.told()[0].2["commits"][0];
    assert_eq!(push["added"], json!(["image.bin", "long.txt", "new.txt"]));
    assert_eq!((&push["removed"], &push["modified"]), (&json!(["gone.txt", "old.txt"]), &json!(["kept.txt"])));
    let pull = world.open_pull("topic", "");
    assert_eq!(world.get(&format!("/pulls/{pull}")).await.body["changed_files"], 5);
    let renamed = file(&world, pull, "new.txt").await;
    assert_eq!((&renamed["status"], &renamed["previous_filename"]), (&json!("renamed"), &json!("old.txt")));
    assert!(renamed.get("patch").is_none());
    let removed = file(&world, pull, "gone.txt").await;
    assert_eq!((&removed["status"], &removed["deletions"]), (&json!("removed"), &json!(3)));
    let modified = file(&world, pull, "kept.txt").await;
    assert_eq!(modified["patch"], "@@ -1,3 +1,4 @@\n line 0\n line 1\n line 2\n+line 3");
    assert!(modified.get("previous_filename").is_none());
    let binary = file(&world, pull, "image.bin").await;
    assert_eq!((&binary["status"], &binary["additions"]), (&json!("added"), &json!(0)));
    assert!(binary.get("patch").is_none());
    assert_eq!(world.get(&format!("/git/blobs/{}", binary["sha"].as_str().unwrap())).await.body["size"], 4);
    let long = file(&world, pull, "long.txt").await;
    assert_eq!(long["patch"].as_str().unwrap().lines().count(), 10_001);
}

#[tokio::test]
async fn patches_beyond_githubs_limits_are_left_out_but_counted() {
    let world = World::new().await;
    let wide = Some(format!("{}\n", "x".repeat(600 * 1024)).into_bytes());
    let files = [("a.txt", lines(12_000)), ("b.txt", lines(12_000)), ("c.txt", lines(30_000)), ("d.txt", wide)];
    world.github.commit_files(REPOSITORY, "carol", "topic", &files, "Much").unwrap();
    let pull = world.open_pull("topic", "");
    assert!(file(&world, pull, "a.txt").await.get("patch").is_some());
    for (path, additions) in [("b.txt", 12_000), ("c.txt", 30_000), ("d.txt", 1)] {
        let left_out = file(&world, pull, path).await;
        assert_eq!((left_out.get("patch"), &left_out["additions"]), (None, &json!(additions)), "{path}");
    }
}

#[tokio::test]
async fn a_pulls_whole_difference_is_one_text_until_it_is_too_large() {
    let world = World::new().await;
    world.write("topic", "a.txt", "a\n");
    let pull = world.open_pull("topic", "");
    let url = format!("{}/repos/{REPOSITORY}/pulls/{pull}", world.github.api_url());
    let ask = async || {
        let request = world.client.get(&url).bearer_auth(&world.token).header("accept", "application/vnd.github.diff");
        let answer = request.send().await.unwrap();
        (answer.status().as_u16(), answer.text().await.unwrap())
    };
    let (status, text) = ask().await;
    assert_eq!(status, 200);
    assert!(text.starts_with("diff --git a/a.txt b/a.txt\n") && text.ends_with("@@ -0,0 +1 @@\n+a\n"), "{text}");
    let much = [("b.txt", lines(20_001))];
    world.github.commit_files(REPOSITORY, "carol", "topic", &much, "Much").unwrap();
    let (status, text) = ask().await;
    assert_eq!(status, 406);
    assert!(text.contains("Sorry, the diff exceeded the maximum number of lines (20000)"), "{text}");
}

#[tokio::test]
async fn at_most_three_thousand_files_are_listed_page_by_page() {
    let world = World::new().await;
    let names: Vec<String> = (0..3_010).map(|at| format!("f{at:04}.txt")).collect();
    let files: Vec<_> = names.iter().map(|name| (name.as_str(), Some(name.clone().into_bytes()))).collect();
    world.github.commit_files(REPOSITORY, "carol", "topic", &files, "Many").unwrap();
    let pull = world.open_pull("topic", "");
    let last = world.get(&format!("/pulls/{pull}/files?per_page=100&page=30")).await;
    assert_eq!(last.body[99]["filename"], "f2999.txt");
    assert!(!last.header("link").contains("rel=\"next\""), "{}", last.header("link"));
    assert_eq!(world.get(&format!("/pulls/{pull}")).await.body["changed_files"], 3_010);
}
