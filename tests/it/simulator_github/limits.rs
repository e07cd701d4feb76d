//! Limits, conditional requests, and faults before and after the deed.

use std::time::Duration;

use reqwest::Method;
use serde_json::json;
use stationmaster::simulator::github::{Fault, FaultKind, View};

use super::{REPOSITORY, START, World};

#[tokio::test]
async fn a_conditional_request_that_finds_nothing_new_is_free() {
    let world = World::new().await;
    let issue = world.github.open_issue(REPOSITORY, "alice", "Same", "").unwrap();
    let path = format!("/repos/{REPOSITORY}/issues/{issue}");
    let first = world.send(Method::GET, &path, &world.token, None).await;
    let before = first.header("x-ratelimit-remaining").to_owned();
    let again = |etag: String| {
        let url = format!("{}{path}", world.github.api_url());
        world.client.get(url).bearer_auth(&world.token).header("if-none-match", etag).send()
    };
    let unchanged = World::read(again(first.header("etag").to_owned()).await.unwrap()).await;
    assert_eq!((unchanged.status, unchanged.header("x-ratelimit-remaining")), (304, before.as_str()));
    world.github.edit_title(REPOSITORY, "alice", issue, "Other").unwrap();
    let changed = World::read(again(first.header("etag").to_owned()).await.unwrap()).await;
    assert_eq!(changed.status, 200);
    let left: i64 = changed.header("x-ratelimit-remaining").parse().unwrap();
    assert_eq!(left, before.parse::<i64>().unwrap() - 1);
}

#[tokio::test]
async fn the_hourly_limit_is_refused_until_its_window_ends() {
    let world = World::new().await;
    world.github.set_rate_limit(5000, 1);
    assert_eq!(world.get("").await.header("x-ratelimit-remaining"), "0");
    let refused = world.get("").await;
    assert_eq!(refused.status, 403);
    assert!(refused.message().starts_with("API rate limit exceeded for installation ID"), "{}", refused.message());
    let reset: i64 = refused.header("x-ratelimit-reset").parse().unwrap();
    assert_eq!(reset, START.seconds() + 3600);
    world.clock.advance_ms(3_600_000);
    let fresh = world.new_token().await;
    let answer = world.send(Method::GET, &format!("/repos/{REPOSITORY}"), &fresh, None).await;
    assert_eq!(answer.header("x-ratelimit-remaining"), "4999");
}

#[tokio::test]
async fn an_error_after_the_deed_leaves_the_deed_done_and_an_error_before_it_does_not() {
    let world = World::new().await;
    let issue = world.github.open_issue(REPOSITORY, "alice", "Faults", "").unwrap();
    let path = format!("/issues/{issue}/comments");
    let comments = || world.github.issue(REPOSITORY, issue.0).unwrap().comments.len();
    let fault = |kind| Fault::new("/comments", kind).method("POST");
    world.github.inject(fault(FaultKind::StatusAfterDoing(502)));
    assert_eq!(world.post(&path, json!({"body": "done"})).await.status, 502);
    assert_eq!(comments(), 1);
    world.github.inject(fault(FaultKind::Status(502)).times(2));
    assert_eq!(world.post(&path, json!({"body": "not done"})).await.status, 502);
    assert_eq!(world.get(&path).await.status, 200);
    assert_eq!(world.post(&path, json!({"body": "not done"})).await.status, 502);
    assert_eq!(comments(), 1);
    for (kind, expected) in [(FaultKind::CutConnection, 1), (FaultKind::CutAfterDoing, 2)] {
        world.github.inject(fault(kind));
        let url = format!("{}/repos/{REPOSITORY}{path}", world.github.api_url());
        let request = world.client.post(url).bearer_auth(&world.token).json(&json!({"body": "cut"}));
        assert!(request.send().await.is_err());
        assert_eq!(comments(), expected);
        assert_eq!(world.github.requests().last().unwrap().status, None);
    }
    world.github.inject(fault(FaultKind::SecondaryLimit { retry_after_s: Some(60) }));
    let limited = world.post(&path, json!({"body": "too fast"})).await;
    assert_eq!((limited.status, limited.header("retry-after")), (403, "60"));
    assert!(limited.message().starts_with("You have exceeded a secondary rate limit"));
    world.github.inject(fault(FaultKind::RateLimitPrimary { reset_in_s: 90 }));
    let limited = world.post(&path, json!({"body": "too much"})).await;
    assert_eq!((limited.status, limited.header("x-ratelimit-remaining")), (403, "0"));
    assert_eq!(world.github.clear_faults(), 0);
}

#[tokio::test]
async fn content_beyond_so_much_a_minute_is_refused_with_the_time_to_wait() {
    let world = World::new().await;
    world.github.limit_content(Some(2));
    let create = async || world.post("/issues", json!({"title": "One more"})).await;
    assert_eq!(create().await.status, 201);
    world.clock.advance_ms(20_000);
    assert_eq!(create().await.status, 201);
    let refused = create().await;
    assert_eq!((refused.status, refused.header("retry-after")), (403, "41"));
    assert_eq!(world.get("/issues").await.status, 200);
    world.clock.advance_ms(41_000);
    assert_eq!(create().await.status, 201);
}

#[tokio::test]
async fn a_stalled_request_gets_no_answer_and_is_in_the_log_without_a_status() {
    let world = World::new().await;
    world.github.inject(Fault::new("/issues", FaultKind::Stall));
    let url = format!("{}/repos/{REPOSITORY}/issues", world.github.api_url());
    let request = tokio::spawn(world.client.get(url).bearer_auth(&world.token).send());
    let stalled = |view: &View<'_>| view.requests().last().is_some_and(|last| last.fault.is_some());
    world.github.wait_until("the request stalls", Duration::from_secs(10), stalled).await.unwrap();
    assert_eq!(world.github.requests().last().unwrap().status, None);
    assert!(!request.is_finished());
    request.abort();
    assert_eq!(world.get("/issues").await.status, 200);
    let never = world.github.wait_until("pigs fly", Duration::from_millis(1), |_| false).await;
    assert_eq!(never.unwrap_err().to_string(), "waited in vain until pigs fly");
}
