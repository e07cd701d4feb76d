//! The simulated ntfy does, and refuses, what ntfy does and refuses.

use std::sync::Arc;
use std::time::Duration;

use reqwest::{Client, Response};
use serde_json::{Value, json};
use stationmaster::model::{ManualClock, Timestamp};
use stationmaster::simulator::ntfy::{Fault, NtfySimulator, Options, RequestLimit};

/// Longer than anything here takes; only a failing test waits for it.
const PATIENCE: Duration = Duration::from_secs(10);

struct World {
    ntfy: NtfySimulator,
    clock: ManualClock,
    client: Client,
}

impl World {
    async fn new() -> Self {
        Self::with(Options::default()).await
    }

    async fn with(options: Options) -> Self {
        let clock = ManualClock::at(Timestamp::from_seconds(1_700_000_000));
        let ntfy = NtfySimulator::start_with(Arc::new(clock.clone()), options).await.unwrap();
        Self { ntfy, clock, client: crate::wire::client() }
    }

    fn at(&self, path: &str) -> String {
        format!("{}{path}", self.ntfy.url())
    }

    async fn plain(&self, path: &str, body: impl Into<reqwest::Body>) -> Response {
        self.client.post(self.at(path)).body(body).send().await.unwrap()
    }

    async fn json(&self, body: &Value) -> Response {
        self.client.post(self.at("/")).json(body).send().await.unwrap()
    }

    /// Status and ntfy's number of a refusal.
    async fn refusal(response: Response) -> (u64, u64) {
        let status = u64::from(response.status().as_u16());
        let answer: Value = response.json().await.unwrap();
        assert_eq!(answer["http"], status);
        assert!(answer["error"].as_str().is_some_and(|error| !error.is_empty()));
        (status, answer["code"].as_u64().unwrap())
    }

    /// The texts that a poll of `topics` gives.
    async fn poll(&self, topics: &str, since: &str) -> Vec<String> {
        let response = self.client.get(self.at(&format!("/{topics}/json?poll=1&since={since}"))).send().await.unwrap();
        assert_eq!(response.status(), 200);
        let body = response.text().await.unwrap();
        body.lines().map(|line| text_of(&serde_json::from_str(line).unwrap())).collect()
    }

    async fn subscribe(&self, path: &str) -> Lines {
        let response = self.client.get(self.at(path)).send().await.unwrap();
        assert_eq!(response.headers()["content-type"], "application/x-ndjson; charset=utf-8");
        Lines { response, rest: Vec::new() }
    }
}

fn text_of(message: &Value) -> String {
    message["message"].as_str().unwrap().to_owned()
}

/// The lines of an open subscription.
struct Lines {
    response: Response,
    rest: Vec<u8>,
}

impl Lines {
    /// The next line; `None` when the subscription ended.
    async fn next(&mut self) -> Option<Value> {
        loop {
            if let Some(end) = self.rest.iter().position(|byte| *byte == b'\n') {
                let line: Vec<u8> = self.rest.drain(..=end).collect();
                return Some(serde_json::from_slice(&line).unwrap());
            }
            let chunk = tokio::time::timeout(PATIENCE, self.response.chunk()).await.expect("a line");
            self.rest.extend_from_slice(&chunk.ok()??);
        }
    }
}

#[tokio::test]
async fn a_plain_publish_takes_everything_from_headers() {
    let world = World::new().await;
    let request = world.client.put(world.at("/people")).body(" All green. ");
    let request = request.header("Title", "Deployed 🚂").header("X-Priority", "urgent").header("Tags", "a, b,,c");
    let request = request.header("Click", "https://example.org/").header(
        "Actions",
        "view, 'Open; now', https://example.org/?a=b, clear=true; http, Stop, url=https://example.org/stop, method=PUT",
    );
    let answer: Value = request.send().await.unwrap().json().await.unwrap();
    assert_eq!(
        answer,
        json!({
            "id": "m00000000001", "time": 1_700_000_000, "expires": 1_700_043_200, "event": "message",
            "topic": "people", "title": "Deployed 🚂", "message": "All green.", "priority": 5,
            "tags": ["a", "b", "c"], "click": "https://example.org/",
            "actions": [
                {"action": "view", "label": "Open; now", "clear": true, "url": "https://example.org/?a=b"},
                {"action": "http", "label": "Stop", "clear": false, "url": "https://example.org/stop", "method": "PUT"},
            ],
        })
    );
    assert_eq!(serde_json::to_value(&world.ntfy.messages("people")[0]).unwrap(), answer);
}

