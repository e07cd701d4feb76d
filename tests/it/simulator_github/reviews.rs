//! Reviews stay with the commit that was looked at, and nobody approves their own pull.

use serde_json::json;
use stationmaster::simulator::github::{Access, NewPull, Protection, ReviewEvent, ReviewState};

use super::{REPOSITORY, World};

#[tokio::test]
async fn the_app_reviews_a_pull_at_a_commit_and_the_review_stays_there_when_the_head_moves() {
    let world = World::new().await;
    let judged = world.write("topic", "a.txt", "a\n");
    let pull = world.open_pull("topic", "");
    world.github.drop_all();
    let path = format!("/pulls/{pull}/reviews");
    let made = world.post(&path, json!({"commit_id": judged, "event": "APPROVE", "body": "Fine"})).await;
    assert_eq!((made.status, &made.body["state"], &made.body["commit_id"]), (200, &json!("APPROVED"), &json!(judged)));
    let told = world.told();
    assert_eq!((told[0].0.as_str(), told[0].1.as_deref()), ("pull_request_review", Some("submitted")));
    assert_eq!(
        (&told[0].2["review"]["state"], &told[0].2["pull_request"]["number"]),
        (&json!("approved"), &json!(pull.0))
    );
    world.write("topic", "a.txt", "b\n");
    world.github.review(REPOSITORY, "alice", pull, (ReviewEvent::RequestChanges, None)).unwrap();
    let listed = world.get(&path).await.body;
    assert_eq!((&listed[0]["state"], &listed[0]["commit_id"]), (&json!("APPROVED"), &json!(judged)));
    assert_eq!((&listed[1]["state"], &listed[1]["user"]["login"]), (&json!("CHANGES_REQUESTED"), &json!("alice")));
    let page = world.get(&format!("{path}?per_page=1&page=2")).await;
    assert_eq!((page.body[0]["id"].clone(), page.body.as_array().unwrap().len()), (listed[1]["id"].clone(), 1));
    assert_eq!(world.post(&path, json!({"event": "COMMENT"})).await.status, 422);
    assert_eq!(world.post(&path, json!({"event": "PRAISE", "body": "x"})).await.status, 422);
    world.github.set_installation_permissions("acme", &[("pull_requests", Access::Read)]).unwrap();
    assert_eq!(world.post(&path, json!({"event": "APPROVE"})).await.status, 403);
}

#[tokio::test]
async fn nobody_approves_their_own_pull_or_asks_themselves_for_changes() {
    let world = World::new().await;
    world.write("topic", "a.txt", "a\n");
    let own = world.post("/pulls", json!({"title": "x", "head": "topic", "base": "main"})).await;
    let path = format!("/pulls/{}/reviews", own.body["number"]);
    let refused = world.post(&path, json!({"event": "APPROVE"})).await;
    assert_eq!(
        (refused.status, &refused.body["errors"]),
        (422, &json!(["Review Can not approve your own pull request"]))
    );
    let refused = world.post(&path, json!({"event": "REQUEST_CHANGES", "body": "No"})).await;
    assert_eq!(refused.body["errors"][0], "Review Can not request changes on your own pull request");
    assert_eq!(world.post(&path, json!({"event": "COMMENT", "body": "Hm"})).await.status, 200);
    world.write("other", "b.txt", "b\n");
    let pull = NewPull { title: "y".into(), head: "other".into(), base: "main".into(), ..NewPull::default() };
    let pull = world.github.open_pull(REPOSITORY, "carol", pull).unwrap();
    assert!(world.github.review(REPOSITORY, "carol", pull, (ReviewEvent::Approve, None)).is_err());
}

#[tokio::test]
async fn a_review_is_dismissed_once_and_a_comment_never() {
    let world = World::new().await;
    world.write("topic", "a.txt", "a\n");
    let pull = world.open_pull("topic", "");
    let review = world.github.review(REPOSITORY, "alice", pull, (ReviewEvent::RequestChanges, None)).unwrap();
    let comment = world.github.review(REPOSITORY, "alice", pull, (ReviewEvent::Comment, None)).unwrap();
    world.github.drop_all();
    let path = format!("/pulls/{pull}/reviews/{review}/dismissals");
    assert_eq!(world.put(&path, json!({})).await.status, 422);
    let dismissed = world.put(&path, json!({"message": "Settled"})).await;
    assert_eq!((dismissed.status, &dismissed.body["state"]), (200, &json!("DISMISSED")));
    assert_eq!(world.news(), ["pull_request_review.dismissed"]);
    assert_eq!(world.put(&path, json!({"message": "Again"})).await.status, 422);
    let path = format!("/pulls/{pull}/reviews/{comment}/dismissals");
    assert_eq!(world.put(&path, json!({"message": "x"})).await.status, 422);
    assert_eq!(world.put(&format!("/pulls/{pull}/reviews/1/dismissals"), json!({"message": "x"})).await.status, 404);
}

#[tokio::test]
async fn a_push_dismisses_approvals_where_the_branch_wants_that() {
    let world = World::new().await;
    let protection = Protection { required_approvals: 1, dismiss_stale: true, ..Protection::default() };
    world.github.protect(REPOSITORY, "main", protection).unwrap();
    world.write("topic", "a.txt", "a\n");
    let pull = world.open_pull("topic", "");
    world.github.review(REPOSITORY, "alice", pull, (ReviewEvent::Approve, None)).unwrap();
    world.github.review(REPOSITORY, "bob", pull, (ReviewEvent::RequestChanges, None)).unwrap();
    world.github.drop_all();
    world.write("topic", "a.txt", "b\n");
    assert_eq!(world.news(), ["push", "pull_request.synchronize", "pull_request_review.dismissed"]);
    let states: Vec<ReviewState> = world.github.reviews(REPOSITORY, pull).iter().map(|review| review.state).collect();
    assert_eq!(states, [ReviewState::Dismissed, ReviewState::ChangesRequested]);
}
