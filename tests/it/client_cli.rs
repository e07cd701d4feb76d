//! `worker` and `orchestrate` before a server is called, and where none answers as it should.

use std::collections::VecDeque;
use std::process::{Command, Output};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use serde_json::{Value, json};

const TOKEN: &str = "a-token-for-one-worker-0123456789";

/// What was sent: method and path, the idempotency key, the body.
type Sent = (String, Option<String>, Value);

/// A server as it is on a bad day: it gives the answers that it was told to give, whatever it is asked.
struct BadDay {
    url: String,
    sent: Arc<Mutex<Vec<Sent>>>,
    folder: tempfile::TempDir,
}

impl BadDay {
    async fn answering(answers: &[(u16, Value)]) -> Self {
        let answers: Arc<Mutex<VecDeque<_>>> = Arc::new(Mutex::new(answers.iter().cloned().collect()));
        let sent: Arc<Mutex<Vec<Sent>>> = Arc::default();
        let heard = Arc::clone(&sent);
        let answer = async move |method: Method, uri: Uri, headers: HeaderMap, body: Bytes| {
            assert_eq!(headers["authorization"], format!("Bearer {TOKEN}"));
            let key = headers.get("idempotency-key").map(|key| key.to_str().unwrap().to_owned());
            heard.lock().unwrap().push((
                format!("{method} {uri}"),
                key,
                serde_json::from_slice(&body).unwrap_or_default(),
            ));
            let mut answers = answers.lock().unwrap();
            // The last answer is given again and again.
            let (status, body) =
                if answers.len() > 1 { answers.pop_front() } else { answers.front().cloned() }.unwrap();
            (StatusCode::from_u16(status).unwrap(), body.to_string())
        };
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, Router::new().fallback(answer)).await.unwrap() });
        Self { url, sent, folder: tempfile::tempdir().unwrap() }
    }

    async fn run(&self, arguments: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_stationmaster"));
        command.env_clear().current_dir(self.folder.path()).args(arguments);
        command.env("STATIONMASTER_URL", &self.url).env("STATIONMASTER_TOKEN", TOKEN).env("AGENT_ID", "builder-1");
        tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap()
    }

    fn sent(&self) -> Vec<Sent> {
        self.sent.lock().unwrap().clone()
    }
}

fn ended(output: &Output) -> (Option<i32>, String, String) {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    (output.status.code(), text(&output.stdout), text(&output.stderr))
}

fn problem(status: u16, title: &str, detail: &str) -> (u16, Value) {
    (status, json!({"type": "urn:x", "title": title, "status": status, "detail": detail}))
}

#[tokio::test]
async fn bad_input_is_refused_before_anything_is_called() {
    let server = BadDay::answering(&[(200, json!({}))]).await;
    let long = "ä".repeat(4001);
    let task = "octo/station#12";
    let cases: &[(&[&str], &[&str])] = &[
        (&["worker", "progress", task, "x", "--percent", "120"], &["--percent", "120", "from 0 to 100"]),
        (&["worker", "progress", task, "x", "--percent", "half"], &["--percent", "half", "from 0 to 100"]),
        (&["worker", "learn", task, "x", "--impact", "1.5"], &["--impact", "1.5", "from 0 to 1"]),
        (&["worker", "learn", task, "x"], &["--impact"]),
        (&["worker", "progress", task, &long], &["4001 characters", "at most 4000"]),
        (&["worker", "complete", task, "  "], &["<EVIDENCE>", "it is empty"]),
        (&["worker", "ack", "station#12"], &["<ITEM>", "station#12", "owner/name#12"]),
        (&["worker", "blocker", task, "x", "--by", "12a"], &["--by", "12a", "#12 or owner/name#12"]),
        (&["worker", "claim", "--id", "a b"], &["--id", "a b", "1 to 40 letters"]),
        (&["worker", "register", "--role", "dev", "--hours", "9-17"], &["--hours", "9-17", "09:00-17:30"]),
        (&["worker", "register", "--role", "dev", "--zone", "Mars/Base"], &["--zone", "Mars/Base"]),
        (&["worker", "register", "--role", "dev", "--tell", "pigeon"], &["--tell", "pigeon", "assignee"]),
        (&["worker", "register", "--role", "dev", "--always", "--hours", "09:00-17:00"], &["--always", "--hours"]),
        (&["worker", "heartbeat", "--status", "asleep"], &["--status", "asleep", "active, idle, offline"]),
        (&["worker", "create", task, "x"], &["unrecognized subcommand", "create"]),
        (&["worker", "assign", task, "x"], &["unrecognized subcommand", "assign"]),
        (&["orchestrate", "claim"], &["unrecognized subcommand", "claim"]),
        (&["orchestrate", "priority", task, "soon"], &["soon", "low, medium, high, critical"]),
        (&["orchestrate", "accept-discovery", task, "X1"], &["X1", "D1"]),
        (&["orchestrate", "defer", task, "--until", "soon"], &["--until", "soon", "2026-12-24"]),
        (&["orchestrate", "create", task, "x", "-r", ""], &["--requirement", "it is empty"]),
    ];
    for (arguments, words) in cases {
        let (status, out, told) = ended(&server.run(arguments).await);
        assert_eq!((status, out.as_str()), (Some(2), ""), "{arguments:?}: {told}");
        for word in *words {
            assert!(told.contains(word), "{word:?} is missing after {arguments:?}:\n{told}");
        }
    }
    assert_eq!(server.sent(), []);
}

