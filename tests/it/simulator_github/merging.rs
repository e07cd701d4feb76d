//! Merging: which pulls GitHub merges, in whose name, and in which words it refuses the others.

use reqwest::Method;
use serde_json::json;
use stationmaster::simulator::github::{AuthoredCommit, Fault, FaultKind, MergeMethods};

use super::{REPOSITORY, World};

#[tokio::test]
async fn each_reason_not_to_merge_has_its_own_status_and_words() {
    let world = World::new().await;
    let sha = world.write("topic", "a.txt", "a\n");
    let pull = world.open_pull("topic", "");
    let refused = async |body| {
        let answer = world.merge(pull, body).await;
        (answer.status, answer.message().to_owned())
    };
    world.github.set_draft(REPOSITORY, "carol", pull, true).unwrap();
    assert_eq!(refused(json!({})).await, (405, "Pull Request is still a draft".to_owned()));
    world.github.set_draft(REPOSITORY, "carol", pull, false).unwrap();
    let other = "0".repeat(40);
    let moved = "Head branch was modified. Review and try the merge again.";
    assert_eq!(refused(json!({"sha": other})).await, (409, moved.to_owned()));
    let methods = MergeMethods { merge: true, squash: false, rebase: false };
    world.github.set_merge_methods(REPOSITORY, methods).unwrap();
    let forbidden = "Squash merges are not allowed on this repository.";
    assert_eq!(refused(json!({"merge_method": "squash"})).await, (405, forbidden.to_owned()));
    let forbidden = "Rebase merges are not allowed on this repository.";
    assert_eq!(refused(json!({"merge_method": "rebase"})).await, (405, forbidden.to_owned()));
    assert_eq!(world.get("").await.body["allow_squash_merge"], false);
    world.github.inject(Fault::base_modified());
    let base = "Base branch was modified. Review and try the merge again.";
    assert_eq!(refused(json!({})).await, (405, base.to_owned()));
    world.write("main", "a.txt", "b\n");
    assert_eq!(refused(json!({"sha": sha})).await, (405, "Pull Request is not mergeable".to_owned()));
    world.github.close_pull(REPOSITORY, "carol", pull).unwrap();
    assert_eq!(refused(json!({})).await, (405, "Pull Request is not mergeable".to_owned()));
}

#[tokio::test]
async fn a_merge_takes_the_words_it_is_given_and_the_method() {
    let world = World::new().await;
    world.write("one", "1.txt", "1\n");
    let head = world.write("one", "2.txt", "2\n");
    let one = world.open_pull("one", "");
    let body = json!({"commit_title": "Title", "commit_message": "Words", "merge_method": "merge", "sha": head});
    let sha = world.merge(one, body).await.body["sha"].as_str().unwrap().to_owned();
    assert_eq!(world.github.message_of(REPOSITORY, &sha), "Title\n\nWords");
    assert_eq!(world.github.parents_of(REPOSITORY, &sha)[1], head);
    let commit = world.get(&format!("/commits/{sha}")).await.body;
    assert_eq!(commit["author"]["login"], "stationmaster[bot]");
    assert_eq!(commit["commit"]["committer"]["name"], "GitHub");
    world.write("two", "3.txt", "3\n");
    let two = world.open_pull("two", "");
    let body = json!({"merge_method": "squash", "commit_title": "Two", "commit_message": ""});
    let squashed = world.merge(two, body).await.body["sha"].as_str().unwrap().to_owned();
    assert_eq!(world.github.message_of(REPOSITORY, &squashed), "Two");
    assert_eq!(world.github.parents_of(REPOSITORY, &squashed), [sha]);
    assert_eq!(world.get(&format!("/commits/{squashed}")).await.body["author"]["login"], "carol");
    assert_eq!(world.get(&format!("/commits/{squashed}/pulls")).await.body[0]["number"], two.0);
    assert_eq!(world.github.pull(REPOSITORY, two.0).unwrap().merged_by.unwrap(), "stationmaster[bot]");
}

#[tokio::test]
async fn a_rebase_keeps_authors_and_messages_and_refuses_what_holds_a_merge() {
    let world = World::new().await;
    let commit = AuthoredCommit {
        pusher: "carol",
        branch: "topic",
        author: ("Ann Other", "ann@example.com"),
        co_authors: &[("Bob", "bob@example.com"), ("Eve", "eve@example.com")],
        files: &[("a.txt", Some(b"a\n".to_vec())), ("b.txt", Some(b"b\n".to_vec()))],
        message: "Add two",
    };
    world.github.push_commit_by(REPOSITORY, commit).unwrap();
    let pull = world.open_pull("topic", "");
    world.write("main", "c.txt", "c\n");
    let merged = world.merge(pull, json!({"merge_method": "rebase"})).await.body["sha"].as_str().unwrap().to_owned();
    let words = "Add two\n\nCo-authored-by: Bob <bob@example.com>\nCo-authored-by: Eve <eve@example.com>";
    assert_eq!(world.github.message_of(REPOSITORY, &merged), words);
    let author = ("Ann Other".to_owned(), "ann@example.com".to_owned());
    assert_eq!(world.github.author_of(REPOSITORY, &merged), Some(author));
    assert!(world.get(&format!("/commits/{merged}")).await.body["author"].is_null());
    world.write("next", "d.txt", "d\n");
    let next = world.open_pull("next", "");
    world.write("main", "e.txt", "e\n");
    assert_eq!(world.put(&format!("/pulls/{next}/update-branch"), json!({})).await.status, 202);
    let refused = world.merge(next, json!({"merge_method": "rebase"})).await;
    assert_eq!((refused.status, refused.message()), (405, "This branch can't be rebased"));
}

