//! A server in the place of GitHub that notes every request and answers from a script.

use std::sync::{Arc, Mutex, OnceLock};

use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::KeyPair as _;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::response::Response;
use axum::routing::any;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http_body_util::BodyExt;
use secrecy::SecretString;
use serde_json::{Value, json};
use stationmaster::github::{Github, GithubConfig, InstallationClient, Patience};
use stationmaster::model::{InstallationId, ManualClock, RepositoryName, Timestamp};

/// 2026-11-21T08:00:00Z.
pub const START: Timestamp = Timestamp(1_795_248_000_000);
pub const APP_ID: i64 = 4_711;
pub const INSTALLATION: InstallationId = InstallationId(77);

/// A request as it came in.
#[derive(Debug, Clone)]
pub struct Seen {
    pub method: String,
    pub target: String,
    pub authorization: String,
    pub if_none_match: Option<String>,
    pub accept: String,
    pub headers: http::HeaderMap,
    pub body: Value,
}

/// What to answer.
#[derive(Debug, Clone)]
pub struct Reply {
    status: u16,
    headers: Vec<(String, String)>,
    body: String,
}

#[expect(clippy::needless_pass_by_value, reason = "numbers and texts are given as they come")]
impl Reply {
    pub fn new(status: u16, body: impl ToString) -> Self {
        Self { status, headers: Vec::new(), body: body.to_string() }
    }

    pub fn header(mut self, name: &str, value: impl ToString) -> Self {
        self.headers.push((name.to_owned(), value.to_string()));
        self
    }
}

type Script = Box<dyn Fn(&Seen, usize) -> Reply + Send + Sync>;

struct Inside {
    clock: ManualClock,
    seen: Mutex<Vec<Seen>>,
    tokens: Mutex<usize>,
    script: Script,
}

/// The server, with a client that talks to it.
pub struct Server {
    inside: Arc<Inside>,
    pub clock: ManualClock,
    pub github: Github,
}

impl Server {
    /// Starts a server. `script` gets each request that is not for a token, and how many such came before it.
    pub async fn start(script: impl Fn(&Seen, usize) -> Reply + Send + Sync + 'static) -> Self {
        Self::below("", script).await
    }

    /// The same with the base of the API below a path, as on Enterprise.
    pub async fn below(base: &str, script: impl Fn(&Seen, usize) -> Reply + Send + Sync + 'static) -> Self {
        let clock = ManualClock::at(START);
        let script: Script = Box::new(script);
        let inside =
            Arc::new(Inside { clock: clock.clone(), seen: Mutex::default(), tokens: Mutex::default(), script });
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}{base}", listener.local_addr().unwrap());
        let router = axum::Router::new().fallback(any(answer)).with_state(Arc::clone(&inside));
        tokio::spawn(async move { axum::serve(listener, router).await });
        let github = client(&url, &clock);
        Self { inside, clock, github }
    }

    pub fn client(&self) -> Arc<InstallationClient> {
        self.github.installation(INSTALLATION)
    }

    /// Every request but those for tokens.
    pub fn seen(&self) -> Vec<Seen> {
        self.inside.seen.lock().unwrap().clone()
    }

    pub fn tokens_given(&self) -> usize {
        *self.inside.tokens.lock().unwrap()
    }
}

/// A client for any base.
pub fn client(url: &str, clock: &ManualClock) -> Github {
    let config = GithubConfig {
        api_url: url.parse().unwrap(),
        app_id: APP_ID,
        private_key_pem: SecretString::from(key().0.clone()),
        patience: Patience::default(),
    };
    Github::new(config, Arc::new(clock.clone())).unwrap()
}

/// The token that is given as the `number`th.
pub fn token(number: usize) -> String {
    format!("ghs_ThisIsToken{number}AndMustNotBeSeen")
}

async fn answer(State(inside): State<Arc<Inside>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let text = |name: &str| parts.headers.get(name).map(|value| value.to_str().unwrap().to_owned());
    let body = body.collect().await.unwrap().to_bytes();
    let seen = Seen {
        method: parts.method.to_string(),
        target: parts.uri.to_string(),
        authorization: text("authorization").unwrap_or_default(),
        if_none_match: text("if-none-match"),
        accept: text("accept").unwrap_or_default(),
        headers: parts.headers.clone(),
        body: serde_json::from_slice(&body).unwrap_or(Value::Null),
    };
    let reply = if seen.target.ends_with("/access_tokens") {
        // Long enough for every other caller to come by.
        tokio::task::yield_now().await;
        let mut tokens = inside.tokens.lock().unwrap();
        *tokens += 1;
        let end = stationmaster::model::Clock::now(&inside.clock).plus_ms(3_600_000);
        Reply::new(201, json!({ "token": token(*tokens), "expires_at": end.to_rfc3339() }))
    } else {
        let before = {
            let mut all = inside.seen.lock().unwrap();
            all.push(seen.clone());
            all.len() - 1
        };
        (inside.script)(&seen, before)
    };
    let mut response = Response::builder().status(reply.status);
    for (name, value) in &reply.headers {
        response = response.header(name, value);
    }
    response.body(Body::from(reply.body)).unwrap()
}

/// A key made for this run: PEM, and the public half as DER.
pub fn key() -> &'static (String, Vec<u8>) {
    static KEY: OnceLock<(String, Vec<u8>)> = OnceLock::new();
    KEY.get_or_init(|| {
        let pair = KeyPair::generate(KeySize::Rsa2048).unwrap();
        let der: Pkcs8V1Der<'_> = pair.as_der().unwrap();
        let text = STANDARD.encode(der.as_ref());
        let lines: Vec<&str> = text.as_bytes().chunks(64).map(|line| std::str::from_utf8(line).unwrap()).collect();
        let pem = format!("-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n", lines.join("\n"));
        (pem, pair.public_key().as_ref().to_vec())
    })
}

pub fn rust() -> RepositoryName {
    RepositoryName::new("acme", "rust")
}

/// A repository as GitHub tells it.
pub fn repository() -> Value {
    json!({ "id": 9, "full_name": "acme/rust", "private": true, "default_branch": "dev" })
}

/// An issue as GitHub tells it.
pub fn issue(number: i64) -> Value {
    json!({
        "number": number, "title": "Deploy v2", "body": null, "state": "open",
        "user": { "login": "octocat", "type": "User" },
        "labels": [{ "name": "status/ready" }, "plain"],
        "assignees": [{ "login": "hubot", "type": "Bot" }],
        "html_url": format!("https://github.com/acme/rust/issues/{number}"),
        "created_at": "2026-11-20T10:00:00Z", "updated_at": "2026-11-21T07:00:00Z"
    })
}