#[tokio::test]
async fn every_command_explains_itself_with_examples() {
    let server = BadDay::answering(&[(200, json!({}))]).await;
    for arguments in [&["worker", "--help"][..], &["orchestrate", "--help"], &["worker", "claim", "--help"]] {
        let (status, out, _) = ended(&server.run(arguments).await);
        assert_eq!(status, Some(0));
        assert!(out.contains("Examples:\n") && out.contains("stationmaster "), "{out}");
    }
}

#[tokio::test]
async fn a_server_that_is_not_there_or_something_else_is_told_of_in_a_line() {
    let mut server = BadDay::answering(&[(200, json!("welcome to the proxy"))]).await;
    let (status, out, told) = ended(&server.run(&["worker", "ack", "octo/station#12"]).await);
    assert_eq!((status, out.as_str()), (Some(1), ""));
    assert!(told.contains("answered 200 with something else") && told.contains("STATIONMASTER_URL"), "{told}");
    let free = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    server.url = format!("http://{}", free.local_addr().unwrap());
    drop(free);
    let (status, out, told) = ended(&server.run(&["worker", "ack", "octo/station#12"]).await);
    assert_eq!((status, out.as_str()), (Some(1), ""));
    assert!(told.contains(&server.url) && told.contains("refused") && told.contains("stationmaster serve"), "{told}");
    assert_eq!(told.lines().count(), 1, "{told}");
}

#[tokio::test]
async fn without_a_token_or_a_worker_the_missing_setting_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_stationmaster"));
    command.env_clear().current_dir(folder.path()).args(["worker", "check"]);
    let (status, _, told) = ended(&command.output().unwrap());
    assert_eq!(status, Some(1));
    assert!(told.contains("STATIONMASTER_TOKEN is not set"), "{told}");

    let server = BadDay::answering(&[(200, json!({"name": "ops", "scope": "admin", "person": null}))]).await;
    command.env("STATIONMASTER_URL", &server.url).env("STATIONMASTER_TOKEN", TOKEN);
    let output = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
    let (status, _, told) = ended(&output);
    assert_eq!(status, Some(1));
    assert!(told.contains("--id or AGENT_ID"), "{told}");
    assert!(!told.contains(TOKEN), "{told}");
}