#[tokio::test]
async fn a_plain_publish_takes_everything_from_the_query() {
    let world = World::new().await;
    world.plain("/people?title=Hello%20there&p=2&tags=x&message=one%5Cntwo", "").await;
    let message = &world.ntfy.messages("people")[0];
    assert_eq!((message.title.as_deref(), message.priority), (Some("Hello there"), Some(2)));
    assert_eq!((message.message.as_str(), message.tags.as_slice()), ("one\ntwo", ["x".to_owned()].as_slice()));
}

#[tokio::test]
async fn json_is_published_to_the_root_alone() {
    let world = World::new().await;
    let body = json!({"topic": "people", "message": "text", "title": "t", "priority": 1, "tags": ["a"]});
    assert_eq!(world.json(&body).await.status(), 200);
    assert_eq!(world.ntfy.messages("people")[0].message, "text");
    world.plain("/people", body.to_string()).await;
    assert_eq!(world.ntfy.messages("people")[1].message, body.to_string(), "to a topic, JSON is just text");
}

#[tokio::test]
async fn an_empty_message_is_triggered() {
    let world = World::new().await;
    world.plain("/people", "").await;
    assert_eq!(world.ntfy.messages("people")[0].message, "triggered");
}

#[tokio::test]
async fn from_4096_bytes_on_a_text_becomes_a_file() {
    let world = World::new().await;
    world.plain("/people", "x".repeat(4_095)).await;
    world.plain("/people", "x".repeat(4_096)).await;
    world.json(&json!({"topic": "people", "message": "x".repeat(4_096)})).await;
    world.plain("/people", vec![0xff, 0xfe]).await;
    let messages = world.ntfy.messages("people");
    assert_eq!((messages[0].message.len(), &messages[0].attachment), (4_095, &None));
    for (index, size, name) in [(1, 4_096, "attachment.txt"), (2, 4_096, "attachment.txt"), (3, 2, "attachment.bin")] {
        let file = messages[index].attachment.as_ref().unwrap();
        assert_eq!((file.size, file.name.as_str()), (size, name));
        assert_eq!(messages[index].message, format!("You received a file: {name}"));
    }
}

#[tokio::test]
async fn where_files_are_not_allowed_a_long_text_is_refused() {
    let world = World::with(Options { attachments: false, ..Options::default() }).await;
    assert_eq!(World::refusal(world.plain("/people", "x".repeat(4_096)).await).await, (400, 40_014));
}

#[tokio::test]
async fn refusals_carry_ntfys_numbers() {
    let world = World::new().await;
    let frame = json!({"topic": "people", "message": "x".repeat(4_000), "click": ""}).to_string().len();
    let cases = [
        (json!({"topic": "no spaces"}), (400, 40_009)),
        (json!({"message": "no topic"}), (400, 40_009)),
        (json!({"topic": "people", "priority": 6}), (400, 40_007)),
        (json!({"topic": "people", "priority": "high"}), (400, 40_017)),
        (json!(["people"]), (400, 40_017)),
        (json!({"topic": "people", "actions": [{"action": "view", "label": "Open"}]}), (400, 40_018)),
        (json!({"topic": "people", "actions": [{"action": "jump", "label": "a", "url": "b"}]}), (400, 40_018)),
        (
            json!({"topic": "people", "actions": vec![json!({"action": "view", "label": "a", "url": "b"}); 4]}),
            (400, 40_018),
        ),
        (json!({"topic": "people", "message": "x".repeat(4_000), "click": "c".repeat(8_192 - frame)}), (413, 41_303)),
    ];
    for (body, expected) in cases {
        assert_eq!(World::refusal(world.json(&body).await).await, expected, "{body}");
    }
    let longest = json!({"topic": "people", "message": "x".repeat(4_000), "click": "c".repeat(8_191 - frame)});
    assert_eq!(world.json(&longest).await.status(), 200);
    assert_eq!(World::refusal(world.plain("/people?priority=loud", "x").await).await, (400, 40_007));
    assert_eq!(World::refusal(world.client.get(world.at("/a/b/c")).send().await.unwrap()).await, (404, 40_401));
    let since = world.client.get(world.at("/people/json?poll=1&since=yesterday")).send().await.unwrap();
    assert_eq!(World::refusal(since).await, (400, 40_008));
    assert_eq!(world.ntfy.all_messages().len(), 1);
}

