//! What the webhook's door says to good and bad requests over real HTTP, and what is in the store behind it then.

use std::sync::Arc;
use std::time::Duration;

use hmac::{Hmac, Mac};
use secrecy::SecretString;
use serde_json::Value;
use sha2::Sha256;
use stationmaster::http::{Door, StoreDoors, router, serve};
use stationmaster::metrics::Metrics;
use stationmaster::model::{
    Action, Clock, Delivery, DeliveryGuid, EventName, ManualClock, PeopleMessage, Planned, RepositoryId, Subject,
    Timestamp, Urgency5,
};
use stationmaster::receive::{Signature, Verifier};
use stationmaster::store::{Ingest, Store};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

const MIB: usize = 1024 * 1024;

struct Server {
    address: std::net::SocketAddr,
    store: Store,
    stop: CancellationToken,
    serving: JoinHandle<std::io::Result<bool>>,
    _folder: tempfile::TempDir,
}

struct Answer {
    status: u16,
    head: String,
    body: String,
}

impl Answer {
    fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }

    /// Asserts that it is a problem as RFC 9457 has them, and returns its detail.
    #[track_caller]
    fn problem(&self, status: u16, slug: &str) -> String {
        assert_eq!(self.status, status, "{}\n{}", self.head, self.body);
        assert!(self.head.contains("content-type: application/problem+json"), "{}", self.head);
        let problem = self.json();
        assert_eq!(problem["type"], format!("urn:problem:stationmaster:{slug}"));
        assert_eq!(problem["status"], status);
        assert!(!problem["title"].as_str().unwrap().is_empty());
        problem["detail"].as_str().unwrap().to_owned()
    }
}

async fn start(timeout: Duration) -> Server {
    let folder = tempfile::tempdir().unwrap();
    let clock: Arc<dyn Clock> = Arc::new(ManualClock::at(Timestamp(1_000)));
    let address = format!("sqlite://{}", folder.path().join("door.db").display());
    let store = Store::open(&address, Arc::clone(&clock)).await.unwrap();
    let (ingest, _writing) = Ingest::start(store.clone(), 256, Arc::new(|_| ()));
    let secrets = ["new secret", "old secret"].map(SecretString::from);
    let door = Door {
        doors: StoreDoors::new(store.clone(), ingest),
        verifier: Verifier::new(&secrets),
        clock,
        metrics: Metrics::new(),
        api: None,
        pages: None,
    };
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let stop = CancellationToken::new();
    let serving = tokio::spawn(serve(listener, router(door), stop.clone(), timeout));
    Server { address, store, stop, serving, _folder: folder }
}

impl Server {
    async fn send(&self, request: &[u8]) -> Answer {
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        // A server that refuses early closes before everything is written.
        let _ = stream.write_all(request).await;
        read_answer(stream).await
    }

    async fn get(&self, path: &str) -> Answer {
        self.send(format!("GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").as_bytes()).await
    }

    async fn stored(&self) -> usize {
        self.store.deliveries(None, 100).await.unwrap().len()
    }

    async fn delivery(&self, guid: &str) -> Delivery {
        self.store.delivery(&DeliveryGuid::new(guid)).await.unwrap().expect("it is stored").0
    }

    /// From now on the store fails, as one does whose database is gone.
    async fn break_store(&self) {
        self.store.database().close().await;
    }
}

async fn read_answer(mut stream: TcpStream) -> Answer {
    let mut bytes = Vec::new();
    let _ = stream.read_to_end(&mut bytes).await;
    let text = String::from_utf8(bytes).unwrap();
    let (head, body) = text.split_once("\r\n\r\n").expect("an answer");
    let status = head.split_whitespace().nth(1).unwrap().parse().unwrap();
    Answer { status, head: head.to_lowercase(), body: body.to_owned() }
}

fn sign(secret: &str, body: &[u8]) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(body);
    format!("sha256={:x}", mac.finalize().into_bytes())
}