#[tokio::test]
async fn a_call_that_met_a_starting_server_is_sent_again_under_the_same_key() {
    let server = BadDay::answering(&[
        problem(503, "Not ready", "The server is starting."),
        (202, json!({"accepted": true, "request": "api-1"})),
        (200, json!({"request": "api-1", "state": "waiting"})),
        (200, json!({"request": "api-1", "state": "done", "note": "progress of builder-1: 40 %"})),
    ])
    .await;
    let arguments = ["worker", "progress", "octo/station#12", "Half of it", "--percent", "40%"];
    let (status, out, told) = ended(&server.run(&arguments).await);
    assert_eq!((status, out.as_str()), (Some(0), "octo/station#12\n"), "{told}");
    assert_eq!(told, "progress of builder-1: 40 %\n");
    let sent = server.sent();
    let calls: Vec<&str> = sent.iter().map(|(call, ..)| call.as_str()).collect();
    let (ask, look) = ("POST /api/v1/tasks/octo/station/12/progress", "GET /api/v1/requests/api-1");
    assert_eq!(calls, [ask, ask, look, look]);
    assert!(sent[0].1.is_some() && sent[0].1 == sent[1].1, "one key for both: {sent:?}");
    assert_eq!(sent[1].2, json!({"text": "Half of it", "percent": 40}));
    let file = server.folder.path().join(".task-orchestrator/handoffs/octo-station-12_progress.json");
    let notes: Value = serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap();
    assert_eq!(
        (&notes[0]["percent"], &notes[0]["text"], &notes[0]["by"]),
        (&json!(40), &json!("Half of it"), &json!("builder-1"))
    );
}

#[tokio::test]
async fn a_decision_that_does_not_come_is_not_waited_for_for_ever() {
    let accepted = (202, json!({"accepted": true, "request": "api-1"}));
    let server = BadDay::answering(&[accepted.clone(), (200, json!({"request": "api-1", "state": "waiting"}))]).await;
    let (status, out, told) = ended(&server.run(&["orchestrate", "project", "Signals", "--timeout-s", "1"]).await);
    assert_eq!((status, out.as_str()), (Some(1), ""));
    assert!(told.contains("accepted as api-1, and not decided on after 1 s"), "{told}");

    let server = BadDay::answering(&[accepted]).await;
    let (status, out, told) =
        ended(&server.run(&["orchestrate", "project", "Signals", "--timeout-s", "0", "--json"]).await);
    assert_eq!(status, Some(0), "{told}");
    assert_eq!(serde_json::from_str::<Value>(&out).unwrap(), json!({"request": "api-1", "state": "waiting"}));
    assert_eq!(server.sent().len(), 1);
}

#[tokio::test]
async fn a_bridge_that_cannot_be_written_does_not_undo_what_the_server_did() {
    let server = BadDay::answering(&[
        (202, json!({"accepted": true, "request": "api-1"})),
        (200, json!({"request": "api-1", "state": "done"})),
    ])
    .await;
    let handoffs = server.folder.path().join(".task-orchestrator/handoffs");
    std::fs::create_dir_all(&handoffs).unwrap();
    std::fs::write(handoffs.join("octo-station-12_progress.json"), "{}").unwrap();
    let (status, out, told) = ended(&server.run(&["worker", "progress", "octo/station#12", "x"]).await);
    assert_eq!((status, out.as_str()), (Some(0), "octo/station#12\n"));
    assert!(told.starts_with("warning: the server knows of the progress") && told.contains("no list"), "{told}");
}

#[tokio::test]
async fn heartbeats_outlive_a_server_that_is_away_for_a_while_and_end_at_a_no() {
    let heard = |until: &str| {
        let lease = json!({"item": "octo/station#12", "lease": "l", "fence": 3, "until": until});
        (200, json!({"status": "busy", "leases": [lease]}))
    };
    let server = BadDay::answering(&[
        heard("2026-11-21T08:00:00Z"),
        problem(500, "Internal fault", "Something broke."),
        heard("2026-11-21T08:01:00Z"),
        problem(404, "Not found", "There is no worker builder-1; register first."),
    ])
    .await;
    let (status, out, told) = ended(&server.run(&["worker", "heartbeat", "--every", "1"]).await);
    assert_eq!((status, out.as_str()), (Some(1), "busy\nbusy\n"), "{told}");
    assert!(told.contains("the next heartbeat is in 1 s") && told.contains("register first"), "{told}");
}