#[tokio::test]
async fn sixty_requests_at_once_and_then_one_every_five_seconds() {
    let world = World::new().await;
    for _ in 0..60 {
        assert_eq!(world.plain("/people", "x").await.status(), 200);
    }
    assert_eq!(World::refusal(world.plain("/people", "x").await).await, (429, 42_901));
    world.clock.advance_ms(4_999);
    assert_eq!(world.plain("/people", "x").await.status(), 429);
    world.clock.advance_ms(1);
    assert_eq!(world.plain("/people", "x").await.status(), 200);
    assert_eq!(world.plain("/people", "x").await.status(), 429);
    world.ntfy.limit_requests(None);
    assert_eq!(world.plain("/people", "x").await.status(), 200);
    assert_eq!((world.ntfy.requests(), world.ntfy.messages("people").len()), (65, 62));
}

#[tokio::test]
async fn each_visitor_has_a_limit_of_its_own() {
    let limit = RequestLimit { burst: 1, refill_ms: 5_000 };
    let world = World::with(Options { request_limit: Some(limit), ..Options::default() }).await;
    let publish = |from: &'static str| {
        let request = world.client.post(world.at("/people")).header("X-Forwarded-For", from);
        async move { request.send().await.unwrap().status().as_u16() }
    };
    assert_eq!([publish("10.0.0.1").await, publish("10.0.0.1").await, publish("10.0.0.2").await], [200, 429, 200]);
}

#[tokio::test]
async fn the_daily_limit_ends_at_midnight_and_leaves_reading_alone() {
    let world = World::new().await;
    world.ntfy.hit_daily_limit();
    assert_eq!(World::refusal(world.plain("/people", "x").await).await, (429, 42_908));
    assert!(world.poll("people", "all").await.is_empty());
    // 2023-11-14T22:13:20Z is 6,400 s before midnight.
    world.clock.advance_ms(6_400_000 - 1);
    assert_eq!(world.plain("/people", "x").await.status(), 429);
    world.clock.advance_ms(1);
    assert_eq!(world.plain("/people", "x").await.status(), 200);
}

#[tokio::test]
async fn access_is_checked_as_ntfy_does() {
    let world = World::new().await;
    let publish = |token: Option<&'static str>| {
        let request = world.client.post(world.at("/people")).body("x");
        let request = if let Some(token) = token { request.bearer_auth(token) } else { request };
        async move { request.send().await.unwrap() }
    };
    assert_eq!(World::refusal(publish(Some("tk_1")).await).await, (401, 40_101), "there are no tokens yet");
    world.ntfy.require_token("tk_1");
    assert_eq!(World::refusal(publish(None).await).await, (403, 40_301));
    assert_eq!(World::refusal(publish(Some("tk_2")).await).await, (401, 40_101));
    assert_eq!(publish(Some("tk_1")).await.status(), 200);
    world.ntfy.make_write_only("people");
    let read = world.client.get(world.at("/a,people/json?poll=1")).bearer_auth("tk_1").send().await.unwrap();
    assert_eq!(World::refusal(read).await, (403, 40_301));
    assert_eq!(publish(Some("tk_1")).await.status(), 200);
}

#[tokio::test]
async fn since_takes_an_id_a_time_a_duration_and_words() {
    let world = World::new().await;
    for (topic, text) in [("a", "one"), ("b", "two"), ("a", "three")] {
        world.plain(&format!("/{topic}"), text).await;
        world.clock.advance_ms(10_000);
    }
    assert_eq!(world.poll("a,b", "all").await, ["one", "two", "three"]);
    assert_eq!(world.poll("a", "all").await, ["one", "three"]);
    assert!(world.poll("a,b", "none").await.is_empty());
    assert_eq!(world.poll("a,b", "latest").await, ["two", "three"]);
    assert_eq!(world.poll("a,b", "m00000000001").await, ["two", "three"]);
    assert_eq!(world.poll("a,b", "m00000000099").await, ["one", "two", "three"], "an unknown id replays everything");
    assert_eq!(world.poll("a,b", "1700000010").await, ["two", "three"]);
    assert_eq!(world.poll("a,b", "1700000011").await, ["three"]);
    assert_eq!(world.poll("a,b", "10s").await, ["three"]);
    assert_eq!(world.poll("a,b", "0h0.5m").await, ["one", "two", "three"]);
    world.ntfy.forget_messages();
    assert!(world.poll("a,b", "all").await.is_empty());
}