/// A webhook as GitHub sends it, to be spoiled.
struct Webhook {
    request_line: &'static str,
    headers: Vec<(&'static str, String)>,
    body: Vec<u8>,
}

fn webhook(body: &[u8]) -> Webhook {
    let headers = vec![
        ("host", "x".to_owned()),
        ("connection", "close".to_owned()),
        ("content-type", "application/json".to_owned()),
        ("content-length", body.len().to_string()),
        ("x-github-event", "issues".to_owned()),
        ("x-github-delivery", "72d3162e-cc78-11e3-81ab-4c9367dc0958".to_owned()),
        ("x-hub-signature-256", sign("new secret", body)),
    ];
    Webhook { request_line: "POST /webhooks/github HTTP/1.1", headers, body: body.to_vec() }
}

impl Webhook {
    fn without(mut self, name: &str) -> Self {
        self.headers.retain(|header| header.0 != name);
        self
    }

    fn with(self, name: &'static str, value: &str) -> Self {
        let mut changed = self.without(name);
        changed.headers.push((name, value.to_owned()));
        changed
    }

    fn head(&self) -> Vec<u8> {
        let lines = self.headers.iter().map(|(name, value)| format!("{name}: {value}"));
        let lines: Vec<String> = std::iter::once(self.request_line.to_owned()).chain(lines).collect();
        format!("{}\r\n\r\n", lines.join("\r\n")).into_bytes()
    }

    fn bytes(&self) -> Vec<u8> {
        [self.head(), self.body.clone()].concat()
    }

