//! Rate limits and conditional requests.

use serde_json::{Value, json};
use stationmaster::github::{Call, Freshness, GithubError, Limits, Path};
use stationmaster::model::{InstallationId, Timestamp};

use super::server::{Reply, START, Server, repository, rust};

#[expect(clippy::wildcard_enum_match_arm, reason = "whatever else it is, the test has failed")]
fn limited(error: &GithubError) -> (i64, bool) {
    match error {
        GithubError::RateLimited { until, secondary } => (until.since_ms(START), *secondary),
        other => panic!("not a rate limit: {other}"),
    }
}

#[tokio::test]
async fn nothing_is_sent_between_the_last_request_and_the_reset() {
    let reset = START.seconds() + 600;
    let server = Server::start(move |_, before| {
        let remaining = if before < 2 { 1 - before } else { 4_999 };
        let reset = if before < 2 { reset } else { reset + 3_600 };
        Reply::new(200, repository())
            .header("x-ratelimit-limit", 5_000)
            .header("x-ratelimit-remaining", remaining)
            .header("x-ratelimit-reset", reset)
            .header("x-ratelimit-resource", "core")
    })
    .await;
    let client = server.client();
    client.repository(&rust()).await.unwrap();
    assert_eq!(client.limits().remaining, Some(1));
    client.repository(&rust()).await.unwrap();
    for _ in 0..5 {
        let error = client.repository(&rust()).await.unwrap_err();
        assert_eq!(limited(&error), (600_000, false));
        assert_eq!(error.to_string(), "GitHub's hourly rate limit is used up until 2026-11-21T08:10:00Z");
        assert!(error.is_transient() && !error.may_have_happened());
    }
    server.clock.advance_ms(599_999);
    client.repository(&rust()).await.unwrap_err();
    assert_eq!(server.seen().len(), 2, "no request while the limit is used up");
    server.clock.advance_ms(1);
    client.repository(&rust()).await.unwrap();
    let expected = Limits {
        limit: Some(5_000),
        remaining: Some(4_999),
        reset: Some(Timestamp::from_seconds(reset + 3_600)),
        blocked_until: Some(Timestamp::from_seconds(reset)),
    };
    assert_eq!(client.limits(), expected);
    assert_eq!(server.github.limits()[1], (Some(client.id()), expected));
}

#[tokio::test]
async fn one_installation_at_its_limit_stops_no_other() {
    let server = Server::start(|_, before| {
        let remaining = if before == 0 { 0 } else { 100 };
        Reply::new(200, repository())
            .header("x-ratelimit-remaining", remaining)
            .header("x-ratelimit-reset", START.seconds() + 600)
    })
    .await;
    server.client().repository(&rust()).await.unwrap();
    server.client().repository(&rust()).await.unwrap_err();
    server.github.installation(InstallationId(78)).repository(&rust()).await.unwrap();
}

#[tokio::test]
async fn a_refusal_for_the_hourly_limit_waits_for_the_reset() {
    let server = Server::start(|_, _| {
        Reply::new(403, json!({ "message": "API rate limit exceeded for installation ID 77." }))
            .header("x-ratelimit-remaining", 0)
            .header("x-ratelimit-reset", START.seconds() + 30)
    })
    .await;
    let error = server.client().repository(&rust()).await.unwrap_err();
    assert_eq!(limited(&error), (30_000, false));
}

#[tokio::test]
async fn a_reset_that_our_clock_has_passed_already_still_pauses() {
    let server = Server::start(|_, _| {
        Reply::new(429, json!({ "message": "API rate limit exceeded" }))
            .header("x-ratelimit-remaining", 0)
            .header("x-ratelimit-reset", START.seconds() - 30)
    })
    .await;
    let error = server.client().repository(&rust()).await.unwrap_err();
    assert_eq!(limited(&error), (1_000, false));
    server.client().repository(&rust()).await.unwrap_err();
    assert_eq!(server.seen().len(), 1);
}

#[tokio::test]
async fn a_secondary_limit_waits_as_long_as_it_says() {
    let server = Server::start(|_, _| {
        Reply::new(403, json!({ "message": "You have exceeded a secondary rate limit." }))
            .header("retry-after", 17)
            .header("x-ratelimit-remaining", 4_000)
            .header("x-ratelimit-reset", START.seconds() + 600)
    })
    .await;
    let error = server.client().repository(&rust()).await.unwrap_err();
    assert_eq!(limited(&error), (17_000, true));
    server.clock.advance_ms(16_999);
    server.client().repository(&rust()).await.unwrap_err();
    assert_eq!(server.seen().len(), 1);
    server.clock.advance_ms(1);
    server.client().repository(&rust()).await.unwrap_err();
    assert_eq!(server.seen().len(), 2);
}

#[tokio::test]
async fn secondary_limits_that_say_nothing_wait_a_minute_then_twice_as_long_each_time() {
    let server = Server::start(|_, before| match before {
        0 | 1 | 2 | 4 => Reply::new(403, json!({ "message": "You have exceeded a secondary rate limit." })),
        _ => Reply::new(200, repository()),
    })
    .await;
    let client = server.client();
    let mut waited = 0;
    for pause_ms in [60_000, 120_000, 240_000] {
        let error = client.repository(&rust()).await.unwrap_err();
        assert_eq!(limited(&error), (waited + pause_ms, true));
        server.clock.advance_ms(pause_ms);
        waited += pause_ms;
    }
    client.repository(&rust()).await.unwrap();
    let error = client.repository(&rust()).await.unwrap_err();
    assert_eq!(limited(&error), (waited + 60_000, true), "a success ends the row");
}

#[tokio::test]
async fn an_answer_that_has_not_changed_comes_from_memory() {
    let server = Server::start(|seen, _| match seen.if_none_match.as_deref() {
        Some("\"v1\"") => Reply::new(304, "").header("etag", "\"v1\""),
        _ => Reply::new(200, repository()).header("etag", "\"v1\""),
    })
    .await;
    let client = server.client();
    let first = client.repository(&rust()).await.unwrap();
    let second = client.repository(&rust()).await.unwrap();
    assert_eq!(first, second);
    let call = Call::get(Path::repository(&rust(), []).unwrap());
    client.call(call.fresh(Freshness::Bypass)).await.unwrap();
    let other = server.github.installation(InstallationId(78));
    other.repository(&rust()).await.unwrap();
    let asked: Vec<Option<String>> = server.seen().into_iter().map(|seen| seen.if_none_match).collect();
    assert_eq!(asked, [None, Some("\"v1\"".to_owned()), None, None], "another installation shares no answers");
}

#[tokio::test]
async fn large_answers_are_not_kept() {
    let mut large = repository();
    large["description"] = Value::from("x".repeat(256 * 1024));
    let server = Server::start(move |_, _| Reply::new(200, &large).header("etag", "\"v1\"")).await;
    server.client().repository(&rust()).await.unwrap();
    server.client().repository(&rust()).await.unwrap();
    assert!(server.seen().iter().all(|seen| seen.if_none_match.is_none()));
}