#[tokio::test]
async fn messages_can_be_fetched_for_twelve_hours() {
    let world = World::new().await;
    world.plain("/people", "x").await;
    world.clock.advance_ms(12 * 3_600_000 - 1);
    assert_eq!(world.poll("people", "all").await.len(), 1);
    world.clock.advance_ms(1);
    assert!(world.poll("people", "all").await.is_empty());
}

#[tokio::test]
async fn a_subscription_opens_then_replays_then_follows() {
    let world = World::new().await;
    world.plain("/a", "old").await;
    let mut lines = world.subscribe("/a,b/json?since=all").await;
    let open = lines.next().await.unwrap();
    assert_eq!((open["event"].as_str(), open["topic"].as_str()), (Some("open"), Some("a,b")));
    assert_eq!(text_of(&lines.next().await.unwrap()), "old");
    assert_eq!(world.ntfy.subscribers(), 1);
    world.plain("/c", "not for us").await;
    world.plain("/b", "live").await;
    assert_eq!(text_of(&lines.next().await.unwrap()), "live");
    world.ntfy.send_keepalive();
    assert_eq!(lines.next().await.unwrap()["event"], "keepalive");
}

#[tokio::test]
async fn a_subscription_without_since_starts_now_and_a_silent_one_is_kept_alive() {
    let world = World::with(Options { keepalive: Duration::from_millis(1), ..Options::default() }).await;
    world.plain("/a", "old").await;
    let mut lines = world.subscribe("/a/json").await;
    let events = [lines.next().await.unwrap(), lines.next().await.unwrap()].map(|line| line["event"].clone());
    assert_eq!(events, ["open", "keepalive"]);
}

#[tokio::test]
async fn a_server_that_goes_down_cuts_subscriptions_and_answers_nobody() {
    let world = World::new().await;
    let mut lines = world.subscribe("/a/json").await;
    assert_eq!(lines.next().await.unwrap()["event"], "open");
    world.ntfy.set_down(true);
    assert_eq!(lines.next().await, None);
    assert!(world.client.get(world.at("/v1/health")).send().await.is_err());
    world.ntfy.set_down(false);
    let health: Value = world.client.get(world.at("/v1/health")).send().await.unwrap().json().await.unwrap();
    assert_eq!(health, json!({"healthy": true}));
}

#[tokio::test]
async fn the_server_stops_with_its_last_handle() {
    let world = World::new().await;
    let (url, kept) = (world.at("/v1/health"), world.ntfy.clone());
    drop(world.ntfy);
    assert!(world.client.get(&url).send().await.is_ok());
    drop(kept);
    assert!(world.client.get(&url).send().await.is_err());
}

#[tokio::test]
async fn faults_come_in_their_order_and_then_end() {
    let world = World::new().await;
    world.ntfy.inject(Fault::Status(503), 1);
    world.ntfy.inject(Fault::StatusAfterDoing(502), 1);
    world.ntfy.inject(Fault::CutConnection, 1);
    world.ntfy.inject(Fault::CutAfterDoing, 1);
    let mut statuses = Vec::new();
    for text in ["1", "2", "3", "4", "5"] {
        let sent = world.client.post(world.at("/people")).body(text).send().await;
        statuses.push(sent.ok().map(|response| response.status().as_u16()));
    }
    assert_eq!(statuses, [Some(503), Some(502), None, None, Some(200)]);
    let texts: Vec<String> = world.ntfy.messages("people").into_iter().map(|message| message.message).collect();
    assert_eq!(texts, ["2", "4", "5"]);
}

#[tokio::test]
async fn a_stalled_request_gets_no_answer() {
    let world = World::new().await;
    world.ntfy.inject(Fault::Stall, 1);
    let request = world.client.post(world.at("/people")).timeout(Duration::from_millis(50));
    assert!(request.send().await.unwrap_err().is_timeout());
    assert!(world.ntfy.all_messages().is_empty());
}

#[tokio::test]
async fn waiting_ends_when_the_messages_are_there() {
    let world = World::new().await;
    let waiting = world.ntfy.wait_until(PATIENCE, |messages| messages.len() == 2);
    let publishing = async {
        world.plain("/a", "one").await;
        world.plain("/b", "two").await;
    };
    assert!(tokio::join!(waiting, publishing).0);
    assert!(!world.ntfy.wait_until(Duration::from_millis(1), |messages| messages.len() == 3).await);
}