    /// The same without an announced length, in pieces of `size` bytes.
    fn chunked(self, size: usize) -> Vec<u8> {
        let body = self.body.clone();
        let mut bytes = self.without("content-length").with("transfer-encoding", "chunked").head();
        for piece in body.chunks(size) {
            bytes.extend(format!("{:x}\r\n", piece.len()).into_bytes());
            bytes.extend([piece, b"\r\n"].concat());
        }
        bytes.extend(b"0\r\n\r\n");
        bytes
    }
}

#[tokio::test]
async fn a_genuine_webhook_is_stored_byte_for_byte_and_accepted() {
    let server = start(Duration::ZERO).await;
    let body = br#" {"action":"opened","title":"\u00fc"} "#;
    let answer = server.send(&webhook(body).bytes()).await;
    assert_eq!((answer.status, answer.body.as_str()), (202, r#"{"accepted":true,"duplicate":false}"#));
    assert!(answer.head.contains("content-type: application/json"), "{}", answer.head);
    let stored = server.delivery("72d3162e-cc78-11e3-81ab-4c9367dc0958").await;
    assert_eq!(&stored.body[..], body);
    assert_eq!((&stored.event, stored.received), (&EventName("issues".to_owned()), Timestamp(1_000)));
    let again = server.send(&webhook(body).bytes()).await;
    assert_eq!((again.status, again.body.as_str()), (202, r#"{"accepted":true,"duplicate":true}"#));
    assert_eq!(server.stored().await, 1);
}

#[tokio::test]
async fn a_webhook_in_many_pieces_and_one_of_exactly_the_limit_arrive_whole() {
    let server = start(Duration::ZERO).await;
    let body = [br#"{"text":""#.to_vec(), vec![b'x'; 200_000], br#""}"#.to_vec()].concat();
    assert_eq!(server.send(&webhook(&body).with("x-github-delivery", "1").chunked(7_001)).await.status, 202);
    let largest = [br#"{"text":""#.to_vec(), vec![b'x'; 25 * MIB - 11], br#""}"#.to_vec()].concat();
    assert_eq!(largest.len(), 25 * MIB);
    assert_eq!(server.send(&webhook(&largest).with("x-github-delivery", "2").bytes()).await.status, 202);
    assert!(server.delivery("1").await.body == body);
    assert!(server.delivery("2").await.body == largest);
}

#[tokio::test]
async fn while_the_secret_is_changed_both_are_good() {
    let server = start(Duration::ZERO).await;
    let signed = |secret| webhook(b"{}").with("x-hub-signature-256", &sign(secret, b"{}")).bytes();
    assert_eq!(server.send(&signed("old secret")).await.status, 202);
    assert_eq!(server.send(&signed("older secret")).await.status, 401);
}

#[tokio::test]
async fn each_bad_request_gets_a_problem_that_says_what_would_be_right_and_stores_nothing() {
    let server = start(Duration::ZERO).await;
    let good = || webhook(br#"{"a":1}"#);
    let other = |line: &'static str| Webhook { request_line: line, ..good() };
    let long = "x".repeat(101);
    let form = "application/x-www-form-urlencoded";
    let rows = [
        (other("POST /webhook HTTP/1.1"), 404, "not-found", "nothing at this path"),
        (other("PUT /webhooks/github HTTP/1.1"), 405, "method-not-allowed", "Allow header"),
        (
            good().without("content-type"),
            415,
            "unsupported-media-type",
            "set the webhook's content type to application/json",
        ),
        (
            good().with("content-type", form),
            415,
            "unsupported-media-type",
            "set the webhook's content type to application/json",
        ),
        (good().without("x-github-event"), 400, "missing-header", "X-GitHub-Event is missing"),
        (good().with("x-github-event", "two words"), 400, "malformed-header", "X-GitHub-Event should be"),
        (good().with("x-github-event", ""), 400, "malformed-header", "X-GitHub-Event should be"),
        (good().without("x-github-delivery"), 400, "missing-header", "X-GitHub-Delivery is missing"),
        (good().with("x-github-delivery", &long), 400, "malformed-header", "X-GitHub-Delivery should be"),
        (good().without("x-hub-signature-256"), 400, "missing-header", "set a secret for the webhook"),
        (good().with("x-hub-signature-256", "sha1=00"), 400, "malformed-header", "64 hexadecimal digits"),
        (
            good().with("x-hub-signature-256", &format!("sha256={}", "0g".repeat(32))),
            400,
            "malformed-header",
            "64 hexadecimal digits",
        ),
        (
            good().with("x-hub-signature-256", &sign("guess", br#"{"a":1}"#)),
            401,
            "bad-signature",
            "the webhook's secret",
        ),
        (
            good().with("x-hub-signature-256", &sign("new secret", br#"{"a":2}"#)),
            401,
            "bad-signature",
            "the webhook's secret",
        ),
        (webhook(br#"{"a":"#), 400, "not-json", "not a JSON object"),
        (webhook(br#"{"a":1} {}"#), 400, "not-json", "not a JSON object"),
        (webhook(b"[]"), 400, "not-json", "not a JSON object"),
        (webhook(b""), 400, "not-json", "not a JSON object"),
        (
            good().with("content-length", &(25 * MIB + 1).to_string()),
            413,
            "payload-too-large",
            "at most 26214400 bytes",
        ),
    ];
    for (request, status, slug, says) in &rows {
        let answer = server.send(&request.bytes()).await;
        let detail = answer.problem(*status, slug);
        assert!(detail.contains(says), "{detail}");
        assert_eq!(answer.head.contains("\r\nallow: post"), *status == 405, "{}", answer.head);
    }
    let large = webhook(&vec![b' '; 25 * MIB + 1]);
    assert!(server.send(&large.chunked(MIB)).await.problem(413, "payload-too-large").contains("26214400"));
    assert_eq!(server.stored().await, 0);

    let metrics = server.get("/metrics").await.body;
    for (slug, count) in [("malformed-header", 5), ("missing-header", 3), ("not-json", 4), ("payload-too-large", 2)] {
        let line = format!("stationmaster_http_rejected_total{{reason=\"{slug}\"}} {count}\n");
        assert!(metrics.contains(&line), "{line} is not in\n{metrics}");
    }
}

#[tokio::test]
async fn a_body_that_breaks_off_is_not_stored() {
    let server = start(Duration::ZERO).await;
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    let request = webhook(br#"{"a":1}"#).with("content-length", "100");
    stream.write_all(&request.bytes()).await.unwrap();
    stream.shutdown().await.unwrap();
    let mut rest = Vec::new();
    stream.read_to_end(&mut rest).await.unwrap();
    assert!(!String::from_utf8_lossy(&rest).contains(" 202 "));
    assert_eq!(server.stored().await, 0);
}

#[tokio::test]
async fn a_store_that_fails_is_a_503_that_tells_when_to_come_back_and_not_why() {
    let server = start(Duration::ZERO).await;
    server.break_store().await;
    let answer = server.send(&webhook(b"{}").bytes()).await;
    let detail = answer.problem(503, "store-unavailable");
    assert!(answer.head.contains("retry-after: 10"), "{}", answer.head);
    assert_eq!(detail, "The delivery could not be stored; send it again later.");
    let metrics = server.get("/metrics").await.body;
    assert!(metrics.contains("stationmaster_deliveries_total{event=\"issues\",result=\"failed\"} 1\n"), "{metrics}");
}

#[tokio::test]
async fn health_and_readiness_are_told_apart() {
    let server = start(Duration::ZERO).await;
    assert_eq!(server.get("/readyz").await.json(), serde_json::json!({"ready": true}));
    server.break_store().await;
    assert_eq!(server.get("/healthz").await.status, 200);
    let answer = server.get("/readyz").await;
    let detail = answer.problem(503, "not-ready");
    assert_eq!(detail, "Not ready: the database cannot be reached.");
    assert_eq!(answer.json()["not_ready"], serde_json::json!(["the database cannot be reached"]));
}

/// An action that waits, as a decision would have queued it.
async fn queue_message(store: &Store) {
    let message = PeopleMessage {
        topic: None,
        channels: None,
        title: "Rules are broken".to_owned(),
        text: String::new(),
        priority: Urgency5::High,
        tags: Vec::new(),
        click: None,
        buttons: Vec::new(),
        happened: Timestamp(1_000),
    };
    let planned = Planned { key: "broken-rules/1000".to_owned(), slot: None, action: Action::Notify(message) };
    store.queue_alone(&Subject::Repository(RepositoryId(0)), &planned).await.unwrap();
}

#[tokio::test]
async fn metrics_tell_of_deliveries_depths_and_the_build() {
    let server = start(Duration::ZERO).await;
    server.send(&webhook(b"{}").bytes()).await;
    server.send(&webhook(b"{}").bytes()).await;
    queue_message(&server.store).await;
    let answer = server.get("/metrics").await;
    assert!(answer.head.contains("content-type: application/openmetrics-text; version=1.0.0"), "{}", answer.head);
    let lines = [
        "stationmaster_deliveries_total{event=\"issues\",result=\"stored\"} 1",
        "stationmaster_deliveries_total{event=\"issues\",result=\"duplicate\"} 1",
        "stationmaster_ingest_seconds_count 2",
        "stationmaster_inbox_depth{state=\"new\"} 1",
        "stationmaster_outbox_depth{state=\"pending\"} 1",
        "stationmaster_store_reachable 1",
        concat!("stationmaster_build_info{version=\"", env!("CARGO_PKG_VERSION"), "\"} 1"),
        "# EOF",
    ];
    for line in lines {
        assert!(answer.body.lines().any(|have| have == line), "{line} is not in\n{}", answer.body);
    }
    server.break_store().await;
    assert!(server.get("/metrics").await.body.contains("stationmaster_store_reachable 0\n"));
}

/// A request whose head was read and whose body the server now waits for, so that it is under way for as long as the
/// test wants: the interim answer is sent when the handler asks for the body (RFC 9110, 10.1.1).
async fn under_way(server: &Server, webhook: &Webhook) -> TcpStream {
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    stream.write_all(&webhook.head()).await.unwrap();
    let mut interim = [0; 25];
    stream.read_exact(&mut interim).await.unwrap();
    assert_eq!(&interim, b"HTTP/1.1 100 Continue\r\n\r\n");
    stream
}

#[tokio::test]
async fn a_stopping_server_answers_what_it_has_begun_and_takes_nothing_new() {
    let server = start(Duration::from_mins(1)).await;
    let webhook = webhook(b"{}").with("expect", "100-continue");
    let mut stream = under_way(&server, &webhook).await;
    server.stop.cancel();
    stream.write_all(&webhook.body).await.unwrap();
    assert_eq!(read_answer(stream).await.status, 202);
    assert!(server.serving.await.unwrap().unwrap());
    assert!(TcpStream::connect(server.address).await.is_err());
    assert_eq!(server.store.deliveries(None, 100).await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_stopping_server_does_not_wait_longer_than_it_may() {
    let server = start(Duration::ZERO).await;
    let _stream = under_way(&server, &webhook(b"{}").with("expect", "100-continue")).await;
    server.stop.cancel();
    assert!(!server.serving.await.unwrap().unwrap());
}

#[test]
fn the_signature_is_that_of_the_example_in_githubs_documentation() {
    let verifier = Verifier::new(&[SecretString::from("It's a Secret to Everybody")]);
    let header = b"sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17";
    let signature = Signature::parse(header).unwrap();
    assert!(verifier.accepts(&signature, b"Hello, World!"));
    assert!(!verifier.accepts(&signature, b"Hello, World?"));
    assert!(!Verifier::new(&[]).accepts(&signature, b"Hello, World!"));
    assert!(!format!("{verifier:?}").contains("Secret to"));
}
