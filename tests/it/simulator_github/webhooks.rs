//! Webhooks are signed, in order, and can be lost, doubled and asked for again.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use hmac::{Hmac, Mac};
use reqwest::Method;
use serde_json::{Value, json};
use sha2::Sha256;
use stationmaster::simulator::github::{View, WebhookMode};

use super::{REPOSITORY, World};

/// What a webhook's receiver got: the headers and the exact body.
type Received = Arc<Mutex<Vec<(HeaderMap, Bytes)>>>;

/// Answers the first `failures` webhooks with 503 and the others with 204.
async fn receiver(failures: usize) -> (String, Received) {
    let received = Received::default();
    let sink = Arc::clone(&received);
    let app = Router::new().route(
        "/hook",
        post(move |headers: HeaderMap, body: Bytes| async move {
            let mut received = sink.lock().unwrap();
            received.push((headers, body));
            if received.len() <= failures { StatusCode::SERVICE_UNAVAILABLE } else { StatusCode::NO_CONTENT }
        }),
    );
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/hook", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, app).await });
    (url, received)
}

#[tokio::test]
async fn webhooks_are_signed_and_come_in_order_also_for_what_the_app_did() {
    let world = World::new().await;
    world.github.drop_all();
    let (url, received) = receiver(0).await;
    world.github.set_webhook_target(&url);
    world.github.set_webhook_mode(WebhookMode::Auto);
    let issue = world.github.open_issue(REPOSITORY, "alice", "Hello", "World").unwrap();
    world.post(&format!("/issues/{issue}/labels"), json!({"labels": ["bug", "question"]})).await;
    world.post(&format!("/issues/{issue}/comments"), json!({"body": "Hi"})).await;
    let all = |view: &View<'_>| view.deliveries().len() == 4;
    world.github.wait_until("four webhooks are delivered", Duration::from_secs(10), all).await.unwrap();
    let secret = world.github.app().webhook_secret;
    let mut told = Vec::new();
    for (headers, body) in received.lock().unwrap().iter() {
        let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
        mac.update(body);
        let sent = headers["x-hub-signature-256"].to_str().unwrap().strip_prefix("sha256=").unwrap();
        let digits = (0..sent.len()).step_by(2).map(|at| u8::from_str_radix(&sent[at..at + 2], 16).unwrap());
        mac.verify_slice(&digits.collect::<Vec<u8>>()).unwrap();
        assert!(headers["user-agent"].to_str().unwrap().starts_with("GitHub-Hookshot/"));
        let payload: Value = serde_json::from_slice(body).unwrap();
        assert_eq!(payload["installation"]["id"], world.github.installation_id("acme").unwrap().0);
        let action = payload["action"].as_str().unwrap().to_owned();
        let sender = payload["sender"]["login"].as_str().unwrap().to_owned();
        told.push((headers["x-github-event"].to_str().unwrap().to_owned(), action, sender));
    }
    let bot = "stationmaster[bot]";
    let expected = [
        ("issues", "opened", "alice"),
        ("issues", "labeled", bot),
        ("issues", "labeled", bot),
        ("issue_comment", "created", bot),
    ];
    assert_eq!(told, expected.map(|(event, action, who)| (event.to_owned(), action.to_owned(), who.to_owned())));
}

#[tokio::test]
async fn webhooks_can_be_lost_doubled_and_delivered_again_on_request() {
    let world = World::new().await;
    world.github.drop_all();
    let (url, received) = receiver(1).await;
    world.github.set_webhook_target(&url);
    let issue = world.github.open_issue(REPOSITORY, "alice", "Hello", "").unwrap();
    world.github.close_issue(REPOSITORY, "alice", issue).unwrap();
    world.github.reopen_issue(REPOSITORY, "alice", issue).unwrap();
    assert_eq!(world.github.deliver_next().await, Some(503));
    assert_eq!(world.github.drop_next().unwrap().action.as_deref(), Some("closed"));
    world.github.duplicate_next();
    assert_eq!(world.github.deliver_next().await, Some(204));
    assert_eq!(world.github.deliver_next_with_new_guid().await, Some(204));
    assert_eq!(world.github.deliver_next().await, None);
    let failed = world.send(Method::GET, "/app/hook/deliveries?status=failure", &world.good_jwt(), None).await;
    assert_eq!(failed.body.as_array().unwrap().len(), 1);
    let (id, guid) = (&failed.body[0]["id"], failed.body[0]["guid"].as_str().unwrap());
    let path = format!("/app/hook/deliveries/{id}/attempts");
    assert_eq!(world.send(Method::POST, &path, &world.good_jwt(), None).await.status, 202);
    assert_eq!(world.github.deliver_all().await, 1);
    let guids: Vec<String> = received
        .lock()
        .unwrap()
        .iter()
        .map(|(headers, _)| headers["x-github-delivery"].to_str().unwrap().to_owned())
        .collect();
    assert_eq!(guids.len(), 4);
    assert_eq!((guids[0].as_str(), guids[3].as_str()), (guid, guid));
    assert_ne!(guids[1], guids[2]);
}

#[tokio::test]
async fn webhooks_can_be_delayed_and_turned_around_and_a_dead_target_is_logged() {
    let world = World::new().await;
    world.github.drop_all();
    let issue = world.github.open_issue(REPOSITORY, "alice", "Hello", "").unwrap();
    world.github.close_issue(REPOSITORY, "alice", issue).unwrap();
    world.github.reopen_issue(REPOSITORY, "alice", issue).unwrap();
    let order = || world.github.pending_webhooks().into_iter().filter_map(|one| one.action).collect::<Vec<String>>();
    world.github.delay_next();
    assert_eq!(order(), ["closed", "reopened", "opened"]);
    world.github.reverse_pending();
    assert_eq!(order(), ["opened", "reopened", "closed"]);
    let nobody = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    world.github.set_webhook_target(&format!("http://{nobody}/hook"));
    assert_eq!(world.github.deliver_next().await, Some(502));
    let listed = world.send(Method::GET, "/app/hook/deliveries", &world.good_jwt(), None).await;
    assert_eq!(listed.body[0]["status"], "failed to connect to host");
}
