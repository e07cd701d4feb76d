//! What a server tells a collector of traces, what it logs without one, and whose ids its lines carry.

use std::sync::{Arc, Mutex};

use serde_json::Value;

use super::{Place, webhook};
use crate::world::On;

/// A collector on loopback that keeps what it is sent.
struct Collector {
    address: String,
    bodies: Arc<Mutex<Vec<(String, bytes::Bytes)>>>,
}

impl Collector {
    async fn start() -> Self {
        let bodies: Arc<Mutex<Vec<(String, bytes::Bytes)>>> = Arc::default();
        let kept = Arc::clone(&bodies);
        let keep = move |headers: axum::http::HeaderMap, body: bytes::Bytes| async move {
            let content = headers["content-type"].to_str().unwrap().to_owned();
            kept.lock().unwrap().push((content, body));
            ""
        };
        let routes = axum::Router::new().route("/v1/traces", axum::routing::post(keep));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let stop = tokio_util::sync::CancellationToken::new();
        tokio::spawn(stationmaster::http::serve(listener, routes, stop, std::time::Duration::from_secs(1)));
        Self { address, bodies }
    }

    fn holds(&self, words: &str) -> bool {
        let bodies = self.bodies.lock().unwrap();
        bodies.iter().any(|(_, body)| body.windows(words.len()).any(|part| part == words.as_bytes()))
    }
}

#[tokio::test]
async fn a_collector_is_told_of_webhooks_decisions_actions_and_requests_with_their_ids() {
    let place = Place::start(On::Sqlite).await;
    let collector = Collector::start().await;
    let server = place
        .serve_with(&[
            ("OTEL_EXPORTER_OTLP_ENDPOINT", &collector.address),
            ("OTEL_SERVICE_NAME", "harbour-line"),
            ("OTEL_RESOURCE_ATTRIBUTES", "deployment.environment=yard"),
            // What is logged is another matter.
            ("LOG_LEVEL", "info"),
        ])
        .await;
    let number = place.open_issue("Deploy v2.0 to production");
    place.carded(number).await;
    place.told(1).await;
    place.rest().await;
    server.signal("TERM").await;
    let (status, log) = server.ended().await;
    assert!(status.success(), "{log}");
    let guids: Vec<String> =
        place.github.look(|view| view.deliveries().iter().map(|delivery| delivery.webhook.guid.clone()).collect());
    let subject = format!("issue/{}/{number}", place.store().await.repositories().await.unwrap()[0].id);
    for words in ["webhook", "delivery", "decision", "action", "github request", "harbour-line", "yard", "set_labels"] {
        assert!(collector.holds(words), "nothing is told of {words}");
    }
    for id in [subject.as_str(), guids[0].as_str()] {
        assert!(collector.holds(id), "nothing is told of {id}");
    }
    let bodies = collector.bodies.lock().unwrap();
    assert!(bodies.iter().all(|(content, _)| content == "application/x-protobuf"), "{:?}", bodies[0].0);
    let app = place.github.app();
    let secret = app.webhook_secret.as_bytes();
    assert!(!bodies.iter().any(|(_, body)| body.windows(secret.len()).any(|part| part == secret)));
}

#[tokio::test]
async fn a_collector_that_is_down_costs_one_line_of_the_log() {
    let place = Place::start(On::Sqlite).await;
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let endpoint = format!("http://{nobody}");
    let settings = [("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint.as_str()), ("OTEL_BSP_SCHEDULE_DELAY", "20")];
    let server = place.serve_with(&settings).await;
    for title in ["Deploy v2.0", "Deploy v2.1", "Deploy v2.2"] {
        let number = place.open_issue(title);
        place.carded(number).await;
    }
    place.rest().await;
    server.signal("TERM").await;
    let (status, log) = server.ended().await;
    assert!(status.success(), "{log}");
    assert_eq!(log.matches("traces cannot be sent and are dropped").count(), 1, "{log}");
}

#[tokio::test]
async fn every_line_about_a_delivery_a_subject_or_an_action_carries_its_ids() {
    let place = Place::start(On::Sqlite).await;
    let mut server = place.serve_with(&[("LOG_LEVEL", "debug")]).await;
    place.rest().await;
    let number = place.open_issue("Deploy v2.0 to production");
    place.carded(number).await;
    let body = r#"{"action":"opened","issue":{"title":"A strange one"},"repository":{"id":1,"full_name":"octo/station"},"installation":{"id":1}}"#;
    let (head, body) = webhook(&place.github.app().webhook_secret, "strange-1", "issues", body);
    server.send((head + &body).as_bytes()).await;
    server.logs("could not be understood").await;
    place.rest().await;
    let log = server.log();
    let lines: Vec<Value> = log.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let carries = |line: &Value, name: &str| {
        line["spans"].as_array().is_some_and(|spans| spans.iter().any(|span| !span[name].is_null()))
    };
    let about = |target: &str| -> Vec<&Value> {
        lines.iter().filter(|line| line["target"].as_str().is_some_and(|own| own.starts_with(target))).collect()
    };
    let decided = about("stationmaster::engine::decisions");
    assert!(!decided.is_empty() && decided.iter().all(|line| carries(line, "subject")), "{decided:#?}");
    let understood = about("stationmaster::engine::intake");
    assert!(!understood.is_empty() && understood.iter().all(|line| carries(line, "delivery")), "{understood:#?}");
}
