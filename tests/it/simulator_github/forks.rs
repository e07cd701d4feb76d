//! Forks: their pulls, their pushes, and what is left when they are deleted.

use serde_json::{Value, json};
use stationmaster::model::Number;
use stationmaster::simulator::github::{CheckApp, NewPull};

use super::{REPOSITORY, World};

const FORK: &str = "mallory/shop";

fn open_fork_pull(world: &World) -> (Number, String) {
    world.github.fork(REPOSITORY, "mallory").unwrap();
    let files = [("evil.txt", Some(b"hello\n".to_vec()))];
    let sha = world.github.commit_files(FORK, "mallory", "topic", &files, "Change").unwrap();
    let pull = NewPull { title: "Take this".into(), head: "topic".into(), base: "main".into(), ..NewPull::default() };
    (world.github.open_fork_pull(REPOSITORY, FORK, "mallory", pull).unwrap(), sha)
}

#[tokio::test]
async fn a_pull_from_a_fork_names_it_and_its_commits_are_reachable_in_the_base() {
    let world = World::new().await;
    let (pull, sha) = open_fork_pull(&world);
    let seen = world.get(&format!("/pulls/{pull}")).await.body;
    assert_eq!((&seen["head"]["label"], &seen["head"]["sha"]), (&json!("mallory:topic"), &json!(sha)));
    assert_eq!((&seen["head"]["repo"]["full_name"], &seen["head"]["repo"]["fork"]), (&json!(FORK), &json!(true)));
    assert_eq!((&seen["base"]["repo"]["full_name"], &seen["changed_files"]), (&json!(REPOSITORY), &json!(1)));
    assert_eq!(world.get(&format!("/git/ref/pull/{pull}/head")).await.body["object"]["sha"], json!(sha));
    assert_eq!(world.get(&format!("/commits/{sha}")).await.body["files"][0]["filename"], "evil.txt");
    assert_eq!(world.get("/branches").await.body.as_array().unwrap().len(), 1);
    assert_eq!(world.get("/compare/main...mallory:topic").await.body["ahead_by"], 1);
    assert_eq!(world.get("/pulls?head=mallory:topic").await.body[0]["number"], pull.0);
    let listed = world.get(&format!("/commits/{sha}/pulls")).await.body;
    assert_eq!(listed[0]["number"], pull.0);
    let fork = world.send(reqwest::Method::GET, &format!("/repos/{FORK}"), &world.token, None).await;
    assert_eq!(fork.status, 404, "the App is not installed there");
}

#[tokio::test]
async fn a_push_to_the_fork_is_told_only_as_the_pulls_synchronization() {
    let world = World::new().await;
    let (pull, before) = open_fork_pull(&world);
    world.github.drop_all();
    let files = [("more.txt", Some(b"more\n".to_vec()))];
    let after = world.github.commit_files(FORK, "mallory", "topic", &files, "More").unwrap();
    let told = world.told();
    assert_eq!(told.len(), 1);
    assert_eq!((told[0].0.as_str(), told[0].1.as_deref()), ("pull_request", Some("synchronize")));
    assert_eq!((&told[0].2["before"], &told[0].2["after"]), (&json!(before), &json!(after)));
    assert_eq!(told[0].2["repository"]["full_name"], REPOSITORY);
    assert_eq!(world.get(&format!("/pulls/{pull}/commits")).await.body.as_array().unwrap().len(), 2);
    let merged = world.merge(pull, json!({"sha": after})).await;
    assert_eq!(merged.status, 200, "{}", merged.body);
    let sha = merged.body["sha"].as_str().unwrap();
    assert_eq!(
        world.github.message_of(REPOSITORY, sha),
        format!("Merge pull request #{pull} from mallory/topic\n\nTake this")
    );
    assert_eq!(world.github.parents_of(REPOSITORY, sha)[1], after);
}

#[tokio::test]
async fn a_deleted_fork_leaves_a_pull_without_a_head_repository_that_can_still_be_read() {
    let world = World::new().await;
    let (pull, sha) = open_fork_pull(&world);
    world.github.delete_repository(FORK).unwrap();
    let seen = world.get(&format!("/pulls/{pull}")).await.body;
    assert_eq!((&seen["head"]["repo"], &seen["head"]["sha"]), (&Value::Null, &json!(sha)));
    assert_eq!(world.get(&format!("/pulls/{pull}/files")).await.body[0]["filename"], "evil.txt");
    world.github.close_pull(REPOSITORY, "mallory", pull).unwrap();
    let refused = world.patch(&format!("/pulls/{pull}"), json!({"state": "open"})).await;
    let why = "state cannot be changed. The repository that submitted this pull request has been deleted.";
    assert_eq!((refused.status, &refused.body["errors"][0]["message"]), (422, &json!(why)));
}

#[tokio::test]
async fn the_api_opens_a_pull_from_a_fork_once() {
    let world = World::new().await;
    world.github.fork(REPOSITORY, "mallory").unwrap();
    let open = async |head: &str| world.post("/pulls", json!({"title": "x", "head": head, "base": "main"})).await;
    assert_eq!(open("mallory:main").await.body["errors"][0]["message"], "No commits between main and mallory:main");
    let files = [("a.txt", Some(b"a\n".to_vec()))];
    world.github.commit_files(FORK, "mallory", "topic", &files, "Change").unwrap();
    assert_eq!(open("mallory:topic").await.status, 201);
    let again = open("mallory:topic").await;
    assert_eq!(again.body["errors"][0]["message"], "A pull request already exists for mallory:topic.");
    assert_eq!(open("nobody:topic").await.body["errors"][0]["field"], "head");
}

#[tokio::test]
async fn checks_of_a_forks_head_name_no_pull_but_graphql_tells_them_of_the_pull() {
    let world = World::new().await;
    let (pull, sha) = open_fork_pull(&world);
    world.github.drop_all();
    let check = world.github.start_check(REPOSITORY, &sha, CheckApp::actions(), "build").unwrap();
    world.github.finish_check(check, "success").unwrap();
    let told = world.told();
    assert_eq!(told[0].2["check_run"]["pull_requests"], json!([]));
    assert_eq!(
        (&told[2].2["check_suite"]["pull_requests"], &told[2].2["check_suite"]["head_branch"]),
        (&json!([]), &Value::Null)
    );
    let seen = world.ask_for_pull(pull.0).await["pullRequest"].clone();
    assert_eq!(seen["headRepository"]["nameWithOwner"], FORK);
    assert_eq!(seen["head"]["nodes"][0]["commit"]["statusCheckRollup"]["contexts"]["nodes"][0]["databaseId"], check);
}
