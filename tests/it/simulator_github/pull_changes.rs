//! What happens to an open pull: pushes, new bases, labels, comments, closing, and whether it can be merged.

use serde_json::{Value, json};
use stationmaster::simulator::github::NewPull;

use super::{REPOSITORY, World};

impl World {
    /// The events told since the last look, as `event action`.
    fn events(&self) -> Vec<String> {
        let name = |(event, action, _): (String, Option<String>, Value)| match action {
            Some(action) => format!("{event} {action}"),
            None => event,
        };
        let names = self.told().into_iter().map(name).collect();
        self.github.drop_all();
        names
    }
}

#[tokio::test]
async fn mergeability_is_unknown_on_the_first_read_after_a_push_to_either_end() {
    let world = World::new().await;
    world.write("topic", "a.txt", "a\n");
    let pull = world.open_pull("topic", "");
    let read = async || {
        let body = world.get(&format!("/pulls/{pull}")).await.body;
        (body["mergeable"].clone(), body["mergeable_state"].as_str().unwrap_or_default().to_owned())
    };
    let unknown = (Value::Null, "unknown".to_owned());
    assert_eq!(read().await, unknown);
    assert_eq!(read().await, (json!(true), "clean".to_owned()));
    world.write("topic", "b.txt", "b\n");
    assert_eq!(read().await, unknown);
    assert_eq!(read().await, (json!(true), "clean".to_owned()));
    world.write("main", "a.txt", "other\n");
    assert_eq!(read().await, unknown);
    assert_eq!(read().await, (json!(false), "dirty".to_owned()));
    world.github.set_unknown_mergeability_reads(3);
    world.write("topic", "c.txt", "c\n");
    for _ in 0..3 {
        assert_eq!(read().await, unknown);
    }
    assert_eq!(read().await.0, json!(false));
}

#[tokio::test]
async fn each_change_to_a_pull_is_told_under_its_own_name() {
    let world = World::new().await;
    world.write("release", "r.txt", "r\n");
    world.write("topic", "a.txt", "a\n");
    let pull = world.open_pull("topic", "");
    world.github.drop_all();
    world.github.set_draft(REPOSITORY, "carol", pull, true).unwrap();
    world.github.set_draft(REPOSITORY, "carol", pull, false).unwrap();
    assert_eq!(world.events(), ["pull_request converted_to_draft", "pull_request ready_for_review"]);
    world.github.label_pull(REPOSITORY, "carol", pull, "bug").unwrap();
    world.github.unlabel_pull(REPOSITORY, "carol", pull, "bug").unwrap();
    assert_eq!(world.events(), ["pull_request labeled", "pull_request unlabeled"]);
    world.github.retarget_pull(REPOSITORY, "carol", pull, "release").unwrap();
    assert_eq!(world.told()[0].2["changes"]["base"]["ref"]["from"], "main");
    assert_eq!(world.told()[0].2["pull_request"]["base"]["ref"], "release");
    assert_eq!(world.events(), ["pull_request edited"]);
    world.github.comment(REPOSITORY, "dave", pull, "Nice").unwrap();
    assert!(world.told()[0].2["issue"]["pull_request"]["url"].as_str().unwrap().ends_with("/pulls/1"));
    assert_eq!(world.events(), ["issue_comment created"]);
    world.github.close_pull(REPOSITORY, "carol", pull).unwrap();
    assert_eq!(world.told()[0].2["pull_request"]["merged"], false);
    let refused = world.patch(&format!("/pulls/{pull}"), json!({"base": "main"})).await;
    assert_eq!(refused.body["errors"][0]["message"], "Cannot change the base branch of a closed pull request.");
    assert!(world.github.reopen_pull(REPOSITORY, "carol", pull).unwrap());
    assert_eq!(world.events(), ["pull_request closed", "pull_request reopened"]);
}

#[tokio::test]
async fn a_forced_push_moves_the_pull_and_says_that_it_was_forced() {
    let world = World::new().await;
    let first = world.write("topic", "a.txt", "a\n");
    let second = world.write("topic", "b.txt", "b\n");
    let pull = world.open_pull("topic", "");
    world.github.drop_all();
    world.github.force_push(REPOSITORY, "carol", "topic", &first).unwrap();
    let told = world.told();
    assert_eq!((&told[0].0[..], &told[0].2["forced"]), ("push", &json!(true)));
    assert_eq!((&told[0].2["before"], &told[0].2["after"]), (&json!(second), &json!(first)));
    assert_eq!(told[1].2["pull_request"]["head"]["sha"], json!(first));
    assert_eq!(world.github.head_of(REPOSITORY, "topic").as_deref(), Some(first.as_str()));
    let hidden = world.get(&format!("/git/ref/pull/{pull}/head")).await;
    assert_eq!(hidden.body["object"]["sha"], json!(first));
}

#[tokio::test]
async fn deleting_a_branch_closes_the_pulls_from_it_and_onto_it_and_they_stay_closed_without_it() {
    let world = World::new().await;
    world.write("below", "a.txt", "a\n");
    let below = world.open_pull("below", "");
    world.github.force_push(REPOSITORY, "carol", "above", &world.github.head_of(REPOSITORY, "below").unwrap()).unwrap();
    world.write("above", "b.txt", "b\n");
    let stacked = NewPull { title: "Above".into(), head: "above".into(), base: "below".into(), ..NewPull::default() };
    let above = world.github.open_pull(REPOSITORY, "carol", stacked).unwrap();
    assert_eq!(world.merge(below, json!({})).await.status, 200);
    world.github.drop_all();
    assert_eq!(world.delete("/git/refs/heads/below").await.status, 204);
    assert_eq!(world.github.pull(REPOSITORY, above.0).unwrap().state, "closed");
    assert_eq!(world.told()[0].2["deleted"], true);
    assert_eq!(world.events(), ["push", "delete", "pull_request closed"]);
    let refused = world.patch(&format!("/pulls/{above}"), json!({"state": "open"})).await;
    let why = "state cannot be changed. The below branch has been deleted.";
    assert_eq!((refused.status, &refused.body["errors"][0]["message"]), (422, &json!(why)));
    let again = world.delete("/git/refs/heads/below").await;
    assert_eq!((again.status, again.message()), (422, "Reference does not exist"));
}

#[tokio::test]
async fn pulls_are_listed_by_head_base_and_state() {
    let world = World::new().await;
    world.write("release", "r.txt", "r\n");
    world.write("one", "1.txt", "1\n");
    world.write("two", "2.txt", "2\n");
    let (one, two) = (world.open_pull("one", ""), world.open_pull("two", ""));
    world.github.retarget_pull(REPOSITORY, "carol", two, "release").unwrap();
    world.github.close_pull(REPOSITORY, "carol", one).unwrap();
    let numbers = async |query: &str| {
        let listed = world.get(&format!("/pulls?{query}")).await.body;
        listed.as_array().unwrap().iter().map(|pull| pull["number"].as_i64().unwrap()).collect::<Vec<_>>()
    };
    assert_eq!(numbers("").await, [two.0]);
    assert_eq!(numbers("state=all").await, [two.0, one.0]);
    assert_eq!(numbers("state=all&direction=asc").await, [one.0, two.0]);
    assert_eq!(numbers("state=closed&head=acme:one").await, [one.0]);
    assert_eq!(numbers("head=acme:one").await, [0; 0]);
    assert_eq!(numbers("base=release").await, [two.0]);
    assert_eq!(numbers("base=main").await, [0; 0]);
}