#[tokio::test]
async fn a_branch_is_brought_up_to_date_only_when_it_is_behind_and_where_it_was_seen() {
    let world = World::new().await;
    let head = world.write("topic", "a.txt", "a\n");
    let pull = world.open_pull("topic", "");
    let path = format!("/pulls/{pull}/update-branch");
    let none = world.put(&path, json!({})).await;
    assert_eq!((none.status, none.message()), (422, "There are no new commits on the base branch."));
    world.write("main", "b.txt", "b\n");
    let stale = world.put(&path, json!({"expected_head_sha": "0".repeat(40)})).await;
    assert_eq!((stale.status, stale.message()), (422, "expected head sha didn’t match current head ref."));
    world.github.drop_all();
    let done = world.put(&path, json!({"expected_head_sha": head})).await;
    assert_eq!((done.status, done.message()), (202, "Updating pull request branch."));
    let tip = world.github.head_of(REPOSITORY, "topic").unwrap();
    assert_eq!(world.github.message_of(REPOSITORY, &tip), "Merge branch 'main' into topic");
    assert_eq!(world.told()[1].2["after"], json!(tip));
    assert_eq!(world.get(&format!("/pulls/{pull}/files")).await.body.as_array().unwrap().len(), 1);
    world.write("main", "a.txt", "other\n");
    let conflict = world.put(&path, json!({})).await;
    assert_eq!((conflict.status, conflict.message()), (422, "merge conflict between base and head"));
}

#[tokio::test]
async fn the_merges_api_builds_a_staging_branch_commit_by_commit() {
    let world = World::new().await;
    let start = world.github.head_of(REPOSITORY, "main").unwrap();
    let one = world.write("one", "README.md", "one\n");
    world.write("two", "README.md", "two\n");
    let made = world.post("/git/refs", json!({"ref": "refs/heads/staging", "sha": start})).await;
    assert_eq!(made.status, 201);
    world.github.drop_all();
    let merge = async |base: &str, head: &str| {
        world.post("/merges", json!({"base": base, "head": head, "commit_message": "Build"})).await
    };
    let merged = merge("staging", &one).await;
    assert_eq!((merged.status, &merged.body["commit"]["message"]), (201, &json!("Build")));
    assert_eq!(merged.body["parents"][1]["sha"], json!(one));
    let push = &world.told()[0].2;
    assert_eq!((&push["ref"], &push["after"]), (&json!("refs/heads/staging"), &merged.body["sha"]));
    assert_eq!((&push["created"], &push["forced"]), (&json!(false), &json!(false)));
    assert_eq!(push["commits"].as_array().unwrap().len(), 2);
    assert_eq!(merge("staging", "one").await.status, 204);
    let conflict = merge("staging", "two").await;
    assert_eq!((conflict.status, conflict.message()), (409, "Merge conflict"));
    let absent = merge("nowhere", "two").await;
    assert_eq!((absent.status, absent.message()), (404, "Base does not exist"));
    assert_eq!(merge("staging", "nowhere").await.message(), "Head does not exist");
    let landed = world.patch("/git/refs/heads/main", json!({"sha": merged.body["sha"], "force": false})).await;
    assert_eq!(landed.status, 200);
    assert_eq!(world.github.files_at(REPOSITORY, "main")["README.md"], b"one\n");
}

#[tokio::test]
async fn a_merge_may_have_happened_although_it_was_answered_with_500() {
    let world = World::new().await;
    world.write("topic", "a.txt", "a\n");
    let pull = world.open_pull("topic", "");
    world.write("other", "b.txt", "b\n");
    world.github.inject(Fault::new("/merges", FaultKind::StatusAfterDoing(500)).method("POST"));
    world.github.inject(Fault::new("/merge", FaultKind::StatusAfterDoing(500)).method("PUT"));
    let body = json!({"base": "main", "head": "other"});
    assert_eq!(world.post("/merges", body.clone()).await.status, 500);
    assert_eq!(world.post("/merges", body).await.status, 204);
    assert_eq!(world.merge(pull, json!({})).await.status, 500);
    assert_eq!(world.get(&format!("/pulls/{pull}")).await.body["merged"], true);
    let asked = world.send(Method::GET, &format!("/repos/{REPOSITORY}/pulls/{pull}/merge"), &world.token, None).await;
    assert_eq!(asked.status, 204);
}
